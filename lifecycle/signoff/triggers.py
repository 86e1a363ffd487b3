"""What ends an approval before its time, where its policy says so. Frozen data; rooms fire them by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NEW_MODEL_VERSION, DRIFT, KPI_BELOW, ROLLBACK, LATE = (
    "new_model_version", "drift_above_limit", "kpi_below_target", "rollback", "late_measurements",
)  # fmt: skip


@dataclass(frozen=True)
class Trigger:
    """A cause: its name in policies, the clause after "ends early when", and the sentence that says what happened."""

    name: str
    label: str
    sentence: str
    # Whether a pipeline or a monitoring system may report it; the others are found by the portal itself.
    reported: bool = False


SEVERITIES = ("low", "medium", "high")  # of an alert, the least first
TRIGGERS: dict[str, Trigger] = {
    trigger.name: trigger
    for trigger in (
        Trigger(NEW_MODEL_VERSION, "a new model version is put in", "A new version of the model was put in."),
        Trigger(DRIFT, "the data drift beyond the limit", "The data drifted above the limit.", reported=True),
        Trigger(
            KPI_BELOW,
            "a KPI misses its target several times running",
            "A KPI missed its target in several periods on end.",
        ),
        Trigger(ROLLBACK, "the model is taken back to an earlier version", "The model was rolled back.", reported=True),
        Trigger(LATE, "a KPI is no longer measured", "A KPI is no longer measured."),
    )
}


def ends_on(rules: Mapping[str, Any], trigger: str) -> bool:
    """Whether approvals under this policy end by the trigger."""
    listed = rules.get("ends_on")
    return isinstance(listed, list) and trigger in listed
