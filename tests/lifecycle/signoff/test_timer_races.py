"""Two sweeps at once, and a sweep beside a deed. Real threads, real connections."""

from __future__ import annotations

from datetime import timedelta

import pytest

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.projects.models import Stage
from lifecycle.projects.services import write_version
from lifecycle.signoff import days
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, Round
from lifecycle.signoff.services import decide
from lifecycle.signoff.services.condition_deeds import claim_condition, verify_condition
from lifecycle.signoff.services.sweeping import sweep
from tests.lifecycle.signoff.test_signoff_races import together

PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestSweepsOnPostgres:
    """Two schedulers at once, and a sweep beside a deed: what time does is done once."""

    @pytest.fixture
    def overdue(self, review: Round, sponsor: User, contributor: User, reviewer: User) -> Condition:
        decision = decide(
            actor=sponsor,
            round_id=review.pk,
            verdict="approve_with_conditions",
            reason="",
            password=PASSWORD,
            digest=review.digest,
            conditions=[
                {
                    "text": "Test the night shift.",
                    "owner_id": contributor.pk,
                    "verifier_id": reviewer.pk,
                    "due_on": days.today(),
                }
            ],
        )
        return decision.conditions.get()

    @pytest.mark.parametrize("turn", range(3))
    def test_two_sweeps_at_once_revoke_once(self, turn: int, overdue: Condition, review: Round) -> None:
        later = overdue.due_on + timedelta(days=30)
        lines = together(lambda: sweep(later), lambda: sweep(later))
        assert sorted(len(each) for each in lines) == [0, 1]
        review.refresh_from_db()
        assert review.state == Round.State.REVOKED
        assert Entry.objects.filter(verb="approval_revoked").count() == 1
        assert Entry.objects.filter(verb="lapse_condition").count() == 1
        assert overdue.events.count() == 1
        told = Notice.objects.filter(kind="approval_revoked").values_list("user", flat=True)
        assert len(told) == len(set(told)) > 0

    def test_two_sweeps_at_once_remind_once(self, review: Round, sponsor: User) -> None:
        later = days.today() + timedelta(days=30)
        together(lambda: sweep(later), lambda: sweep(later))
        assert Notice.objects.filter(kind="round_reminder", user=sponsor).count() == 1
        assert Entry.objects.filter(verb="escalate_round").count() == 1

    @pytest.mark.parametrize("turn", range(3))
    def test_a_sweep_beside_a_change_of_the_evidence_ends_the_approval_once(
        self, turn: int, overdue: Condition, review: Round, first: Stage, contributor: User
    ) -> None:
        deliverable = first.deliverables.filter(latest_number=1).order_by("order").first()
        assert deliverable is not None

        def edit() -> str:
            write_version(actor=contributor, deliverable=deliverable, expected_number=1, text="Another text.")
            return "edited"

        later = overdue.due_on + timedelta(days=30)
        _, edited = together(lambda: sweep(later), edit)
        assert edited == "edited"
        review.refresh_from_db()
        assert review.state in (Round.State.REVOKED, Round.State.STALE)
        ended = Entry.objects.filter(verb__in=["approval_revoked", "approval_went_stale"]).count()
        assert ended == 1

    @pytest.mark.parametrize("turn", range(3))
    def test_a_signature_beside_a_sweep_is_in_time_or_refused(
        self, turn: int, overdue: Condition, review: Round, contributor: User, reviewer: User
    ) -> None:
        claim_condition(actor=contributor, condition_id=overdue.pk, note="Done.")
        seen = digest_of_condition(overdue)

        def verify() -> str:
            verify_condition(actor=reviewer, condition_id=overdue.pk, password=PASSWORD, digest=seen)
            return "met"

        later = overdue.due_on + timedelta(days=30)
        _, verified = together(lambda: sweep(later), verify)
        review.refresh_from_db()
        overdue.refresh_from_db()
        if verified == "met":
            assert (review.state, overdue.state) == (Round.State.CONDITIONS, Condition.State.MET)
        else:
            assert verified == "condition_closed"
            assert (review.state, overdue.state) == (Round.State.REVOKED, Condition.State.LAPSED)
