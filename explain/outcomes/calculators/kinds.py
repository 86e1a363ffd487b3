"""What the calculators make known when the app starts: their job, and that old answers are forgotten."""

from __future__ import annotations

from explain.outcomes.calculators.services import FORGETTING, KIND
from foundation.jobs import periodic
from foundation.jobs.kinds import Kind, register


def register_kinds() -> None:
    """Called once, from the floor's app."""
    register(Kind(KIND, "Compute the answer of a calculator", task="outcomes.calculate"))
    periodic.register(FORGETTING)
