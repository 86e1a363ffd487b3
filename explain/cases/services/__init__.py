"""Deeds on business cases."""

from explain.cases.services.forwarding import put_forward
from explain.cases.services.planning import take_over
from explain.cases.services.promising import on_decision
from explain.cases.services.scenarios import drop_scenario, save_scenario
from explain.cases.services.writing import write_case

__all__ = ["drop_scenario", "on_decision", "put_forward", "save_scenario", "take_over", "write_case"]
