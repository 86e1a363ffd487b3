"""A sponsor is away: who stands in for them answers a proposal, as in sign-off, in one hop and on neither side of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from explain.outcomes.models import OutcomeReport
from explain.steering.models import Proposal
from explain.steering.permits import may_decide, signers_of
from explain.steering.selectors import waiting_for
from explain.steering.services import decide_proposal, propose
from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Delegation, Member
from lifecycle.projects.services.delegating import end_delegation
from lifecycle.signoff.models import Signature
from tests.conftest import PASSWORD, MakePerson, SignIn

PAGE = "/projects/triage/proposals/1/"
Cover = Callable[..., Delegation]


@pytest.fixture
def cover(sponsor: User, outsider: User) -> Cover:
    """cover(**others): the outsider stands in for the sponsor from today, in all projects and roles."""

    def make(starts: int = 0, days: int = 9, **others: Any) -> Delegation:
        first = timezone.localdate() + timedelta(days=starts)
        given = {
            "from_person": sponsor, "to_person": outsider, "made_by": sponsor, "reason": "On leave.",
            "starts_on": first, "ends_on": first + timedelta(days=days), **others,
        }  # fmt: skip
        return Delegation.objects.create(**given)

    return make


def answer(proposal: Proposal, by: User, **changes: Any) -> Proposal:
    given = {"verdict": "approve", "content_hash": proposal.content_hash, "password": PASSWORD, "comment": "Agreed."}
    return decide_proposal(actor=by, proposal_id=proposal.pk, **{**given, **changes})


@pytest.mark.parametrize(
    ("others", "signs"),
    [
        ({}, True),
        ({"role": "sponsor"}, True),
        ({"role": "customer"}, False),
        ({"starts": 1}, False),
        ({"starts": -9, "days": 9}, True),
        ({"starts": -9, "days": 8}, False),
    ],
)
def test_a_cover_counts_on_its_days_and_in_its_role(
    others: dict[str, Any], signs: bool, cover: Cover, proposed: Proposal, outsider: User
) -> None:
    cover(**others)
    assert bool(may_decide(outsider, proposed)) is signs
    assert bool(waiting_for(outsider)) is signs


@pytest.mark.parametrize(
    ("who", "signs"),
    [
        ("outsider", True), ("reviewer", True), ("customer", True), ("viewer", True), ("administrator", True),
        ("lead", False), ("contributor", False), ("manager", False),
    ],
)  # fmt: skip
def test_who_works_on_the_project_or_proposed_stands_in_for_nobody(
    who: str, signs: bool, cover: Cover, proposed: Proposal, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    cover(to_person=person)
    assert bool(may_decide(person, proposed)) is signs
    assert bool(waiting_for(person)) is signs
    if not signs:
        with pytest.raises(Refused) as refused:
            answer(proposed, person)
        assert refused.value.code == ("own_proposal" if who == "manager" else "not_permitted")
        assert not Signature.objects.exists()


def test_the_stand_in_of_the_proposer_does_not_answer(
    cover: Cover, reported: OutcomeReport, sponsor: User, outsider: User, make_person: MakePerson
) -> None:
    other = make_person("Sol Sponsor")
    Member.objects.create(project=reported.project, user=other, role="sponsor")
    made = propose(
        actor=sponsor, project=reported.project, what="stop", reasons="No.", report_hash=reported.content_hash
    )
    cover()
    assert may_decide(outsider, made).code == "not_permitted"
    assert not waiting_for(outsider)
    cover(from_person=other)
    assert may_decide(outsider, made)


def test_it_goes_one_hop_only(cover: Cover, proposed: Proposal, outsider: User, make_person: MakePerson) -> None:
    further = make_person("Fay Further")
    cover()
    cover(from_person=outsider, to_person=further)
    assert not may_decide(further, proposed)
    assert not waiting_for(further)


def test_a_cover_for_who_has_left_or_one_that_was_ended_does_not_count(
    cover: Cover, proposed: Proposal, sponsor: User, outsider: User
) -> None:
    made = cover()
    Member.objects.filter(user=sponsor).update(left_at=timezone.now())
    assert not may_decide(outsider, proposed)
    Member.objects.filter(user=sponsor).update(left_at=None)
    assert may_decide(outsider, proposed)
    end_delegation(actor=sponsor, delegation_id=made.pk)
    assert not may_decide(outsider, proposed)
    assert not waiting_for(outsider)


def test_the_signature_reads_b_for_a(cover: Cover, proposed: Proposal, sponsor: User, outsider: User) -> None:
    cover()
    done = answer(proposed, outsider)
    signature = Signature.objects.get()
    assert (signature.printed_name, signature.on_behalf_of) == (f"{outsider.name} for {sponsor.name}", sponsor)
    assert f"sign as sponsor, standing in for {sponsor.name}" in signature.statement
    assert (done.state, done.decider) == ("approved", outsider)
    assert Entry.objects.get(verb="decide_proposal").after["on_behalf_of"] == sponsor.name
    assert f"{outsider.name} for {sponsor.name} signed" in Notice.objects.filter(kind="proposal_decided")[0].body


def test_who_stands_in_is_told_and_finds_for_whom(
    cover: Cover, reported: OutcomeReport, manager: User, sponsor: User, outsider: User
) -> None:
    cover()
    propose(actor=manager, project=reported.project, what="stop", reasons="No.", report_hash=reported.content_hash)
    assert outsider.pk in {notice.user_id for notice in Notice.objects.filter(kind="proposal_made")}
    (row,) = waiting_for(outsider)
    assert row.why.endswith(f"You stand in for {sponsor.name}.")
    (own,) = waiting_for(sponsor)
    assert "stand in" not in own.why


def test_who_has_several_seats_takes_their_own_or_the_one_they_name(
    cover: Cover, proposed: Proposal, sponsor: User, outsider: User, make_person: MakePerson
) -> None:
    other, third = make_person("Sol Sponsor"), make_person("Ned Nobody")
    Member.objects.create(project=proposed.project, user=other, role="sponsor")
    cover(to_person=other)
    assert [one.holder.pk for one in signers_of(proposed)] == [sponsor.pk, other.pk, sponsor.pk]
    assert len(waiting_for(other)) == 1
    assert "stand in" not in waiting_for(other)[0].why
    with pytest.raises(Refused) as refused:
        answer(proposed, other, on_behalf_of=third.pk)
    assert refused.value.code == "seat_unknown"
    assert Proposal.objects.get().is_open
    answer(proposed, other, on_behalf_of=sponsor.pk)
    assert Signature.objects.get().printed_name == f"Sol Sponsor for {sponsor.name}"


def test_the_page_says_who_may_sign_and_takes_the_answer_of_a_stand_in(
    cover: Cover, proposed: Proposal, sponsor: User, outsider: User, lead: User, sign_in: SignIn, api: Any
) -> None:
    cover()
    page = sign_in(outsider).get(PAGE).content.decode()
    assert f"You answer as sponsor for {sponsor.name}." in page
    assert "You answer as</label>" not in page
    assert f"{outsider.name} for {sponsor.name} until" in sign_in(lead).get(PAGE).content.decode()
    given = {"content_hash": proposed.content_hash, "verdict": "reject", "comment": "No.", "password": PASSWORD}
    assert sign_in(outsider).post(f"{PAGE}decide/", given).status_code == 302
    shown = f"{outsider.name} for {sponsor.name}"
    assert shown in sign_in(lead).get(PAGE).content.decode()
    assert f"{shown} answered on" in sign_in(lead).get("/projects/triage/proposals/").content.decode()
    (row,) = api(lead).get("/api/v1/projects/triage/proposals/").json()["results"]
    assert (row["decider"], row["on_behalf_of"]) == (outsider.name, sponsor.name)


def test_the_page_asks_in_which_seat_where_there_are_several(
    cover: Cover, proposed: Proposal, sponsor: User, make_person: MakePerson, sign_in: SignIn
) -> None:
    other = make_person("Sol Sponsor")
    Member.objects.create(project=proposed.project, user=other, role="sponsor")
    cover(to_person=other)
    page = sign_in(other).get(PAGE).content.decode()
    assert f"sponsor for {sponsor.name}</option>" in page
    given = {
        "content_hash": proposed.content_hash, "verdict": "approve", "password": PASSWORD, "on_behalf_of": sponsor.pk,
    }  # fmt: skip
    assert sign_in(other).post(f"{PAGE}decide/", given).status_code == 302
    assert Signature.objects.get().on_behalf_of == sponsor


def test_when_no_sponsor_is_left_the_page_says_so(
    proposed: Proposal, sponsor: User, lead: User, sign_in: SignIn
) -> None:
    Member.objects.filter(user=sponsor).update(left_at=timezone.now())
    assert "Nobody can sign it now" in sign_in(lead).get(PAGE).content.decode()
