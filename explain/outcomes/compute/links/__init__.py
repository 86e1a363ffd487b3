"""Does a better model pay? A model's metric and a KPI, tied by the versions that were in use.

While version v with metric x_v [points] was in use, the KPI had the mean ybar_v [unit], worth e_v independent periods
(AR(1), `ar1.effective_size`; rho from residuals inside the versions). The change of the KPI per point of the metric is the
weighted slope through these means,

    b = sum e_v (x_v - xbar)(ybar_v - ybar) / sum e_v (x_v - xbar)^2     [unit per point],
    se(b)^2 = s^2 / sum e_v (x_v - xbar)^2,   s^2 = sum r^2 / max(1, n - sum n_v / e_v),

with xbar and ybar weighted by e_v, r the residuals from each version's mean, and a t quantile with sum e_v - (number of
versions) degrees of freedom. With two versions this is the level effect of the second divided by the step of the
metric (spec 2.2, method 4). With three or more the means need not lie on a line: where their scatter about it,
q = sum e_v (ybar_v - fit)^2 / (k - 2), is more than the residuals explain (q / s^2 above the 95 % quantile of F), q takes
the place of s^2, on k - 2 degrees of freedom.

What went together is no proof of a cause: whatever else changed with the versions counts too.
"""

from explain.outcomes.compute.links.finding import link_finding
from explain.outcomes.compute.links.stretches import uses_of
from explain.outcomes.compute.links.told import FORMULA_VERSION, SHORT, Finding, Step, Use
from explain.outcomes.compute.links.words import sentence_of

__all__ = ["FORMULA_VERSION", "SHORT", "Finding", "Step", "Use", "link_finding", "sentence_of", "uses_of"]
