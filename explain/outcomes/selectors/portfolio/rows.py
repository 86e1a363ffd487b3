"""Single projects with names and people, once it is known which are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from explain.outcomes.compute.money import minor_units
from explain.outcomes.models import PortfolioHead
from explain.outcomes.selectors.portfolio.filters import IN_WORK
from explain.outcomes.shown import chance_text, change_text
from foundation.web.formats import money_text
from lifecycle.projects.models import Member, Project, Role, Stage

AT_ONCE = 5000  # projects named in one query


def major(amount: int | None, currency: str) -> Decimal | None:
    """Minor units as an amount of the currency."""
    return None if amount is None else major_of(amount, currency)


def major_of(amount: int, currency: str) -> Decimal:
    """The same where there is an amount for sure."""
    return Decimal(amount).scaleb(-minor_units(currency))


@dataclass(frozen=True)
class Row:
    """One project with its current report, amounts in its own currency. In a period `net`, `planned_net`, `benefits`
    and `shortfall` are those of the period."""

    key: str
    name: str
    unit: str
    state: str
    risk: str
    stage: str
    owner: str
    number: int
    as_of: date
    currency: str
    grade: str
    formula_version: str
    costs: Decimal | None
    benefits: Decimal | None
    net: Decimal | None
    planned_net: Decimal | None
    shortfall: Decimal | None
    npv: Decimal | None
    low: Decimal | None
    high: Decimal | None
    chance: float | None
    reason: str
    reason_amount: Decimal | None
    changed: dict[str, Any] | None

    @property
    def where(self) -> str:
        """The stage of a project in progress, the state of any other."""
        if self.state == Project.State.ACTIVE:
            return self.stage or "in progress"
        return str(Project.State(self.state).label)

    @property
    def chance_shown(self) -> str:
        return chance_text(self.chance)

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.low is None or self.high is None else (float(self.low), float(self.high))

    @property
    def change_shown(self) -> str:
        """The effect on the primary KPI in words."""
        if not self.changed:
            return "no outcome measured"
        name, verdict = self.changed["name"], self.changed["verdict"]
        if verdict == "no_change":
            return f"{name}: no change demonstrated"
        worse = ", worse" if verdict == "worsened" else ""
        return f"{name}: {change_text(self.changed['effect'], self.changed['unit'])}{worse}"

    @property
    def reason_shown(self) -> str:
        """Where most of the shortfall to date comes from, by the report's own account."""
        if self.benefits is None:
            return "Its benefit is not known, so only its costs count"
        if not self.reason:
            return "The report names no single cause"
        return f"{self.reason}: {money_text(self.reason_amount, self.currency, short=True, signed=True)}"


@dataclass(frozen=True)
class Sums:
    """What a project brought in the months that are looked at, in minor units."""

    costs: int | None
    benefits: int | None
    net: int | None
    planned_net: int | None
    planned_benefits: int | None
    shortfall: int | None


def rows_of(ids: Iterable[int], sums: dict[int, Sums] | None = None) -> dict[int, Row]:
    """Rows by project. Two queries: heads with the stage in work, and leads. `sums`: amounts of a period instead of to date."""
    kept = list(dict.fromkeys(ids))
    if len(kept) > AT_ONCE:
        return {
            pk: row for at in range(0, len(kept), AT_ONCE) for pk, row in rows_of(kept[at : at + AT_ONCE], sums).items()
        }
    in_work = Stage.objects.filter(project=OuterRef("project"), is_current=True, state__in=IN_WORK)
    stage = Subquery(in_work.order_by("-order", "-iteration").values("name")[:1])
    leads: dict[int, list[str]] = {}
    members = Member.objects.filter(project_id__in=kept, role=Role.LEAD, left_at__isnull=True).order_by("pk")
    for project, name in members.values_list("project_id", "user__name"):
        leads.setdefault(project, []).append(name)
    heads = PortfolioHead.objects.filter(project_id__in=kept).order_by().select_related("project").annotate(at=stage)
    narrow = heads.only(
        *(field.name for field in PortfolioHead._meta.concrete_fields if field.name != "series"),
        "project__key", "project__name", "project__unit", "project__state", "project__risk",
    )  # fmt: skip
    found = {}
    for head in narrow:
        own = sums[head.project_id] if sums is not None else _to_date(head)
        found[head.project_id] = _row(
            head, own, head.at or "", ", ".join(leads.get(head.project_id, [])), whole=sums is None
        )
    return found


def _to_date(head: PortfolioHead) -> Sums:
    return Sums(
        head.costs_minor, head.benefits_minor, head.net_minor, head.planned_net_minor, head.planned_benefits_minor,
        head.shortfall_minor,
    )  # fmt: skip


def _row(head: PortfolioHead, own: Sums, stage: str, owner: str, *, whole: bool) -> Row:
    project, currency = head.project, head.currency
    spread = whole and own.net is not None and bool(head.below or head.above)
    places = minor_units(currency)
    return Row(
        key=project.key, name=project.name, unit=project.unit, state=project.state, risk=project.risk, stage=stage,
        owner=owner, number=head.number, as_of=head.as_of, currency=currency, grade=head.grade,
        formula_version=head.formula_version, costs=major(own.costs, currency), benefits=major(own.benefits, currency),
        net=major(own.net, currency), planned_net=major(own.planned_net, currency),
        shortfall=major(own.shortfall, currency), npv=major(head.npv_minor, currency),
        low=Decimal(round((own.net or 0) - head.below)).scaleb(-places) if spread else None,
        high=Decimal(round((own.net or 0) + head.above)).scaleb(-places) if spread else None,
        chance=head.chance_positive, reason=head.reason, reason_amount=major(head.reason_minor, currency),
        changed=head.changed,
    )  # fmt: skip
