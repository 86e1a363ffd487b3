"""What people read and auditors find, word for word: stories of sign-off beside their kept texts in `words/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from foundation.people.models import User
from foundation.people.services import deactivate
from lifecycle.kpis.models import CashLine
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.services import add_member, remove_member, stop_project
from lifecycle.projects.services.delegating import delegate
from lifecycle.signoff import policy
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, Decision, Feedback, PolicyVersion, Round, Waiver
from lifecycle.signoff.services import decide, go_back, submit_round, withdraw_decision, withdraw_round
from lifecycle.signoff.services.asking_again import remind
from lifecycle.signoff.services.condition_deeds import (
    claim_condition,
    drop_condition,
    send_back_condition,
    verify_condition,
)
from lifecycle.signoff.services.condition_terms import move_condition
from lifecycle.signoff.services.expiry import report_trigger
from lifecycle.signoff.services.feedback import give_feedback, settle_feedback
from lifecycle.signoff.services.policies import change_policy
from lifecycle.signoff.services.sweeping import sweep
from lifecycle.signoff.services.waivers import end_waiver, grant_waiver
from tests.conftest import PASSWORD
from tests.lifecycle.signoff.story import Story

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 7, 27, 9, tzinfo=UTC)
FRIDAY = date(2026, 7, 31)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """It is Monday, 27 July 2026, nine o'clock, until a story says otherwise."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def medium(first: Stage) -> Stage:
    """The first stage, complete, of a project in which a sponsor and a reviewer decide."""
    Project.objects.filter(pk=first.project_id).update(risk=Project.Risk.MEDIUM)
    return Stage.objects.select_related("project").get(pk=first.pk)


@pytest.fixture
def auditor(make_person: Callable[..., User]) -> User:
    return make_person("Aud Auditor", is_auditor=True)


@pytest.fixture
def rosa(make_person: Callable[..., User], project: Project, lead: User) -> User:
    """A risk officer."""
    person = make_person("Rosa Risk")
    add_member(actor=lead, project=project, user=person, role=Role.RISK)
    return person


def asked(actor: User, stage: Stage, **others: Any) -> Round:
    given = {"title": "May we begin?", "comment": "All is written.", **others}
    return submit_round(actor=actor, stage=Stage.objects.select_related("project").get(pk=stage.pk), **given)


def says(actor: User, review: Round, verdict: str = "approve", **others: Any) -> Decision:
    given = {"reason": "", "password": PASSWORD, "digest": review.digest, **others}
    return decide(actor=actor, round_id=review.pk, verdict=verdict, **given)


def condition_row(owner: User, verifier: User, **others: Any) -> dict[str, Any]:
    return {
        "text": "Test the night shift.\nOn two machines.", "severity": "major", "owner_id": owner.pk,
        "verifier_id": verifier.pk, "due_on": FRIDAY, **others,
    }  # fmt: skip


def test_a_decision_of_two(medium: Stage, lead: User, sponsor: User, reviewer: User, contributor: User) -> None:
    story = Story()
    story.deed("Nothing is asked", lambda: asked(lead, medium, title=" "))
    story.deed("More is asked than a sentence holds", lambda: asked(lead, medium, title="x" * 201))
    story.deed("The comment is a book", lambda: asked(lead, medium, comment="x" * 20_001))
    story.deed("The emergency is a book", lambda: asked(lead, medium, emergency="x" * 2_001))
    story.deed("It was due yesterday", lambda: asked(lead, medium, due_on=date(2026, 7, 26)))
    story.deed("The sponsor submits", lambda: asked(sponsor, medium))
    review = story.deed("The lead submits", lambda: asked(lead, medium, title=f"May we begin? {'x' * 186}"))
    story.deed("The lead submits again", lambda: asked(lead, medium))
    story.deed("The sponsor answers without a word", lambda: says(sponsor, review, "maybe"))
    story.deed("The sponsor says no without a reason", lambda: says(sponsor, review, "reject"))
    story.deed("A reason is a book", lambda: says(sponsor, review, reason="x" * 20_001))
    story.deed("An override is a book", lambda: says(sponsor, review, override="x" * 20_001))
    story.deed("Conditions without conditions", lambda: says(sponsor, review, "approve_with_conditions"))
    rows = [condition_row(contributor, reviewer)]
    story.deed("Conditions with a plain yes", lambda: says(sponsor, review, conditions=rows))
    story.deed("A wrong password", lambda: says(sponsor, review, password="guess"))
    story.deed("Another fingerprint", lambda: says(sponsor, review, digest="0" * 64))
    story.deed("For somebody else", lambda: says(sponsor, review, on_behalf_of=reviewer.pk))
    story.deed("The sponsor says yes", lambda: says(sponsor, review, reason="Well prepared."))
    story.deed("The sponsor says yes again", lambda: says(sponsor, review))
    story.deed(
        "The reviewer says yes, on a condition",
        lambda: says(reviewer, review, "approve_with_conditions", reason="But look at nights.", conditions=rows),
    )
    story.deed("The reviewer says no now", lambda: says(reviewer, review, "reject", reason="No."))
    story.is_kept_as("a_decision_of_two")


