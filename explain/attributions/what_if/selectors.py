"""Reads of questions about rows."""

from __future__ import annotations

from django.db.models import QuerySet

from explain.attributions.models import Explanation
from explain.attributions.what_if.models import WhatIf

SHOWN = 10


def what_ifs_of(explanation: Explanation) -> QuerySet[WhatIf]:
    """All questions about the explanation, the newest first; one query."""
    return (
        WhatIf.objects.filter(explanation=explanation)
        .select_related("asked_by", "job", "explanation__project")
        .defer("explanation__summary", "explanation__samples")
        .order_by("-pk")
    )


def find_what_if(explanation: Explanation, pk: int) -> WhatIf | None:
    """One question about the explanation."""
    return WhatIf.objects.filter(explanation=explanation, pk=pk).select_related("asked_by", "job").first()
