"""Simulated KPI series with a stated true effect, so that a reader can see the estimate recover it."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Simulation:
    """A level with AR(1) noise and a step at go-live, reached over a ramp.

    `sd`: standard deviation of the series around its level; `rho`: lag-1 autocorrelation; `effect`: true step in the
    KPI's unit; `ramp`: periods over which the step is reached in equal parts.
    """

    level: float
    sd: float
    rho: float
    effect: float
    ramp: int
    seed: int
    digits: int = 2
    floor: float = 0.0
    # Another project's step, so many periods after go-live.
    other_effect: float = 0.0
    other_after: int = 0

    def label(self, unit: str) -> str:
        """What the page says about it."""
        step = f"{self.effect:+g}".replace("-", "\u2212")
        change = f"true effect {step} {unit} from go-live" if self.effect else "no true effect"
        if self.other_effect:
            other = f"{self.other_effect:+g}".replace("-", "\u2212")
            change += f", and {other} {unit} from that of another project {self.other_after} weeks later"
        return (
            f"Simulated for the demo: level {self.level:g} {unit}, noise AR(1) with rho {self.rho:g} and sd {self.sd:g}, "
            f"{change}, seed {self.seed}."
        )

    def values(self, periods: int, go_live: int) -> list[float]:
        """One value per period; `go_live` is the index of the first period with the solution at work."""
        draw = random.Random(self.seed)  # nosec B311 - a simulation, nothing secret
        innovation = self.sd * math.sqrt(1 - self.rho**2)
        noise = draw.gauss(0, self.sd)
        found: list[float] = []
        for period in range(periods):
            since = period - go_live + 1
            share = 0.0 if since <= 0 else min(1.0, since / self.ramp) if self.ramp else 1.0
            other = self.other_effect if self.other_effect and since > self.other_after else 0.0
            found.append(round(max(self.floor, self.level + noise + share * self.effect + other), self.digits))
            noise = self.rho * noise + draw.gauss(0, innovation)
        return found


def weeks_back(today: date, weeks: int) -> date:
    """The Monday that lies `weeks` weeks before this week's Monday."""
    return today - timedelta(days=today.weekday(), weeks=weeks)


def month_back(today: date, months: int) -> date:
    """The first day of the month that lies `months` months before this one (negative: after it)."""
    index = today.year * 12 + today.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
