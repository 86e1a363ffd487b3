"""A decision: by the right person, with the password, on what they saw, once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.services import add_member
from lifecycle.signoff import policy
from lifecycle.signoff.days import due_after
from lifecycle.signoff.models import Decision, PolicyVersion, Round, Signature
from lifecycle.signoff.services import decide, submit_round, withdraw_round
from lifecycle.signoff.signing import CHANGED, SUPERSEDED, VALID, sign, signature_state
from tests.refusals import refused

PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody

pytestmark = pytest.mark.django_db


# Submission


def test_submission_freezes_the_evidence_and_binds_it_by_its_digest(review: Round, first: Stage) -> None:
    kinds = {item["kind"] for item in review.manifest["items"]}
    assert kinds == {"deliverable", "answer"}
    assert review.digest == digest_of(review.manifest)
    assert review.manifest["methodology"]["hash"] == first.project.methodology.content_hash
    assert review.state == Round.State.AWAITING
    first.refresh_from_db()
    assert first.state == Stage.State.IN_REVIEW


def test_a_repeated_submit_has_no_second_effect(review: Round, first: Stage, lead: User) -> None:
    again = submit_round(actor=lead, stage=first, title="Another sentence")
    assert again.pk == review.pk
    assert Round.objects.count() == 1
    assert Entry.objects.filter(verb="submit_round").count() == 1


def test_the_policy_is_copied_into_the_round(review: Round, manager: User) -> None:
    content = {**policy.shipped_policy("low"), "quorum": policy.seat("risk_officer")}
    PolicyVersion.objects.create(tier="low", number=1, content=content, reason="Stricter.", by=manager)
    review.refresh_from_db()
    assert review.policy["quorum"] == {"role": "sponsor", "need": 1}
    assert review.policy["tier"] == "low"


@pytest.mark.parametrize("person", ["sponsor", "contributor", "viewer", "manager", "administrator", "outsider"])
def test_only_the_lead_submits(person: str, first: Stage, request: pytest.FixtureRequest) -> None:
    with refused("not_permitted"):
        submit_round(actor=request.getfixturevalue(person), stage=first, title="May we begin?")


def test_an_incomplete_stage_is_refused_with_what_is_missing(project: Project, lead: User) -> None:
    with pytest.raises(Refused) as caught:
        submit_round(actor=lead, stage=project.stages.get(order=1), title="May we begin?")
    assert caught.value.code == "stage_incomplete"
    assert any("Business objectives" in line for line in caught.value.details)


def test_a_question_is_asked_and_its_date_lies_ahead(first: Stage, lead: User) -> None:
    with refused("title_missing"):
        submit_round(actor=lead, stage=first, title="  ")
    with refused("due_in_past"):
        submit_round(actor=lead, stage=first, title="May we?", due_on=timezone.localdate() - timedelta(days=1))


def test_a_stage_that_has_not_begun_is_not_submitted(project: Project, lead: User) -> None:
    with refused("stage_state"):
        submit_round(actor=lead, stage=project.stages.get(order=2), title="May we?")


def test_no_round_begins_that_nobody_could_finish(first: Stage, lead: User, sponsor: User) -> None:
    Member.objects.filter(user=sponsor).update(left_at=timezone.now())
    with refused("nobody_may_decide"):
        submit_round(actor=lead, stage=first, title="May we begin?")
    assert not Round.objects.exists()
    first.refresh_from_db()
    assert first.state == Stage.State.OPEN


def test_a_sponsor_who_wrote_the_evidence_is_nobody_who_could_finish(
    project: Project, lead: User, sponsor: User, complete: Any
) -> None:
    Member.objects.create(project=project, user=sponsor, role=Role.CONTRIBUTOR)
    stage = complete(project.stages.get(order=1), sponsor)
    with refused("nobody_may_decide"):
        submit_round(actor=lead, stage=stage, title="May we begin?")


def test_deciders_are_told_with_the_comment_and_the_requester_is_not(review: Round, sponsor: User, lead: User) -> None:
    notice = Notice.objects.get(kind="round_submitted")
    assert notice.user == sponsor
    assert notice.link == f"/rounds/{review.pk}/"
    assert "All required outputs are written." in notice.body


# The decision


def test_an_approval_is_signed_and_opens_the_next_stage(
    review: Round, sponsor: User, lead: User, contributor: User, answer: Any, first: Stage
) -> None:
    decision = answer(sponsor, review)
    review.refresh_from_db()
    first.refresh_from_db()
    assert (review.state, first.state) == (Round.State.APPROVED, Stage.State.APPROVED)
    assert first.project.stages.get(order=2).state == Stage.State.OPEN
    signature = decision.signature
    assert signature.content_hash == decision.digest == review.digest
    assert (signature.meaning, signature.role, signature.printed_name) == ("approved", "sponsor", sponsor.name)
    assert review.digest in signature.statement
    assert signature.authenticated_by == "password"
    told = set(Notice.objects.filter(kind="round_decided").values_list("user__name", flat=True))
    assert told == {lead.name, contributor.name}
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    assert (entry.verb, entry.after["state"]) == ("decide_round", "approved")


@pytest.mark.parametrize(("verdict", "state"), [("request_changes", "changes_requested"), ("reject", "rejected")])
def test_a_no_gives_the_stage_back_with_its_reason(
    verdict: str, state: str, review: Round, sponsor: User, first: Stage, answer: Any
) -> None:
    answer(sponsor, review, verdict, "The savings are counted twice.")
    review.refresh_from_db()
    first.refresh_from_db()
    assert (review.state, first.state) == (state, Stage.State.OPEN)
    assert first.project.stages.get(order=2).state == Stage.State.WAITING
    notice = Notice.objects.filter(kind="round_decided").first()
    assert notice is not None
    assert "The savings are counted twice." in notice.body
    assert ("post-mortem" in notice.body) == (verdict == "reject")


def test_a_no_needs_a_reason(review: Round, sponsor: User) -> None:
    for verdict in ("request_changes", "reject"):
        with refused("reason_missing"):
            decide(
                actor=sponsor, round_id=review.pk, verdict=verdict, reason=" ", password=PASSWORD, digest=review.digest
            )


def test_an_unknown_answer_is_none(review: Round, sponsor: User, answer: Any) -> None:
    with refused("verdict_unknown"):
        answer(sponsor, review, "maybe", "Mend the plan.")


def test_an_approval_with_conditions_names_at_least_one(review: Round, sponsor: User, answer: Any) -> None:
    with refused("conditions_missing"):
        answer(sponsor, review, "approve_with_conditions", "Mend the plan.")


def test_a_wrong_password_signs_nothing(review: Round, sponsor: User, answer: Any) -> None:
    with refused("password_wrong"):
        answer(sponsor, review, password="guess")
    review.refresh_from_db()
    assert review.state == Round.State.AWAITING
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "person", ["contributor", "customer", "reviewer", "viewer", "manager", "administrator", "outsider"]
)
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_who_is_not_a_sponsor_decides_nothing(
    person: str, verdict: str, review: Round, answer: Any, request: pytest.FixtureRequest
) -> None:
    with refused("not_permitted"):
        answer(request.getfixturevalue(person), review, verdict)
    review.refresh_from_db()
    assert review.state == Round.State.AWAITING


def test_a_requester_cannot_decide_their_own_round(first: Stage, lead: User, sponsor: User, answer: Any) -> None:
    Member.objects.create(project=first.project, user=lead, role=Role.SPONSOR)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    with refused("requester_cannot_decide"):
        answer(lead, review)


def test_an_author_of_the_evidence_cannot_decide(first: Stage, lead: User, contributor: User, answer: Any) -> None:
    Member.objects.create(project=first.project, user=contributor, role=Role.SPONSOR)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    with refused("author_cannot_decide"):
        answer(contributor, review)


def test_a_sponsor_who_has_left_cannot_decide(review: Round, sponsor: User, answer: Any) -> None:
    Member.objects.filter(user=sponsor).update(left_at=timezone.now())
    with refused("not_permitted"):
        answer(sponsor, review)


def test_a_sponsor_named_later_can_decide(
    review: Round, lead: User, sponsor: User, make_person: Any, answer: Any
) -> None:
    late = make_person("Nia New")
    add_member(actor=lead, project=review.project, user=late, role=Role.SPONSOR)
    answer(late, review)
    review.refresh_from_db()
    assert review.state == Round.State.APPROVED


def test_what_the_person_saw_is_what_is_signed(review: Round, sponsor: User, answer: Any) -> None:
    with refused("digest_mismatch"):
        answer(sponsor, review, digest="0" * 64)
    with refused("digest_mismatch"):
        answer(sponsor, review, digest="")


def test_changed_evidence_can_no_longer_be_decided(
    review: Round, first: Stage, sponsor: User, rewrite: Any, answer: Any
) -> None:
    rewrite(first)
    with refused("evidence_changed"):
        answer(sponsor, review)
    assert Notice.objects.filter(kind="round_evidence_changed").exists()


@pytest.mark.parametrize("second", ["approve", "reject", "request_changes"])
def test_a_closed_round_cannot_be_decided_again(
    second: str, review: Round, sponsor: User, second_sponsor: User, answer: Any
) -> None:
    answer(sponsor, review, "reject")
    for person in (sponsor, second_sponsor):
        with refused("round_closed"):
            answer(person, review, second)
    assert Decision.objects.count() == 1
    assert Signature.objects.count() == 1


def test_a_round_is_withdrawn_by_who_asked_and_the_deciders_learn_it(
    review: Round, lead: User, sponsor: User, contributor: User, first: Stage, answer: Any
) -> None:
    with refused("not_permitted"):
        withdraw_round(actor=sponsor, round_id=review.pk)
    with refused("not_permitted"):
        withdraw_round(actor=contributor, round_id=review.pk)
    withdraw_round(actor=lead, round_id=review.pk, reason="A figure is wrong.")
    assert withdraw_round(actor=lead, round_id=review.pk).state == Round.State.WITHDRAWN
    first.refresh_from_db()
    assert first.state == Stage.State.OPEN
    assert Notice.objects.get(kind="round_withdrawn").user == sponsor
    with refused("round_closed"):
        answer(sponsor, review)
    assert Entry.objects.filter(verb="withdraw_round").count() == 1


def test_rounds_are_counted_and_old_ones_stay(
    review: Round, sponsor: User, lead: User, first: Stage, answer: Any
) -> None:
    answer(sponsor, review, "request_changes")
    again = submit_round(actor=lead, stage=first, title="And now?")
    assert again.number == 2
    answer(sponsor, again)
    review.refresh_from_db()
    assert review.state == Round.State.CHANGES


def test_when_the_last_sponsor_leaves_the_lead_is_told(review: Round, lead: User, sponsor: User) -> None:
    from lifecycle.projects.services import remove_member

    remove_member(actor=lead, member=Member.objects.get(user=sponsor, project=review.project))
    assert Notice.objects.get(kind="round_nobody").user == lead


# The policy


@pytest.mark.parametrize("quorum", [{"any": []}, {}, None, {"all": ["sponsor"]}])
def test_an_empty_or_unknown_list_of_approvers_blocks(quorum: Any) -> None:
    rules = {"version": 1, "quorum": quorum}
    assert not policy.is_met(rules, [policy.Answer("sponsor", "approve")])
    assert not policy.is_met(rules, [])
    assert policy.eligible(rules, ["sponsor", "lead"]) is None


def test_silence_does_not_approve_and_one_no_blocks() -> None:
    rules = policy.shipped_policy("low")
    assert not policy.is_met(rules, [])
    assert not policy.is_met(rules, [policy.Answer("viewer", "approve")])
    assert policy.is_met(rules, [policy.Answer("sponsor", "approve")])
    assert not policy.is_met(rules, [policy.Answer("sponsor", "approve"), policy.Answer("sponsor", "request_changes")])


def test_due_days_are_working_days(weekdays: None) -> None:
    friday = date(2026, 3, 6)
    assert due_after({"days": 1}, friday) == date(2026, 3, 9)
    assert due_after({"days": 5}, friday) == date(2026, 3, 13)


# The signature


def test_a_signature_needs_the_password_and_says_what_was_signed(project: Project, customer: User) -> None:
    facts = {
        "project": project,
        "record_kind": "acceptance",
        "record_id": 1,
        "record_name": "Acceptance of triage",
        "record_version": "1",
        "content_hash": "b" * 64,
        "meaning": "accepted",
        "role": "customer",
    }
    with refused("password_wrong"):
        sign(actor=customer, password="guess", **facts)
    made = sign(actor=customer, password=PASSWORD, **facts)
    assert made.statement == (
        "I have read version 1 of Acceptance of triage and sign as customer; meaning: accepted. "
        f"This signature is bound to the content with fingerprint {'b' * 64}."
    )
    assert signature_state(made, "b" * 64) == VALID
    assert signature_state(made, "c" * 64) == CHANGED
    assert signature_state(made, "b" * 64, superseded=True) == SUPERSEDED
