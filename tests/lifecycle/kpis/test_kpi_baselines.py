"""Baselines: proposed by the team, frozen by somebody else, then left alone."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.kpis.models import Baseline, Kpi
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.selectors import frozen_baseline, kpi_page, waiting_for
from lifecycle.kpis.services import (
    approve_baseline,
    edit_kpi,
    propose_baseline,
    record_go_live,
    record_measurement,
    withdraw_baseline,
)
from lifecycle.projects.models import Role
from lifecycle.projects.services import add_member
from tests.lifecycle.kpis.weeks import BEFORE, FIRST

END = date(2026, 3, 29)


def test_approval_freezes_values_hash_mean_and_moving_range(frozen: Baseline, sponsor: User) -> None:
    assert frozen.state == Baseline.State.FROZEN
    assert [value for _, value, _ in frozen.values] == BEFORE
    assert frozen.values_hash == digest_of(frozen.values)
    assert frozen.mean == pytest.approx(sum(BEFORE) / 12)
    assert frozen.moving_range == pytest.approx(sum(abs(b - a) for a, b in itertools.pairwise(BEFORE)) / 11)
    assert (frozen.count, frozen.approved_by, frozen.retrospective) == (12, sponsor, False)
    assert Entry.objects.filter(verb="approve_baseline", thing_kind="baseline").count() == 1


def test_a_late_correction_does_not_move_the_frozen_baseline(frozen: Baseline, lead: User) -> None:
    record_measurement(actor=lead, kpi=frozen.kpi, day=FIRST, value=20.0)
    held = frozen_baseline(frozen.kpi)
    assert held is not None
    assert (held.mean, held.values_hash) == (frozen.mean, frozen.values_hash)
    page = kpi_page(frozen.kpi, lead)
    assert [(one.frozen, one.now) for one in page.corrected] == [(11.6, 20.0)]
    assert page.mean_with_corrections == pytest.approx((sum(BEFORE) + 8.4) / 12)


def test_nobody_approves_what_they_proposed(measured: Kpi, lead: User, sponsor: User) -> None:
    add_member(actor=lead, project=measured.project, user=sponsor, role=Role.CONTRIBUTOR)
    proposed = propose_baseline(actor=sponsor, kpi=measured, starts_on=FIRST, ends_on=END)
    with pytest.raises(Refused) as refused:
        approve_baseline(actor=sponsor, baseline_id=proposed.pk)
    assert refused.value.code == "four_eyes"


def test_the_database_holds_the_four_eyes_too(frozen: Baseline, lead: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Baseline.objects.filter(pk=frozen.pk).update(approved_by=lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Baseline.objects.filter(pk=frozen.pk).update(values_hash="")


@pytest.mark.parametrize("person", ["lead", "contributor", "reviewer", "viewer", "outsider", "manager"])
def test_only_sponsor_and_customer_approve(
    measured: Kpi, contributor: User, person: str, request: pytest.FixtureRequest
) -> None:
    proposed = propose_baseline(actor=contributor, kpi=measured, starts_on=FIRST, ends_on=END)
    with pytest.raises(Refused) as refused:
        approve_baseline(actor=request.getfixturevalue(person), baseline_id=proposed.pk)
    assert refused.value.status == 403


def test_the_customer_approves_as_well(measured: Kpi, lead: User, customer: User) -> None:
    proposed = propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=END)
    assert approve_baseline(actor=customer, baseline_id=proposed.pk).approved_by == customer


def test_too_few_readings_make_no_baseline(kpi: Kpi, lead: User) -> None:
    record_measurement(actor=lead, kpi=kpi, day=FIRST, value=1)
    with pytest.raises(Refused) as refused:
        propose_baseline(actor=lead, kpi=kpi, starts_on=FIRST, ends_on=END)
    assert refused.value.code == "too_few_readings"


def test_a_window_runs_forward_and_ends_by_today(measured: Kpi, lead: User) -> None:
    with pytest.raises(Refused, match="before it starts"):
        propose_baseline(actor=lead, kpi=measured, starts_on=END, ends_on=FIRST)
    with pytest.raises(Refused, match="future"):
        propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=organisation_today() + timedelta(days=1))


def test_one_proposal_at_a_time_until_it_is_withdrawn(measured: Kpi, lead: User) -> None:
    first = propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=END)
    with pytest.raises(Refused, match="proposed already"):
        propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=END)
    withdraw_baseline(actor=lead, baseline_id=first.pk, reason="strike in week 5")
    propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=END)
    with pytest.raises(Refused, match="withdrawn"):
        withdraw_baseline(actor=lead, baseline_id=first.pk)


def test_a_new_baseline_supersedes_the_former_one_by_name(frozen: Baseline, lead: User, customer: User) -> None:
    second = propose_baseline(actor=lead, kpi=frozen.kpi, starts_on=FIRST, ends_on=date(2026, 2, 28))
    approve_baseline(actor=customer, baseline_id=second.pk)
    frozen.refresh_from_db()
    assert frozen.state == Baseline.State.SUPERSEDED
    entry = Entry.objects.filter(verb="approve_baseline").latest("seq")
    assert entry.before["former_baseline"] == frozen.pk


def test_frozen_after_go_live_is_retrospective(measured: Kpi, lead: User, sponsor: User) -> None:
    record_go_live(actor=lead, project=measured.project, on=date(2026, 4, 1))
    proposed = propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=END)
    assert approve_baseline(actor=sponsor, baseline_id=proposed.pk).retrospective


def test_a_go_live_recorded_late_makes_the_baseline_retrospective(frozen: Baseline, lead: User) -> None:
    record_go_live(actor=lead, project=frozen.kpi.project, on=date(2026, 4, 1))
    frozen.refresh_from_db()
    assert frozen.retrospective
    record_go_live(actor=lead, project=frozen.kpi.project, on=organisation_today() + timedelta(days=30))
    frozen.refresh_from_db()
    assert not frozen.retrospective


@pytest.mark.parametrize(
    ("field", "value"), [("unit", "h"), ("direction", "increase"), ("kind", "flow"), ("frequency", "month")]
)
def test_the_meaning_never_changes_silently_under_a_frozen_baseline(
    frozen: Baseline, lead: User, field: str, value: str
) -> None:
    with pytest.raises(Refused) as refused:
        edit_kpi(actor=lead, kpi=frozen.kpi, **{field: value})
    assert refused.value.code == "baseline_is_frozen"
    changed = edit_kpi(actor=lead, kpi=frozen.kpi, supersede_baseline=True, **{field: value})
    frozen.refresh_from_db()
    assert (changed.version, frozen.state) == (2, Baseline.State.SUPERSEDED)
    assert Entry.objects.latest("seq").after["superseded_baseline"] == frozen.pk


def test_a_name_may_change_under_a_frozen_baseline(frozen: Baseline, lead: User) -> None:
    assert edit_kpi(actor=lead, kpi=frozen.kpi, name="Days to report").version == 1


def test_a_proposal_does_not_outlive_the_definition_it_was_made_for(measured: Kpi, lead: User) -> None:
    proposed = propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=END)
    edit_kpi(actor=lead, kpi=measured, direction="increase")
    proposed.refresh_from_db()
    assert proposed.state == Baseline.State.WITHDRAWN


def test_those_who_may_approve_are_told_and_find_it_in_their_inbox(
    measured: Kpi, lead: User, sponsor: User, customer: User, viewer: User, django_assert_num_queries: object
) -> None:
    propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=END)
    assert {notice.user for notice in Notice.objects.filter(kind="baseline_proposed")} == {sponsor, customer}
    assert [one.title for one in waiting_for(sponsor)] == ["Approve the baseline of Days to first report"]
    assert waiting_for(lead) == waiting_for(viewer) == []
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert waiting_for(customer)[0].group == "decisions"
