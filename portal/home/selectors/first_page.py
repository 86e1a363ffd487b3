"""All that the first page of a project shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Cast, JSONObject

from explain.attributions.models import Explanation
from explain.outcomes.models import OutcomeReport
from explain.register.models import Feature
from foundation.people.models import User
from foundation.web.states import kind_of
from lifecycle.acceptance.models import Acceptance
from lifecycle.kpis.models import Baseline, Kpi, Measurement, Target
from lifecycle.lessons.models import CaseOffer
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Deliverable, ExitQuestion, Member, Project, Stage
from lifecycle.projects.selectors import Step, mark_resting, step_of
from lifecycle.signoff import moves
from lifecycle.signoff.models import Round

DRIVERS_SHOWN = 5


@dataclass(frozen=True)
class Driver:
    """One feature that the model goes by. `width` is 0 to 100, of the strongest."""

    label: str
    width: int
    direction: float | None
    expected: str

    @property
    def words(self) -> str:
        """Which way it works, and whether the business expected that."""
        if self.direction is None or abs(self.direction) < 0.3:
            return "no single direction"
        up = self.direction > 0
        text, other = ("higher", "lower") if up else ("lower", "higher")
        if not self.expected:
            return text
        return f"{text}, as expected" if (self.expected == "up") == up else f"{text}: the business expected {other}"

    @property
    def against(self) -> bool:
        """Whether the direction contradicts what the business wrote down."""
        return ": the business expected" in self.words


@dataclass
class Overview:
    """All that the first page of a project shows."""

    project: Any
    stages: list[Any]
    stage: Any = None
    round: dict[str, Any] | None = None
    kpi: Any = None
    report: OutcomeReport | None = None
    questions: list[str] = field(default_factory=list)
    deliverables: list[tuple[int, str]] = field(default_factory=list)
    explanation: Explanation | None = None
    drivers: list[Driver] = field(default_factory=list)
    postmortems: list[PostMortem] = field(default_factory=list)
    people: list[tuple[str, list[User]]] = field(default_factory=list)

    @property
    def steps(self) -> list[Step]:
        """The stages as the track shows them."""
        return [step_of(stage) for stage in self.stages]

    @property
    def stale(self) -> list[Any]:
        """Stages whose approval no longer holds."""
        return [stage for stage in self.stages if stage.is_stale]

    @property
    def net(self) -> Decimal | None:
        """Benefits less costs to date, in the project's currency."""
        report = self.report
        if report is None or report.benefits_to_date is None or report.costs_to_date is None:
            return None
        return report.benefits_to_date - report.costs_to_date

    @property
    def unit(self) -> str:
        """The unit of the primary KPI as it stands behind a number; a count has none."""
        return "" if self.kpi is None or self.kpi.unit == "1" else str(self.kpi.unit)

    @property
    def is_asked(self) -> bool:
        """Whether a decision on the stage in work is asked for."""
        return self.round is not None and self.round["state"] in moves.OPEN_STATES

    @property
    def round_word(self) -> str:
        """The state of the newest round, in words."""
        return str(Round.State(self.round["state"]).label) if self.round else ""

    @property
    def round_due(self) -> date | None:
        """Until when it is to be decided."""
        due = self.round["due_on"] if self.round else None
        return date.fromisoformat(due[:10]) if due else None

    @property
    def acceptance_word(self) -> str:
        """The state of the newest acceptance, in words."""
        state = self.project.acceptance_state
        return str(Acceptance.State(state).label) if state else ""

    @property
    def acceptance_kind(self) -> str:
        """Its mark."""
        return kind_of(Acceptance(state=self.project.acceptance_state))[0]

    @property
    def chance_percent(self) -> float | None:
        """Chance that it pays, in per cent."""
        chance = self.report.chance_positive if self.report else None
        return None if chance is None else 100 * chance


def project_head(user: User, key: str) -> Any:
    """The project with its newest acceptance and whether a case was offered to it, or None when there is none or it is not visible."""
    acceptance = Acceptance.objects.filter(project=OuterRef("pk")).order_by("-number")
    return (
        Project.objects.visible_to(user)
        .filter(key=key)
        .with_methodology()
        .annotate(
            acceptance_state=Subquery(acceptance.values("state")[:1]),
            acceptance_number=Subquery(acceptance.values("number")[:1]),
            is_offered=Exists(CaseOffer.objects.filter(project=OuterRef("pk"))),
        )
        .first()
    )