def test_conditions_that_cannot_be(
    review: Round, sponsor: User, reviewer: User, contributor: User, outsider: User, viewer: User
) -> None:
    story = Story()
    for title, changed in (
        ("No text", {"text": " "}),
        ("A long text", {"text": "x" * 5_001}),
        ("No such severity", {"severity": "huge"}),
        ("No owner", {"owner_id": None}),
        ("A stranger owns it", {"owner_id": outsider.pk}),
        ("A viewer verifies it", {"verifier_id": viewer.pk}),
        ("One owns and verifies it", {"owner_id": reviewer.pk}),
        ("No day", {"due_on": "soon"}),
        ("A day that is over", {"due_on": date(2026, 7, 26)}),
        ("A day far away", {"due_on": date(2031, 8, 2)}),
    ):
        rows = [condition_row(contributor, reviewer), condition_row(contributor, reviewer, **changed)]
        story.deed(title, lambda rows=rows: says(sponsor, review, "approve_with_conditions", conditions=rows))
    many = [condition_row(contributor, reviewer)] * 21
    story.deed("Too many", lambda: says(sponsor, review, "approve_with_conditions", conditions=many))
    least = {"text": "Do it.", "owner_id": str(contributor.pk), "verifier_id": sponsor.pk, "due_on": " 2026-07-27 "}
    farthest = condition_row(contributor, reviewer, text="y" * 101, due_on=date(2031, 7, 31))
    story.deed(
        "What is just possible",
        lambda: says(sponsor, review, "approve_with_conditions", conditions=[least, farthest]),
    )
    story.is_kept_as("conditions_that_cannot_be")


def test_a_no_and_its_way_back(
    medium: Stage, lead: User, sponsor: User, reviewer: User, contributor: User, outsider: User
) -> None:
    story = Story()
    review = story.deed("The lead submits, due at the end of the week", lambda: asked(lead, medium, due_on=FRIDAY))
    story.deed(
        "It goes back to a stranger",
        lambda: says(reviewer, review, "request_changes", reason="Price the risks.", returned_to=outsider.pk),
    )
    story.deed(
        "The reviewer asks for changes of the contributor",
        lambda: says(reviewer, review, "request_changes", reason="Price the risks.", returned_to=contributor.pk),
    )
    again = story.deed("The lead submits again", lambda: asked(lead, medium))
    story.deed("The sponsor rejects it", lambda: says(sponsor, again, "reject", reason="It never pays."))
    third = story.deed("The lead submits a third time", lambda: asked(lead, medium))
    story.deed("The contributor withdraws it", lambda: withdraw_round(actor=contributor, round_id=third.pk))
    story.deed("The lead withdraws it", lambda: withdraw_round(actor=lead, round_id=third.pk, reason="Wrong file."))
    story.deed("The lead withdraws it again", lambda: withdraw_round(actor=lead, round_id=third.pk))
    story.is_kept_as("a_no_and_its_way_back")


