"""Each permit with what it says: who may, and the sentence, code and status for who may not. No database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Delegation, Member, Project, Role, Stage
from lifecycle.signoff import policy
from lifecycle.signoff.models import Condition, Decision, Feedback, Round, Waiver
from lifecycle.signoff.permits import conditions as condition_permits
from lifecycle.signoff.permits import feedback as feedback_permits
from lifecycle.signoff.permits import policies as policy_permits
from lifecycle.signoff.permits import rounds as permits
from lifecycle.signoff.seats import Seat, Table, Taken

LEAD, SPONSOR, REVIEWER, WRITER, OTHER, GONE = (
    User(pk=pk, name=name, is_active=name != "Gus Gone")
    for pk, name in enumerate(["Lea Lead", "Sam Sponsor", "Rui Reviewer", "Wim Writer", "Olu Other", "Gus Gone"], 1)
)
ROLES: dict[int, frozenset[str]] = {
    1: frozenset({Role.LEAD}), 2: frozenset({Role.SPONSOR}), 3: frozenset({Role.REVIEWER}),
    4: frozenset({Role.CONTRIBUTOR}), 5: frozenset(), 6: frozenset({Role.LEAD, Role.SPONSOR}),
}  # fmt: skip
RULES = {"quorum": {"and": [policy.seat("sponsor"), policy.seat("reviewer")]}}


def stage(state: str = "open", *, project: str = "active", is_current: bool = True) -> Stage:
    made = Project(pk=1, name="Triage", state=project, methodology=Methodology(pk=1))
    return Stage(pk=1, project=made, name="Modeling", state=state, is_current=is_current)


def round_of(state: str = "awaiting_decision", *, project: str = "active", **others: Any) -> Round:
    where = stage("in_review", project=project)
    given = {"requester": LEAD, "authors": [WRITER.pk], "policy": RULES, **others}
    return Round(pk=1, stage=where, project=where.project, number=1, state=state, **given)


def said(verdict: Verdict) -> tuple[str, str, int] | None:
    """None for a yes; else what a person reads, and what a program does."""
    return None if verdict else (" ".join(verdict.reasons), verdict.code, verdict.status)


def no(message: str, code: str = "not_permitted", status: int = 403) -> tuple[str, str, int]:
    return message, code, status


ONLY_LEAD = no("Only the project lead may submit a stage. Ask the lead.")
HELD = Round(state="approved")


@pytest.mark.parametrize(
    ("who", "where", "last", "answer"),
    [
        (LEAD, stage(), None, None),
        (SPONSOR, stage(), None, ONLY_LEAD),
        (OTHER, stage(), None, ONLY_LEAD),
        (GONE, stage(), None, ONLY_LEAD),
        (LEAD, stage(project="in_use"), None, None),
        (LEAD, stage(project="stopped"), None, no("The project is stopped; its stages are no longer submitted.", "project_closed", 409)),
        (LEAD, stage(is_current=False), None, no("This is a former iteration of Modeling.", "stage_state", 409)),
        (LEAD, stage("waiting"), None, no("Modeling is not started. A stage is submitted while it is in progress.", "stage_state", 409)),
        (LEAD, stage("in_review"), HELD, no("Modeling is awaiting decision. A stage is submitted while it is in progress.", "stage_state", 409)),
        (LEAD, stage("approved"), HELD, no("Modeling is approved, and its evidence has not changed.", "stage_state", 409)),
        (LEAD, stage("approved"), Round(state="approved", emergency="It burns."), None),
        (LEAD, stage("approved"), Round(state="stale"), None),
        (LEAD, stage("approved"), None, None),
    ],
)  # fmt: skip
def test_who_submits(who: User, where: Stage, last: Round | None, answer: Any) -> None:
    assert said(permits.may_submit(who, where, last=last, roles=ROLES[who.pk])) == answer


ONLY_ASKER = no("Only who asked, or the project lead, may withdraw a round.")


@pytest.mark.parametrize(
    ("who", "review", "answer"),
    [
        (LEAD, round_of(), None),
        (LEAD, round_of(requester=SPONSOR), None),
        (LEAD, round_of("in_feedback"), None),
        (SPONSOR, round_of(requester=SPONSOR), None),
        (SPONSOR, round_of(), ONLY_ASKER),
        (OTHER, round_of(requester=OTHER), ONLY_ASKER),
        (GONE, round_of(), ONLY_ASKER),
        (LEAD, round_of("rejected"), no("This round is rejected.", "round_closed", 409)),
    ],
)
def test_who_withdraws(who: User, review: Round, answer: Any) -> None:
    assert said(permits.may_withdraw(who, review, roles=ROLES[who.pk])) == answer


BACK = no("Only the project lead may take the project back to an earlier stage. Ask the lead.")
FROM_HERE = no("The project goes back from the stage it is in.", "stage_state", 409)


@pytest.mark.parametrize(
    ("who", "where", "answer"),
    [
        (LEAD, stage(), None),
        (LEAD, stage("in_review"), None),
        (SPONSOR, stage(), BACK),
        (GONE, stage(), BACK),
        (LEAD, stage(project="closed"), no("The project is closed and goes nowhere.", "project_closed", 409)),
        (LEAD, stage("waiting"), FROM_HERE),
        (LEAD, stage(is_current=False), FROM_HERE),
    ],
)
def test_who_goes_back(who: User, where: Stage, answer: Any) -> None:
    assert said(permits.may_go_back(who, where, roles=ROLES[who.pk])) == answer


def answer_in(state: str, verdict: str = "approve", **others: Any) -> Decision:
    return Decision(**{"round": round_of(state), "decider": SPONSOR, "holder": SPONSOR, "verdict": verdict, **others})


NOT_YOURS = no("Only who signed may take a signature back.")


@pytest.mark.parametrize(
    ("who", "decision", "answer"),
    [
        (SPONSOR, answer_in("awaiting_decision"), None),
        (SPONSOR, answer_in("approved"), None),
        (SPONSOR, answer_in("approved_with_conditions", "approve_with_conditions"), None),
        (LEAD, answer_in("approved"), NOT_YOURS),
        (GONE, answer_in("approved", decider=GONE), NOT_YOURS),
        (SPONSOR, answer_in("approved", stands=False), no("This signature was taken back already.", "already_withdrawn", 409)),
        (SPONSOR, answer_in("approved", "reject"), no("This round is approved; a signature in it changes nothing any more.", "round_closed", 409)),
        (SPONSOR, answer_in("rejected", "reject"), no("This round is rejected; a signature in it changes nothing any more.", "round_closed", 409)),
        (SPONSOR, answer_in("revoked"), no("This round is revoked; a signature in it changes nothing any more.", "round_closed", 409)),
    ],
)  # fmt: skip
def test_who_takes_a_signature_back(who: User, decision: Decision, answer: Any) -> None:
    assert said(permits.may_withdraw_decision(who, decision)) == answer


ASKED = no("You asked for this decision, so somebody else takes it.", "requester_cannot_decide")
WROTE = no("You wrote part of this evidence, so somebody else decides on it.", "author_cannot_decide")


def test_four_eyes_say_why() -> None:
    def apart(person: int, **rules: Any) -> Any:
        return said(permits.stands_apart(person, requester_id=1, authors=frozenset({4}), rules=rules))

    assert (apart(1), apart(4), apart(2)) == (ASKED, WROTE, None)
    assert apart(1, self_approval=True) is None
    assert apart(4, self_approval_of=[4]) is None
    assert apart(4, self_approval_of=[1]) == WROTE


OWN = (Seat(2, 2, "sponsor"), Seat(3, 3, "reviewer"), Seat(6, 6, "sponsor"))
TAKEN = (Taken(Seat(2, 2, "sponsor"), "approve"),)
NO_ROLE = no(
    "This round is answered by: sponsor and independent reviewer. You hold no such role in this project, and stand in for "
    "nobody who does."
)


@pytest.mark.parametrize(
    ("who", "review", "offered", "taken", "changed", "answer"),
    [
        (SPONSOR, round_of(), OWN, (), False, None),
        (OTHER, round_of(), (*OWN, Seat(5, 3, "reviewer")), TAKEN, False, None),
        (SPONSOR, round_of("approved"), OWN, (), False, no("This round is closed: approved.", "round_closed", 409)),
        (SPONSOR, round_of(project="stopped"), OWN, (), False, no("The project is stopped; nothing in it is decided any more.", "project_closed", 409)),
        (SPONSOR, round_of("in_feedback"), OWN, (), False, no("Advice is gathered; the decision comes after it.", "round_state", 409)),
        (SPONSOR, round_of("in_feedback", feedback_until=date(2026, 8, 3)), OWN, (), False,
         no("Advice is gathered until 3 August 2026; the decision comes after it.", "round_state", 409)),
        (SPONSOR, round_of("submitted"), OWN, (), False, no("This round is submitted.", "round_state", 409)),
        (GONE, round_of(), OWN, (), False, no("Your access has ended. Ask an administrator.", "person_inactive")),
        (SPONSOR, round_of(), OWN, TAKEN, False, no("You have answered this round already.", "already_answered", 409)),
        (OTHER, round_of(), (*OWN, Seat(5, 2, "sponsor")), TAKEN, False,
         no("Somebody has answered for this seat already, so it is not answered twice.", "already_answered", 409)),
        (OTHER, round_of(), OWN, (), False, NO_ROLE),
        (SPONSOR, round_of(requester=SPONSOR), (), (), False, ASKED),
        (SPONSOR, round_of(authors=[2]), (), (), False, WROTE),
        (SPONSOR, round_of(), (), (), False, NO_ROLE),
        (SPONSOR, round_of(), OWN, (), True, no(permits.EVIDENCE_CHANGED, "evidence_changed", 409)),
        (SPONSOR, round_of(policy={}), (), (), False,
         no("Nobody may answer in this round: its policy names no role.")),
    ],
)  # fmt: skip
def test_who_decides(who: User, review: Round, offered: Any, taken: Any, changed: bool, answer: Any) -> None:
    table = Table(rules=review.policy, offered=offered, taken=taken)
    verdict = permits.may_decide(who, review, roles=ROLES[who.pk], table=table, has_changed=changed)
    assert said(verdict) == answer


def test_a_yes_carries_no_reasons() -> None:
    assert permits.may_submit(LEAD, stage(), last=None, roles=ROLES[1]) == ALLOWED


# Conditions: the writer owns, the reviewer verifies, the sponsor decided.


def condition(state: str = "open", *, round_state: str = "approved_with_conditions", **others: Any) -> Condition:
    review = round_of(round_state, project=others.pop("project", "active"))
    decision = Decision(round=review, decider=SPONSOR, holder=SPONSOR, stands=others.pop("stands", True))
    return Condition(
        project=review.project, round=review, decision=decision, owner=WRITER, verifier=others.pop("verifier", REVIEWER),
        state=state,
    )  # fmt: skip


OWNS = no("You own this condition, so somebody else judges it.", "owner_cannot_verify")
VERIFIES = no("Only Rui Reviewer verifies this condition.")
CLAIMS = no("Only its owner, Wim Writer, says that a condition is done.")
ENDED = no("Your access has ended. Ask an administrator.", "person_inactive")
UNBOUND = no(
    "The approval that this condition belongs to was not given, so there is nothing to do about it.",
    "condition_not_binding",
    409,
)
NOT_CLAIMED = no("Its owner has not said yet that it is done.", "condition_state", 409)


@pytest.mark.parametrize(
    ("who", "deed", "given", "answer"),
    [
        (WRITER, "claim", condition(), None),
        (REVIEWER, "claim", condition(), CLAIMS),
        (WRITER, "claim", condition("claimed"), no("Its owner has said already that it is done; now it is verified.", "condition_state", 409)),
        (REVIEWER, "verify", condition("claimed"), None),
        (REVIEWER, "send_back", condition("claimed"), None),
        (REVIEWER, "verify", condition(), NOT_CLAIMED),
        (REVIEWER, "send_back", condition(), NOT_CLAIMED),
        (WRITER, "verify", condition("claimed"), OWNS),
        (WRITER, "verify", condition("claimed", verifier=WRITER), OWNS),
        (WRITER, "drop", condition(), OWNS),
        (WRITER, "move", condition(), OWNS),
        (SPONSOR, "verify", condition("claimed"), VERIFIES),
        (SPONSOR, "send_back", condition("claimed"), VERIFIES),
        (REVIEWER, "move", condition(), None),
        (SPONSOR, "move", condition("claimed"), None),
        (LEAD, "move", condition(), no("Only its verifier, or somebody who decided the round, moves a condition.")),
        (SPONSOR, "drop", condition(), None),
        (SPONSOR, "drop", condition("claimed"), None),
        (REVIEWER, "drop", condition(), no("Only somebody who decided the round may take a condition back.")),
        (GONE, "drop", condition(), ENDED),
        (WRITER, "claim", condition(project="stopped"), no("The project is stopped and can only be read.", "project_closed", 409)),
        (WRITER, "claim", condition(project="in_use"), None),
        (WRITER, "claim", condition(round_state="awaiting_decision"), UNBOUND),
        (WRITER, "claim", condition(round_state="rejected"), UNBOUND),
        (WRITER, "claim", condition(stands=False), UNBOUND),
        (WRITER, "claim", condition(round_state="revoked"), None),
        (WRITER, "claim", condition("met"), no("This condition is closed: met.", "condition_closed", 409)),
        (REVIEWER, "move", condition("lapsed"), no("This condition is closed: overdue, approval revoked.", "condition_closed", 409)),
    ],
)  # fmt: skip
def test_who_does_what_with_a_condition(who: User, deed: str, given: Condition, answer: Any) -> None:
    assert said(condition_permits.may(who, deed, given, deciders={SPONSOR.pk})) == answer


MEMBERS_ONLY = no("Only members of the project give advice on its rounds. Ask the lead to name you one.")


@pytest.mark.parametrize(
    ("who", "review", "answer"),
    [
        (REVIEWER, round_of(), None),
        (REVIEWER, round_of("in_feedback"), None),
        (OTHER, round_of(), MEMBERS_ONLY),
        (GONE, round_of(), MEMBERS_ONLY),
        (LEAD, round_of(), no("You asked for this decision, so the advice comes from others.", "requester_cannot_advise")),
        (WRITER, round_of(), no("You wrote part of this evidence, so the advice comes from others.", "author_cannot_advise")),
        (REVIEWER, round_of("approved"), no("This round is approved, so no more advice is taken.", "round_closed", 409)),
        (REVIEWER, round_of("draft"), no("This round is draft, so no more advice is taken.", "round_closed", 409)),
    ],
)  # fmt: skip
def test_who_gives_advice(who: User, review: Round, answer: Any) -> None:
    assert said(feedback_permits.may_feedback(who, review, roles=ROLES[who.pk])) == answer


NOT_ITS_AUTHOR = no(
    "Only who raised an issue says that it is settled. Ask them; a decider may go on in spite of it and says why."
)


@pytest.mark.parametrize(
    ("who", "author", "state", "answer"),
    [
        (REVIEWER, REVIEWER, "awaiting_decision", None),
        (SPONSOR, REVIEWER, "awaiting_decision", NOT_ITS_AUTHOR),
        (GONE, GONE, "awaiting_decision", NOT_ITS_AUTHOR),
        (
            REVIEWER,
            REVIEWER,
            "rejected",
            no("This round is rejected, so no more advice is taken.", "round_closed", 409),
        ),
    ],
)
def test_who_settles_an_issue(who: User, author: User, state: str, answer: Any) -> None:
    given = Feedback(round=round_of(state), author=author, grade="major", given_at=timezone.now())
    assert said(feedback_permits.may_settle(who, given)) == answer


# Seats: own ones, and those of people for whom somebody stands in, one hop.


def member(person: User, role: str, *, left: bool = False) -> Member:
    return Member(user=person, role=role, left_at=timezone.now() if left else None)


def cover(giver: User, stand_in: User, role: str = "") -> Delegation:
    return Delegation(from_person=giver, to_person=stand_in, role=role)


PRESENT = [
    member(LEAD, "lead"), member(SPONSOR, "sponsor"), member(SPONSOR, "reviewer"), member(REVIEWER, "reviewer"),
    member(WRITER, "contributor"),
]  # fmt: skip
OWN_SEATS = (Seat(2, 2, "sponsor"), Seat(2, 2, "reviewer"), Seat(3, 3, "reviewer"))


@pytest.mark.parametrize(
    ("members", "covers", "rules", "found"),
    [
        (PRESENT, [], RULES, OWN_SEATS),
        (PRESENT, [], {}, ()),
        (PRESENT, [], {"quorum": policy.seat("sponsor")}, OWN_SEATS[:1]),
        ([member(SPONSOR, "sponsor", left=True)], [], RULES, ()),
        ([member(GONE, "sponsor"), *PRESENT], [], RULES, OWN_SEATS),
        ([member(LEAD, "sponsor"), member(WRITER, "sponsor"), *PRESENT], [], RULES, OWN_SEATS),
        ([member(WRITER, "sponsor"), *PRESENT], [], {**RULES, "self_approval_of": [4]}, (Seat(4, 4, "sponsor"), *OWN_SEATS)),
        (PRESENT, [cover(SPONSOR, OTHER)], RULES, (*OWN_SEATS, Seat(5, 2, "sponsor"), Seat(5, 2, "reviewer"))),
        (PRESENT, [cover(SPONSOR, OTHER, "sponsor")], RULES, (*OWN_SEATS, Seat(5, 2, "sponsor"))),
        (PRESENT, [cover(SPONSOR, OTHER), cover(SPONSOR, OTHER, "reviewer")], RULES,
         (*OWN_SEATS, Seat(5, 2, "sponsor"), Seat(5, 2, "reviewer"))),
        # Who is gone, asked, wrote or works on the project does not keep the next one from standing in.
        (PRESENT, [cover(SPONSOR, GONE), cover(REVIEWER, OTHER)], RULES, (*OWN_SEATS, Seat(5, 3, "reviewer"))),
        (PRESENT, [cover(SPONSOR, WRITER), cover(REVIEWER, OTHER)], RULES, (*OWN_SEATS, Seat(5, 3, "reviewer"))),
        (PRESENT[1:4], [cover(SPONSOR, WRITER), cover(REVIEWER, OTHER)], RULES, (*OWN_SEATS, Seat(5, 3, "reviewer"))),
        (PRESENT[1:4], [cover(SPONSOR, LEAD), cover(REVIEWER, OTHER)], RULES, (*OWN_SEATS, Seat(5, 3, "reviewer"))),
        ([*PRESENT, member(OTHER, "contributor")], [cover(SPONSOR, OTHER)], RULES, OWN_SEATS),
        (PRESENT, [cover(SPONSOR, OTHER), cover(OTHER, User(pk=7, name="Uma"))], RULES,
         (*OWN_SEATS, Seat(5, 2, "sponsor"), Seat(5, 2, "reviewer"))),
    ],
)  # fmt: skip
def test_who_may_sit_where(members: Any, covers: Any, rules: Any, found: Any) -> None:
    seats = permits.offered_seats(
        rules=rules, requester_id=LEAD.pk, authors=frozenset({WRITER.pk}), members=members, delegations=covers
    )
    assert seats == found


def test_the_table_of_a_round_is_made_of_what_stands() -> None:
    stands = Decision(decider=OTHER, holder=SPONSOR, role="sponsor", verdict="approve", stands=True)
    taken_back = Decision(decider=REVIEWER, holder=REVIEWER, role="reviewer", verdict="reject", stands=False)
    table = permits.table_of(
        round_of(), members=[*PRESENT, member(WRITER, "sponsor"), member(LEAD, "sponsor")],
        delegations=[cover(SPONSOR, OTHER, "sponsor")], decisions=[stands, taken_back],
    )  # fmt: skip
    assert table.rules == RULES
    assert table.offered == (*OWN_SEATS, Seat(5, 2, "sponsor"))
    assert table.taken == (Taken(Seat(5, 2, "sponsor"), "approve"),)
    assert table.free == (Seat(3, 3, "reviewer"),)


# Policies and exceptions.

GRANTS = no(
    "Only a sponsor or a risk officer of the project may grant an exception; managing rights give no right to it."
)
ADMINISTRATOR, MANAGER = User(pk=7, is_administrator=True), User(pk=8, is_manager=True)


@pytest.mark.parametrize(
    ("who", "roles", "state", "favoured", "answer"),
    [
        (OTHER, set(), "active", None, GRANTS),
        (REVIEWER, {Role.REVIEWER}, "active", None, GRANTS),
        (GONE, {Role.SPONSOR}, "active", None, GRANTS),
        (LEAD, {Role.LEAD, Role.SPONSOR}, "active", None, no("You lead this project, so somebody else grants its exceptions.", "lead_cannot_grant")),
        (SPONSOR, {Role.SPONSOR}, "stopped", None, no("The project is stopped; nothing is decided in it.", "project_closed", 409)),
        (SPONSOR, {Role.SPONSOR}, "active", SPONSOR, no("Nobody grants an exception to themselves. Ask another sponsor.", "own_waiver")),
    ],
)  # fmt: skip
def test_who_grants_no_exception(who: User, roles: set[str], state: str, favoured: User | None, answer: Any) -> None:
    project = Project(pk=1, state=state)
    assert said(policy_permits.may_grant(who, project, favoured=favoured, roles=frozenset(roles))) == answer


@pytest.mark.django_db
def test_who_asks_for_a_decision_grants_no_exception_meanwhile() -> None:
    # In a project without rounds nobody asks, so sponsors and risk officers grant; and not only to others by name.
    for role in (Role.SPONSOR, Role.RISK):
        for favoured in (None, REVIEWER):
            granted = policy_permits.may_grant(
                SPONSOR, Project(pk=1, state="in_use"), favoured=favoured, roles=frozenset({role})
            )
            assert said(granted) is None


@pytest.mark.django_db
def test_who_asked_in_another_project_grants_here(review: Round, project: Project, lead: User) -> None:
    roles = frozenset({Role.SPONSOR.value})
    assert said(policy_permits.may_grant(lead, project, roles=roles)) == no(
        "You ask for a decision in this project now, so somebody else grants its exceptions.", "requester_cannot_grant"
    )
    assert said(policy_permits.may_grant(lead, Project(pk=project.pk + 1, state="active"), roles=roles)) is None
    assert said(policy_permits.may_grant(SPONSOR, project, roles=roles)) is None


@pytest.mark.parametrize(
    ("who", "roles", "may"),
    [
        (WRITER, set(), True),  # who granted it
        (OTHER, {Role.SPONSOR}, True),
        (OTHER, {Role.RISK}, True),
        (OTHER, {Role.LEAD}, True),
        (OTHER, {Role.REVIEWER}, False),
        (OTHER, set(), False),
        (GONE, {Role.LEAD}, False),
    ],
)
def test_who_ends_an_exception(who: User, roles: set[str], may: bool) -> None:
    waiver = Waiver(project=Project(pk=1), granted_by=WRITER)
    answer = no("Only who granted it, a sponsor, a risk officer or the project lead may end an exception.")
    assert said(policy_permits.may_end(who, waiver, roles=frozenset(roles))) == (None if may else answer)


def test_who_changes_policies_and_reads_exceptions_of_all_projects() -> None:
    assert said(policy_permits.may_change_policy(ADMINISTRATOR)) is None
    assert said(policy_permits.may_read_all(MANAGER)) is None
    only_administrators = no("Only administrators may change a policy. Ask one of them.")
    assert said(policy_permits.may_change_policy(MANAGER)) == only_administrators
    assert said(policy_permits.may_change_policy(User(is_administrator=True, is_active=False))) == only_administrators
    assert said(policy_permits.may_read_all(SPONSOR)) == no(
        "Only managers, auditors and administrators read exceptions of all projects. Each project shows its own."
    )