def overview(user: User, project: Any) -> Overview:
    """The rest of the page: eight queries, whatever the project holds."""
    latest_round = (
        Round.objects.filter(stage=OuterRef("pk"))
        .exclude(state=Round.State.WITHDRAWN)
        .order_by("-number")
        .values(
            row=JSONObject(id="pk", number="number", state="state", title="title", due_on=Cast("due_on", CharField()))
        )[:1]
    )
    stages: list[Any] = list(
        Stage.objects.filter(project=project, is_current=True)
        .with_approval()
        .annotate(latest_round=Subquery(latest_round))
        .order_by("order")
    )
    found = Overview(project=project, stages=list(mark_resting(stages)))
    found.stage = next((stage for stage in stages if stage.state in (Stage.State.OPEN, Stage.State.IN_REVIEW)), None)
    if found.stage is not None:
        found.round = found.stage.latest_round
        found.questions, found.deliverables = _missing_in(found.stage)
    found.kpi = _primary_kpi(project)
    found.report = OutcomeReport.objects.filter(project=project, is_current=True).defer("inputs", "result").first()
    found.explanation = (
        Explanation.objects.filter(project=project, state=Explanation.State.DONE, method=Explanation.Method.SHAP)
        .select_related("model_version")
        .defer("samples")
        .order_by("-pk")
        .first()
    )
    if found.explanation is not None:
        found.drivers = _drivers(project, found.explanation)
    found.postmortems = list(PostMortem.objects.visible_to(user).filter(project=project)[:5])
    found.people = _people(project)
    return found


def _missing_in(stage: Stage) -> tuple[list[str], list[tuple[int, str]]]:
    """Unanswered exit questions and required deliverables without a version, in one query."""
    questions = (
        ExitQuestion.objects.filter(stage=stage, answers__isnull=True)
        .values_list("pk", Cast("text", CharField()), Value("question", output_field=CharField()), "order")
        .order_by()
    )
    deliverables = (
        Deliverable.objects.filter(stage=stage, need=Deliverable.Need.REQUIRED, latest_number=0, not_applicable="")
        .values_list("pk", Cast("name", CharField()), Value("deliverable", output_field=CharField()), "order")
        .order_by()
    )
    rows = sorted(questions.union(deliverables, all=True), key=lambda row: row[3])
    return (
        [text for _, text, kind, _ in rows if kind == "question"],
        [(pk, text) for pk, text, kind, _ in rows if kind == "deliverable"],
    )


def _primary_kpi(project: Project) -> Any:
    """The KPI that counts most, with its frozen baseline, newest value and newest target."""
    latest = Measurement.objects.filter(kpi=OuterRef("pk")).order_by("-period", "-revision")
    target = Target.objects.filter(kpi=OuterRef("pk")).order_by("-pk")
    return (
        Kpi.objects.filter(project=project)
        .annotate(
            baseline_mean=Subquery(
                Baseline.objects.filter(kpi=OuterRef("pk"), state=Baseline.State.FROZEN).values("mean")[:1]
            ),
            latest_value=Subquery(latest.values("value")[:1]),
            latest_period=Subquery(latest.values("period")[:1]),
            target_value=Subquery(target.values("value")[:1]),
            target_due=Subquery(target.values("due_on")[:1]),
        )
        .order_by("-is_primary", "name")
        .first()
    )


def _drivers(project: Project, explanation: Explanation) -> list[Driver]:
    """The strongest features of the newest explanation, in the words of the feature dictionary."""
    known = {row.name: row for row in Feature.objects.filter(project=project)}
    rows = explanation.summary.get("drivers")
    if not isinstance(rows, list):
        return []
    strongest = max((float(row.get("mean_abs") or 0) for row in rows), default=0.0)
    drivers = []
    for row in rows[:DRIVERS_SHOWN]:
        name = str(row.get("feature", ""))
        entry = known.get(name)
        drivers.append(
            Driver(
                label=entry.label if entry else name,
                width=round(100 * float(row.get("mean_abs") or 0) / strongest) if strongest else 0,
                direction=row.get("direction"),
                expected=entry.expected if entry else "",
            )
        )
    return drivers


def _people(project: Project) -> list[tuple[str, list[User]]]:
    """Present members by role, in the order of the roles."""
    members = Member.objects.filter(project=project, left_at__isnull=True).select_related("user").order_by("pk")
    by_role: dict[str, list[User]] = {}
    for member in members:
        by_role.setdefault(member.role, []).append(member.user)
    labels = dict(Member._meta.get_field("role").choices or [])
    return [(str(label), by_role[str(role)]) for role, label in labels.items() if role in by_role]
