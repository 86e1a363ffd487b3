"""What waiting costs: a project's worth when it goes on now, less its worth when it goes on a month later."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from explain.outcomes.compute.finance import net_present_value

DAYS_IN_MONTH = Decimal(365) / 12


def cost_of_delay(flows: Sequence[Decimal], rate_per_year: Decimal) -> Decimal:
    """NPV(go on now) - NPV(go on one month later), in the currency of the flows, for one month of waiting.

    `flows`: net benefit of the months ahead, the next one first, undiscounted. The end of the horizon stays where it
    is: a month later the same flows begin with a month of nothing, and the last one no longer fits. So it is not
    merely one month's benefit: all others move back, and it is the tail that is lost. Above zero: waiting costs;
    below: the months ahead cost more than they bring, so waiting saves. Source: Reinertsen 2009, Principles of Product
    Development Flow, ch. 2, with a fixed end of the market window.
    """
    months_later = [Decimal(0), *flows[:-1]]
    return net_present_value(flows, rate_per_year, "month") - net_present_value(months_later, rate_per_year, "month")


def cost_of_days(a_month: int, days: int) -> int:
    """Days of waiting in minor units, a month of 365/12 days; rounded once, half to even."""
    return round(Decimal(a_month) * days / DAYS_IN_MONTH)
