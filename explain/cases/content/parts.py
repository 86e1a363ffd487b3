"""The four parts of a business case: which rows they have, and which columns those. Frozen data.

Pages, REST and the rendered deliverable all read them from here. Stored values are JSON: texts, whole numbers for
ratings, days and months as ISO 8601, amounts and shares as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

TEXT, LONG, CHOICE, SCALE, DAY, MONTH, AMOUNT, NUMBER, PERCENT, WHOLE, KPI = (
    "text", "long", "choice", "scale", "day", "month", "amount", "number", "percent", "whole", "kpi",
)  # fmt: skip
Kind = Literal[
    "text", "long", "choice", "scale", "day", "month", "amount", "number", "percent", "whole", "kpi"
]  # amount: not below zero; number: may be

FEASIBILITY, PLAN, STAKEHOLDERS, WORTH = "feasibility", "implementation_plan", "stakeholder_map", "cost_benefit"
RATINGS = ("1 very weak", "2 weak", "3 fair", "4 good", "5 very good")
DEGREES = ("1 very low", "2 low", "3 middling", "4 high", "5 very high")


@dataclass(frozen=True)
class Column:
    """One field of a row, or a text of a part. `most`: characters of a text, largest whole number."""

    name: str
    label: str
    kind: Kind = "text"
    required: bool = False
    most: int = 200
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    wide: bool = False

    @property
    def steps(self) -> tuple[tuple[int, str], ...]:
        """The five steps of a scale with their words."""
        return tuple(enumerate((text for _, text in self.choices), start=1))


@dataclass(frozen=True)
class Rows:
    """A list of rows. `one`: what one row is called."""

    name: str
    label: str
    one: str
    columns: tuple[Column, ...]
    most: int = 40
    help: str = ""


@dataclass(frozen=True)
class Part:
    """A part with its lists and its texts; at least one row of each list that is `needed`."""

    name: str
    label: str
    lead: str
    lists: tuple[Rows, ...]
    texts: tuple[Column, ...]
    needed: tuple[str, ...]


def _scale(name: str, label: str, words: tuple[str, ...], help: str = "") -> Column:
    return Column(name, label, "scale", True, 5, tuple((word[0], word) for word in words), help)


AREAS = (
    ("data", "Data"),
    ("technical", "Technology"),
    ("organisational", "Organisation"),
    ("legal", "Law and ethics"),
    ("economic", "Economy"),
    ("schedule", "Time"),
)
CATEGORIES = (
    ("build", "build"),
    ("run", "run"),
    ("licence", "licences"),
    ("people", "people"),
    ("cloud", "cloud and tokens"),
    ("change", "change and training"),
    ("decommissioning", "decommissioning"),
)

_FEASIBILITY = Part(
    FEASIBILITY,
    "Feasibility study",
    "Can it be done here? Rate each side of the question, and say what could go wrong.",
    (
        Rows(
            "criteria",
            "Criteria",
            "criterion",
            (
                Column("area", "Side", "choice", True, choices=AREAS),
                _scale("rating", "How feasible", RATINGS),
                Column("reason", "Why this rating", "long", True, 1_000, wide=True),
                Column("risk", "Largest risk", "long", False, 1_000),
                Column("response", "What is done about it", "long", False, 1_000),
            ),
        ),
    ),
    (Column("conclusion", "Conclusion", "long", True, 4_000, help="Feasible, feasible if …, or not; in one or two sentences."),),
    ("criteria",),
)  # fmt: skip

_PLAN = Part(
    PLAN,
    "Implementation plan",
    "Who does what, until when, and what must be there first?",
    (
        Rows(
            "milestones",
            "Milestones",
            "milestone",
            (
                Column("name", "Milestone", "text", True, 160, wide=True),
                Column("on", "Reached by", "day", True),
                Column("owner", "Owner", "text", True, 120),
                Column("depends_on", "Waits for", "text", False, 200, help="Another milestone, or something outside"),
                Column("done_when", "It is reached when", "text", False, 300),
            ),
        ),
        Rows(
            "resources",
            "Resources",
            "resource",
            (
                Column("what", "What", "text", True, 160),
                Column("amount", "How much", "text", False, 120),
                Column("source", "From whom", "text", False, 160),
            ),
        ),
    ),
    (Column("approach", "How we go about it", "long", False, 4_000),),
    ("milestones",),
)

_STAKEHOLDERS = Part(
    STAKEHOLDERS,
    "Stakeholder map",
    "Whom does it touch, who can help or stop it, and what do they need from us?",
    (
        Rows(
            "stakeholders",
            "Stakeholders",
            "stakeholder",
            (
                Column("who", "Who", "text", True, 120, help="A person, or a group"),
                Column("role", "What they are to the project", "text", False, 160),
                _scale("influence", "Influence", DEGREES),
                _scale("interest", "Interest", DEGREES),
                Column("needs", "What they need", "long", False, 600),
                Column("engagement", "How they are engaged", "long", False, 600),
            ),
        ),
    ),
    (),
    ("stakeholders",),
)

_WORTH = Part(
    WORTH,
    "Cost-benefit analysis",
    "What will it cost, what will it bring, and how sure is each figure?",
    (
        Rows(
            "costs",
            "Costs",
            "cost",
            (
                Column("name", "Cost", "text", True, 60, wide=True),
                Column("category", "Category", "choice", True, choices=CATEGORIES),
                Column("month", "First month", "month", True),
                Column("until", "Last month", "month", False, help="Empty: once only"),
                Column("amount", "A month, likeliest", "amount", True),
                Column("low", "Lowest", "amount", False, help="Empty: as likeliest"),
                Column("high", "Highest", "amount", False, help="Empty: as likeliest"),
            ),
        ),
        Rows(
            "benefits",
            "Benefits",
            "benefit",
            (
                Column("name", "What gets better", "text", True, 60, wide=True),
                Column("kpi", "KPI", "kpi", False, help="On which it will be measured"),
                Column("unit", "Unit", "text", False, 40, help="Such as minutes; empty: that of the KPI"),
                Column("volume", "Cases a month", "amount", True, help="1 for a figure that is counted by month"),
                Column("uplift", "Better by, likeliest", "number", True, help="For each case"),
                Column("uplift_low", "Lowest", "number", False),
                Column("uplift_high", "Highest", "number", False),
                Column("value", "Worth of one unit, likeliest", "amount", True),
                Column("value_low", "Lowest", "amount", False),
                Column("value_high", "Highest", "amount", False),
                Column("month", "Begins in", "month", True),
                Column("until", "Last month", "month", False, help="Empty: to the end of the horizon"),
                Column("ramp", "Months until it is in full", "whole", False, 60),
                Column("share", "Share that is ours, %", "percent", False, help="Empty: 100"),
            ),
        ),
    ),
    (Column("assumptions", "What the figures rest on", "long", False, 4_000),),
    ("costs", "benefits"),
)

PARTS: Mapping[str, Part] = MappingProxyType({part.name: part for part in (_FEASIBILITY, _PLAN, _STAKEHOLDERS, _WORTH)})


def part_named(name: str) -> Part | None:
    """The part, or None."""
    return PARTS.get(name)