def test_signatures_taken_back(
    medium: Stage, lead: User, sponsor: User, reviewer: User, contributor: User, rewrite: Any
) -> None:
    story = Story()
    review = story.deed("The lead submits", lambda: asked(lead, medium))
    rows = [condition_row(contributor, reviewer), condition_row(contributor, sponsor, text="Price the risks.")]
    first = story.deed("The sponsor says yes", lambda: says(sponsor, review))

    def take_back(actor: User, decision: Decision, **others: Any) -> Any:
        given = {"reason": "I read the wrong file.", "password": PASSWORD, **others}
        return withdraw_decision(actor=actor, decision_id=decision.pk, **given)

    story.deed("Without a reason", lambda: take_back(sponsor, first, reason=" "))
    story.deed("With a book of reasons", lambda: take_back(sponsor, first, reason="x" * 20_001))
    story.deed("By somebody else", lambda: take_back(reviewer, first))
    story.deed("The sponsor takes it back", lambda: take_back(sponsor, first))
    story.deed("The sponsor takes it back again", lambda: take_back(sponsor, first))
    nights = [condition_row(contributor, lead, text="Ask the night shift.", verifier_id=sponsor.pk)]
    story.deed(
        "The sponsor says yes after all, on a condition",
        lambda: says(sponsor, review, "approve_with_conditions", conditions=nights),
    )
    second = story.deed(
        "The reviewer says yes, on conditions",
        lambda: says(reviewer, review, "approve_with_conditions", conditions=rows),
    )
    met, claimed = Condition.objects.filter(decision=second).order_by("pk")
    for condition in (met, claimed):
        claim_condition(actor=contributor, condition_id=condition.pk, note="Done.", evidence="/x/")
    story.deed("One is met, one is said to be done", lambda: _verified(met, reviewer))
    story.deed("The reviewer takes theirs back", lambda: take_back(reviewer, second, reason="x" * 20_000))
    story.is_kept_as("signatures_taken_back")


def _verified(condition: Condition, verifier: User) -> Any:
    now = digest_of_condition(Condition.objects.get(pk=condition.pk))
    return verify_condition(actor=verifier, condition_id=condition.pk, password=PASSWORD, digest=now)


@pytest.fixture
def condition(review: Round, sponsor: User, reviewer: User, contributor: User) -> Condition:
    """Set by the sponsor, owned by the contributor, verified by the reviewer, due on Friday."""
    rows = [condition_row(contributor, reviewer)]
    return says(sponsor, review, "approve_with_conditions", conditions=rows).conditions.get()


def test_a_condition_is_met(condition: Condition, contributor: User, reviewer: User, lead: User) -> None:
    story = Story()

    def claim(**others: Any) -> Any:
        given = {"actor": contributor, "note": "Tested on both.", "evidence": "https://example.org/log", **others}
        return claim_condition(condition_id=condition.pk, **given)

    def verify(**others: Any) -> Any:
        now = digest_of_condition(Condition.objects.get(pk=condition.pk))
        given = {"actor": reviewer, "password": PASSWORD, "digest": now, "note": "Seen.", **others}
        return verify_condition(condition_id=condition.pk, **given)

    def send_back(**others: Any) -> Any:
        return send_back_condition(**{"actor": reviewer, "condition_id": condition.pk, "reason": "One only.", **others})

    story.deed("Not by its owner", lambda: claim(actor=lead))
    story.deed("Without a word", lambda: claim(note=" "))
    story.deed("With too many", lambda: claim(note="x" * 20_001))
    story.deed("With an address that is none", lambda: claim(evidence="somewhere"))
    story.deed("With an address that goes astray", lambda: claim(evidence="//elsewhere.org"))
    story.deed("With a long path", lambda: claim(evidence="/" + "x" * 500))
    story.deed("The owner says that it is done", claim)
    story.deed("Again", claim)
    story.deed("Sent back by its owner", lambda: send_back(actor=contributor))
    story.deed("Sent back without a reason", lambda: send_back(reason=""))
    story.deed("Sent back", send_back)
    story.deed("Done again, nowhere to be seen", lambda: claim(note="Both now.", evidence=""))
    story.deed("Verified by its owner", lambda: verify(actor=contributor))
    story.deed("Verified with a wrong password", lambda: verify(password="guess"))
    story.deed("Verified as it was before", lambda: verify(digest="0" * 64))
    story.deed("Verified", lambda: verify(note=" "))
    story.deed("Verified again", verify)
    story.is_kept_as("a_condition_is_met")


