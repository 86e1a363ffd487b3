"""Days between two instants, counted by the database: sixty thousand stages come back as a few hundred groups."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from explain.outcomes.compute.portfolio.survival import Span

DAY = 86_400


class WholeDays(Func):
    """Whole days of WholeDays(later, earlier), rounded down and not below 0."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # A microsecond's worth of slack, for julianday() is a float.
        return self.as_sql(
            compiler,
            connection,
            template="CAST(MAX(0, julianday(%(expressions)s) + 0.00000001) AS INTEGER)",
            arg_joiner=") - julianday(",
            **context,
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler,
            connection,
            template=f"GREATEST(0, FLOOR(EXTRACT(EPOCH FROM (%(expressions)s)) / {DAY}))::integer",
            arg_joiner=" - ",
            **context,
        )


def spans_by(rows: QuerySet[Any], key: str, begins: str, ends: str, now: datetime) -> dict[Hashable, list[Span]]:
    """Spans from `begins` to `ends` (to now where that is empty), grouped by `key`. One query; the cases are exact."""
    begun = rows.filter(**{f"{begins}__isnull": False}).order_by()
    grouped = (
        begun.annotate(
            lasted=WholeDays(Coalesce(F(ends), Value(now)), F(begins)),
            has_ended=Q(**{f"{ends}__isnull": False}),
        )
        .values(key, "lasted", "has_ended")
        .annotate(cases=Count("pk"))
        .values_list(key, "lasted", "has_ended", "cases")
    )
    found: dict[Hashable, list[Span]] = {}
    for value, lasted, ended, cases in grouped:
        found.setdefault(value, []).append(Span(lasted, bool(ended), cases))
    return found
