"""What the database holds of claims by itself, whatever the code does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from foundation.people.models import User
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_database")]
JANUARY = date(2026, 1, 1)


def _row(kpi: Kpi, by: User, share: str, **terms: Any) -> KpiClaim:
    now = timezone.now()
    given = {"from_month": JANUARY, "state": "agreed", **terms}
    return KpiClaim.objects.create(
        kpi=kpi, project=kpi.project, share=Decimal(share), proposed_by=by, claimant_by=by, claimant_at=now,
        keeper_by=by, keeper_at=now, **given,
    )  # fmt: skip


@pytest.fixture
def bare(kpi: Kpi, lead: User) -> Kpi:
    """The KPI with its own claim withdrawn."""
    KpiClaim.objects.filter(kpi=kpi).update(state="withdrawn")
    return kpi


def _refuses(deed: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        deed()


def test_agreed_shares_that_sum_to_more_are_refused_by_the_database(bare: Kpi, lead: User) -> None:
    for _ in range(10):
        _row(bare, lead, "0.1")  # ten tenths are the whole, though as binary floats they may not be
    _refuses(lambda: _row(bare, lead, "0.00001"))
    kept = _row(bare, lead, "0.5", state="proposed")
    _refuses(lambda: KpiClaim.objects.filter(pk=kept.pk).update(state="agreed"))
    _row(bare, lead, "0.5", state="disputed")


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        ({"until": date(2026, 5, 1)}, {"from_month": date(2026, 6, 1)}, True),
        ({"until": date(2026, 6, 1)}, {"from_month": date(2026, 6, 1)}, False),
        ({"from_month": date(2026, 6, 1)}, {"until": date(2026, 5, 1)}, True),
        ({"from_month": date(2026, 6, 1)}, {"until": date(2026, 6, 1)}, False),
        ({}, {"from_month": date(2030, 1, 1)}, False),
        ({"from_month": date(2030, 1, 1)}, {}, False),
    ],
)
def test_the_database_looks_at_every_month(
    bare: Kpi, lead: User, first: dict[str, Any], second: dict[str, Any], fits: bool
) -> None:
    _row(bare, lead, "0.6", **first)
    if fits:
        _row(bare, lead, "0.6", **second)
    else:
        _refuses(lambda: _row(bare, lead, "0.6", **second))


def test_terms_and_turns_of_a_claim_stay(bare: Kpi, lead: User) -> None:
    claim = _row(bare, lead, "0.5")
    rows = KpiClaim.objects.filter(pk=claim.pk)
    _refuses(lambda: rows.update(share=Decimal("0.4")))
    _refuses(lambda: rows.update(from_month=date(2026, 2, 1)))
    rows.update(until=date(2026, 9, 1))
    _refuses(lambda: rows.update(until=None))
    _refuses(lambda: rows.update(until=date(2026, 10, 1)))
    _refuses(lambda: KpiClaim.objects.filter(kpi=bare, state="withdrawn").update(state="agreed"))
    _refuses(lambda: rows.delete())
    event = ClaimEvent.objects.filter(claim__kpi=bare)[0]
    for sql in ("UPDATE lifecycle_claimevent SET note = 'x'", "DELETE FROM lifecycle_claimevent"):
        _refuses(lambda sql=sql: connection.cursor().execute(f"{sql} WHERE id = {event.pk}"))  # type: ignore[misc]


def test_claims_go_with_a_demo_project(kpi: Kpi) -> None:
    Project.objects.filter(pk=kpi.project_id).update(is_demo=True)
    ClaimEvent.objects.filter(claim__kpi=kpi).delete()
    assert KpiClaim.objects.filter(kpi=kpi).delete()[0] == 1
