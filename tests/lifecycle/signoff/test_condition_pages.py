"""Pages and REST of conditions: found, done without JavaScript, refused with what was typed kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from foundation.people.models import User
from lifecycle.projects.models import Delegation, Project, Role
from lifecycle.projects.services import add_member
from lifecycle.signoff import days
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, Round
from lifecycle.signoff.selectors import waiting_for
from lifecycle.signoff.selectors.conditions import waiting_conditions
from lifecycle.signoff.services import decide, submit_round
from lifecycle.signoff.services.condition_deeds import claim_condition

PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody

pytestmark = pytest.mark.django_db


@pytest.fixture
def condition(review: Round, sponsor: User, contributor: User, reviewer: User) -> Condition:
    decision = decide(
        actor=sponsor,
        round_id=review.pk,
        verdict="approve_with_conditions",
        reason="",
        password=PASSWORD,
        digest=review.digest,
        conditions=[
            {
                "text": "Test the **night** shift.",
                "severity": "major",
                "owner_id": contributor.pk,
                "verifier_id": reviewer.pk,
                "due_on": days.today() + timedelta(days=7),
            }
        ],
    )
    return decision.conditions.get()


def test_the_page_says_what_by_whom_until_when_and_what_happens_otherwise(
    condition: Condition, contributor: User, viewer: User, outsider: User, project: Project, sign_in: Any
) -> None:
    page = sign_in(contributor).get(condition.get_absolute_url()).content.decode()
    second = project.stages.get(order=2)
    assert "<title>Condition 1 · Business understanding · Tollgate</title>" in page
    assert "<strong>night</strong>" in page
    assert "the approval of Business understanding is revoked" in page
    assert f"{second.name} (in progress)" in page
    assert "It is done" in page
    assert "Verify it" not in page
    read_only = sign_in(viewer).get(condition.get_absolute_url()).content.decode()
    assert "Only its owner, Cora Contributor, says that a condition is done." in read_only
    assert '<form method="post" action="/conditions/' not in read_only
    assert sign_in(outsider).get(condition.get_absolute_url()).status_code == 404


def test_claimed_sent_back_and_verified_through_the_pages(
    condition: Condition, contributor: User, reviewer: User, sign_in: Any
) -> None:
    url = condition.get_absolute_url()
    owner, verifier = sign_in(contributor), sign_in(reviewer)
    owner.post(f"{url}claim/", {"note": "Done.", "evidence": "/projects/triage/"})
    verifier.post(f"{url}send-back/", {"reason": "Sundays?"})
    owner.post(f"{url}claim/", {"note": "Sundays too.", "evidence": ""})
    condition.refresh_from_db()
    page = verifier.get(url).content.decode()
    seen = digest_of_condition(condition)
    assert seen in page
    verifier.post(f"{url}verify/", {"digest": seen, "note": "", "password": PASSWORD})
    condition.refresh_from_db()
    assert condition.state == Condition.State.MET
    page = verifier.get(url).content.decode()
    assert "validated" in page
    assert '<span class="state yes">valid</span>' in page
    for line in ("Said to be done by Cora Contributor", "Sent back by Rui Reviewer", "Verified by Rui Reviewer"):
        assert line in page


def test_a_refusal_keeps_what_was_typed(condition: Condition, contributor: User, sign_in: Any) -> None:
    url = condition.get_absolute_url()
    answer = sign_in(contributor)
    page = answer.post(
        f"{url}claim/",
        {"note": "A long account of the tests.", "evidence": "javascript:alert(1)"},
        headers={"referer": f"http://testserver{url}"},
        follow=True,
    ).content.decode()
    assert "Give an address that begins with https://" in page
    assert "A long account of the tests." in page
    condition.refresh_from_db()
    assert condition.state == Condition.State.OPEN


def test_a_wrong_password_verifies_nothing(
    condition: Condition, contributor: User, reviewer: User, sign_in: Any
) -> None:
    claim_condition(actor=contributor, condition_id=condition.pk, note="Done.")
    url = condition.get_absolute_url()
    page = (
        sign_in(reviewer)
        .post(
            f"{url}verify/",
            {"digest": digest_of_condition(condition), "password": "wrong"},
            headers={"referer": f"http://testserver{url}"},
            follow=True,
        )
        .content.decode()
    )
    assert "This is not your password" in page
    condition.refresh_from_db()
    assert condition.state == Condition.State.CLAIMED


def test_it_is_moved_and_dropped_through_the_pages(
    condition: Condition, sponsor: User, customer: User, sign_in: Any
) -> None:
    url = condition.get_absolute_url()
    browser = sign_in(sponsor)
    later = condition.due_on + timedelta(days=3)
    browser.post(
        f"{url}move/", {"due_on": later.isoformat(), "owner_id": "", "verifier_id": customer.pk, "reason": "x"}
    )
    condition.refresh_from_db()
    assert (condition.due_on, condition.verifier) == (later, customer)
    assert "Cem Customer" in browser.get(url).content.decode()
    seen = digest_of_condition(condition)
    browser.post(f"{url}drop/", {"digest": seen, "reason": "The law changed.", "password": PASSWORD})
    condition.refresh_from_db()
    assert condition.state == Condition.State.DROPPED


def test_the_list_of_a_project_puts_open_ones_before_closed_ones(
    condition: Condition, project: Project, viewer: User, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    Condition.objects.filter(pk=condition.pk).update(due_on=days.today() - timedelta(days=2))
    Condition.objects.create(
        project=project,
        round=condition.round,
        decision=condition.decision,
        number=2,
        text="Write it down.",
        owner=condition.owner,
        verifier=condition.verifier,
        due_on=date(2026, 1, 1),
        state=Condition.State.MET,
    )
    browser = sign_in(viewer)
    with django_assert_max_num_queries(14):
        page = browser.get(f"/projects/{project.key}/conditions/").content.decode()
    assert page.index("2 days late") < page.index("Closed") < page.index("Write it down.")
    assert f"/projects/{project.key}/conditions/" in browser.get(f"/projects/{project.key}/stages/").content.decode()


def test_the_inbox_has_it_for_its_owner_and_then_for_its_verifier(
    condition: Condition, contributor: User, reviewer: User, lead: User, sign_in: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        line = waiting_conditions(contributor)[0]
    assert (line.word, line.group, line.link) == ("to do", "tasks", condition.get_absolute_url())
    assert waiting_conditions(reviewer) == waiting_conditions(lead) == []
    claim_condition(actor=contributor, condition_id=condition.pk, note="Done.")
    Condition.objects.filter(pk=condition.pk).update(due_on=days.today() - timedelta(days=1))
    assert waiting_conditions(contributor) == []
    assert [line.word for line in waiting_conditions(reviewer)] == ["1 day late"]
    assert condition.get_absolute_url() in sign_in(reviewer).get("/").content.decode()


def test_the_api_does_the_same(
    condition: Condition, contributor: User, reviewer: User, sponsor: User, outsider: User, api: Any
) -> None:
    base = f"/api/v1/conditions/{condition.pk}/"
    assert api(outsider).get(base).status_code == 404
    mine = api(contributor).get("/api/v1/conditions/?waiting=mine").json()
    assert [row["id"] for row in mine["results"]] == [condition.pk]
    assert api(reviewer).get("/api/v1/conditions/?waiting=mine").json()["results"] == []
    read = api(contributor).get(base).json()
    assert read["may"]["claim"]["allowed"] is True
    assert read["may"]["verify"]["code"] == "owner_cannot_verify"
    assert read["approval"] == condition.round_id
    refused = api(sponsor).post(f"{base}claim/", {"note": "Done."}, format="json")
    assert refused.status_code == 403
    read = api(contributor).post(f"{base}claim/", {"note": "Done."}, format="json").json()
    assert (read["condition"]["state"], read["events"][0]["by"]) == ("claimed", contributor.name)
    api(reviewer).post(f"{base}send-back/", {"reason": "Sundays?"}, format="json")
    due_on = (condition.due_on + timedelta(days=1)).isoformat()
    moved = api(reviewer).post(f"{base}move/", {"reason": "A day more.", "due_on": due_on}, format="json").json()
    assert moved["condition"]["due_on"] == due_on
    read = api(contributor).post(f"{base}claim/", {"note": "Sundays too."}, format="json").json()
    signed = {"password": PASSWORD, "digest": read["digest"]}
    read = api(reviewer).post(f"{base}verify/", signed, format="json").json()
    assert (read["condition"]["state"], read["signature"]["state"]) == ("met", "valid")
    drop = api(sponsor).post(f"{base}drop/", {**signed, "reason": "x"}, format="json")
    assert (drop.status_code, drop.json()["error"]["code"]) == (409, "condition_closed")


def test_asking_again_through_page_and_api(review: Round, lead: User, api: Any, sign_in: Any) -> None:
    page = sign_in(lead).post(f"/rounds/{review.pk}/remind/", follow=True).content.decode()
    assert "Asked again: Sam Sponsor." in page
    again = api(lead).post(f"/api/v1/rounds/{review.pk}/remind/")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "remind_too_soon")


def test_the_inbox_asks_no_more_than_one_query_a_room_when_all_of_this_waits(
    condition: Condition,
    project: Project,
    contributor: User,
    sponsor: User,
    lead: User,
    complete: Any,
    sign_in: Any,
    django_assert_max_num_queries: Any,
) -> None:
    review = submit_round(
        actor=lead, stage=complete(project.stages.get(order=2), contributor), title="May we use the data?"
    )
    Condition.objects.filter(pk=condition.pk).update(owner=sponsor)
    stood_in_for = User.objects.create_user("away@example.org", PASSWORD, name="Ann Away")
    add_member(actor=lead, project=project, user=stood_in_for, role=Role.SPONSOR)
    Delegation.objects.create(
        from_person=stood_in_for,
        to_person=sponsor,
        starts_on=days.today(),
        ends_on=days.today(),
        reason="Holiday.",
        made_by=stood_in_for,
    )
    browser = sign_in(sponsor)
    with django_assert_max_num_queries(13):
        page = browser.get("/").content.decode()
    assert review.get_absolute_url() in page
    assert condition.get_absolute_url() in page


def test_a_stand_in_has_the_round_of_the_absent_in_the_inbox(
    review: Round, sponsor: User, outsider: User, contributor: User
) -> None:
    for person in (outsider, contributor):
        Delegation.objects.create(
            from_person=sponsor,
            to_person=person,
            starts_on=days.today(),
            ends_on=days.today(),
            reason="Holiday.",
            made_by=sponsor,
        )
    assert [line.why for line in waiting_for(outsider)] == [
        "Business understanding, asked by Lea Lead, for Sam Sponsor"
    ]
    # Who works on the project stands in for nobody who judges it.
    assert waiting_for(contributor) == []
