"""One KPI of a report: its effect by the ladder of methods, and what it was worth month by month.

Worth of a month: u x v x a x f. u: improvement in units (positive = better), each period's own reading against what the
chosen method says it would have been (the mean of the frozen baseline, its trend and season carried on, the control's
course, or the structural model's). Three ways to count u, by what the KPI is:

- with a volume KPI (minutes per case): sum over the periods of improvement x actual cases of the period, so that growth
  is not claimed as saving; where the two are kept at unlike frequencies, the month's mean improvement x its cases;
- a flow or a count (defects, cost): sum over the periods of the improvement; a count's volume is its exposure;
- a level without volume (days of stock): the month's mean improvement x share of the month that is counted; the value
  per unit then means per unit and month.

v: value of one unit, valid on the last counted day of the month. a: share claimed by the project in that month. f: the cashable share
("hard"), or 1 ("soft": freed time counted as if it were money). A period counts in the month in which it begins, once
it is over. The ramp counts in the money by its own readings but not in the effect. A month without readings is unknown;
an approved exclusion takes a period out of effect and money, and both are also given without it.
"""

from explain.outcomes.compute.report.effects.found import KpiMonth, KpiOutcome
from explain.outcomes.compute.report.effects.reading import read_kpi
from explain.outcomes.compute.report.effects.worth import FORECAST_MONTHS, coming_weight, value_on, worth

__all__ = ["FORECAST_MONTHS", "KpiMonth", "KpiOutcome", "coming_weight", "read_kpi", "value_on", "worth"]
