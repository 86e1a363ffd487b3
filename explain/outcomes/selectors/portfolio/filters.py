"""What the portfolio is narrowed to: read from the address, written back to it, and refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q

from explain.outcomes.models import OutcomeReport
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project, Role, Stage

ALL = "all"
NO_OUTCOME = "none"  # the grade that the database holds as an empty text
NAMES = (
    "unit", "customer", "sponsor", "methodology", "stage", "state", "risk", "from", "to", "currency", "grade",
)  # fmt: skip
LABELS = {
    "unit": "business unit",
    "customer": "customer",
    "sponsor": "sponsor",
    "methodology": "methodology",
    "stage": "stage",
    "state": "state",
    "risk": "risk tier",
    "from": "first month",
    "to": "last month",
    "currency": "currency",
    "grade": "grade of evidence",
}
GRADES = ("verified", "measured", "indicative", "assumed", "not_enough_data", NO_OUTCOME)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
IN_WORK = (Stage.State.OPEN, Stage.State.IN_REVIEW)
LONGEST_SHOWN = 60

Choices = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Filters:
    """Values that are known to exist; empty means all. Months are first days, both included."""

    unit: str = ""
    customer: str = ""
    sponsor: str = ""
    methodology: str = ""
    stage: str = ""
    state: str = ""
    risk: str = ""
    first: date | None = None
    last: date | None = None
    currency: str = ""
    grade: str = ""

    def as_query(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        months = {"from": self.first, "to": self.last}
        values = {
            name: f"{months[name]:%Y-%m}" if months.get(name) else "" if name in months else str(getattr(self, name))
            for name in NAMES
        }
        return {name: value for name, value in values.items() if value}

    @property
    def query(self) -> str:
        """`unit=Claims&risk=high`, safe to put behind a question mark."""
        return urlencode(self.as_query())

    def query_with(self, **changes: str) -> str:
        """The same with other values; an empty one takes a filter away."""
        return urlencode({name: value for name, value in {**self.as_query(), **changes}.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether it leaves out projects, and not only figures."""
        return any((self.unit, self.customer, self.sponsor, self.methodology, self.stage, self.state, self.risk))

    @property
    def has_period(self) -> bool:
        return self.first is not None or self.last is not None


@dataclass(frozen=True)
class Asked:
    """The filters that were understood, what may be chosen, and a refusal for each that was not."""

    filters: Filters
    choices: Choices
    refused: list[Refused] = field(default_factory=list)

    def demand(self) -> Filters:
        """The filters. Raises the first refusal: who takes figures away must not take those of other filters."""
        if self.refused:
            raise self.refused[0]
        return self.filters


def asked(user: User, query: Mapping[str, str], choices: Choices | None = None) -> Asked:
    """Read the address. A value that cannot be chosen is left out, with its refusal. `choices`: where they are known."""
    choices = choices_for(user) if choices is None else choices
    values: dict[str, str] = {}
    refused = []
    for name in NAMES:
        value = query.get(name, "").strip()
        if not value or name in ("from", "to"):
            continue
        if value in {key for key, _ in choices[name]} or (name == "grade" and value == ALL):
            values[name] = value
        else:
            refused.append(_unknown(name, value))
    first, last = _month(query, "from", refused), _month(query, "to", refused)
    if first and last and first > last:
        refused.append(
            Refused(
                f"The period ends in {last:%Y-%m}, before it begins in {first:%Y-%m}, so no period is applied. "
                "Choose a last month that is not before the first.",
                code="filter_unknown",
                status=400,
                field="to",
            )
        )
        first = last = None
    return Asked(Filters(first=first, last=last, **values), choices, refused)


def choices_for(user: User) -> Choices:
    """What the projects that the person may see can be narrowed to. Three queries."""
    visible = Project.objects.visible_to(user)
    # Who sees all needs no comparison of each row with the projects they may see.
    own = {} if user.sees_all and user.is_active else {"project__in": visible}
    found: dict[str, dict[str, str]] = {name: {} for name in NAMES}
    described = visible.values_list("unit", "methodology__key", "methodology__name", "portfolio_head__currency")
    for unit, key, name, currency in described.order_by().distinct():
        found["methodology"][key] = name
        if unit:
            found["unit"][unit] = unit
        if currency:
            found["currency"][currency] = currency
    stages = Stage.objects.filter(is_current=True, state__in=IN_WORK, **own)
    for key, name in stages.values_list("key", "name").order_by().distinct():
        found["stage"][key] = name
    # Asked of each person, and answered by the first seat that is found.
    seat = Member.objects.filter(user=OuterRef("pk"), left_at__isnull=True, **own).order_by()
    roles = {role: Exists(seat.filter(role=role)) for role in (Role.SPONSOR, Role.CUSTOMER)}
    people = User.objects.annotate(is_sponsor=roles[Role.SPONSOR], is_customer=roles[Role.CUSTOMER])
    people = people.filter(Q(is_sponsor=True) | Q(is_customer=True)).order_by()
    for pk, name, is_sponsor, is_customer in people.values_list("pk", "name", "is_sponsor", "is_customer"):
        for role, holds in (("sponsor", is_sponsor), ("customer", is_customer)):
            if holds:
                found[role][str(pk)] = name
    choices = {name: sorted(values.items(), key=lambda pair: pair[1].casefold()) for name, values in found.items()}
    choices["state"] = [(value, str(label)) for value, label in Project.State.choices]
    choices["risk"] = [(value, str(label)) for value, label in Project.Risk.choices]
    labels = dict(OutcomeReport.Grade.choices)
    choices["grade"] = [(grade, str(labels["" if grade == NO_OUTCOME else grade])) for grade in GRADES]
    return choices


def _unknown(name: str, value: str) -> Refused:
    shown = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"
    return Refused(
        f"There is no {LABELS[name]} “{shown}” among the projects that you may see, so it is not applied. "
        "Choose one from the list.",
        code="filter_unknown",
        status=400,
        field=name,
    )


def _month(query: Mapping[str, str], name: str, refused: list[Refused]) -> date | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    found = _MONTH.fullmatch(text)
    if found and 1 <= int(found[2]) <= 12 and int(found[1]) >= 1:
        return date(int(found[1]), int(found[2]), 1)
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    refused.append(
        Refused(
            f"“{shown}” is no month, so it is not applied as the {LABELS[name]}. Write the year and the month, such as 2026-03.",
            code="filter_unknown",
            status=400,
            field=name,
        )
    )
    return None