def test_a_condition_gets_new_terms(
    condition: Condition, sponsor: User, contributor: User, reviewer: User, lead: User, customer: User, viewer: User
) -> None:
    story = Story()

    def move(**others: Any) -> Any:
        return move_condition(**{"actor": sponsor, "condition_id": condition.pk, "reason": "Machines late.", **others})

    def drop(**others: Any) -> Any:
        now = digest_of_condition(Condition.objects.get(pk=condition.pk))
        given = {"actor": sponsor, "password": PASSWORD, "digest": now, "reason": "The shift is no more.", **others}
        return drop_condition(condition_id=condition.pk, **given)

    story.deed("By its owner", lambda: move(actor=contributor, due_on=date(2026, 8, 7)))
    story.deed("Without a reason", lambda: move(reason="", due_on=date(2026, 8, 7)))
    story.deed("Nothing changes", lambda: move(due_on=FRIDAY))
    story.deed("A day that is over", lambda: move(due_on=date(2026, 7, 26)))
    story.deed("A stranger owns it", lambda: move(owner_id=999_999))
    story.deed("A viewer verifies it", lambda: move(verifier_id=viewer.pk))
    story.deed("One owns and verifies it", lambda: move(owner_id=reviewer.pk))
    story.deed(
        "Another day and other people",
        lambda: move(due_on=date(2026, 8, 7), owner_id=lead.pk, verifier_id=customer.pk),
    )
    story.deed("Dropped without a reason", lambda: drop(reason=" "))
    story.deed("Dropped by the lead", lambda: drop(actor=lead))
    story.deed("Dropped", drop)
    story.deed("Moved when it is closed", lambda: move(due_on=FRIDAY))
    story.is_kept_as("a_condition_gets_new_terms")


def test_a_condition_falls_due(
    condition: Condition, contributor: User, first: Stage, lead: User, sponsor: User, clock: Any
) -> None:
    story = Story()
    for day in (27, 28, 29, 30, 31):
        story.deed(f"{day} July", lambda day=day: sweep(date(2026, 7, day)))
    story.deed("Its owner says that it is done", lambda: _claimed(condition, contributor))
    for day in (1, 3, 4, 5, 6):
        story.deed(f"{day} August", lambda day=day: sweep(date(2026, 8, day)))
    story.is_kept_as("a_condition_falls_due")


def _claimed(condition: Condition, owner: User) -> Any:
    return claim_condition(actor=owner, condition_id=condition.pk, note="Tested.")


def test_a_condition_outlives_its_approval(
    condition: Condition, first: Stage, lead: User, sponsor: User, rewrite: Any, clock: Any
) -> None:
    story = Story()
    story.deed("The evidence changes", lambda: rewrite(first))
    story.deed("The day has come", lambda: sweep(FRIDAY))
    story.deed("The grace is over", lambda: sweep(date(2026, 8, 6)))
    clock.move_to(datetime(2026, 8, 10, 9, tzinfo=UTC))
    review = story.deed("It is submitted anew", lambda: asked(lead, first))
    story.deed("It is approved anew", lambda: says(sponsor, review))
    for day in (10, 12, 13, 14):
        story.deed(f"{day} August", lambda day=day: sweep(date(2026, 8, day)))
    story.is_kept_as("a_condition_outlives_its_approval")


