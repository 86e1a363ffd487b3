"""A project is closed with what came of it, once a post-mortem is published; and what was learnt goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance.models import Acceptance
from lifecycle.dossier import paper
from lifecycle.dossier.trail import Tally
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    change_action,
    finish_action,
    publish,
    record_effect,
    start_new_version,
    submit_for_review,
    verify_action,
)
from lifecycle.projects.closing import unsettled
from lifecycle.projects.models import Project, Stage
from lifecycle.projects.services import close_project, stop_project
from lifecycle.signoff.services import submit_round
from tests.ended import ended

pytestmark = pytest.mark.django_db

CAME = "The model reads every sample. The laboratory goes on with it."
Api = Callable[[User], Any]


def refusal(actor: User, project: Project, statement: str = CAME) -> Refused:
    with pytest.raises(Refused) as caught:
        close_project(actor=actor, project=project, statement=statement)
    assert Project.objects.get(pk=project.pk).state == project.state
    return caught.value


@pytest.mark.parametrize("state", ["active", "in_use", "stopped"])
def test_it_is_closed_from_every_state_with_what_came_of_it(
    state: str, project: Project, published_one: PostMortem, sponsor: User
) -> None:
    reason = {"stopped_reason": "No users."} if state == "stopped" else {}
    Project.objects.filter(pk=project.pk).update(state=state, **reason)
    closed = close_project(actor=sponsor, project=project, statement=f"  {CAME}\r\n")
    assert (closed.state, closed.closing_statement, closed.closed_by) == ("closed", CAME, sponsor)
    assert timezone.now() - (closed.closed_at or timezone.now()) < timedelta(minutes=1)
    assert closed.was_stopped is (state == "stopped")
    entry = Entry.objects.get(verb="close_project")
    assert (entry.actor, entry.before, entry.after, entry.reason) == (
        sponsor,
        {"state": state},
        {"state": "closed"},
        CAME,
    )
    assert close_project(actor=sponsor, project=project, statement="Again.").closing_statement == CAME
    assert Entry.objects.filter(verb="close_project").count() == 1


def test_without_a_published_post_mortem_it_is_not_closed(
    project: Project, draft: PostMortem, lead: User, contributor: User
) -> None:
    refused = refusal(lead, project)
    assert (refused.code, refused.status) == ("postmortem_missing", 409)
    assert refused.message == (
        "A project is closed once a post-mortem of it is published; a light one will do. "
        f"{draft.reference} is a draft. Finish it and have it published."
    )
    PostMortem.objects.filter(pk=draft.pk).update(state="in_review")
    assert f"{draft.reference} is in review. Have it published." in refusal(lead, project).message
    PostMortem.objects.filter(pk=draft.pk).update(state="closed")
    assert close_project(actor=lead, project=project, statement=CAME).state == "closed"


def test_a_restricted_one_does_not_count_and_is_named_to_nobody_else(
    project: Project, published_one: PostMortem, lead: User, contributor: User
) -> None:
    PostMortem.objects.filter(pk=published_one.pk).update(visibility="restricted")
    (found,) = unsettled(lead, project)
    assert published_one.reference not in found.text
    (found,) = unsettled(contributor, project)
    assert f"{published_one.reference} is restricted, so it does not count." in found.text
    assert refusal(lead, project).code == "postmortem_missing"


@pytest.mark.parametrize(("state", "kind"), [("active", "project_closure"), ("stopped", "project_stopped")])
def test_who_has_none_is_led_to_the_light_one(
    state: str, kind: str, project: Project, lead: User, sign_in: Callable[[User], Client]
) -> None:
    Project.objects.filter(pk=project.pk).update(state=state, stopped_reason="No users." if state == "stopped" else "")
    client = sign_in(lead)
    page = client.get("/projects/triage/close/").content.decode()
    assert "Open the light post-mortem" in page
    assert "<textarea" not in page
    project.refresh_from_db()
    (found,) = unsettled(lead, project)
    form = client.get(found.link).context["form"]
    assert (form["kind"].value(), form["template"].value(), form["title"].value()) == (
        kind,
        "light",
        f"What came of {project.name}",
    )


def test_people_who_were_asked_are_not_cut_off(
    project: Project, published_one: PostMortem, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage.objects.get(project=project, order=1)
    monkeypatch.setattr("lifecycle.signoff.services.submitting.missing_for_submission", lambda stage: [])
    review = submit_round(actor=lead, stage=stage, title="May we begin?", comment="")
    Acceptance.objects.create(project=project, stage=stage, number=1, state="offered", created_by=lead)
    refused = refusal(lead, project)
    assert (refused.code, len(refused.details)) == ("round_open", 2)
    assert refused.details[0] == (f"A decision on {stage.name} is asked for. Wait for it, or withdraw the request.")
    review.__class__.objects.filter(pk=review.pk).update(state="withdrawn", closed_at=timezone.now())
    assert refusal(lead, project).code == "acceptance_open"
    # In a stopped project nobody waits any more.
    stop_project(actor=lead, project=project, reason="No users.")
    project.refresh_from_db()
    assert unsettled(lead, project) == []


@pytest.mark.parametrize(
    ("statement", "code"), [(" \n", "empty"), ("x" * 2001, "text_too_long"), ("a\x00b", "text_unreadable")]
)
def test_a_statement_is_a_text_of_some_length(
    statement: str, code: str, project: Project, published_one: PostMortem, lead: User
) -> None:
    refused = refusal(lead, project, statement)
    assert (refused.code, refused.field) == (code, "statement")


def test_the_paper_of_the_dossier_tells_how_it_ended(
    project: Project, published_one: PostMortem, sponsor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_project(actor=sponsor, project=project, reason="No users.")
    closed = close_project(actor=sponsor, project=project, statement=CAME)
    monkeypatch.setattr(paper, "compile", lambda template, data, at: data)
    told: Any = paper.dossier_pdf(closed, at=timezone.now(), tables={}, kept_back=[], trail=Tally())
    facts = dict(told["project"]["facts"])
    assert (facts["State"], facts["Stopped because"], facts["What came of it"]) == ("closed", "No users.", CAME)
    assert facts["Closed"].endswith(f"UTC, by {sponsor.name}")


def test_others_do_not_close_it(project: Project, published_one: PostMortem, manager: User, contributor: User) -> None:
    for person in (manager, contributor):
        assert refusal(person, project).code == "not_permitted"


def test_the_database_keeps_no_closed_project_without_its_statement(project: Project, lead: User) -> None:
    for missing in ({"closing_statement": ""}, {"closed_at": None}, {"closed_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Project.objects.filter(pk=project.pk).update(**{**ended("closed", lead), **missing})


def test_what_was_learnt_goes_on_in_a_closed_project(
    project: Project, published_one: PostMortem, lead: User, contributor: User, reviewer: User
) -> None:
    close_project(actor=lead, project=project, statement=CAME)
    action = ActionItem.objects.get(postmortem=published_one)
    later = timezone.localdate() + timedelta(days=40)
    change_action(actor=lead, action_id=action.pk, due_on=later, reason="The codes change in May.")
    finish_action(actor=contributor, action_id=action.pk)
    verify_action(actor=reviewer, action_id=action.pk)
    record_effect(actor=reviewer, action_id=action.pk, effect="worked", note="Two changes were noticed.")
    action.refresh_from_db()
    assert (action.status, action.effect, action.due_on) == ("verified", "worked", later)
    again = start_new_version(actor=contributor, postmortem=published_one, reason="A second cause was found.")
    submit_for_review(actor=contributor, postmortem=again)
    assert publish(actor=reviewer, postmortem=again, answers=fine()).number == 2


def test_it_is_closed_on_its_page_and_told_there(
    project: Project, published_one: PostMortem, sponsor: User, manager: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(sponsor)
    assert "What came of it" in client.get("/projects/triage/close/").content.decode()
    empty = client.post("/projects/triage/close/", {"statement": ""})
    assert (empty.status_code, Project.objects.get().state) == (400, "active")
    page = client.post("/projects/triage/close/", {"statement": CAME}, follow=True).content.decode()
    assert f"by {sponsor.name}.</strong> {CAME}" in page
    assert "The project is closed and can only be read." in client.get("/projects/triage/close/").content.decode()
    late = client.post("/projects/triage/close/", {"statement": "Again."}, follow=True)
    assert (late.status_code, Project.objects.get().closing_statement) == (200, CAME)
    listed = sign_in(manager).get("/projects/?state=closed").content.decode()
    assert project.name in listed


def test_what_was_typed_stays_when_something_came_between(
    project: Project, draft: PostMortem, lead: User, sign_in: Callable[[User], Client]
) -> None:
    answer = sign_in(lead).post("/projects/triage/close/", {"statement": CAME})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert CAME in page
    assert page.count(f"{draft.reference} is a draft") == 1


def test_it_is_closed_over_rest(project: Project, published_one: PostMortem, lead: User, api: Api) -> None:
    client = api(lead)
    assert client.post("/api/v1/projects/triage/close/", {}).status_code == 400
    told = client.post("/api/v1/projects/triage/close/", {"statement": CAME}).json()
    assert (told["state"], told["closing_statement"], told["closed_by"]["email"]) == ("closed", CAME, lead.email)
    assert told["closed_at"]
    assert client.post("/api/v1/projects/triage/stop/", {"reason": "No"}).json()["error"]["code"] == "project_closed"


def test_over_rest_the_refusal_says_all_that_is_open(project: Project, lead: User, api: Api) -> None:
    answer = api(lead).post("/api/v1/projects/triage/close/", {"statement": CAME})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "postmortem_missing")
