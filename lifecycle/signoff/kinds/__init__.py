"""The kinds of evidence that this floor itself puts forward: deliverables, exit answers, checks of gates, KPIs."""

from __future__ import annotations

from lifecycle.signoff.evidence import register
from lifecycle.signoff.kinds.answers import ANSWERS
from lifecycle.signoff.kinds.checks import CHECKS
from lifecycle.signoff.kinds.deliverables import DELIVERABLES
from lifecycle.signoff.kinds.kpis import KPIS

__all__ = ["ANSWERS", "CHECKS", "DELIVERABLES", "KPIS", "register_kinds"]


def register_kinds() -> None:
    """Called when the app starts."""
    for kind in (DELIVERABLES, ANSWERS, CHECKS, KPIS):
        register(kind)
