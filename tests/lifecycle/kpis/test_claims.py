"""Claims on a KPI: agreed by both sides, never more than the whole, kept as they were known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.permits import CONSENT, DISPUTE, END, SETTLE, WITHDRAW, may_move, may_propose
from lifecycle.kpis.claims.selectors import claims_page, own_shares, shares_in, standing_claims, steps_of
from lifecycle.kpis.claims.services import (
    consent_to_claim,
    dispute_claim,
    end_claim,
    propose_claim,
    settle_claim,
    withdraw_claim,
)
from lifecycle.kpis.claims.waiting import waiting_claims
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.selectors import waiting_for
from lifecycle.kpis.services import edit_kpi, propose_baseline
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member
from tests.conftest import MakePerson
from tests.lifecycle.kpis.weeks import FIRST

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_database")]
HALF = Decimal("0.5")
JANUARY = date(2026, 1, 1)
Claimed = Callable[..., KpiClaim]


@pytest.fixture
def claimed(kpi: Kpi, other: Project, other_lead: User, sponsor: User) -> Claimed:
    """claimed(share): a claim of the other project to which both sides have agreed."""

    def make(share: str = "0.5", **terms: Any) -> KpiClaim:
        claim = propose_claim(
            actor=other_lead, kpi=kpi, project=other, share=Decimal(share), **{"from_month": JANUARY, **terms}
        )
        return consent_to_claim(actor=sponsor, claim_id=claim.pk)

    return make


def _own(kpi: Kpi) -> KpiClaim:
    return KpiClaim.objects.exclude(state="withdrawn").get(kpi=kpi, project_id=kpi.project_id)


def test_a_project_claims_its_own_kpi_from_its_first_month(kpi: Kpi, lead: User) -> None:
    own = _own(kpi)
    assert (own.share, own.from_month, own.until, own.state) == (1, JANUARY, None, "agreed")
    assert own.claimant_by == own.keeper_by == lead
    assert own_shares([kpi]) == {kpi.pk: Decimal(1)}
    assert [event.deed for event in own.events.all()] == ["proposed", "consented"]


def test_a_share_set_anew_takes_the_place_of_the_former_and_both_are_known(kpi: Kpi, lead: User) -> None:
    before = timezone.now()
    edit_kpi(actor=lead, kpi=kpi, attribution=Decimal("0.4"))
    assert own_shares([kpi])[kpi.pk] == Decimal("0.4")
    assert [claim.state for claim in KpiClaim.objects.filter(kpi=kpi).order_by("pk")] == ["withdrawn", "agreed"]
    assert Entry.objects.order_by("-seq")[0].after["attribution"] == "0.4"
    then = standing_claims([kpi.pk], before)[kpi.pk]
    assert steps_of(then, kpi.project_id)[0]["share"] == "1"


def test_a_claim_of_another_project_needs_the_consent_of_both(
    kpi: Kpi, lead: User, other: Project, other_lead: User, sponsor: User
) -> None:
    edit_kpi(actor=lead, kpi=kpi, attribution=HALF)
    claim = propose_claim(actor=other_lead, kpi=kpi, project=other, share=HALF, from_month=date(2026, 3, 17))
    assert (claim.state, claim.from_month, claim.counts) == ("proposed", date(2026, 3, 1), False)
    assert (claim.claimant_by, claim.keeper_by) == (other_lead, None)
    assert {notice.user for notice in Notice.objects.filter(kind="kpi_claim")} == {lead, sponsor}
    assert [row.title for row in waiting_claims(sponsor)] == ["Agree to a claim on Days to first report"]
    assert waiting_claims(other_lead) == []
    done = consent_to_claim(actor=sponsor, claim_id=claim.pk)
    assert (done.state, done.keeper_by, done.counts) == ("agreed", sponsor, True)
    assert waiting_claims(sponsor) == []
    at = shares_in(standing_claims([kpi.pk])[kpi.pk], date(2026, 3, 1))
    assert (at.asked_sum, at.unclaimed, at.disputed) == (1, 0, False)
    assert shares_in(standing_claims([kpi.pk])[kpi.pk], date(2026, 2, 1)).unclaimed == HALF


def test_what_is_more_than_the_whole_is_kept_in_dispute_and_cut_in_proportion(kpi: Kpi, claimed: Claimed) -> None:
    claim = claimed("0.5")
    assert (claim.state, claim.counts) == ("disputed", True)
    assert _own(kpi).state == "agreed"
    at = shares_in(standing_claims([kpi.pk])[kpi.pk], JANUARY)
    assert at.asked_sum == Decimal("1.5")
    assert sorted(at.counted.values()) == [Decimal("0.33333"), Decimal("0.66667")]
    assert (at.disputed, at.unclaimed) == (True, 0)
    own, others = (steps_of(standing_claims([kpi.pk])[kpi.pk], pk) for pk in (kpi.project_id, claim.project_id))
    assert own == [{"from_month": "2026-01-01", "share": "0.66667", "asked": "1", "disputed": True}]
    assert others[0]["share"] == "0.33333"


def test_a_dispute_is_settled_when_there_is_room(kpi: Kpi, claimed: Claimed, lead: User, sponsor: User) -> None:
    claim = claimed("0.5")
    with pytest.raises(Refused) as refusal:
        settle_claim(actor=sponsor, claim_id=claim.pk)
    assert refusal.value.code == "claims_exceed_whole"
    assert "150 % in January 2026" in refusal.value.message
    edit_kpi(actor=lead, kpi=kpi, attribution=HALF)
    # The project's own claim was set anew while the other one was in dispute: half is free again.
    assert settle_claim(actor=sponsor, claim_id=claim.pk).state == "agreed"


def test_one_project_ends_and_another_begins_in_the_next_month(kpi: Kpi, claimed: Claimed, lead: User) -> None:
    end_claim(actor=lead, claim_id=_own(kpi).pk, until=date(2026, 5, 20))
    claim = claimed("1", from_month=date(2026, 6, 1))
    assert claim.state == "agreed"
    steps = steps_of(standing_claims([kpi.pk])[kpi.pk], kpi.project_id)
    assert [(step["from_month"], step["share"]) for step in steps] == [("2026-01-01", "1"), ("2026-06-01", "0")]


def test_an_agreed_claim_in_dispute_goes_on_counting_and_an_open_one_does_not_begin_to(
    kpi: Kpi, claimed: Claimed, lead: User, other: Project, other_lead: User, sponsor: User
) -> None:
    edit_kpi(actor=lead, kpi=kpi, attribution=HALF)
    agreed = claimed("0.3")
    assert dispute_claim(actor=sponsor, claim_id=agreed.pk, reason="The cases moved.").counts
    proposed = propose_claim(actor=other_lead, kpi=kpi, project=other, share=Decimal("0.1"), from_month=JANUARY)
    assert not dispute_claim(actor=sponsor, claim_id=proposed.pk, reason="No basis.").counts
    assert shares_in(standing_claims([kpi.pk])[kpi.pk], JANUARY).asked_sum == Decimal("0.8")
    assert settle_claim(actor=sponsor, claim_id=proposed.pk).state == "proposed"
    with pytest.raises(Refused) as refusal:
        dispute_claim(actor=lead, claim_id=proposed.pk, reason="  ")
    assert refusal.value.code == "reason_missing"


def test_a_withdrawn_claim_counts_no_more_but_did_before(
    kpi: Kpi, claimed: Claimed, lead: User, other_lead: User
) -> None:
    edit_kpi(actor=lead, kpi=kpi, attribution=HALF)
    claim = claimed("0.5")
    before = timezone.now()
    withdraw_claim(actor=other_lead, claim_id=claim.pk, reason="We left.")
    assert shares_in(standing_claims([kpi.pk])[kpi.pk], JANUARY).asked_sum == HALF
    assert shares_in(standing_claims([kpi.pk], before)[kpi.pk], JANUARY).asked_sum == 1
    for move in (CONSENT, DISPUTE, WITHDRAW, END, SETTLE):
        assert not may_move(other_lead, move, KpiClaim.objects.get(pk=claim.pk))


def test_nobody_agrees_for_both_projects(kpi: Kpi, other: Project, other_lead: User, lead: User) -> None:
    add_member(actor=other_lead, project=other, user=lead, role=Role.SPONSOR)
    add_member(actor=other_lead, project=other, user=lead, role=Role.CONTRIBUTOR)
    claim = propose_claim(actor=lead, kpi=kpi, project=other, share=HALF, from_month=JANUARY)
    assert (claim.claimant_by, claim.keeper_by) == (lead, None)
    with pytest.raises(Refused) as refusal:
        consent_to_claim(actor=lead, claim_id=claim.pk)
    assert refusal.value.code == "four_eyes"


def test_who_may_do_what(
    kpi: Kpi, other: Project, other_lead: User, lead: User, sponsor: User, contributor: User, viewer: User,
    customer: User, make_person: MakePerson,
) -> None:  # fmt: skip
    auditor, manager = make_person("Ann Auditor", is_auditor=True), make_person("Max Manager", is_manager=True)
    claim = propose_claim(actor=other_lead, kpi=kpi, project=other, share=HALF, from_month=JANUARY)
    table = {
        #                  propose(own) consent dispute withdraw end settle
        lead: (True, True, True, False, False, False),
        sponsor: (False, True, True, False, False, False),
        contributor: (True, False, False, False, False, False),
        viewer: (False, False, False, False, False, False),
        customer: (False, False, False, False, False, False),
        other_lead: (False, False, True, True, True, False),
        auditor: (False, False, False, False, False, False),
        manager: (False, False, False, False, False, False),
    }
    for person, row in table.items():
        found = (
            bool(may_propose(person, kpi, kpi.project)),
            *(bool(may_move(person, move, claim)) for move in (CONSENT, DISPUTE, WITHDRAW, END, SETTLE)),
        )
        assert found == row, person
    assert bool(may_propose(other_lead, kpi, other))
    assert may_propose(make_person("Olu Outsider"), kpi, other).status == 403
    # A team that does not see the KPI is told nothing of it.
    stranger = make_person("Stan Stranger")
    add_member(actor=other_lead, project=other, user=stranger, role=Role.CONTRIBUTOR)
    assert may_propose(stranger, kpi, other).status == 404


def test_the_page_takes_as_many_queries_for_ten_claims_as_for_two(
    kpi: Kpi, other: Project, other_lead: User, lead: User, django_assert_max_num_queries: Any
) -> None:
    propose_claim(actor=other_lead, kpi=kpi, project=other, share=HALF, from_month=JANUARY)
    with django_assert_max_num_queries(7):
        claims_page(kpi, lead)
    for _ in range(9):
        propose_claim(actor=other_lead, kpi=kpi, project=other, share=HALF, from_month=JANUARY)
    with django_assert_max_num_queries(7):
        page = claims_page(kpi, lead)
    assert len(page.open_rows) == 11
    assert page.months[0][0].asked_sum == 1


def test_what_waits_takes_one_query_and_one_more_where_a_claim_does(
    measured: Kpi, other: Project, other_lead: User, lead: User, sponsor: User, viewer: User,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=date(2026, 3, 29))
    with django_assert_num_queries(1):
        (baseline,) = waiting_for(sponsor)
    assert baseline.why == "Lea Lead proposes 05.01.2026 to 29.03.2026; effects are measured against it."
    assert (baseline.link, baseline.project) == (
        "/projects/triage/kpis/days-to-first-report/#baseline",
        "Tumour triage",
    )
    propose_claim(actor=other_lead, kpi=measured, project=other, share=HALF, from_month=JANUARY)
    with django_assert_num_queries(2):
        assert [row.word for row in waiting_for(sponsor)] == ["baseline", "claim"]
    assert [row.word for row in waiting_for(lead)] == ["claim"]
    assert waiting_for(viewer) == waiting_for(other_lead) == []