def test_a_decision_that_nobody_gives(
    medium: Stage, lead: User, sponsor: User, reviewer: User, viewer: User, administrator: User, clock: Any
) -> None:
    story = Story()
    review = story.deed("The lead submits", lambda: asked(lead, medium))
    story.deed("The sponsor says yes", lambda: says(sponsor, review))
    story.deed("The viewer asks again", lambda: remind(actor=viewer, round_id=review.pk) and None)
    story.deed("The lead asks again", lambda: remind(actor=lead, round_id=review.pk) and None)
    clock.move_to(datetime(2026, 7, 28, 8, 59, 59, tzinfo=UTC))
    story.deed("Too soon", lambda: remind(actor=lead, round_id=review.pk) and None)
    clock.move_to(datetime(2026, 7, 28, 9, tzinfo=UTC))
    story.deed("A day later", lambda: remind(actor=lead, round_id=review.pk) and None)
    for day in (date(2026, 7, 29), date(2026, 7, 30), date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 5)):
        story.deed(f"{day}", lambda day=day: sweep(day))
    Project.objects.update(escalates_to=viewer)
    story.deed("Later, with a person named", lambda: sweep(date(2026, 8, 6)))
    other = submit_later(medium, lead, review)
    story.deed("Another round, long overdue", lambda: sweep(date(2026, 9, 1)))
    story.deed("The lead asks for what is withdrawn", lambda: remind(actor=lead, round_id=review.pk) and None)
    assert other.pk != review.pk
    story.is_kept_as("a_decision_that_nobody_gives")


def submit_later(stage: Stage, lead: User, former: Round) -> Round:
    withdraw_round(actor=lead, round_id=former.pk)
    return asked(lead, stage)


def test_advice_before_the_decision(
    medium: Stage, lead: User, sponsor: User, reviewer: User, customer: User, viewer: User, contributor: User
) -> None:
    content = {**policy.shipped_policy("medium"), "feedback": 2, "advisers": ["customer", "viewer"]}
    PolicyVersion.objects.create(tier="medium", number=1, content=content, reason="Advice.", by=lead)
    story = Story()
    review = story.deed("The lead submits", lambda: asked(lead, medium))

    def give(actor: User, grade: str, text: str = "", which: Round | None = None) -> Any:
        return give_feedback(actor=actor, round_id=(which or review).pk, grade=grade, text=text)

    story.deed("The contributor looks at their own work", lambda: give(contributor, "fine"))
    story.deed("No such grade", lambda: give(customer, "awful"))
    story.deed("An issue without a word", lambda: give(customer, "major"))
    story.deed("An issue that is a book", lambda: give(customer, "minor", "x" * 20_001))
    major = story.deed("The customer has a major issue", lambda: give(customer, "major", "No night shift."))
    story.deed("Twice", lambda: give(customer, "major", "No night shift."))
    minor = story.deed("The reviewer has a minor issue", lambda: give(reviewer, "minor", "A typing error."))
    story.deed("The sponsor cannot decide yet", lambda: says(sponsor, review))
    story.deed("The viewer finds it fine: all have spoken", lambda: give(viewer, "fine"))
    story.deed("The sponsor says yes too soon", lambda: says(sponsor, review))
    story.deed("The sponsor overrides", lambda: says(sponsor, review, override="Nights come later."))

    def settle(actor: User, given: Feedback, note: str = "It is there now.") -> Any:
        return settle_feedback(actor=actor, feedback_id=given.pk, note=note)

    story.deed("Not settled by others", lambda: settle(lead, major))
    story.deed("Not settled without a word", lambda: settle(customer, major, " "))
    story.deed("Settled", lambda: settle(customer, major))
    story.deed("Settled twice", lambda: settle(customer, major))
    newer = story.deed("The reviewer finds it fine", lambda: give(reviewer, "fine"))
    story.deed("What is fine needs no settling", lambda: settle(reviewer, newer))
    story.deed("What is old needs none either", lambda: settle(reviewer, minor))
    story.deed("The reviewer says yes", lambda: says(reviewer, review))
    story.is_kept_as("advice_before_the_decision")


def test_advice_that_does_not_come(medium: Stage, lead: User, sponsor: User, customer: User) -> None:
    content = {**policy.shipped_policy("medium"), "feedback": 2, "advisers": ["customer", "viewer"]}
    PolicyVersion.objects.create(tier="medium", number=1, content=content, reason="Advice.", by=lead)
    story = Story()
    review = story.deed("The lead submits without a comment", lambda: asked(lead, medium, comment=""))
    give_feedback(actor=customer, round_id=review.pk, grade="major", text="No night shift.")
    for day in (29, 30):
        story.deed(f"{day} July", lambda day=day: sweep(date(2026, 7, day)))
    story.is_kept_as("advice_that_does_not_come")


