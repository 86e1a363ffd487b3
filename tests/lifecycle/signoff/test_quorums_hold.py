"""Whatever people do, on whatever day, under whatever policy: the quorum holds. Deeds are drawn by hypothesis.

TOLLGATE_PROOF_RUNS sets how many runs are drawn; a long proof is some hundreds. With it, every run is another one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import hypothesis.strategies as st
import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.people.services import deactivate, reactivate
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import TEAM, Delegation, Deliverable, Member, Project, Role, Stage, StageReturn
from lifecycle.projects.services import add_member, answer_question, remove_member, start_project, write_version
from lifecycle.projects.services.delegating import delegate, end_delegation
from lifecycle.signoff import moves, policy
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.manifest import items_of, lapsed_items, present_hashes
from lifecycle.signoff.models import Condition, Decision, Feedback, PolicyVersion, Round, Waiver
from lifecycle.signoff.permits.rounds import may_withdraw, table_of
from lifecycle.signoff.seats import Seat
from lifecycle.signoff.services import decide, go_back, submit_round, withdraw_decision, withdraw_round
from lifecycle.signoff.services.condition_deeds import (
    claim_condition,
    drop_condition,
    send_back_condition,
    verify_condition,
)
from lifecycle.signoff.services.condition_terms import move_condition
from lifecycle.signoff.services.feedback import give_feedback, open_majors, settle_feedback
from lifecycle.signoff.services.sweeping import sweep
from lifecycle.signoff.services.waivers import end_waiver, grant_waiver
from lifecycle.signoff.signing import VALID, signature_state
from tests.lifecycle.signoff.test_policy_rules import ROLES, means, open_trees

PASSWORD = "correct horse battery staple"
RUNS = int(os.environ.get("TOLLGATE_PROOF_RUNS", "0"))
MEMBERS: dict[str, list[str]] = {
    "second_lead": [Role.LEAD, Role.SPONSOR],
    "sponsor": [Role.SPONSOR],
    "both": [Role.SPONSOR, Role.REVIEWER],
    "reviewer": [Role.REVIEWER],
    "officer": [Role.RISK, Role.REVIEWER],
    "writer": [Role.CONTRIBUTOR],
    "author": [Role.CONTRIBUTOR, Role.REVIEWER],
    "viewer": [Role.VIEWER],
}
PEOPLE = ("lead", *MEMBERS, "outsider", "administrator")
anybody = st.sampled_from(PEOPLE)
judges = st.sampled_from(["sponsor", "both", "reviewer", "officer", "second_lead", "author", "outsider", "viewer"])
some = st.integers(0, 5)
now_and_then = st.sampled_from([False, False, False, True])


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """A policy, often a small one, or nothing would ever be approved."""
    small = st.builds(policy.seat, st.sampled_from(ROLES), st.sampled_from([1, 1, 2, policy.ALL]))
    quorum = draw(st.one_of(small, st.lists(small, min_size=2, max_size=2).map(lambda two: {"and": two}), open_trees))
    advice = draw(now_and_then)
    return {
        **policy.shipped_policy("high"),
        "name": "Drawn",
        "quorum": quorum,
        "emergency": draw(small),
        "self_approval": draw(now_and_then) and draw(now_and_then),
        "advisers": ["viewer"] if advice else [],
        "feedback": 1 if advice else 0,
        "grace": draw(st.integers(0, 2)),
        "emergency_days": draw(st.integers(1, 3)),
        "months": draw(st.integers(0, 1)),
    }


def quietly(deed: Callable[..., Any], **given: Any) -> Any:
    """What the deed gives, or the code of its refusal."""
    try:
        with transaction.atomic():
            return deed(**given)
    except Refused as refusal:
        return refusal.code


class Quorums(RuleBasedStateMachine):
    """One project from beginning to end; each run is another one."""

    methodology: ClassVar[Methodology]
    everybody: ClassVar[dict[str, User]]
    seen: ClassVar[Counter[str]]
    turn = 0

    def __init__(self) -> None:
        super().__init__()
        Quorums.turn += 1
        self.time = time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False)
        self.clock = self.time.start()
        # (the quorum that tier or emergency ask for, counted; whether the gate wants a reviewer) by round
        self.asked: dict[int, tuple[Any, bool]] = {}
        self.closed: dict[int, tuple[Any, ...]] = {}
        self.told: dict[int, int] = {}
        User.objects.filter(is_active=False).update(is_active=True)
        for person in self.everybody.values():
            person.refresh_from_db()
        Delegation.objects.filter(ended_at=None).update(ended_at=timezone.now(), ended_by=self.who("administrator"))

    def teardown(self) -> None:
        self.time.stop()

    def who(self, name: str) -> User:
        return self.everybody[name]

    @initialize(first=policies(), tier=st.sampled_from(["low", "medium", "high"]))
    def begin(self, first: dict[str, Any], tier: str) -> None:
        self.project: Project = start_project(
            actor=self.who("lead"),
            key=f"q-{Quorums.turn}",
            name="Triage",
            question="Which first?",
            methodology=self.methodology,
            started_on=date(2026, 1, 5),
            risk=Project.Risk(tier),
        )
        for name, roles in MEMBERS.items():
            for role in roles:
                Member.objects.create(project=self.project, user=self.who(name), role=role)
        self.change_policy(first)
        self.complete("writer")

    @rule(content=policies())
    def change_policy(self, content: dict[str, Any]) -> None:
        number = PolicyVersion.objects.filter(tier=self.project.risk).count() + 1
        PolicyVersion.objects.create(
            tier=self.project.risk, number=number, content=content, reason="Drawn.", by=self.who("administrator")
        )
        self.policy = content

    def newest(self) -> Round | None:
        found: Round | None = Round.objects.filter(project=self.project).order_by("-pk").first()
        return found

    def stage_in_work(self) -> Stage:
        begun = Stage.objects.filter(project=self.project, is_current=True).exclude(state=Stage.State.WAITING)
        return begun.select_related("project").order_by("-order")[0]

    # The work

    @rule(by=st.sampled_from(["writer", "writer", "author"]))
    def complete(self, by: str) -> None:
        stage = self.stage_in_work()
        for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED, latest_number=0):
            quietly(write_version, actor=self.who(by), deliverable=deliverable, expected_number=0, text="Written.")
        for question in stage.questions.filter(answers__isnull=True):
            quietly(answer_question, actor=self.who(by), question=question, text="Answered.", expected_number=0)

    @rule(by=st.sampled_from(["writer", "author", "sponsor"]), first=now_and_then)
    def edit(self, by: str, first: bool) -> None:
        stage = self.project.stages.get(order=1, is_current=True) if first else self.stage_in_work()
        written = stage.deliverables.filter(latest_number__gt=0).first()
        if written is not None:
            number = written.latest_number
            quietly(
                write_version, actor=self.who(by), deliverable=written, expected_number=number, text=f"After {number}."
            )

    # Rounds

    @rule(by=st.sampled_from(["lead", "lead", "second_lead", "writer"]), emergency=st.booleans(), first=now_and_then)
    def submit(self, by: str, emergency: bool, first: bool) -> None:
        stage = self.project.stages.get(order=1, is_current=True) if first else self.stage_in_work()
        open_before = stage.rounds.filter(state__in=moves.OPEN_STATES).count()
        review = quietly(
            submit_round, actor=self.who(by), stage=stage, title="May we?", emergency="It burns." if emergency else ""
        )
        assert stage.rounds.filter(state__in=moves.OPEN_STATES).count() <= 1
        if isinstance(review, str) or open_before:
            return
        node = policy.quorum_of({"quorum": self.policy["emergency" if emergency else "quorum"]})
        for waiver in review.policy.get("waivers", []):
            if waiver["what"] == "role" and not waiver["ignored"] and node is not None:
                node = policy.without_role(node, waiver["role"])
        holders = Counter(seat.role for seat in self.seats(review) if seat.is_own)
        waived = {waiver["role"] for waiver in review.policy.get("waivers", [])}
        gate = bool(stage.gate.get("independent_reviewer")) and not emergency and "reviewer" not in waived
        self.asked[review.pk] = (None if node is None else policy.counted(node, holders), gate)
        assert table_of(review).can_be_met
        assert policy.ALL not in str(review.policy["quorum"])
        self.seen["emergency" if emergency else "submitted"] += 1

    def ready(self) -> None:
        """A round is open, if one can be: or most deeds would find nothing to do."""
        review = self.newest()
        if review is None or not review.is_open:
            self.complete("writer")
            self.submit("lead", False, False)

    def somebody_free(self, place: int) -> str | None:
        """Who could answer the newest round, if anybody."""
        review = self.newest()
        free = sorted({seat.decider for seat in table_of(review).free}) if review else []
        names = {user.pk: name for name, user in self.everybody.items()}
        return names[free[place % len(free)]] if free else None

    def seats(self, review: Round) -> set[Seat]:
        """Who may sit where now, told anew: members of the deciding roles, and one hop of standing in."""
        rules, today = review.policy, timezone.localdate()

        def apart(user: User) -> bool:
            free = rules.get("self_approval") or user.pk in rules.get("self_approval_of", [])
            return bool(free) or user.pk not in {review.requester_id, *review.authors}

        present = list(
            Member.objects.filter(project=self.project, left_at=None, user__is_active=True).select_related("user")
        )
        named = str(rules["quorum"])
        held = [one for one in present if f"'{one.role}'" in named and apart(one.user)]
        found = {Seat(one.user_id, one.user_id, one.role) for one in held}
        team = {one.user_id for one in present if one.role in TEAM}
        for cover in Delegation.objects.filter(ended_at=None, starts_on__lte=today, ends_on__gte=today).select_related(
            "to_person"
        ):
            one = cover.to_person
            if one.is_active and one.pk not in team and apart(one) and cover.project_id in (None, self.project.pk):
                found |= {
                    Seat(one.pk, member.user_id, member.role)
                    for member in held
                    if member.user_id == cover.from_person_id and cover.role in ("", member.role)
                }
        return found

    @rule(
        by=st.one_of(st.none(), st.none(), judges),
        verdict=st.sampled_from(["approve"] * 5 + ["approve_with_conditions"] * 2 + ["request_changes", "reject"]),
        seat=some,
        override=st.booleans(),
        old=now_and_then,
    )
    def decide(self, by: str | None, verdict: str, seat: int, override: bool, old: bool) -> None:
        if not old:
            self.ready()
        rounds = Round.objects.filter(project=self.project).order_by("pk" if old else "-pk")
        review = rounds.select_related("project").first()
        person = self.who(by or self.somebody_free(seat) or "sponsor")
        if review is None or not person.is_active:
            return
        was = review.state
        heard = review.decisions.filter(stands=True)
        deciders, holders = ({getattr(one, key) for one in heard} for key in ("decider_id", "holder_id"))
        mine = sorted(
            (one for one in self.seats(review) if one.decider == person.pk and one.holder not in holders),
            key=lambda one: (one.holder, one.role),
        )
        mine = [] if person.pk in deciders else mine
        chosen = mine[seat % len(mine)].holder if mine and seat else None
        items = items_of(review.manifest)
        changed = lapsed_items(items, present_hashes(self.project, items))
        majors = verdict in policy.YES and not override and open_majors(review)
        rows = [
            {
                "text": "Test it.",
                "owner_id": self.who("writer").pk,
                "verifier_id": person.pk,
                "due_on": timezone.localdate() + timedelta(days=seat),
            }
        ]
        given = quietly(
            decide,
            actor=person,
            round_id=review.pk,
            verdict=verdict,
            reason="Because.",
            password=PASSWORD,
            digest=review.digest,
            on_behalf_of=chosen,
            override="It may wait." if override else "",
            conditions=rows if verdict == "approve_with_conditions" else [],
        )
        review.refresh_from_db()
        if isinstance(given, str):
            assert review.state == was
            may = was == moves.AWAITING and mine and not changed and not majors
            assert not may or given == "condition_owner", given
            self.seen[given] += 1
            return
        assert was == moves.AWAITING
        assert not changed
        assert not majors
        assert Seat(given.decider_id, given.holder_id, given.role) in mine
        assert chosen in (None, given.holder_id)
        self.seen["cover" if given.on_behalf_of_id else verdict] += 1

    @rule(verdict=st.sampled_from(["approve"] * 4 + ["approve_with_conditions", "reject"]))
    def a_round_as_usual(self, verdict: str) -> None:
        """Everybody who may, answers, so that runs come further than the first stage."""
        self.complete("writer")
        self.submit("lead", False, False)
        for number in range(6):
            review = self.newest()
            if review is None or review.state != moves.AWAITING:
                return
            self.decide(None, verdict if number == 0 else "approve", 0, True, False)

    @rule(place=some)
    def a_mistake(self, place: int) -> None:
        """An answer that is taken back at once."""
        self.decide(None, "approve", place, True, False)
        self.take_back(None, 0)

    @rule(verdict=st.sampled_from(["request_changes", "reject"]), place=some)
    def a_no(self, verdict: str, place: int) -> None:
        self.decide(None, verdict, place, True, False)

    @rule(days=st.integers(0, 3), met=st.booleans())
    def a_round_of_covers(self, days: int, met: bool) -> None:
        """The sponsor's stand-in approves on a condition; its owner claims it, and it is verified or waits."""
        self.stand_in("sponsor", "outsider", "", 2, True)
        self.complete("writer")
        self.submit("lead", False, False)
        self.decide("outsider", "approve_with_conditions", days, True, False)
        self.a_round_as_usual("approve")
        self.work_on_condition("claim", 0)
        if met:
            self.work_on_condition("verify", 0)

    @rule(by=st.sampled_from(["lead", "second_lead", "writer", "sponsor"]))
    def withdraw(self, by: str) -> None:
        review = self.newest()
        if review is not None:
            quietly(withdraw_round, actor=self.who(by), round_id=review.pk)

    @rule(by=st.one_of(st.none(), judges), place=some)
    def take_back(self, by: str | None, place: int) -> None:
        """Its signer, or somebody else, takes a signature back."""
        given = list(Decision.objects.filter(round__project=self.project).select_related("decider").order_by("-pk")[:3])
        if given:
            one = given[place % len(given)]
            actor = one.decider if by is None else self.who(by)
            done = quietly(withdraw_decision, actor=actor, decision_id=one.pk, reason="A mistake.", password=PASSWORD)
            assert isinstance(done, str) or actor == one.decider
            self.seen["taken back"] += not isinstance(done, str)

    @rule(by=st.sampled_from(["lead", "lead", "second_lead", "sponsor"]), to=some)
    def return_to(self, by: str, to: int) -> None:
        stages = list(Stage.objects.filter(project=self.project, is_current=True).order_by("order"))
        quietly(go_back, actor=self.who(by), stage=self.stage_in_work(), to_key=stages[to].key, reason="Wrong.")

    # Advice, exceptions, conditions

    @rule(by=anybody, grade=st.sampled_from(["fine", "minor", "major", "major"]))
    def advise(self, by: str, grade: str) -> None:
        self.ready()
        review = self.newest()
        if review is not None:
            done = quietly(give_feedback, actor=self.who(by), round_id=review.pk, grade=grade, text="Look.")
            self.seen["major"] += grade == "major" and not isinstance(done, str)

    @rule()
    def settle(self) -> None:
        given = Feedback.objects.filter(round__project=self.project, settled_at=None).select_related("author").last()
        if given is not None:
            quietly(settle_feedback, actor=given.author, feedback_id=given.pk, note="Seen.")

    @rule(by=st.sampled_from(["sponsor", "officer", "both"]), role=st.sampled_from([None, *ROLES]), to=judges)
    def except_one(self, by: str, role: str | None, to: str) -> None:
        today = timezone.localdate()
        done = quietly(
            grant_waiver,
            actor=self.who(by),
            project=self.project,
            what="role" if role else "self_approval",
            role=role or "",
            person=None if role else self.who(to),
            reason="On leave.",
            starts_on=today,
            ends_on=today + timedelta(days=2),
            password=PASSWORD,
        )
        self.seen["waiver"] += not isinstance(done, str)

    @rule()
    def end_exception(self) -> None:
        waiver = Waiver.objects.filter(project=self.project, ended_at=None).first()
        if waiver is not None:
            end_waiver(actor=self.who("lead"), waiver_id=waiver.pk)

    @rule(deed=st.sampled_from(["claim", "claim", "send_back", "verify", "verify", "drop", "move"]), place=some)
    def work_on_condition(self, deed: str, place: int) -> None:
        found = list(
            Condition.objects.filter(project=self.project).select_related("owner", "verifier").order_by("-pk")[:3]
        )
        if not found:
            return
        one = found[place % len(found)]
        was = one.state
        one.project = self.project
        signed = {"password": PASSWORD, "digest": digest_of_condition(one)}
        given: dict[str, tuple[Callable[..., Any], User, dict[str, Any]]] = {
            "claim": (claim_condition, one.owner, {"note": "Done."}),
            "send_back": (send_back_condition, one.verifier, {"reason": "No."}),
            "verify": (verify_condition, one.verifier, signed),
            "drop": (drop_condition, one.decision.decider, {**signed, "reason": "Not needed."}),
            "move": (
                move_condition, one.verifier,
                {"reason": "Ill.", "due_on": max(one.due_on, timezone.localdate()) + timedelta(days=place)},
            ),
        }  # fmt: skip
        service, actor, rest = given[deed]
        done = quietly(service, actor=actor, condition_id=one.pk, **rest)
        assert isinstance(done, str) or was in moves.OPEN_CONDITIONS
        self.seen[f"condition {deed}"] += not isinstance(done, str)

    # People and time

    @rule(
        away=judges,
        cover=anybody,
        role=st.sampled_from(["", "", *ROLES]),
        days=st.integers(1, 4),
        everywhere=st.booleans(),
    )
    def stand_in(self, away: str, cover: str, role: str, days: int, everywhere: bool) -> None:
        today = timezone.localdate()
        quietly(
            delegate,
            actor=self.who(away),
            from_person=self.who(away),
            to_person=self.who(cover),
            starts_on=today,
            ends_on=today + timedelta(days=days - 1),
            reason="Away.",
            project=None if everywhere else self.project,
            role=role,
        )

    @rule(place=some)
    def end_cover(self, place: int) -> None:
        found = list(Delegation.objects.filter(ended_at=None).order_by("pk"))
        if found:
            end_delegation(actor=self.who("administrator"), delegation_id=found[place % len(found)].pk)

    @rule(who=judges)
    def leave(self, who: str) -> None:
        member = Member.objects.filter(project=self.project, user=self.who(who), left_at=None).first()
        if member is not None:
            quietly(remove_member, actor=self.who("lead"), member=member)

    @rule(who=judges, role=st.sampled_from([*ROLES, *ROLES, "contributor", "lead"]))
    def join(self, who: str, role: str) -> None:
        quietly(add_member, actor=self.who("lead"), project=self.project, user=self.who(who), role=role)

    @rule(who=judges, back=st.booleans())
    def lose_or_get_access(self, who: str, back: bool) -> None:
        person = User.objects.get(pk=self.who(who).pk)
        quietly(reactivate if back else deactivate, actor=self.who("administrator"), person=person)
        self.everybody[who].refresh_from_db()

    @rule(days=st.sampled_from([0, 1, 1, 2, 4, 9, 40]))
    def time_goes_on(self, days: int) -> None:
        approved = Round.objects.filter(project=self.project, state__in=moves.APPROVALS)
        before = set(approved.values_list("pk", flat=True))
        self.clock.shift(timedelta(days=days))
        self.seen["revoked by time"] += sum("is revoked" in line for line in sweep())
        assert sweep() == []  # what is done is done
        assert set(approved.values_list("pk", flat=True)) <= before

    # What always holds

    @invariant()
    def an_approval_has_the_people_that_its_policy_asks_for(self) -> None:
        for review in Round.objects.filter(project=self.project, state__in=moves.APPROVALS).select_related("project"):
            answers = list(review.decisions.filter(stands=True).select_related("signature"))
            assert len({one.decider_id for one in answers}) == len({one.holder_id for one in answers}) == len(answers)
            assert {one.verdict for one in answers} <= policy.YES
            given = {role: sum(one.role == role for one in answers) for role in ROLES}
            asked, reviewed = self.asked[review.pk]
            assert means(review.policy["quorum"], given)
            assert asked is None or means(asked, given)
            assert not reviewed or given["reviewer"]
            if not review.policy["self_approval"]:
                part = {review.requester_id, *review.authors} - set(review.policy.get("self_approval_of", []))
                assert not part & {person for one in answers for person in (one.decider_id, one.holder_id)}
            assert review.digest == digest_of(review.manifest)
            for one in answers:
                assert one.digest == review.digest
                assert signature_state(one.signature, review.digest) == VALID
            items = items_of(review.manifest)
            assert lapsed_items(items, present_hashes(self.project, items)) == []
            assert review.stage.is_current

    @invariant()
    def no_stage_is_skipped(self) -> None:
        stages = list(Stage.objects.filter(project=self.project, is_current=True).order_by("order"))
        begun = [stage for stage in stages if stage.state != "waiting"]
        assert stages[: len(begun)] == begun
        assert all(stage.state == "approved" for stage in begun[:-1])
        for stage in begun:
            if stage.state == "approved":
                assert stage.rounds.filter(state__in=moves.ONCE_APPROVED).exists()
            if stage.state == "in_review":
                assert stage.rounds.filter(state__in=moves.OPEN_STATES).exists()

    @invariant()
    def a_closed_round_stays_as_it_is_and_an_approval_ends_once(self) -> None:
        ends = Entry.objects.filter(
            project_id=self.project.pk, verb__in=["approval_went_stale", "approval_expired", "approval_revoked"]
        )
        ended = Counter(ends.values_list("thing_id", flat=True))
        for review in Round.objects.filter(project=self.project).exclude(state__in=moves.OPEN_STATES):
            answers = tuple(review.decisions.values_list("pk", "decider", "holder", "role", "verdict", "digest"))
            now = (review.digest, review.manifest, review.policy, review.authors, review.closed_at, answers)
            if review.pk in self.closed:
                state, *was = self.closed[review.pk]
                assert tuple(was) == now
                assert review.state == state or (state in moves.APPROVALS and review.state in moves.LAPSED)
            assert ended[str(review.pk)] == (review.state in moves.LAPSED)
            self.closed[review.pk] = (review.state, *now)

    @invariant()
    def an_open_round_can_be_finished_or_the_lead_knows(self) -> None:
        for review in Round.objects.filter(project=self.project, state__in=moves.OPEN_STATES).select_related("project"):
            assert may_withdraw(self.who("lead"), review)
            notices = Notice.objects.filter(event_key__startswith=f"round_nobody:{review.pk}:", user=self.who("lead"))
            if table_of(review).can_be_met:
                self.told[review.pk] = notices.count()
            else:
                assert notices.count() > self.told.get(review.pk, 0)
                self.seen["nobody"] += 1

    @invariant()
    def the_table_is_what_it_should_be(self) -> None:
        for review in Round.objects.filter(project=self.project, state__in=moves.OPEN_STATES).select_related("project"):
            assert set(table_of(review).offered) == self.seats(review)


