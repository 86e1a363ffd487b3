"""Forms of the room, in plain words with examples; one file for each family."""

from lifecycle.kpis.forms.circumstances import ControlForm, ExclusionForm, JoinedForm, RetirementForm
from lifecycle.kpis.forms.definitions import EditKpiForm, KpiForm
from lifecycle.kpis.forms.fields import AmountField, DayField, MonthField
from lifecycle.kpis.forms.money import CashForm
from lifecycle.kpis.forms.readings import PasteForm, ReadingForm
from lifecycle.kpis.forms.values import BaselineForm, GoLiveForm, TargetForm, UnitValueForm

__all__ = [
    "AmountField",
    "BaselineForm",
    "CashForm",
    "ControlForm",
    "DayField",
    "EditKpiForm",
    "ExclusionForm",
    "GoLiveForm",
    "JoinedForm",
    "KpiForm",
    "MonthField",
    "PasteForm",
    "ReadingForm",
    "RetirementForm",
    "TargetForm",
    "UnitValueForm",
]
