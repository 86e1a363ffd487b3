"""Conditions of an approval: set with it, claimed by one person, judged by another, each deed on the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff import days
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, Round, Signature
from lifecycle.signoff.services import decide, withdraw_decision
from lifecycle.signoff.services.condition_deeds import (
    claim_condition,
    drop_condition,
    send_back_condition,
    verify_condition,
)
from lifecycle.signoff.services.condition_terms import move_condition
from lifecycle.signoff.services.conditions import LIMIT, checked_conditions

PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody

pytestmark = pytest.mark.django_db


def rows(owner: User, verifier: User, **changed: Any) -> list[dict[str, Any]]:
    row = {
        "text": "Name who answers for wrong labels.",
        "severity": "major",
        "owner_id": owner.pk,
        "verifier_id": verifier.pk,
        "due_on": days.today() + timedelta(days=7),
    }
    return [{**row, **changed}]


def on_condition(review: Round, person: User, conditions: list[dict[str, Any]]) -> Condition:
    decision = decide(
        actor=person,
        round_id=review.pk,
        verdict="approve_with_conditions",
        reason="",
        password=PASSWORD,
        digest=review.digest,
        conditions=conditions,
    )
    found = decision.conditions.first()
    assert found is not None
    return found


@pytest.fixture
def condition(review: Round, sponsor: User, contributor: User, reviewer: User) -> Condition:
    return on_condition(review, sponsor, rows(contributor, reviewer))


def code_of(deed: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        deed()
    return caught.value.code


# Setting them


def test_an_approval_with_a_condition_approves_and_opens_the_next_stage(
    condition: Condition, review: Round, project: Project, contributor: User, reviewer: User
) -> None:
    review.refresh_from_db()
    assert review.state == Round.State.CONDITIONS
    assert project.stages.get(order=2).state == Stage.State.OPEN
    assert (condition.state, condition.number, condition.grace_days) == ("open", 1, 3)
    told = Notice.objects.filter(kind="condition_set").values_list("user", flat=True)
    assert set(told) == {contributor.pk, reviewer.pk}
    entry = Entry.objects.get(verb="set_condition")
    assert entry.after["text"] == condition.text
    assert Entry.objects.order_by("-seq").first().verb == "decide_round"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"text": "  "}, "condition_text", "conditions.0.text"),
        ({"severity": "huge"}, "condition_severity", "conditions.0.severity"),
        ({"owner_id": None}, "condition_owner", "conditions.0.owner_id"),
        ({"owner_id": "1 OR 1"}, "condition_owner", "conditions.0.owner_id"),
        ({"due_on": None}, "condition_due", "conditions.0.due_on"),
        ({"due_on": "soon"}, "condition_due", "conditions.0.due_on"),
        ({"due_on": date(2020, 1, 1)}, "condition_due", "conditions.0.due_on"),
        ({"due_on": date.max}, "condition_due", "conditions.0.due_on"),
    ],
)
def test_a_condition_that_cannot_hold_is_refused_with_its_field(
    changed: dict[str, Any], code: str, field: str, project: Project, contributor: User, reviewer: User, sponsor: User
) -> None:
    with pytest.raises(Refused) as caught:
        checked_conditions(rows(contributor, reviewer, **changed), project=project, decider=sponsor)
    assert (caught.value.code, caught.value.field, caught.value.status) == (code, field, 400)


def test_owner_and_verifier_are_two_people_of_the_project_and_the_verifier_may_judge(
    project: Project, contributor: User, reviewer: User, sponsor: User, viewer: User, outsider: User
) -> None:
    def code(owner: User, verifier: User) -> str:
        return code_of(lambda: checked_conditions(rows(owner, verifier), project=project, decider=sponsor))

    assert code(reviewer, reviewer) == "condition_verifier"
    assert code(contributor, viewer) == "condition_verifier"
    assert code(contributor, contributor) == "condition_verifier"
    assert code(outsider, reviewer) == "condition_owner"
    assert code(contributor, outsider) == "condition_verifier"
    assert checked_conditions(rows(viewer, sponsor), project=project, decider=sponsor)[0].owner == viewer
    # A stand-in who decides is no member, and may verify what they set.
    assert checked_conditions(rows(contributor, outsider), project=project, decider=outsider)[0].verifier == outsider


def test_there_is_an_end_to_the_number_of_conditions(
    project: Project, contributor: User, reviewer: User, sponsor: User
) -> None:
    many = rows(contributor, reviewer) * (LIMIT + 1)
    assert code_of(lambda: checked_conditions(many, project=project, decider=sponsor)) == "condition_too_many"
    assert len(checked_conditions(many[1:], project=project, decider=sponsor)) == LIMIT


# Claimed, sent back, verified


def test_the_owner_claims_the_verifier_sends_back_and_then_signs(
    condition: Condition, contributor: User, reviewer: User, lead: User
) -> None:
    claim_condition(actor=contributor, condition_id=condition.pk, note="Done.", evidence="https://wiki.example.org/x")
    send_back_condition(actor=reviewer, condition_id=condition.pk, reason="The night shift is missing.")
    claim_condition(
        actor=contributor, condition_id=condition.pk, note="Night shift added.", evidence="/projects/triage/"
    )
    condition.refresh_from_db()
    seen = digest_of_condition(condition)
    verify_condition(actor=reviewer, condition_id=condition.pk, password=PASSWORD, digest=seen)
    condition.refresh_from_db()
    assert condition.state == "met"
    assert condition.closed_at is not None
    assert [event.kind for event in condition.events.all()] == ["claimed", "returned", "claimed", "met"]
    signature = Signature.objects.get(record_kind="condition")
    assert (signature.meaning, signature.signer, signature.content_hash) == ("validated", reviewer, seen)
    assert signature.role == "verifier (independent reviewer)"
    # The history up to the signature is what was signed, so the fingerprint still fits.
    assert digest_of_condition(condition) == seen
    verbs = list(Entry.objects.filter(thing_kind="condition").order_by("seq").values_list("verb", flat=True))
    assert verbs == [
        "set_condition", "claim_condition", "send_back_condition", "claim_condition", "verify_condition",
    ]  # fmt: skip
    assert Notice.objects.filter(kind="condition_met", user=lead).exists()


def test_a_changed_history_does_not_fit_the_fingerprint(
    condition: Condition, contributor: User, reviewer: User
) -> None:
    seen = digest_of_condition(condition)
    claim_condition(actor=contributor, condition_id=condition.pk, note="Done.")
    refused = code_of(
        lambda: verify_condition(actor=reviewer, condition_id=condition.pk, password=PASSWORD, digest=seen)
    )
    assert refused == "digest_mismatch"
    assert not Signature.objects.filter(record_kind="condition").exists()


def test_nobody_else_claims_or_verifies_and_the_owner_judges_nothing(
    condition: Condition, contributor: User, reviewer: User, sponsor: User, lead: User, manager: User, outsider: User
) -> None:
    for person in (reviewer, sponsor, lead, manager, outsider):
        code = code_of(lambda p=person: claim_condition(actor=p, condition_id=condition.pk, note="x"))  # type: ignore[misc]
        assert code == "not_permitted"
    claim_condition(actor=contributor, condition_id=condition.pk, note="Done.")
    seen = digest_of_condition(condition)

    def verify(person: User) -> str:
        return code_of(
            lambda: verify_condition(actor=person, condition_id=condition.pk, password=PASSWORD, digest=seen)
        )

    assert [verify(person) for person in (sponsor, lead, manager, outsider)] == ["not_permitted"] * 4
    assert verify(contributor) == "owner_cannot_verify"
    wrong = code_of(lambda: verify_condition(actor=reviewer, condition_id=condition.pk, password="no", digest=seen))
    assert wrong == "password_wrong"
    condition.refresh_from_db()
    assert condition.state == "claimed"


def test_it_is_not_claimed_twice_nor_verified_before_it_is_claimed(
    condition: Condition, contributor: User, reviewer: User
) -> None:
    seen = digest_of_condition(condition)
    early = code_of(lambda: verify_condition(actor=reviewer, condition_id=condition.pk, password=PASSWORD, digest=seen))
    assert early == "condition_state"
    claim_condition(actor=contributor, condition_id=condition.pk, note="Done.")
    again = code_of(lambda: claim_condition(actor=contributor, condition_id=condition.pk, note="Again."))
    assert again == "condition_state"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//evil.example.org", "ftp://x.example.org", "https://", "x" * 501]
)
def test_evidence_is_an_address_or_a_path(link: str, condition: Condition, contributor: User) -> None:
    code = code_of(lambda: claim_condition(actor=contributor, condition_id=condition.pk, note="Done.", evidence=link))
    assert code == "evidence_unreadable"


def test_a_condition_of_an_unfinished_round_binds_nobody_yet(
    project: Project, review: Round, sponsor: User, contributor: User, reviewer: User
) -> None:
    condition = on_condition(review, sponsor, rows(contributor, reviewer))
    Round.objects.filter(pk=review.pk).update(state="awaiting_decision")
    code = code_of(lambda: claim_condition(actor=contributor, condition_id=condition.pk, note="Done."))
    assert code == "condition_not_binding"


# Moved, dropped, taken back


def test_its_verifier_or_a_decider_moves_it_with_a_reason(
    condition: Condition, sponsor: User, reviewer: User, customer: User, lead: User, contributor: User
) -> None:
    later = condition.due_on + timedelta(days=7)
    for person, code in ((lead, "not_permitted"), (contributor, "owner_cannot_verify"), (customer, "not_permitted")):
        refused = code_of(
            lambda p=person: move_condition(actor=p, condition_id=condition.pk, reason="Later.", due_on=later)  # type: ignore[misc]
        )
        assert refused == code
    move_condition(actor=reviewer, condition_id=condition.pk, reason="The audit is later.", due_on=later)
    move_condition(actor=sponsor, condition_id=condition.pk, reason="Rui is away.", verifier_id=customer.pk)
    condition.refresh_from_db()
    assert (condition.due_on, condition.verifier) == (later, customer)
    facts = [event.facts["after"]["verifier"] for event in condition.events.all()]
    assert facts == [reviewer.name, customer.name]
    entry = Entry.objects.filter(verb="move_condition").order_by("-seq").first()
    assert entry is not None
    assert (entry.before["verifier"], entry.after["verifier"]) == (reviewer.name, customer.name)


def test_new_terms_are_as_sound_as_the_first(
    condition: Condition, sponsor: User, contributor: User, reviewer: User, viewer: User
) -> None:
    def code(**terms: Any) -> str:
        return code_of(lambda: move_condition(actor=sponsor, condition_id=condition.pk, reason="Why.", **terms))

    assert code(owner_id=reviewer.pk) == "condition_verifier"
    assert code(verifier_id=viewer.pk) == "condition_verifier"
    assert code(due_on=days.today() - timedelta(days=1)) == "condition_due"
    assert code() == "nothing_changed"
    blank = code_of(lambda: move_condition(actor=sponsor, condition_id=condition.pk, reason=" ", owner_id=viewer.pk))
    assert blank == "note_missing"


def test_only_who_decided_drops_it_with_a_signature(
    condition: Condition, sponsor: User, second_sponsor: User, reviewer: User, contributor: User
) -> None:
    seen = digest_of_condition(condition)

    def drop(person: User) -> Condition:
        return drop_condition(
            actor=person, condition_id=condition.pk, password=PASSWORD, digest=seen, reason="The law changed."
        )

    assert [code_of(lambda p=person: drop(p)) for person in (reviewer, second_sponsor)] == ["not_permitted"] * 2  # type: ignore[misc]
    drop(sponsor)
    condition.refresh_from_db()
    assert condition.state == "dropped"
    signature = Signature.objects.get(record_kind="condition")
    assert (signature.meaning, signature.comment) == ("withdrawn", "The law changed.")
    closed = code_of(lambda: claim_condition(actor=contributor, condition_id=condition.pk, note="Done."))
    assert closed == "condition_closed"


def test_a_decider_who_owns_the_condition_cannot_drop_it(review: Round, sponsor: User, reviewer: User) -> None:
    own = on_condition(review, sponsor, rows(sponsor, reviewer))
    seen = digest_of_condition(own)
    code = code_of(
        lambda: drop_condition(actor=sponsor, condition_id=own.pk, password=PASSWORD, digest=seen, reason="Mine.")
    )
    assert code == "owner_cannot_verify"


def test_a_signature_that_is_taken_back_takes_its_conditions_with_it(condition: Condition, sponsor: User) -> None:
    withdraw_decision(
        actor=sponsor, decision_id=condition.decision_id, reason="I read the wrong file.", password=PASSWORD
    )
    condition.refresh_from_db()
    assert condition.state == "dropped"
    assert condition.events.get().kind == "dropped"


@time_machine.travel("2026-03-02 09:00", tick=False)
def test_a_stopped_project_keeps_its_conditions_as_they_are(
    condition: Condition, project: Project, contributor: User
) -> None:
    Project.objects.filter(pk=project.pk).update(state="stopped", stopped_reason="No budget.")
    code = code_of(lambda: claim_condition(actor=contributor, condition_id=condition.pk, note="Done."))
    assert code == "project_closed"
