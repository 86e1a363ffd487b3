"""Several at once around a quorum of several people: one result. Real threads, real connections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.people.models import User
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.services import add_member, remove_member
from lifecycle.projects.services.delegating import delegate, end_delegation
from lifecycle.signoff import policy
from lifecycle.signoff.models import Decision, PolicyVersion, Round, Signature
from lifecycle.signoff.services import submit_round, withdraw_decision, withdraw_round
from tests.lifecycle.signoff.test_signoff_races import PASSWORD, _answer, to_a_file, together

__all__ = ["to_a_file"]
Deed = Callable[[], Any]


@pytest.fixture
def all_sponsors(first: Stage, lead: User, second_sponsor: User) -> Round:
    """An open round that every sponsor, which is two, must approve."""
    content = {**policy.shipped_policy("low"), "quorum": policy.seat("sponsor", policy.ALL)}
    PolicyVersion.objects.create(tier="low", number=1, content=content, reason="Asked.", by=lead)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    assert review.policy["quorum"] == policy.seat("sponsor", 2)
    return review


def taking_back(person: User, decision: Decision) -> Deed:
    def run() -> str:
        withdraw_decision(actor=person, decision_id=decision.pk, reason="A mistake.", password=PASSWORD)
        return "taken back"

    return run


def cover(project: Project, giver: User, stand_in: User) -> Any:
    today = timezone.localdate()
    return delegate(
        actor=giver, from_person=giver, to_person=stand_in, starts_on=today, ends_on=today + timedelta(days=2),
        reason="Away.", project=project,
    )  # fmt: skip


def facts(review: Round) -> tuple[str, int, int, int, str]:
    """(state, standing answers, signatures, entries of deciding, state of the second stage)."""
    return (
        Round.objects.get(pk=review.pk).state,
        Decision.objects.filter(stands=True).count(),
        Signature.objects.count(),
        Entry.objects.filter(verb="decide_round").count(),
        Stage.objects.get(project=review.project_id, order=2, is_current=True).state,
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
class TestQuorumsOnPostgres:
    """A quorum of two, and two deeds at the same instant."""

    def test_two_last_answers_finish_the_round_once(
        self, turn: int, all_sponsors: Round, sponsor: User, second_sponsor: User
    ) -> None:
        results = together(_answer(sponsor, all_sponsors, "approve"), _answer(second_sponsor, all_sponsors, "approve"))
        assert results == ["approve", "approve"]
        assert facts(all_sponsors) == ("approved", 2, 2, 2, "open")
        opened = Entry.objects.filter(verb="decide_round").values_list("after", flat=True)
        assert sorted(entry["next_stage"] for entry in opened) == ["", "data_understanding"]

    def test_an_approval_and_a_rejection_give_one_result(
        self, turn: int, all_sponsors: Round, sponsor: User, second_sponsor: User
    ) -> None:
        _answer(sponsor, all_sponsors, "approve")()
        results = together(
            _answer(second_sponsor, all_sponsors, "approve"), _answer(second_sponsor, all_sponsors, "reject")
        )
        assert results in (["approve", "round_closed"], ["round_closed", "reject"])
        ended = "approved" if results[0] == "approve" else "rejected"
        assert facts(all_sponsors)[:4] == (ended, 2, 2, 2)

    def test_a_stand_in_and_the_holder_of_the_seat_give_one_answer(
        self, turn: int, all_sponsors: Round, sponsor: User, outsider: User
    ) -> None:
        cover(all_sponsors.project, sponsor, outsider)
        results = together(_answer(sponsor, all_sponsors, "approve"), _answer(outsider, all_sponsors, "approve"))
        assert sorted(results) == ["already_answered", "approve"]
        assert facts(all_sponsors) == ("awaiting_decision", 1, 1, 1, "waiting")
        assert Decision.objects.get().holder == sponsor

    def test_a_cover_that_ends_beside_its_answer(
        self, turn: int, all_sponsors: Round, sponsor: User, outsider: User
    ) -> None:
        made = cover(all_sponsors.project, sponsor, outsider)

        def end() -> str:
            end_delegation(actor=sponsor, delegation_id=made.pk)
            return "ended"

        answered, ended = together(_answer(outsider, all_sponsors, "approve"), end)
        assert ended == "ended"
        assert answered in ("approve", "not_permitted")
        assert Decision.objects.count() == (answered == "approve")

    def test_a_member_who_leaves_beside_the_last_answer(
        self, turn: int, all_sponsors: Round, lead: User, sponsor: User, second_sponsor: User
    ) -> None:
        _answer(sponsor, all_sponsors, "approve")()
        member = Member.objects.get(user=second_sponsor, role=Role.SPONSOR)

        def leave() -> str:
            remove_member(actor=lead, member=member)
            return "left"

        answered, left = together(_answer(second_sponsor, all_sponsors, "approve"), leave)
        assert left == "left"
        if answered == "approve":
            assert facts(all_sponsors) == ("approved", 2, 2, 2, "open")
        else:
            # All are still two people: who leaves lowers no quorum.
            assert answered == "not_permitted"
            assert facts(all_sponsors) == ("awaiting_decision", 1, 1, 1, "waiting")

    def test_a_signature_taken_back_beside_the_last_answer(
        self, turn: int, all_sponsors: Round, sponsor: User, second_sponsor: User
    ) -> None:
        _answer(sponsor, all_sponsors, "approve")()
        given = Decision.objects.get()
        answered, back = together(_answer(second_sponsor, all_sponsors, "approve"), taking_back(sponsor, given))
        assert (answered, back) == ("approve", "taken back")
        state, standing, signatures, _, second = facts(all_sponsors)
        assert (standing, signatures) == (1, 3)
        # Either it was approved for a moment and then revoked, or it waits for the seat that is free again.
        assert (state, second) in (("revoked", "open"), ("awaiting_decision", "waiting"))
        assert Entry.objects.filter(verb="approval_revoked").count() == (state == "revoked")

    def test_a_signature_is_taken_back_once(self, turn: int, all_sponsors: Round, sponsor: User) -> None:
        _answer(sponsor, all_sponsors, "approve")()
        back = taking_back(sponsor, Decision.objects.get())
        assert sorted(together(back, back)) == ["already_withdrawn", "taken back"]
        assert facts(all_sponsors)[1:3] == (0, 2)

    def test_a_withdrawal_beside_the_last_answer(
        self, turn: int, all_sponsors: Round, lead: User, sponsor: User, second_sponsor: User
    ) -> None:
        _answer(sponsor, all_sponsors, "approve")()

        def withdraw() -> str:
            return str(withdraw_round(actor=lead, round_id=all_sponsors.pk).state)

        results = together(_answer(second_sponsor, all_sponsors, "approve"), withdraw)
        if results == ["approve", "round_closed"]:
            assert facts(all_sponsors) == ("approved", 2, 2, 2, "open")
        else:
            assert results == ["round_closed", "withdrawn"]
            assert facts(all_sponsors) == ("withdrawn", 1, 1, 1, "waiting")

    def test_a_seat_and_a_member_more_beside_a_submission(
        self, turn: int, first: Stage, lead: User, sponsor: User, second_sponsor: User, outsider: User
    ) -> None:
        content = {**policy.shipped_policy("low"), "quorum": policy.seat("sponsor", policy.ALL)}
        PolicyVersion.objects.create(tier="low", number=1, content=content, reason="Asked.", by=lead)

        def submit() -> int:
            return int(submit_round(actor=lead, stage=Stage.objects.get(pk=first.pk), title="May we?").pk)

        def join() -> str:
            add_member(actor=lead, project=first.project, user=outsider, role=Role.SPONSOR)
            return "joined"

        one, other, joined = together(submit, submit, join)
        assert one == other
        assert joined == "joined"
        asked = Round.objects.get().policy["quorum"]
        assert asked in (policy.seat("sponsor", 2), policy.seat("sponsor", 3))


@pytest.mark.django_db(transaction=True)
def test_two_last_answers_finish_the_round_once_on_sqlite(
    all_sponsors: Round, sponsor: User, second_sponsor: User, to_a_file: Callable[[], None]
) -> None:
    to_a_file()
    results = together(_answer(sponsor, all_sponsors, "approve"), _answer(second_sponsor, all_sponsors, "approve"))
    assert results == ["approve", "approve"]
    assert together(lambda: facts(all_sponsors)) == [("approved", 2, 2, 2, "open")]


@pytest.mark.django_db(transaction=True)
def test_a_stand_in_and_the_holder_give_one_answer_on_sqlite(
    all_sponsors: Round, sponsor: User, outsider: User, to_a_file: Callable[[], None]
) -> None:
    cover(all_sponsors.project, sponsor, outsider)
    to_a_file()
    results = together(_answer(sponsor, all_sponsors, "approve"), _answer(outsider, all_sponsors, "approve"))
    assert sorted(results) == ["already_answered", "approve"]
    assert together(lambda: facts(all_sponsors)) == [("awaiting_decision", 1, 1, 1, "waiting")]
