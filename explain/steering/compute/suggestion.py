"""Stop, continue or expand: what the figures ahead suggest. People decide; the suggestion only gives reasons.

What is spent is spent whatever is decided: sunk costs stay in ROI and leave this view (Arkes and Blumer 1985). Only
what still costs and still brings counts, with how sure it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.spread import likelihood
from explain.steering.compute.ahead import ASSUMED, TREND_MONTHS, Ahead
from foundation.web.formats import MoneyScale, money_text, number_text

STOP, CONTINUE, EXPAND = "stop", "continue", "expand"
WHATS = (STOP, CONTINUE, EXPAND)  # in order: worse figures never lead further to the right
SURE = ("measured", "verified")

STOP_CHANCE = 0.5
EXPAND_CHANCE = 0.8
EXPAND_REALISATION = Decimal("0.8")
FALLING = Decimal("0.1")
OLD_DAYS = 100

FOR, AGAINST, NOTE = "for", "against", "note"

THRESHOLDS: tuple[tuple[str, str], ...] = (
    (
        "Stop",
        "The months ahead cost at least what they bring (net present value at or below zero), or the chance that they "
        f"pay is below {STOP_CHANCE:.0%}.".replace("%", "\u00a0%"),
    ),
    (
        "Expand",
        f"All of these hold: figures measured or verified; the chance at least {EXPAND_CHANCE:.0%}; at least "
        f"{EXPAND_REALISATION:.0%} of the benefits promised so far came; the last {TREND_MONTHS} measured months did not "
        f"fall more than {100 * FALLING:.0f} points behind the months before; no KPI got worse; no counted change may be "
        f"chance; the report is at most {OLD_DAYS} days old.".replace("%", "\u00a0%"),
    ),
    ("Continue", "Everything between: the months ahead pay, but not all that an expansion asks for holds."),
    ("Nothing", "Where nothing is measured, or too little, the page says what is missing instead."),
)


@dataclass(frozen=True)
class Reason:
    """One sentence with its figure; `speaks` for the project, against it, or is a note. `code` is stable."""

    code: str
    speaks: str
    text: str


@dataclass(frozen=True)
class Suggestion:
    """`what`: stop, continue, expand, or "" where `missing` says what is lacking."""

    what: str
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, as a proposal keeps it."""
        return {
            "what": self.what,
            "reasons": [{"code": each.code, "speaks": each.speaks, "text": each.text} for each in self.reasons],
            "missing": list(self.missing),
        }


def suggested(figures: Ahead) -> Suggestion:
    """What the figures ahead suggest, with the reasons.

    | suggestion | when |
    |---|---|
    | none | something is missing (`figures.missing`): nothing measured, not enough data, nothing ahead |
    | stop | net present value ahead <= 0, or chance < STOP_CHANCE (50 %) |
    | expand | grade measured or verified, chance >= EXPAND_CHANCE (80 %), realised >= EXPAND_REALISATION (80 %) of the plan, not FALLING (10 points) in the last TREND_MONTHS (3) months, no KPI worse, no counted change that may be chance, report at most OLD_DAYS (100) days old |
    | continue | else |

    An unknown figure never speaks for an expansion. Figures that are a plan (grade assumed) have no chance: they may
    suggest stop or continue.
    """
    if figures.missing or figures.npv is None:
        return Suggestion("", (), figures.missing or ("Nothing lies ahead that has a figure.",))
    reasons = [_worth(figures, figures.npv), _chance(figures), *_kept(figures), *_changes(figures), *_notes(figures)]
    if figures.npv <= 0 or (figures.chance is not None and figures.chance < STOP_CHANCE):
        return Suggestion(STOP, tuple(reasons))
    return Suggestion(EXPAND if _may_expand(figures) else CONTINUE, tuple(reasons))


def _may_expand(figures: Ahead) -> bool:
    if figures.chance is None or figures.realised is None or figures.lately is None or figures.before is None:
        return False
    return (
        figures.grade in SURE
        and figures.chance >= EXPAND_CHANCE
        and figures.realised >= EXPAND_REALISATION
        and figures.lately >= figures.before - FALLING
        and not figures.worsened
        and not figures.unshown
        and figures.days_old <= OLD_DAYS
    )