def test_approvals_that_end_with_their_day(
    medium: Stage, lead: User, sponsor: User, reviewer: User, complete: Any, clock: Any
) -> None:
    content = {**policy.shipped_policy("medium"), "months": 1}
    PolicyVersion.objects.create(tier="medium", number=1, content=content, reason="Soon.", by=lead)
    review = asked(lead, medium)
    says(sponsor, review)
    story = Story()
    story.deed("The reviewer says yes", lambda: says(reviewer, review))
    for day in range(10, 32):
        found = sweep(date(2026, 8, day))
        if found:
            story.deed(f"{day} August", lambda found=found: found)
    story.is_kept_as("approvals_that_end_with_their_day")


def test_an_emergency(
    medium: Stage, lead: User, sponsor: User, reviewer: User, rosa: User, customer: User, clock: Any
) -> None:
    story = Story()
    review = story.deed("The lead submits", lambda: asked(lead, medium, emergency="The old model fails."))
    story.deed("The sponsor says yes", lambda: says(sponsor, review))
    story.deed("The risk officer says yes", lambda: says(rosa, review))
    story.deed("Another emergency", lambda: asked(lead, medium, emergency="Still."))
    for day in (date(2026, 8, 7), date(2026, 8, 10), date(2026, 8, 11)):
        story.deed(f"{day}", lambda day=day: sweep(day))
    story.deed("A regular round", lambda: asked(lead, medium))
    story.is_kept_as("an_emergency")


def test_an_emergency_that_is_refused_afterwards(medium: Stage, lead: User, sponsor: User, rosa: User) -> None:
    first = asked(lead, medium, emergency="The old model fails.")
    says(sponsor, first)
    first.refresh_from_db()
    if first.is_open:
        says(rosa, first)
    story = Story()
    review = story.deed("A regular round", lambda: asked(lead, medium))
    story.deed("The sponsor says no", lambda: says(sponsor, review, "request_changes", reason="Not like this."))
    story.is_kept_as("an_emergency_that_is_refused_afterwards")


def test_evidence_that_changes(medium: Stage, lead: User, sponsor: User, reviewer: User, rewrite: Any) -> None:
    story = Story()
    review = story.deed("The lead submits", lambda: asked(lead, medium))
    story.deed("The evidence changes", lambda: rewrite(medium))
    story.deed("The sponsor says yes", lambda: says(sponsor, review))
    withdraw_round(actor=lead, round_id=review.pk)
    again = asked(lead, medium)
    says(sponsor, again)
    says(reviewer, again)
    story.deed("Approved after all", lambda: None)
    story.deed("The evidence changes again", lambda: rewrite(medium))
    story.deed("And again", lambda: rewrite(medium))
    story.is_kept_as("evidence_that_changes")


def test_going_back(
    first: Stage, lead: User, sponsor: User, contributor: User, reviewer: User, complete: Any, project: Project
) -> None:
    for month, until, amount in ((1, None, "1000"), (2, date(2026, 5, 1), "10.50"), (8, None, "5000")):
        CashLine.objects.create(
            project=project, side="cost", basis="actual", category="people", amount=Decimal(amount), currency="EUR",
            month=date(2026, month, 1), until=until, recorded_by=lead,
        )  # fmt: skip
    review = asked(lead, first)
    says(sponsor, review)
    second = complete(project.stages.get(order=2), contributor)
    story = Story()
    waiting = story.deed("The second stage is submitted", lambda: asked(lead, second, title="Is the data fit?"))

    def back(actor: User = lead, stage: Stage = second, to: str = first.key, **others: Any) -> Any:
        present = Stage.objects.select_related("project").get(pk=stage.pk)
        return go_back(**{"actor": actor, "stage": present, "to_key": to, "reason": "Wrong question.", **others})

    story.deed("The sponsor goes back", lambda: back(sponsor))
    story.deed("Without a reason", lambda: back(reason=" "))
    story.deed("From a stage that is behind", lambda: back(stage=first))
    story.deed("To where it is", lambda: back(to=second.key))
    story.deed("To a stage that is not there", lambda: back(to="nowhere"))
    story.deed("By a way that is not known", lambda: back(loop_key="shortcut"))
    loop = next(each for each in project.methodology.feedback_loops if each["to"] == first.key)
    story.deed("The lead goes back", lambda: back(loop_key=loop["key"]))
    assert waiting.pk != review.pk
    story.is_kept_as("going_back")


