"""What opens a post-mortem by itself: frozen data. Rooms do not fire these; the trail's entries do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Cause:
    """`kind` of the post-mortem, `trigger` and `detection` of the taxonomy, and the words: what happened, and the title that
    it begins with (`{}`: the stage, KPI or model)."""

    name: str
    label: str
    kind: str
    title: str
    detection: str
    trigger: str
    severity: str = "medium"
    template: str = "full"


CAUSES: Final[dict[str, Cause]] = {
    cause.name: cause
    for cause in (
        Cause("project_stopped", "a project is stopped", "project_stopped", "{} was stopped", "gate_review", "project_event"),
        Cause(
            "stage_rejected_twice", "a stage is turned down twice", "gate_rejected", "{} was turned down twice",
            "gate_review", "review_or_gate",
        ),
        Cause(
            "acceptance_refused", "the customer refuses the result", "acceptance_refused", "The customer refused {}",
            "customer_report", "review_or_gate", "high",
        ),
        Cause(
            "kpi_missed", "a KPI misses its target several times running", "production_incident", "{} misses its target",
            "business_metric", "slow_decay",
        ),
        Cause(
            "rollback", "the model is rolled back", "production_incident", "{} was rolled back", "monitoring_alert",
            "model_release", "high",
        ),
        Cause(
            "drift", "monitoring reports drift above the limit", "production_incident", "The data of {} drifted",
            "monitoring_alert", "population_or_behaviour_change",
        ),
    )
}  # fmt: skip