def _worth(figures: Ahead, npv: Decimal) -> Reason:
    scale = MoneyScale.of([npv, figures.benefits, figures.costs], figures.currency, whole=True)
    span = f"{figures.months} month{'' if figures.months == 1 else 's'} ahead"
    text = (
        f"The {span} are worth {scale.text(npv, signed=True)} today: {scale.text(figures.benefits)} of benefits against "
        f"{scale.text(figures.costs)} of costs."
    )
    return Reason("worth_ahead", FOR if npv > 0 else AGAINST, text)


def _chance(figures: Ahead) -> Reason:
    if figures.chance is None:
        why = "the figures are a plan" if figures.grade == ASSUMED else "no measured change is counted in money"
        return Reason("chance_unknown", AGAINST, f"How sure this is cannot be said: {why}.")
    chance = figures.chance
    shown = "over 99 %" if chance > 0.99 else "under 1 %" if chance < 0.01 else f"{100 * chance:.0f} %"
    words = likelihood(chance)
    said = "not shown that they pay" if words == "not shown" else f"{words} that they pay"
    if chance < STOP_CHANCE:
        return Reason("chance_low", AGAINST, f"It is {said}: the chance is {shown}, below {100 * STOP_CHANCE:.0f} %.")
    enough = chance >= EXPAND_CHANCE
    least = "" if enough else f"; an expansion asks for {100 * EXPAND_CHANCE:.0f} %"
    return Reason("chance", FOR if enough else NOTE, f"It is {said}: the chance is {shown}{least}.")


def _kept(figures: Ahead) -> list[Reason]:
    """How far the promise was kept so far, and which way that goes."""
    if figures.realised is None:
        return [
            Reason(
                "promise_unknown",
                NOTE,
                "No benefits were planned for measured months, so no promise can be held against them.",
            )
        ]
    share = _percent(figures.realised)
    enough = figures.realised >= EXPAND_REALISATION
    found = [
        Reason(
            "promise_kept" if enough else "promise_short",
            FOR if enough else AGAINST,
            f"Of the benefits promised for the measured months {share} came"
            + ("." if enough else f"; an expansion asks for {_percent(EXPAND_REALISATION)}."),
        )
    ]
    if figures.lately is None or figures.before is None:
        found.append(
            Reason(
                "trend_unknown",
                NOTE,
                f"Which way it goes shows from {2 * TREND_MONTHS} measured months with a plan on.",
            )
        )
        return found
    falls = figures.lately < figures.before - FALLING
    rises = figures.lately > figures.before + FALLING
    text = f"In the last {TREND_MONTHS} measured months {_percent(figures.lately)} of the promise came, before that {_percent(figures.before)}"
    way = "it falls" if falls else "it rises" if rises else "it holds"
    found.append(Reason("trend_falls" if falls else "trend", AGAINST if falls else FOR, f"{text}: {way}."))
    return found


def _changes(figures: Ahead) -> list[Reason]:
    """KPIs that speak against more of the same."""
    return [
        *(Reason("dis_benefit", AGAINST, text) for text in figures.worsened),
        *(Reason("may_be_chance", AGAINST, text) for text in figures.unshown),
    ]


def _notes(figures: Ahead) -> list[Reason]:
    found = []
    if figures.grade not in SURE:
        word = "a plan; nothing is measured yet" if figures.grade == ASSUMED else "indicative only"
        found.append(Reason("grade", AGAINST, f"The figures are {word}."))
    if figures.days_old > OLD_DAYS:
        found.append(
            Reason(
                "old_report",
                AGAINST,
                f"The report is {figures.days_old} days old. A new one would see the months since.",
            )
        )
    if figures.spent:
        spent = money_text(figures.spent, figures.currency, whole=True)
        found.append(
            Reason("sunk", NOTE, f"The {spent} spent so far play no part here: they are spent whatever is decided.")
        )
    return found


def _percent(share: Decimal) -> str:
    return f"{number_text(100 * share, 0)}\u00a0%"