def test_exceptions(
    medium: Stage, lead: User, sponsor: User, reviewer: User, rosa: User, contributor: User, customer: User, clock: Any
) -> None:
    story = Story()
    project = medium.project

    def grant(**others: Any) -> Any:
        given = {
            "actor": sponsor, "project": project, "what": "role", "role": "reviewer", "reason": "The reviewer is ill.",
            "starts_on": date(2026, 7, 27), "ends_on": date(2026, 8, 2), "password": PASSWORD, **others,
        }  # fmt: skip
        return grant_waiver(**given)

    story.deed("By the contributor", lambda: grant(actor=contributor))
    story.deed("What is none", lambda: grant(what="everything"))
    story.deed("Of no role", lambda: grant(role="lead"))
    story.deed("Of no person", lambda: grant(what="self_approval"))
    story.deed("Of somebody who decides nothing", lambda: grant(what="self_approval", person=contributor))
    story.deed("In favour of oneself", lambda: grant(what="self_approval", person=sponsor))
    story.deed("In no stage", lambda: grant(stage_key="nowhere"))
    story.deed("Without a reason", lambda: grant(reason=" "))
    story.deed("From yesterday on", lambda: grant(starts_on=date(2026, 7, 26)))
    story.deed("For too long", lambda: grant(ends_on=date(2026, 10, 25)))
    story.deed("Backwards", lambda: grant(starts_on=date(2026, 8, 3)))
    waiver = story.deed("For a week", lambda: grant(stage_key=medium.key))
    story.deed("Twice", lambda: grant(stage_key=medium.key))
    story.deed("For as long as can be", lambda: grant(actor=rosa, role="customer", ends_on=date(2026, 10, 24)))
    own = story.deed("For the customer's own work", lambda: grant(what="self_approval", person=customer))
    story.deed("The sponsor's own answer is waived too", lambda: grant(actor=rosa, role="sponsor"))
    story.deed("The lead submits", lambda: asked(lead, medium))
    assert Round.objects.get().policy["waivers"]
    story.lines += [f"  {line}" for line in map(str, _unnumbered_waivers(Round.objects.get()))]

    story.deed("Ended by the contributor", lambda: end_waiver(actor=contributor, waiver_id=waiver.pk))
    story.deed("Ended", lambda: end_waiver(actor=lead, waiver_id=waiver.pk, reason=" Well again. "))
    story.deed("Ended twice", lambda: end_waiver(actor=lead, waiver_id=waiver.pk))
    story.deed("Ended without a word", lambda: end_waiver(actor=sponsor, waiver_id=own.pk))
    assert Waiver.objects.filter(ended_at=None).count() == 2
    story.is_kept_as("exceptions")


def _unnumbered_waivers(review: Round) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if name != "id"} for each in review.policy["waivers"]]


