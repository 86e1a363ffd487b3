"""The policy of each risk tier."""

from __future__ import annotations

from typing import Any

from lifecycle.signoff import policy
from lifecycle.signoff.models import PolicyVersion


def policy_in_force(tier: str) -> dict[str, Any]:
    """The newest version of the tier's policy, or what is shipped. One query."""
    newest = PolicyVersion.objects.filter(tier=tier).order_by("-number").first()
    return dict(newest.content) if newest else policy.shipped_policy(tier)