# What a run must have come to, or it proves little; the rarer things are asked of a long one.
COMMON = ("submitted", "approve", "not_permitted")
RARE = (
    "emergency", "approve_with_conditions", "reject", "request_changes", "cover", "taken back", "major", "waiver",
    "condition claim", "condition verify", "condition drop", "revoked by time", "nobody",
)  # fmt: skip


@pytest.mark.django_db
def test_quorums_hold_in_any_order_of_deeds(crisp_dm: Methodology) -> None:
    people = {
        name: User.objects.create_user(
            f"{name}@example.org", PASSWORD, name=name, mail_notices=False, is_administrator=name == "administrator"
        )
        for name in PEOPLE
    }

    class Machine(Quorums):
        methodology = crisp_dm
        everybody = people
        seen: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=RUNS or 9,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=not RUNS,
            # Of a long run the first story that breaks a rule is told as it is: making it short takes an hour.
            phases=[Phase.generate] if RUNS else [Phase.generate, Phase.shrink],
        ),
    )
    assert [kind for kind in COMMON + (RARE if RUNS >= 100 else ()) if not Machine.seen[kind]] == [], Machine.seen
    if RUNS >= 100:
        states = set(Round.objects.values_list("state", flat=True))
        assert {"approved", "approved_with_conditions", "rejected", "stale", "expired", "revoked"} <= states
        assert StageReturn.objects.exists()
