"""Standing in: who names whom, for how long, what it lets them do, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.cover_permits import may_delegate, may_end_delegation
from lifecycle.projects.models import Delegation, Deliverable, Member, Project
from lifecycle.projects.services import edit_project, remove_member, write_version
from lifecycle.projects.services.delegating import delegate, end_delegation
from lifecycle.projects.standing_in import (
    covers_of,
    delegations_in_force,
    hindrances,
    standing_in_of,
    standing_in_words,
    state_words,
)
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
Cover = Callable[..., Delegation]


@pytest.fixture
def cover(sponsor: User, outsider: User, project: Project) -> Cover:
    """cover(**others): the outsider stands in for the sponsor for ten days, in all projects."""

    def make(**others: Any) -> Delegation:
        today = timezone.localdate()
        given: dict[str, Any] = {
            "actor": sponsor, "from_person": sponsor, "to_person": outsider, "starts_on": today,
            "ends_on": today + timedelta(days=9), "reason": "On leave.",
        }  # fmt: skip
        return delegate(**{**given, **others})

    return make


# who: (may name a cover for the sponsor, may end one of the sponsor by the outsider that the sponsor named)
TABLE = {
    "sponsor": (True, True), "outsider": (False, True), "administrator": (True, True), "lead": (False, False),
    "customer": (False, False), "manager": (False, False), "viewer": (False, False),
}  # fmt: skip


@pytest.mark.parametrize("who", TABLE)
def test_who_may_name_and_end(who: str, cover: Cover, sponsor: User, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(who)
    made = cover()
    assert (bool(may_delegate(person, from_person=sponsor)), bool(may_end_delegation(person, made))) == TABLE[who]
    person.is_active = False
    assert not may_delegate(person, from_person=sponsor)
    assert not may_end_delegation(person, made)


def test_an_administrator_never_names_themselves(cover: Cover, administrator: User) -> None:
    with pytest.raises(Refused) as refused:
        cover(actor=administrator, to_person=administrator)
    assert refused.value.code == "own_cover"
    assert cover(actor=administrator).made_by == administrator


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"reason": " "}, "empty"),
        ({"role": "king"}, "role_unknown"),
        ({"starts": -1}, "cover_dates"),
        ({"days": 61}, "cover_dates"),
        ({"days": 0}, "cover_dates"),
        ({"role": "risk_officer"}, "nothing_to_cover"),
        ({"to": "sponsor"}, "cover_oneself"),
        ({"from": "outsider", "to": "sponsor"}, "nothing_to_cover"),
        ({"actor": "lead"}, "not_permitted"),
        ({"gone": True}, "person_inactive"),
    ],
)
def test_a_cover_that_cannot_be_is_refused(
    others: dict[str, Any], code: str, cover: Cover, outsider: User, request: pytest.FixtureRequest
) -> None:
    others = dict(others)
    start = timezone.localdate() + timedelta(days=others.pop("starts", 0))
    given: dict[str, Any] = {"starts_on": start, "ends_on": start + timedelta(days=others.pop("days", 10) - 1)}
    if others.pop("gone", False):
        User.objects.filter(pk=outsider.pk).update(is_active=False)
    if "from" in others:
        given["from_person"] = given["actor"] = request.getfixturevalue(others.pop("from"))
    if "to" in others:
        given["to_person"] = request.getfixturevalue(others.pop("to"))
    if "actor" in others:
        given["actor"] = request.getfixturevalue(others.pop("actor"))
    with pytest.raises(Refused) as refused:
        cover(**given, **others)
    assert refused.value.code == code
    assert not Delegation.objects.exists()


def test_sixty_days_are_the_most(cover: Cover) -> None:
    today = timezone.localdate()
    assert cover(ends_on=today + timedelta(days=59)).ends_on == today + timedelta(days=59)


def test_it_is_one_hop(cover: Cover, outsider: User, viewer: User, customer: User) -> None:
    cover()
    with pytest.raises(Refused, match="passes nothing on"):
        cover(actor=outsider, from_person=outsider, to_person=customer)


def test_both_are_told_it_is_recorded_and_a_second_click_does_nothing(
    cover: Cover, sponsor: User, outsider: User, administrator: User
) -> None:
    made = cover(actor=administrator)
    assert cover(actor=administrator).pk == made.pk
    assert {notice.user for notice in Notice.objects.filter(kind="cover_named")} == {sponsor, outsider}
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    assert (entry.verb, entry.thing_kind, entry.after["from"]) == ("name_cover", "delegation", "Sam Sponsor")
    end_delegation(actor=outsider, delegation_id=made.pk)
    end_delegation(actor=sponsor, delegation_id=made.pk)
    assert Entry.objects.filter(verb="end_cover").count() == 1


def test_a_cover_holds_on_its_days_in_its_project(cover: Cover, project: Project) -> None:
    today = timezone.localdate()
    made = cover(project=project, starts_on=today + timedelta(days=1))
    days = [0, 1, 9, 10]
    assert [len(delegations_in_force(project, today + timedelta(days=day))) for day in days] == [0, 1, 1, 0]
    assert state_words(made)[1] == "to come"
    end_delegation(actor=made.from_person, delegation_id=made.pk)
    assert delegations_in_force(project, today + timedelta(days=1)) == []


def test_the_stand_in_reads_the_project_while_it_lasts(cover: Cover, project: Project, outsider: User) -> None:
    assert not Project.objects.visible_to(outsider).exists()
    made = cover()
    assert Project.objects.visible_to(outsider).get() == project
    end_delegation(actor=outsider, delegation_id=made.pk)
    assert not Project.objects.visible_to(outsider).exists()


def test_who_left_the_project_is_stood_in_for_no_more(
    cover: Cover, project: Project, lead: User, sponsor: User
) -> None:
    cover()
    assert len(standing_in_of(project, timezone.localdate())) == 1
    remove_member(actor=lead, member=Member.objects.get(user=sponsor))
    assert standing_in_of(project, timezone.localdate()) == []


def test_words_name_both_and_the_day(sponsor: User, outsider: User) -> None:
    year = timezone.localdate().year
    made = Delegation(from_person=sponsor, to_person=outsider, ends_on=date(year, 3, 3))
    assert standing_in_words(made) == "Olu Outsider for Sam Sponsor until 3 March"
    made.ends_on = date(year + 1, 3, 3)
    assert standing_in_words(made).endswith(f"3 March {year + 1}")


def test_who_wrote_or_asked_is_named_as_unable_to_answer(
    project: Project, sponsor: User, contributor: User, outsider: User, lead: User
) -> None:
    deliverable = Deliverable.objects.filter(stage__project=project, stage__order=1).first()
    assert deliverable is not None
    write_version(actor=contributor, deliverable=deliverable, expected_number=0, text="Words.")
    lines = hindrances(from_person=sponsor, to_person=contributor, project=None)
    assert lines == ["In Tumour triage Cora Contributor wrote part of the evidence, and so cannot decide on it."]
    project.rounds.create(stage=project.stages.get(order=1), number=1, title="?", requester=lead, state="draft")
    assert "asked for the decision" in hindrances(from_person=sponsor, to_person=lead, project=project)[0]
    assert hindrances(from_person=sponsor, to_person=outsider, project=project) == []
    assert hindrances(from_person=sponsor, to_person=contributor, project=project, role="reviewer") == []


# Pages and REST


def body(**others: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"to_person": "Olu Outsider", "starts_on": today, "ends_on": today, "reason": "On leave.", **others}


def test_the_page_names_lists_warns_and_ends(
    project: Project, sponsor: User, outsider: User, contributor: User, sign_in: SignIn
) -> None:
    browser = sign_in(sponsor)
    assert "Who is away" not in browser.get("/cover/").content.decode()
    page = browser.post("/cover/", body(project="triage"), follow=True).content.decode()
    assert "Olu Outsider for Sam Sponsor until" in page
    assert "For whom I stand in" in sign_in(outsider).get("/cover/").content.decode()
    assert "Olu Outsider for Sam Sponsor" in sign_in(outsider).get("/cover/").content.decode()
    wrong = browser.post("/cover/", body(to_person="Nobody at all", reason="Kept words."))
    assert wrong.status_code == 400
    assert "Kept words." in wrong.content.decode()
    assert "Olu Outsider for Sam Sponsor" in browser.get("/projects/triage/people/").content.decode()
    deliverable = Deliverable.objects.filter(stage__project=project, stage__order=1).first()
    assert deliverable is not None
    write_version(actor=contributor, deliverable=deliverable, expected_number=0, text="Words.")
    warned = browser.post("/cover/", body(to_person="Cora Contributor"), follow=True).content.decode()
    assert "wrote part of the evidence" in warned
    made = Delegation.objects.get(to_person=outsider)
    browser.post(f"/cover/{made.pk}/end/")
    made.refresh_from_db()
    assert made.ended_by == sponsor


def test_an_administrator_names_cover_for_who_is_away(
    project: Project, sponsor: User, outsider: User, administrator: User, sign_in: SignIn
) -> None:
    browser = sign_in(administrator)
    page = browser.post("/cover/", body(from_person=sponsor.email), follow=True).content.decode()
    assert "named by Ada Administrator" in page
    assert [row.made_by for row in covers_of(administrator).around] == [administrator]
    assert "named by Ada Administrator" in sign_in(sponsor).get("/cover/").content.decode()


def test_others_find_no_cover_of_yours(cover: Cover, viewer: User, lead: User, sign_in: SignIn, api: Any) -> None:
    made = cover()
    for person in (viewer, lead):
        assert sign_in(person).post(f"/cover/{made.pk}/end/").status_code == 404
        assert api(person).post(f"/api/v1/delegations/{made.pk}/end/").status_code == 404
        assert api(person).get("/api/v1/delegations/").json()["results"] == []
    answer = sign_in(viewer).post("/cover/", body(from_person="Sam Sponsor", to_person="Lea Lead"))
    # Without the right to name cover for others the field is not read: it would be one's own cover.
    assert answer.status_code == 302
    assert Delegation.objects.get(to_person=lead).from_person == viewer


def test_the_api_names_lists_and_ends(
    project: Project, sponsor: User, outsider: User, manager: User, lead: User, api: Any
) -> None:
    script = api(sponsor)
    made = script.post("/api/v1/delegations/", body(project="triage", role="sponsor"))
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["warnings"], made.json()["project"]) == ("in force", [], "triage")
    assert len(api(manager).get("/api/v1/delegations/?in_force=1").json()["results"]) == 1
    assert script.post("/api/v1/delegations/", body(project="other")).json()["error"]["code"] == "project_unknown"
    taken = api(lead).post("/api/v1/delegations/", body(from_person=sponsor.email))
    assert taken.json()["error"]["code"] == "not_permitted"
    ended = script.post(f"/api/v1/delegations/{made.json()['id']}/end/").json()
    assert ended["state"] == "ended"
    assert script.get("/api/v1/delegations/?in_force=1").json()["results"] == []


# Who is told of late decisions


def test_who_is_told_of_late_decisions_is_chosen_shown_and_taken_away(
    project: Project, lead: User, manager: User, sign_in: SignIn, api: Any
) -> None:
    script = api(lead)
    answer = script.patch("/api/v1/projects/triage/", {"escalates_to": manager.email})
    assert answer.json()["escalates_to"]["name"] == "Mia Manager"
    assert "Told of late decisions" in sign_in(lead).get("/projects/triage/").content.decode()
    assert f'value="{manager.email}"' in sign_in(lead).get("/projects/triage/edit/").content.decode()
    wrong = script.patch("/api/v1/projects/triage/", {"escalates_to": "Nobody at all"}).json()["error"]
    assert (wrong["code"], wrong["field"]) == ("person_unknown", "escalates_to")
    User.objects.filter(pk=manager.pk).update(is_active=False)
    kept = edit_project(actor=lead, project=project, name="Triage", escalates_to=manager.email)
    assert kept.escalates_to == manager
    assert edit_project(actor=lead, project=project, escalates_to="").escalates_to is None
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    assert (entry.before, entry.after) == ({"escalates_to": "Mia Manager"}, {"escalates_to": None})
