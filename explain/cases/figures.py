"""The figures of a case in words, from the calculator's stored answer. Computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from explain.outcomes.shown import chance_text
from foundation.web.formats import MoneyScale, money_text, number_text


@dataclass(frozen=True)
class Headline:
    """The few figures that a case is read by; None where they are not known. Money in the currency of the case."""

    currency: str
    months: int
    costs: Decimal
    benefits: Decimal
    npv: Decimal
    p10: Decimal | None
    p50: Decimal | None
    p90: Decimal | None
    roi_percent: Decimal | None
    payback: Decimal | None
    payback_status: str
    chance: float | None
    driver: str
    likelihood: str

    @property
    def net(self) -> Decimal:
        return self.benefits - self.costs

    @property
    def chance_said(self) -> str:
        return "not drawn" if self.chance is None else chance_text(self.chance)

    @property
    def payback_said(self) -> str:
        if self.payback_status == "immediate":
            return "from the start"
        if self.payback is None:
            return f"not in {self.months} months"
        return f"month {number_text(self.payback, 1)}"

    @property
    def roi_said(self) -> str:
        return "not defined" if self.roi_percent is None else f"{number_text(self.roi_percent, 0)} %"

    @property
    def statement(self) -> str:
        """One sentence on how sure it is; never "proved"."""
        if self.p10 is None or self.p90 is None:
            return f"At the likeliest figures the net present value is {self.npv_said}; how sure that is was not drawn here."
        paying = "not shown to pay" if self.likelihood == "not shown" else f"{self.likelihood} to pay"
        return (
            f"The project is {paying}: the net present value is above zero in {self.chance_said} of the draws, and between "
            f"{self.scale.text(self.p10)} and {self.scale.text(self.p90)} in four of five."
        )

    @property
    def scale(self) -> MoneyScale:
        """One unit for the value and its range."""
        return MoneyScale.of([self.npv, self.p10, self.p90], self.currency, short=True)

    @property
    def npv_said(self) -> str:
        return self.scale.text(self.npv, signed=True)

    @property
    def range_said(self) -> str:
        """`P10 −4 k€ to P90 31 k€`, empty where nothing was drawn."""
        if self.p10 is None or self.p90 is None:
            return ""
        return f"P10 {self.scale.text(self.p10)} to P90 {self.scale.text(self.p90)}"

    @property
    def spread_said(self) -> str:
        """The same with the middle of the draws."""
        if self.p50 is None:
            return ""
        return self.range_said.replace(" to P90", f", P50 {self.scale.text(self.p50)}, P90")

    @property
    def lines(self) -> list[tuple[str, str]]:
        """All of it, label and text."""
        found = [
            ("Net present value at the likeliest figures", self.npv_said),
            ("Four of five draws lie between", self.range_said.replace("P10 ", "").replace(" to P90 ", " and ")),
            ("Chance that it pays", self.chance_said),
            ("Costs", money_text(self.costs, self.currency)),
            ("Benefits", money_text(self.benefits, self.currency)),
            ("Return on investment", self.roi_said),
            ("Pays back", self.payback_said),
            ("What drives it most", self.driver),
        ]
        return [(label, said) for label, said in found if said]


def headline_of(result: Mapping[str, Any], currency: str) -> Headline | None:
    """The figures, or None for a case without an answer."""
    if not result:
        return None
    cash, drawn = result["cash_flow"], result["uncertainty"]
    spread = drawn["npv"] if drawn else {}
    return Headline(
        currency=currency,
        months=len(result["months"]),
        costs=Decimal(result["totals"]["costs"]),
        benefits=Decimal(result["totals"]["benefits"]),
        npv=Decimal(cash["npv"]),
        p10=_amount(spread.get("p10")),
        p50=_amount(spread.get("p50")),
        p90=_amount(spread.get("p90")),
        roi_percent=_amount(cash["roi_percent"]),
        payback=_amount(cash["payback"]),
        payback_status=cash["payback_status"],
        chance=drawn["probability_positive"] if drawn else None,
        driver=largest_driver(result),
        likelihood=drawn["likelihood"] if drawn else "",
    )


def largest_driver(result: Mapping[str, Any]) -> str:
    """The driver that moves the value most, in words; empty where nothing was drawn or nothing is uncertain."""
    bars = bars_of(result)
    return bars[0][0] if bars else ""


def bars_of(result: Mapping[str, Any]) -> list[tuple[str, Decimal, Decimal]]:
    """Drivers that are uncertain, the widest first: name, NPV at their P10 and at their P90."""
    drawn = result.get("uncertainty")
    if not drawn:
        return []
    rows = [
        (bar["driver"].replace(": effect", ": uplift"), Decimal(bar["at_p10"]), Decimal(bar["at_p90"]))
        for bar in drawn["tornado"]
    ]
    return sorted((row for row in rows if row[1] != row[2]), key=lambda row: -abs(row[2] - row[1]))


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
