"""The themes as a page shows them: each chart with its words, made once for as long as nobody does anything."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.lessons.themes.charts import Chart, bars, grid, halved
from lifecycle.lessons.themes.compute import LEAST_FOR_SHARES, Themes


@dataclass(frozen=True)
class Sheet:
    """A chart under its heading. `note`: what a reader must know to read it."""

    key: str
    title: str
    note: str
    chart: Chart


@dataclass(frozen=True)
class Page:
    """The counts, and their charts in the order of the page."""

    themes: Themes
    sheets: list[Sheet]
    has_shares: bool


def page_of(themes: Themes) -> Page:
    """Sheets with nothing in them are left out."""
    n = themes.n
    of_cases = f"{n:,} case{'' if n == 1 else 's'}"
    sheets: list[Sheet] = []
    if themes.factors:
        sheets += [
            Sheet(
                "factors",
                "Which factors",
                f"A case has several factors, so the bars add up to more than the {of_cases}.",
                bars(
                    themes.factors, label=f"Cases by factor, of {of_cases}", what="Factor", of="all cases", running=True
                ),
            ),
            Sheet(
                "phases",
                "Factor and the phase in which it began",
                f"n = {n:,}. Each cell counts cases with this factor that began in this phase.",
                grid(themes.by_phase, label=f"Cases by factor and phase of origin, of {of_cases}", rows="Factor"),
            ),
            Sheet(
                "triggers",
                "Factor and what set it off",
                f"n = {n:,}. The trigger is what made it show; the factors are what let it happen.",
                grid(themes.by_trigger, label=f"Cases by factor and trigger, of {of_cases}", rows="Factor"),
            ),
        ]
    if themes.together:
        pair = themes.together[0]
        sheets.append(
            Sheet(
                "pairs",
                "Factors that come together",
                f"{pair.name}: {pair.count:,} of {of_cases}. The grey cells count each factor alone.",
                halved(themes.pairs, label=f"Pairs of factors in the same case, of {of_cases}", rows="Factors"),
            )
        )
    if themes.quarters:
        told = sum(quarter.count for quarter in themes.quarters)
        sheets.append(
            Sheet(
                "quarters",
                "By quarter",
                f"n = {told:,} in the quarters shown, by the day it was noticed. More cases may mean more failures, or more "
                "people who write them down.",
                bars(
                    themes.quarters, label=f"Cases by quarter, of {told:,}", what="Quarter", of="cases shown", most=12
                ),
            )
        )
        if themes.factors:
            sheets.append(
                Sheet(
                    "trend",
                    "Factors by quarter",
                    f"n = {told:,} in the quarters shown. The most frequent factors only; the library has all.",
                    grid(themes.by_quarter, label=f"Cases by factor and quarter, of {told:,}", rows="Factor"),
                )
            )
    if themes.detection:
        sheets.append(
            Sheet(
                "detection",
                "How it was noticed",
                _detection_words(themes),
                bars(
                    themes.detection,
                    label=f"Cases by how they were noticed, of {themes.detection_known:,}",
                    what="Noticed by",
                    of="cases that say so",
                ),
            )
        )
    if themes.waits and themes.days_to_notice is not None:
        days = f"{themes.days_to_notice:g} day{'' if themes.days_to_notice == 1 else 's'}"
        sheets.append(
            Sheet(
                "waits",
                "Time until it was noticed",
                f"Half of the cases were noticed within {days} of their beginning (n = {themes.days_known:,} with both dates).",
                bars(
                    themes.waits,
                    label=f"Cases by the time until they were noticed, of {themes.days_known:,}",
                    what="Noticed",
                    of="cases with both dates",
                ),
            )
        )
    return Page(themes, sheets, n >= LEAST_FOR_SHARES)


def _detection_words(themes: Themes) -> str:
    known = themes.detection_known
    words = (
        f"Customers or people concerned noticed {themes.outside:,}, monitoring {themes.monitoring:,} "
        f"(n = {known:,} that say how)."
    )
    if known >= LEAST_FOR_SHARES:
        outside, monitoring = round(100 * themes.outside / known), round(100 * themes.monitoring / known)
        words += f" That is {outside} % from outside and {monitoring} % by monitoring."
    return words
