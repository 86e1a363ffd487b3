"""The first page of the portfolio, and which projects stand out on it."""

from __future__ import annotations

from heapq import nlargest, nsmallest

from django.conf import settings

from explain.outcomes.selectors.portfolio.filters import ALL, NO_OUTCOME, Filters
from explain.outcomes.selectors.portfolio.rows import Sums, rows_of
from explain.outcomes.selectors.portfolio.scope import Light, lights, projects_in
from explain.outcomes.selectors.portfolio.value.adding import add_up, day_of, in_period, sums_of, totals_of, units_of
from explain.outcomes.selectors.portfolio.value.shapes import Portfolio
from foundation.people.models import User

TOP, WORST, LOSING, BUBBLES = 10, 10, 10, 40
EVEN = 0.5


def portfolio_of(user: User, filters: Filters | None = None, page: int = 1, every: bool = False) -> Portfolio:
    """The projects that the person may see and the filters leave. Four queries, however many projects there are.

    `page`: of the table of all projects, twenty-five a page; `every`: all of them, for a download. The curve and the bars add
    up one grade of evidence: the chosen one, else the best there is; only "all" mixes them.
    """
    filters = filters or Filters()
    rows_of_all = lights(user, filters)
    by_currency: dict[str, list[Light]] = {}
    for light in rows_of_all:
        by_currency.setdefault(light.currency, []).append(light)
    currencies = sorted(by_currency)
    own = settings.ORGANISATION_CURRENCY
    currency = filters.currency or (own if own in currencies or not currencies else currencies[0])
    found = by_currency.get(currency, [])
    added_up = [light for light in found if light.net is not None]
    sums = {light.project: in_period(light, filters) for light in added_up} if filters.has_period else None
    totals = totals_of(added_up, sums, currency, filters)
    known = [total.grade for total in totals]
    wanted = "" if filters.grade == NO_OUTCOME else filters.grade
    chosen = filters.grade if filters.grade else next((grade for grade in known if grade), ALL)
    rows = [light for light in added_up if filters.grade in ("", ALL) or light.grade == wanted]
    portfolio = Portfolio(
        filters=filters,
        currency=currency,
        currencies=currencies,
        totals=totals,
        elsewhere=[
            total
            for name in currencies
            if name != currency
            for total in totals_of(by_currency[name], None, name, filters)
        ],
        without=projects_in(user, filters).order_by().count() - len(rows_of_all),
        not_added=len(found) - len(added_up),
        chosen=chosen,
        units=units_of(rows, sums, currency),
    )
    curves = rows if chosen in (ALL, NO_OUTCOME) else [light for light in rows if light.grade == chosen]
    add_up(portfolio, curves)
    _stand_out(portfolio, rows, sums, page, every)
    days = [light.as_of for light in found]
    portfolio.as_of_first, portfolio.as_of_last = day_of(min(days, default="")), day_of(max(days, default=""))
    return portfolio


def _stand_out(found: Portfolio, rows: list[Light], sums: dict[int, Sums] | None, page: int, every: bool) -> None:
    """The best, those that lose money, the worst against plan, the largest for the bubbles, and one page of all."""
    own = [(light.project, sums_of(light, sums)) for light in rows]
    nets = {project: of.net or 0 for project, of in own}
    found.order = [-project for _, project in sorted(((net, -project) for project, net in nets.items()), reverse=True)]
    gaps = [(of.shortfall or 0, project) for project, of in own]
    worst = [pk for gap, pk in nlargest(WORST, gaps) if gap > 0]
    # Below zero, and not even likely to get above it: in its first months each project has only costs.
    sinking = [light.project for light in rows if light.chance is not None and light.chance < EVEN]
    losing = [pk for net, pk in nsmallest(LOSING, ((nets[pk], pk) for pk in sinking)) if net < 0]
    drawn = [(abs(light.npv), light.project) for light in rows if light.npv is not None and light.chance is not None]
    bubbles = [pk for _, pk in nlargest(BUBBLES, drawn)]
    top = [pk for pk in found.order[:TOP] if nets[pk] > 0]
    found.page = min(max(1, page), found.pages)
    shown = found.order if every else found.on_page
    known = rows_of([*top, *losing, *worst, *bubbles, *shown], sums)
    found.top, found.losing, found.worst, found.bubbles, found.rows = (
        [known[pk] for pk in ids if pk in known] for ids in (top, losing, worst, bubbles, shown)
    )
