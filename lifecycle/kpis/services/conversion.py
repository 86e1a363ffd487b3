"""Readings in another unit: turned into the KPI's by a rule, or refused. Nothing is guessed."""

from __future__ import annotations

from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.months import month_sums
from lifecycle.kpis.selectors.series import series_of
from lifecycle.kpis.services.months import keep_months
from lifecycle.kpis.units import converted, factor_between


def demand_no_hidden_factor(former: str, present: str) -> None:
    """Refuse to call two units the same that differ in size. Raises Refused unit_mismatch."""
    factor = factor_between(former, present)
    if factor is not None and factor != 1.0:
        raise Refused(
            f"One {former} is {factor:.6g} {present}, so the readings do not mean the same as before. "
            "Have them converted, or leave them with the former definition.",
            code="unit_mismatch", status=400, field="keep_readings",
        )  # fmt: skip


def convert_series(actor: User, kpi: Kpi, former: str) -> int:
    """A new revision of each reading, in the KPI's present unit; gives their number. The KPI's definition begins now.

    The rows of before stay and belong to the former definition. Raises Refused unit_mismatch where no rule is known.
    """
    converted(0.0, former, kpi.unit)
    series = series_of(kpi)
    values = {point.period: converted(point.value, former, kpi.unit) for point in series}
    kpi.defined_at = now = timezone.now()
    Measurement.objects.bulk_create(
        [
            Measurement(
                kpi=kpi,
                period=point.period,
                value=values[point.period],
                revision=point.revision + 1,
                source=Measurement.Source.FORM,
                note=f"converted from {former}",
                recorded_by=actor,
                recorded_at=now,
            )
            for point in series
        ],
        batch_size=1000,
    )
    keep_months(kpi, month_sums(values.items(), kpi.frequency))
    return len(series)
