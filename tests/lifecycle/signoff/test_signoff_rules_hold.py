"""Whatever people do in whatever order: the rules of a round hold. Deeds are drawn by hypothesis."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Deliverable, Member, Project, Role, Stage, StageReturn
from lifecycle.projects.permits import roles_of
from lifecycle.projects.services import add_member, answer_question, start_project, write_version
from lifecycle.signoff import moves
from lifecycle.signoff.manifest import authors_of, items_of, lapsed_items, present_hashes
from lifecycle.signoff.models import Decision, Round, Signature
from lifecycle.signoff.permits.rounds import deciders_of, may_withdraw
from lifecycle.signoff.services import decide, go_back, submit_round, withdraw_round
from lifecycle.signoff.signing import signature_state

PASSWORD = "correct horse battery staple"
PEOPLE = ("lead", "second_lead", "sponsor", "lead_sponsor", "author_sponsor", "contributor", "viewer", "outsider")
ROLES = {
    "second_lead": [Role.LEAD],
    "sponsor": [Role.SPONSOR],
    "lead_sponsor": [Role.LEAD, Role.SPONSOR],
    "author_sponsor": [Role.CONTRIBUTOR, Role.SPONSOR],
    "contributor": [Role.CONTRIBUTOR],
    "viewer": [Role.VIEWER],
}
# Each person at times, those who can do something more often: or most runs would only be refusals.
anybody = st.sampled_from(PEOPLE)
asker = st.one_of(st.sampled_from(["lead", "lead_sponsor", "second_lead"]), anybody)
judge = st.one_of(st.sampled_from(["sponsor", "lead_sponsor", "author_sponsor"]), anybody)
CLOSED = {"changes_requested", "rejected", "withdrawn", "stale"}


class Rounds(RuleBasedStateMachine):
    """People of a project submit, edit, decide, withdraw and go back."""

    methodology: Methodology
    everybody: dict[str, User]
    turn = 0

    def __init__(self) -> None:
        super().__init__()
        Rounds.turn += 1
        self.closed: dict[int, tuple[Any, ...]] = {}
        lead = self.everybody["lead"]
        self.project: Project = start_project(
            actor=lead,
            key=f"p-{Rounds.turn}",
            name="Triage",
            question="Which first?",
            methodology=self.methodology,
            started_on=date(2026, 1, 5),
            risk=Project.Risk.LOW,
        )
        for name, roles in ROLES.items():
            for role in roles:
                Member.objects.create(project=self.project, user=self.everybody[name], role=role)

    def who(self, name: str) -> User:
        return self.everybody[name]

    def newest(self) -> Round | None:
        found: Round | None = Round.objects.filter(project=self.project).order_by("-pk").first()
        return found

    def stage_in_work(self) -> Stage:
        """The last stage that has begun."""
        found = (
            Stage.objects.filter(project=self.project, is_current=True)
            .exclude(state=Stage.State.WAITING)
            .order_by("-order")
            .first()
        )
        assert found is not None
        return found

    @initialize()
    def the_first_stage_is_written(self) -> None:
        self.complete(by="contributor")

    @rule(by=st.sampled_from(["contributor", "contributor", "author_sponsor"]))
    def complete(self, by: str) -> None:
        """Write all that is required and still missing in the stage in work."""
        chosen = self.stage_in_work()
        for deliverable in chosen.deliverables.filter(need=Deliverable.Need.REQUIRED, latest_number=0):
            write_version(actor=self.who(by), deliverable=deliverable, expected_number=0, text="Written.")
        for question in chosen.questions.filter(answers__isnull=True):
            answer_question(actor=self.who(by), question=question, text="Answered.", expected_number=0)

    @rule(by=st.sampled_from(["contributor", "author_sponsor", "viewer"]), first=st.booleans())
    def edit(self, by: str, first: bool) -> None:
        """A further version of something that is written, in the stage in work or in the first one."""
        chosen = self.project.stages.get(order=1, is_current=True) if first else self.stage_in_work()
        deliverable = chosen.deliverables.filter(latest_number__gt=0).first()
        if deliverable is not None:
            with suppress(Refused), transaction.atomic():
                write_version(
                    actor=self.who(by),
                    deliverable=deliverable,
                    expected_number=deliverable.latest_number,
                    text=f"Written after {deliverable.latest_number}.",
                )

    @rule(by=asker, first=st.sampled_from([False, False, True]))
    def submit(self, by: str, first: bool) -> None:
        chosen = self.project.stages.get(order=1, is_current=True) if first else self.stage_in_work()
        had_open = chosen.rounds.filter(state__in=moves.OPEN_STATES).exists()
        with suppress(Refused), transaction.atomic():
            review = submit_round(actor=self.who(by), stage=chosen, title="May we?")
            assert Role.LEAD in roles_of(self.who(by), self.project) or review.requester == self.who(by)
            # A new round begins only where somebody may finish it.
            assert had_open or deciders_of(review)

    @rule(
        by=judge,
        verdict=st.sampled_from(["approve", "approve", "approve", "request_changes", "reject"]),
        old=st.sampled_from([False, False, False, True]),
    )
    def decide(self, by: str, verdict: str, old: bool) -> None:
        """Answer the newest round, or any older one."""
        rounds = Round.objects.filter(project=self.project).order_by("pk" if old else "-pk")
        review = rounds.first()
        if review is None:
            return
        was = review.state
        try:
            with transaction.atomic():
                decide(
                    actor=self.who(by),
                    round_id=review.pk,
                    verdict=verdict,
                    reason="Because.",
                    password=PASSWORD,
                    digest=review.digest,
                )
        except Refused:
            review.refresh_from_db()
            assert review.state == was
            return
        assert was == Round.State.AWAITING
        assert Role.SPONSOR in roles_of(self.who(by), self.project)

    @rule(verdict=st.sampled_from(["approve", "approve", "request_changes", "reject"]))
    def a_round_as_usual(self, verdict: str) -> None:
        """The usual way, so that runs come further than the first stage."""
        self.complete(by="contributor")
        self.submit(by="lead", first=False)
        self.decide(by="sponsor", verdict=verdict, old=False)

    @rule(by=anybody)
    def withdraw(self, by: str) -> None:
        review = self.newest()
        if review is not None:
            with suppress(Refused), transaction.atomic():
                withdraw_round(actor=self.who(by), round_id=review.pk)

    @rule(by=anybody, to=st.sampled_from(["business_understanding", "data_understanding"]))
    def go_back(self, by: str, to: str) -> None:
        with suppress(Refused), transaction.atomic():
            go_back(actor=self.who(by), stage=self.stage_in_work(), to_key=to, reason="Framed wrongly.")
            assert Role.LEAD in roles_of(self.who(by), self.project)

    @rule(leaves=st.sampled_from([False, False, True]))
    def the_sponsor_leaves_or_comes(self, leaves: bool) -> None:
        own = Member.objects.filter(project=self.project, user=self.who("sponsor"))
        if leaves:
            own.update(left_at=timezone.now())
        elif not own.filter(left_at__isnull=True).exists():
            add_member(actor=self.who("lead"), project=self.project, user=self.who("sponsor"), role=Role.SPONSOR)

    @invariant()
    def who_decided_had_no_part_in_it(self) -> None:
        for decision in Decision.objects.filter(round__project=self.project).select_related("round", "decider"):
            review = decision.round
            assert decision.decider_id != review.requester_id
            assert decision.decider_id not in authors_of(review.manifest)
            assert decision.role == Role.SPONSOR
            assert decision.decider.email.split("@")[0] in {"sponsor", "lead_sponsor", "author_sponsor"}
            assert decision.digest == review.digest == digest_of(review.manifest)

    @invariant()
    def each_answer_is_signed_once(self) -> None:
        decisions = Decision.objects.filter(round__project=self.project)
        assert decisions.count() == Signature.objects.filter(project=self.project).count()
        for decision in decisions.select_related("signature"):
            assert signature_state(decision.signature, decision.digest) == "valid"

    @invariant()
    def every_approval_has_its_decision_and_fits_its_evidence(self) -> None:
        for review in Round.objects.filter(project=self.project, state__in=moves.APPROVALS):
            assert review.decisions.filter(verdict="approve").exists()
            items = items_of(review.manifest)
            assert lapsed_items(items, present_hashes(self.project, items)) == []
            assert review.stage.is_current

    @invariant()
    def no_stage_is_skipped(self) -> None:
        states = list(
            Stage.objects.filter(project=self.project, is_current=True)
            .order_by("order")
            .values_list("state", flat=True)
        )
        begun = [state for state in states if state != "waiting"]
        assert states == begun + ["waiting"] * (len(states) - len(begun))
        assert all(state == "approved" for state in begun[:-1])
        for stage in Stage.objects.filter(project=self.project, is_current=True, state="approved"):
            assert stage.rounds.filter(decisions__verdict="approve").exists()

    @invariant()
    def a_closed_round_never_changes_except_that_an_approval_lapses(self) -> None:
        for review in Round.objects.filter(project=self.project).exclude(state__in=moves.OPEN_STATES):
            now = (review.digest, review.manifest, review.policy, review.decisions.count(), review.closed_at)
            state = review.state
            if review.pk in self.closed:
                was_state, *was = self.closed[review.pk]
                assert tuple(was) == now
                assert state == was_state or (was_state == "approved" and state == "stale")
            assert state in CLOSED | {"approved"}
            self.closed[review.pk] = (state, *now)

    @invariant()
    def an_open_round_can_be_finished(self) -> None:
        for review in Round.objects.filter(project=self.project, state__in=moves.OPEN_STATES):
            assert review.state == Round.State.AWAITING
            ways = [someone for someone in self.everybody.values() if may_withdraw(someone, review)]
            assert ways
            # Whoever may decide can: nobody who asked or wrote is among them.
            assert not {one.pk for one in deciders_of(review)} & ({review.requester_id} | authors_of(review.manifest))


@pytest.mark.django_db
def test_the_rules_hold_in_any_order_of_deeds(crisp_dm: Methodology) -> None:
    people = {
        name: User.objects.create_user(f"{name}@example.org", PASSWORD, name=name, mail_notices=False)
        for name in PEOPLE
    }

    class Machine(Rounds):
        methodology = crisp_dm
        everybody = people

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
        ),
    )
    # The run is worth something only if it came to every kind of end.
    assert {"approved", "changes_requested", "withdrawn", "stale"} <= set(Round.objects.values_list("state", flat=True))
    assert StageReturn.objects.exists()
