"""The step of each project that claims a KPI, measured together, and what follows from it for their shares.

All reports as of one day find the same steps, whichever project they are of: the model knows the go-lives of all
claiming projects and of the one to which the KPI belongs. Shares follow only where every step improved the KPI beyond
chance; else the claims stay as they are, and the reason is said. Nothing here changes a claim.
"""

from explain.outcomes.compute.report.staggered.own import effect_of_step, own_step
from explain.outcomes.compute.report.staggered.steps import Measured, steps_of_claimants

__all__ = ["Measured", "effect_of_step", "own_step", "steps_of_claimants"]
