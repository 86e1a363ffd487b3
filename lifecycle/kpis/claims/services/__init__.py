"""Deeds on claims. All of them lock the KPI first."""

from lifecycle.kpis.claims.services.answering import consent_to_claim, dispute_claim, settle_claim
from lifecycle.kpis.claims.services.ending import end_claim, withdraw_claim
from lifecycle.kpis.claims.services.proposing import claim_own, propose_claim, share_of
from lifecycle.kpis.claims.services.writing import KIND

__all__ = [
    "KIND",
    "claim_own",
    "consent_to_claim",
    "dispute_claim",
    "end_claim",
    "propose_claim",
    "settle_claim",
    "share_of",
    "withdraw_claim",
]
