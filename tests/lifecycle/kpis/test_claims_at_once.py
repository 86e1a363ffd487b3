"""Two who claim at once: the database lets one through. Real threads, real connections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.people.models import User
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.services import propose_claim
from lifecycle.kpis.models import Kpi
from tests.lifecycle.signoff.test_signoff_races import together

JANUARY = date(2026, 1, 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgres:
    """What the trigger's lock on the KPI, and the lock of the deed, hold."""

    @pytest.mark.parametrize("turn", range(3))
    def test_of_two_rows_written_at_once_that_are_too_much_one_is_refused(
        self, turn: int, kpi: Kpi, lead: User
    ) -> None:
        KpiClaim.objects.filter(kpi=kpi).update(state="withdrawn")

        def write() -> str:
            now = timezone.now()
            try:
                with transaction.atomic():
                    KpiClaim.objects.create(
                        kpi=kpi, project=kpi.project, share=Decimal("0.6"), from_month=JANUARY, state="agreed",
                        proposed_by=lead, claimant_by=lead, claimant_at=now, keeper_by=lead, keeper_at=now,
                    )  # fmt: skip
            except IntegrityError:
                return "refused"
            return "written"

        assert sorted(together(write, write, write)) == ["refused", "refused", "written"]
        assert KpiClaim.objects.filter(kpi=kpi, state="agreed").count() == 1

    @pytest.mark.parametrize("turn", range(3))
    def test_of_two_claims_proposed_at_once_one_is_agreed_and_one_disputed(
        self, turn: int, kpi: Kpi, lead: User, contributor: User
    ) -> None:
        KpiClaim.objects.filter(kpi=kpi).update(state="withdrawn")

        def claim_of(person: User) -> str:
            share = Decimal("0.6")
            return str(propose_claim(actor=person, kpi=kpi, project=kpi.project, share=share, from_month=JANUARY).state)

        states = together(lambda: claim_of(lead), lambda: claim_of(contributor))
        assert sorted(states) == ["agreed", "disputed"]
