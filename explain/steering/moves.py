"""States of a proposal: open until it is answered, taken back, or overtaken. Every other state is final."""

from __future__ import annotations

OPEN, APPROVED, REJECTED = "open", "approved", "rejected"
WITHDRAWN, SUPERSEDED = "withdrawn", "superseded"

DECIDED = frozenset({APPROVED, REJECTED})
VERDICTS = {"approve": APPROVED, "reject": REJECTED}