def test_a_policy_that_changes(
    administrator: User, manager: User, auditor: User, sponsor: User, lead: User, first: Stage
) -> None:
    story = Story()
    shipped = policy.shipped_policy("low")
    content = {**shipped, "months": 6, "remind": [1, 2]}

    def change(**others: Any) -> Any:
        given = {
            "actor": administrator, "tier": "low", "content": content, "reason": "Shorter.", "password": PASSWORD,
            "expected_number": 0, **others,
        }  # fmt: skip
        return change_policy(**given)

    story.deed("By a sponsor", lambda: change(actor=sponsor))
    story.deed("With a wrong password", lambda: change(password="guess"))
    story.deed("Of no tier", lambda: change(tier="huge"))
    story.deed("Without a reason", lambda: change(reason=" "))
    story.deed("With one fault", lambda: change(content={**content, "months": -1}))
    story.deed("With two", lambda: change(content={**content, "months": -1, "remind": "daily"}))
    story.deed("Into what it is", lambda: change(content=shipped))
    story.deed("After another", lambda: change(expected_number=3))
    story.deed("As it should", change)
    story.deed("Again", change)
    story.deed("Further", lambda: change(content={**content, "months": 3}, expected_number=1))
    story.deed("A round under it", lambda: asked(lead, first))
    story.is_kept_as("a_policy_that_changes")


def test_what_happened_to_the_model(review: Round, lead: User, sponsor: User, contributor: User, viewer: User) -> None:
    says(sponsor, review)
    story = Story()

    def report(**others: Any) -> Any:
        given = {"actor": contributor, "trigger": "rollback", "reason": "Errors of 9 %.", **others}
        return report_trigger(project=review.project, **given)

    story.deed("By a viewer", lambda: report(actor=viewer))
    story.deed("What cannot be reported", lambda: report(trigger="kpi_below_target"))
    story.deed("What is none", lambda: report(trigger="full_moon"))
    story.deed("Without a word", lambda: report(reason=" "))
    story.deed("With too many", lambda: report(reason="x" * 2_001))
    story.deed("A rollback", report)
    story.deed("Another", lambda: report(reason="x" * 2_000))
    Project.objects.filter(pk=review.project_id).update(state=Project.State.STOPPED, stopped_reason="No money.")
    review.project.refresh_from_db()
    story.deed("In a stopped project", report)
    story.is_kept_as("what_happened_to_the_model")


def test_people_who_leave(
    medium: Stage, lead: User, sponsor: User, reviewer: User, viewer: User, administrator: User, clock: Any
) -> None:
    story = Story()
    day = date(2026, 7, 27)
    delegate(actor=sponsor, from_person=sponsor, to_person=viewer, starts_on=day, ends_on=day, reason="Away.")
    review = story.deed("The lead submits", lambda: asked(lead, medium))
    story.deed("The viewer says yes for the sponsor", lambda: says(viewer, review, on_behalf_of=sponsor.pk))
    story.deed("Nobody may decide twice", lambda: says(sponsor, review))
    story.deed(
        "The reviewer leaves",
        lambda: remove_member(actor=lead, member=medium.project.members.get(user=reviewer)),
    )
    story.deed("The lead asks again", lambda: remind(actor=lead, round_id=review.pk) and None)
    story.deed("The sponsor loses access", lambda: deactivate(actor=administrator, person=sponsor, reason="Left."))
    clock.move_to(MONDAY + timedelta(days=1))
    story.deed("The next day", lambda: sweep(date(2026, 7, 28)))
    story.deed("The project stops", lambda: stop_project(actor=lead, project=_fresh(medium.project), reason="Enough."))
    story.deed("The lead submits again", lambda: asked(lead, medium))
    story.is_kept_as("people_who_leave")


def _fresh(project: Project) -> Project:
    return Project.objects.get(pk=project.pk)


def test_rounds_that_nobody_could_end(medium: Stage, lead: User, sponsor: User, reviewer: User) -> None:
    story = Story()
    members = medium.project.members
    remove_member(actor=lead, member=members.get(user=reviewer))
    story.deed("Without a reviewer", lambda: asked(lead, medium))
    remove_member(actor=lead, member=members.get(user=sponsor))
    story.deed("Without a sponsor too", lambda: asked(lead, medium))
    story.is_kept_as("rounds_that_nobody_could_end")


def test_a_stage_that_is_not_complete(project: Project, lead: User) -> None:
    story = Story()
    stage = project.stages.get(order=1)
    story.deed("The first stage", lambda: asked(lead, stage))
    story.deed("The second stage", lambda: asked(lead, project.stages.get(order=2)))
    story.is_kept_as("a_stage_that_is_not_complete")
