"""What goes in and out over REST, one file for each family. Money is text, statistics are numbers."""

from lifecycle.kpis.api.serializers.circumstances import (
    ControlEnd,
    ControlIn,
    ControlOut,
    ExclusionIn,
    ExclusionOut,
    RetirementIn,
    RetirementOut,
)
from lifecycle.kpis.api.serializers.definitions import KpiChange, KpiDetail, KpiIn, KpiOut
from lifecycle.kpis.api.serializers.money import CashIn, CashOut, MoneyField
from lifecycle.kpis.api.serializers.readings import (
    CsvIn,
    FaultOut,
    ImportedOut,
    MeasurementIn,
    MeasurementOut,
    MeasurementsIn,
)
from lifecycle.kpis.api.serializers.values import (
    BaselineIn,
    BaselineOut,
    GoLiveIn,
    GoLiveOut,
    ReasonIn,
    TargetIn,
    TargetOut,
    UnitValueIn,
    UnitValueOut,
)

__all__ = [
    "BaselineIn",
    "BaselineOut",
    "CashIn",
    "CashOut",
    "ControlEnd",
    "ControlIn",
    "ControlOut",
    "CsvIn",
    "ExclusionIn",
    "ExclusionOut",
    "FaultOut",
    "GoLiveIn",
    "GoLiveOut",
    "ImportedOut",
    "KpiChange",
    "KpiDetail",
    "KpiIn",
    "KpiOut",
    "MeasurementIn",
    "MeasurementOut",
    "MeasurementsIn",
    "MoneyField",
    "ReasonIn",
    "RetirementIn",
    "RetirementOut",
    "TargetIn",
    "TargetOut",
    "UnitValueIn",
    "UnitValueOut",
]
