"""Dossiers and the records of rounds."""

from __future__ import annotations

ROWS = """
#                               nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    dossier:dossier          L N RRRRRRR RRR
POST   dossier:dossier          L N FDDDDDF DDD
GET    dossier:round_record     L N RRRRRRR RRR
GET    api:api-dossiers         L N FRRRRRF RRR
POST   api:api-dossiers         L N FDDDDDF DDD
GET    api:api-round-record     L N RRRRRRR RRR
"""
