"""Faults that were seen in other products (sign-off specification, section 7), each kept out by a test."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.selectors import present_stages
from lifecycle.projects.services import add_member, remove_member
from lifecycle.projects.services.delegating import delegate, end_delegation
from lifecycle.signoff import policy
from lifecycle.signoff.models import Decision, Round, Signature
from lifecycle.signoff.services import submit_round as submit
from lifecycle.signoff.services import sweeping, withdraw_decision
from lifecycle.signoff.services.expiry import fire
from lifecycle.signoff.services.feedback import give_feedback
from lifecycle.signoff.services.policies import change_policy, policy_in_force
from lifecycle.signoff.services.waivers import end_waiver, grant_waiver
from lifecycle.signoff.standing import standing_of
from tests.conftest import PASSWORD, SignIn

pytestmark = pytest.mark.django_db
NOBODY_HERE = ["lead", "contributor", "reviewer", "customer", "viewer", "manager", "administrator", "outsider"]


def given(review: Round, verdict: str = "reject", **others: str) -> dict[str, str]:
    reason = "" if verdict == "approve" else "The risks are not priced."
    return {"verdict": verdict, "reason": reason, "password": PASSWORD, "digest": review.digest, **others}


def state_of(review: Round) -> str:
    return Round.objects.get(pk=review.pk).state


def stage_of(review: Round) -> Stage:
    return Stage.objects.select_related("project__methodology").get(pk=review.stage_id)


# VerifyWise


@pytest.mark.parametrize("who", NOBODY_HERE)
def test_the_reject_of_who_is_not_assigned_rejects_nothing(
    who: str, review: Round, sign_in: SignIn, api: Any, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    status = 404 if who in ("outsider",) else 403
    assert api(person).post(f"/api/v1/rounds/{review.pk}/decisions/", given(review)).status_code == status
    sign_in(person).post(f"/rounds/{review.pk}/decide/", given(review))
    assert state_of(review) == Round.State.AWAITING
    assert not Decision.objects.exists()
    assert not Signature.objects.exists()


def test_a_link_in_a_mail_changes_nothing_even_for_who_may_decide(
    review: Round, sponsor: User, sign_in: SignIn, api: Any
) -> None:
    browser, script = sign_in(sponsor), api(sponsor)
    entries = Entry.objects.count()
    assert browser.get(review.get_absolute_url(), given(review)).status_code == 200
    assert browser.get(f"/rounds/{review.pk}/decide/", given(review)).status_code == 405
    assert script.get(f"/api/v1/rounds/{review.pk}/decisions/", given(review)).status_code == 405
    assert (state_of(review), Entry.objects.count()) == (Round.State.AWAITING, entries)


def test_many_answers_in_one_request_are_none(review: Round, sponsor: User, api: Any) -> None:
    answer = api(sponsor).post(f"/api/v1/rounds/{review.pk}/decisions/", [given(review), given(review)], format="json")
    assert answer.status_code == 400
    assert api(sponsor).post("/api/v1/rounds/", [given(review)], format="json").status_code == 405
    assert state_of(review) == Round.State.AWAITING


@pytest.mark.parametrize("first_answer", ["approve", "request_changes", "reject"])
def test_a_closed_round_is_decided_by_nobody_again(
    first_answer: str, review: Round, sponsor: User, second_sponsor: User, answer: Any, sign_in: SignIn, api: Any
) -> None:
    answer(sponsor, review, first_answer)
    closed = state_of(review)
    for person in (sponsor, second_sponsor):
        for verdict in ("approve", "reject"):
            refused = api(person).post(f"/api/v1/rounds/{review.pk}/decisions/", given(review, verdict))
            assert (refused.status_code, refused.json()["error"]["code"]) == (409, "round_closed")
            sign_in(person).post(f"/rounds/{review.pk}/decide/", given(review, verdict))
    assert state_of(review) == closed
    assert Decision.objects.count() == 1


# Bailo


@pytest.mark.parametrize("no", ["request_changes", "reject"])
def test_a_later_no_ends_an_earlier_yes_for_all_who_ask(
    no: str, review: Round, first: Stage, lead: User, sponsor: User, second_sponsor: User, answer: Any, rewrite: Any
) -> None:
    answer(sponsor, review)
    assert standing_of(stage_of(review)).is_in_force
    rewrite(first)
    assert standing_of(stage_of(review)).code == "approval_stale"
    again = submit(actor=lead, stage=stage_of(review), title="May we go on?")
    answer(second_sponsor, again, no)
    standing = standing_of(stage_of(review))
    assert (standing.is_in_force, standing.code, standing.review) == (False, "stage_not_approved", again)
    shown = present_stages(first.project)[0]
    assert shown.approval_state not in ("approved", "approved_with_conditions")


def test_a_no_after_an_emergency_ends_the_approval_of_the_emergency(
    first: Stage, lead: User, sponsor: User, second_sponsor: User, answer: Any
) -> None:
    hurried = submit(actor=lead, stage=first, title="Now?", emergency="The old model is wrong.")
    answer(sponsor, hurried)
    assert standing_of(stage_of(hurried)).is_in_force
    regular = submit(actor=lead, stage=stage_of(hurried), title="And was it right?")
    assert standing_of(stage_of(hurried)).is_in_force
    answer(second_sponsor, regular, "request_changes")
    assert state_of(hurried) == Round.State.REVOKED
    assert not standing_of(stage_of(hurried)).is_in_force


def test_a_yes_that_is_taken_back_is_no_approval(review: Round, sponsor: User, answer: Any) -> None:
    decision = answer(sponsor, review)
    withdraw_decision(actor=sponsor, decision_id=decision.pk, reason="I read the wrong figures.", password=PASSWORD)
    assert standing_of(stage_of(review)).code == "approval_revoked"


# GitLab


def test_who_may_approve_is_changed_on_the_record_and_never_in_a_round_that_runs(
    review: Round, project: Project, lead: User, sponsor: User, viewer: User, outsider: User, administrator: User
) -> None:
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today + timedelta(days=9)}
    frozen = {"policy": review.policy, "digest": review.digest, "authors": review.authors}

    named = add_member(actor=lead, project=project, user=viewer, role=Role.SPONSOR)
    remove_member(actor=lead, member=named)
    cover = delegate(actor=sponsor, from_person=sponsor, to_person=outsider, reason="On leave.", **days)
    end_delegation(actor=sponsor, delegation_id=cover.pk)
    tier = project.risk
    content = {**policy_in_force(tier), "quorum": policy.seat("customer"), "name": "The customer"}
    change_policy(
        actor=administrator, tier=tier, content=content, reason="As agreed.", password=PASSWORD, expected_number=0
    )
    waiver = grant_waiver(
        actor=sponsor, project=project, what="role", role="reviewer", reason="On leave.", password=PASSWORD, **days
    )
    end_waiver(actor=sponsor, waiver_id=waiver.pk, reason="Back again.")

    def entry(verb: str) -> Entry:
        return Entry.objects.filter(verb=verb).order_by("-seq")[0]

    assert entry("add_member").after == {"person": viewer.name, "role": "sponsor"}
    assert entry("remove_member").before == {"person": viewer.name, "role": "sponsor"}
    assert (entry("name_cover").after["from"], entry("name_cover").after["to"]) == (sponsor.name, outsider.name)
    assert entry("end_cover").before == {"ends_on": days["ends_on"].isoformat()}
    assert entry("change_policy").before["quorum"] == policy.shipped_policy(tier)["quorum"]
    assert entry("change_policy").after["quorum"] == policy.seat("customer")
    assert entry("grant_waiver").after["role"] == "reviewer"
    assert entry("end_waiver").before == {"ends_on": days["ends_on"].isoformat()}
    now = Round.objects.get(pk=review.pk)
    assert {name: getattr(now, name) for name in frozen} == frozen


def test_no_page_offers_an_author_or_the_requester_to_approve(
    first: Stage, lead: User, contributor: User, sponsor: User, sign_in: SignIn
) -> None:
    for person in (lead, contributor):
        Member.objects.create(project=first.project, user=person, role=Role.SPONSOR)
    review = submit(actor=lead, stage=first, title="May we begin?")
    addresses = [
        review.get_absolute_url(), "/", "/projects/triage/", first.get_absolute_url(),
        f"/projects/triage/stages/{first.key}/submit/", "/projects/triage/stages/", "/projects/triage/trail/",
    ]  # fmt: skip
    for person, offered in ((lead, 0), (contributor, 0), (sponsor, 1)):
        browser = sign_in(person)
        pages = [browser.get(address).content.decode() for address in addresses]
        assert sum(f"/rounds/{review.pk}/decide/" in page for page in pages) == offered, person.name
        assert sum('name="verdict" value="approve"' in page for page in pages) == offered, person.name


# Dataiku Govern


def test_a_major_issue_blocks_and_its_override_stands_on_the_record(
    review: Round, sponsor: User, reviewer: User, answer: Any, sign_in: SignIn, api: Any
) -> None:
    give_feedback(actor=reviewer, round_id=review.pk, grade="major", text="It leaks.")
    for verdict in ("approve", "approve_with_conditions"):
        with pytest.raises(Refused) as refused:
            answer(sponsor, review, verdict) if verdict == "approve" else _with_condition(sponsor, review, reviewer)
        assert refused.value.code == "major_issue_open"
    sign_in(sponsor).post(f"/rounds/{review.pk}/decide/", given(review, "approve"))
    assert state_of(review) == Round.State.AWAITING
    why = "The split was mended yesterday."
    done = api(sponsor).post(f"/api/v1/rounds/{review.pk}/decisions/", given(review, "approve", override=why))
    assert done.status_code == 201
    assert Decision.objects.get().override == why
    assert Entry.objects.get(verb="decide_round").after["override"] == why
    assert why in sign_in(reviewer).get(review.get_absolute_url()).content.decode()


def _with_condition(sponsor: User, review: Round, owner: User) -> None:
    from lifecycle.signoff.services import decide

    row = {"text": "Mend it.", "owner_id": owner.pk, "verifier_id": sponsor.pk, "due_on": date(2099, 1, 1)}
    decide(
        actor=sponsor, round_id=review.pk, verdict="approve_with_conditions", reason="", password=PASSWORD,
        digest=review.digest, conditions=[row],
    )  # fmt: skip


def test_an_approval_is_neither_edited_nor_deleted_by_the_api(
    review: Round, sponsor: User, administrator: User, answer: Any, api: Any
) -> None:
    decision = answer(sponsor, review)
    for person in (sponsor, administrator):
        script = api(person)
        for address in ("rounds/", f"rounds/{review.pk}/", f"rounds/{review.pk}/decisions/"):
            for method in (script.put, script.patch, script.delete):
                assert method(f"/api/v1/{address}", {"verdict": "reject", "state": "draft"}).status_code == 405
        single = f"/api/v1/rounds/{review.pk}/decisions/{decision.pk}/"
        assert script.delete(single).status_code == 404
    assert (state_of(review), Decision.objects.get().verdict) == ("approved", "approve")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE lifecycle_round SET policy = '{}'",
        "UPDATE lifecycle_round SET manifest = '{}'",
        "UPDATE lifecycle_round SET digest = 'f'",
        "UPDATE lifecycle_round SET authors = '[]'",
        "DELETE FROM lifecycle_round",
        "UPDATE lifecycle_decision SET override = 'x'",
        "UPDATE lifecycle_decision SET decider_id = holder_id + 1",
        "UPDATE lifecycle_signature SET content_hash = 'f'",
    ],
)
def test_the_database_keeps_what_an_approval_rests_on(sql: str, review: Round, sponsor: User, answer: Any) -> None:
    answer(sponsor, review)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(DatabaseError), transaction.atomic():
        Round.objects.get(pk=review.pk).delete()


def test_an_approval_ends_by_what_happens_and_not_by_the_calendar_alone(
    review: Round, sponsor: User, answer: Any
) -> None:
    answer(sponsor, review)
    assert Round.objects.get(pk=review.pk).expires_on is None
    fire(trigger="rollback", project=review.project, lines=[])
    assert state_of(review) == Round.State.EXPIRED
    assert standing_of(stage_of(review)).code == "approval_expired"


# NetBox


def test_what_fell_due_while_nothing_ran_is_done_at_the_next_sweep(review: Round, sponsor: User, answer: Any) -> None:
    answer(sponsor, review)
    yesterday = timezone.localdate() - timedelta(days=1)
    Round.objects.filter(pk=review.pk).update(expires_on=yesterday)
    # Before anything runs, no one who asks is told that it holds.
    assert standing_of(stage_of(review)).code == "approval_expired"
    assert sweeping.sweep(timezone.localdate() + timedelta(days=400))
    assert state_of(review) == Round.State.EXPIRED
    assert sweeping.sweep(timezone.localdate() + timedelta(days=401)) == []
    assert Entry.objects.filter(verb="approval_expired").count() == 1
