"""What the room makes known when the app starts."""

from __future__ import annotations

from explain.cases.charts import promise_curve
from explain.cases.evidence import BUSINESS_CASE
from explain.cases.looking_back import promised_and_found
from explain.cases.models import CaseVersion, Promise, Scenario
from explain.cases.selectors import compared, promises_of
from explain.cases.services import on_decision
from explain.outcomes import beside
from foundation.audit.services import listen
from lifecycle.dossier.parts import Part, Seal
from lifecycle.dossier.parts import register as tell
from lifecycle.postmortems import promised
from lifecycle.projects.models import Project
from lifecycle.signoff import evidence


def promise_beside(project: Project) -> beside.Section | None:
    """What was promised, for the pages of the value. One query, three where there is a promise."""
    promises = promises_of(project)
    if not promises:
        return None
    comparison = compared(promises[0])
    return beside.Section(
        "explain/cases/promise.html", {"comparison": comparison, "promise_chart": promise_curve(comparison)}
    )


def register_kinds() -> None:
    """Called once, from the floor's app."""
    evidence.register(BUSINESS_CASE)
    listen(on_decision)
    beside.register(promise_beside)
    promised.register(promised_and_found)
    tell(
        Part(
            "business-cases",
            "business case",
            CaseVersion,
            "project",
            seals=(Seal("bound", "content_hash"),),
            also=_bound,
        )
    )
    tell(Part("case-scenarios", "scenario", Scenario, "version__project"))
    tell(Part("promises", "promise", Promise, "project", seals=(Seal("content", "content_hash"),)))


def _bound(version: CaseVersion) -> dict[str, object]:
    return {"bound": version.bound}
