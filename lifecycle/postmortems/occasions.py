"""Which entries of the trail may open a post-mortem. Pure: whether they do is asked by the worker, of the whole story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.signoff.triggers import DRIFT, ROLLBACK, SEVERITIES

STOPPED, TWICE, REFUSED, MISSED, ROLLED_BACK, DRIFTED = (
    "project_stopped", "stage_rejected_twice", "acceptance_refused", "kpi_missed", "rollback", "drift",
)  # fmt: skip
# In the order of the page. Closing a project fires none: it asks for a published post-mortem before (`closing.py`).
FIRED = (STOPPED, TWICE, REFUSED, MISSED, ROLLED_BACK, DRIFTED)
_REPORTED = {DRIFT: DRIFTED, ROLLBACK: ROLLED_BACK}
# Causes that come as an alert, which may say how severe it is.
ALERTS = tuple(_REPORTED.values())


def cause_of(thing_kind: str, verb: str, after: Mapping[str, Any]) -> str:
    """The cause that an entry may be; empty for all others.

    A round that asks for changes is work as usual: only one that ended as rejected was turned down.
    """
    if thing_kind == "project" and verb == "stop_project":
        return STOPPED
    if thing_kind == "round" and verb == "decide_round" and after.get("state") == "rejected":
        return TWICE
    if thing_kind == "acceptance" and verb == "decide_acceptance" and after.get("state") == "rejected":
        return REFUSED
    if thing_kind == "trigger" and verb == "report_trigger":
        return _REPORTED.get(str(after.get("trigger")), "")
    return ""


def reaches(severity: str, least: str) -> bool:
    """Whether an alert is as severe as a rule asks for. One that does not say how severe it is might be."""
    return not least or not severity or SEVERITIES.index(severity) >= SEVERITIES.index(least)
