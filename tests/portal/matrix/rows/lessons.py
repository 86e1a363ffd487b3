"""What is learnt over many post-mortems: everybody reads, each counted over what they may see."""

from __future__ import annotations

ROWS = """
#                        nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    lessons:themes    L R RRRRRRR RRR / R
GET    api:api-themes    L R RRRRRRR RRR / R
"""
