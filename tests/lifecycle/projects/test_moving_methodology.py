"""Moving a project to a newer version: what was written stays, what was decided on other questions no longer counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.services import begin_draft, publish_draft, retire
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.selectors import missing_for_submission, stage_read
from lifecycle.projects.services import (
    add_member,
    answer_question,
    begin_iteration,
    mark_not_applicable,
    move_methodology,
    preview_move,
    start_project,
    tick_task,
    write_version,
)
from lifecycle.signoff.manifest import manifest_of
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import decide, submit_round
from tests.ended import ended

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody
PHASE = """\
  - key: {key}
    order: {order}
    name: {name}
    tasks:
      - key: think
        name: Think
        outputs:
          - {{key: paper, name: Paper}}
          - {{key: extra, name: Extra}}
    exit_questions:
      - {{key: q1, text: 'Is it done?'}}
      - {{key: q2, text: 'Is it safe?'}}
    gate:
      required_outputs: [paper]
"""
HEAD = "framework: {key: own, name: Own, long_name: Our own way}\nphases:\n"


def phase(order: int, name: str) -> str:
    return PHASE.format(order=order, key=name.lower(), name=name)


FIRST = HEAD + phase(1, "Alpha") + phase(2, "Beta") + phase(3, "Gamma")


@pytest.fixture
def publish(manager: User) -> Callable[[str], Methodology]:
    def make(text: str) -> Methodology:
        return publish_draft(actor=manager, draft=begin_draft(actor=manager, text=text), expected_version=1)

    return make


Publish = Callable[[str], Methodology]


@pytest.fixture
def own(publish: Publish, lead: User, sponsor: User, contributor: User) -> Project:
    """A project under version 1 of an own methodology, in its first stage."""
    made = start_project(
        risk=Project.Risk.LOW,
        actor=lead,
        key="own",
        name="Own",
        question="Why?",
        methodology=publish(FIRST),
        started_on=date(2026, 1, 5),
    )
    add_member(actor=lead, project=made, user=sponsor, role=Role.SPONSOR)
    add_member(actor=lead, project=made, user=contributor, role=Role.CONTRIBUTOR)
    return made


def stage(project: Project, key: str) -> Stage:
    return Stage.objects.get(project=project, key=key, is_current=True)


def fill(person: User, stage: Stage) -> None:
    for deliverable in stage.deliverables.filter(latest_number=0, dropped_at=None):
        write_version(actor=person, deliverable=deliverable, expected_number=0, text=f"{deliverable.name} written")
    for question in stage.questions.filter(answers=None, dropped_at=None):
        answer_question(actor=person, question=question, text="Yes.", expected_number=0)


def submit(project: Project, key: str, lead: User, contributor: User) -> Round:
    fill(contributor, stage(project, key))
    return submit_round(actor=lead, stage=stage(project, key), title="May we go on?", comment="")


def approve(project: Project, key: str, lead: User, contributor: User, sponsor: User) -> Round:
    review = submit(project, key, lead, contributor)
    decide(actor=sponsor, round_id=review.pk, verdict="approve", reason="", password=PASSWORD, digest=review.digest)
    review.refresh_from_db()
    return review


def move(project: Project, lead: User, number: int | None = None) -> None:
    move_methodology(actor=lead, project=project, number=number, reason="The office asks for it")
    project.refresh_from_db()


def refused(**facts: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        move_methodology(**{"number": None, "reason": "Because", **facts})
    return caught.value


def test_what_is_no_longer_asked_stays_with_its_versions_and_answers_and_takes_no_more(
    own: Project, publish: Publish, lead: User, contributor: User
) -> None:
    alpha = stage(own, "alpha")
    fill(contributor, alpha)
    tick_task(actor=lead, task=alpha.tasks.get(key="think"))
    less = FIRST.replace("          - {key: extra, name: Extra}\n", "", 1)
    less = less.replace("      - {key: q2, text: 'Is it safe?'}\n", "", 1)
    publish(less.replace("- key: think\n        name: Think\n", "- key: work\n        name: Work\n", 1))
    move(own, lead)
    alpha.refresh_from_db()
    kept = alpha.deliverables.get(key="extra")
    assert kept.dropped_at is not None
    assert kept.versions.get().text == "Extra written"
    assert alpha.questions.get(key="q2").answers.get().text == "Yes."
    assert alpha.tasks.get(key="think").done_at is not None
    assert [str(row) for row in stage_read(alpha).dropped] == ["Extra", "Is it safe?", "Think"]
    assert [row.key for row in stage_read(alpha).deliverables] == ["paper"]
    with pytest.raises(Refused) as caught:
        write_version(actor=lead, deliverable=kept, expected_number=1, text="More")
    assert caught.value.code == "no_longer_asked"
    # A stage that had not begun is laid out as the new version says; here it says the same as before.
    assert stage(own, "beta").deliverables.filter(dropped_at=None).count() == 2
    # Nobody had written these: they go without a trace.
    assert not any(item["label"] == "Extra" for item in manifest_of(alpha)[0]["items"])


def test_what_is_asked_for_again_comes_back_with_what_was_written(
    own: Project, publish: Publish, lead: User, contributor: User
) -> None:
    fill(contributor, stage(own, "alpha"))
    publish(FIRST.replace("          - {key: extra, name: Extra}\n", "", 1))
    move(own, lead)
    publish(FIRST + "# again\nfeedback_loops: [{key: back, from: gamma, to: alpha}]\n")
    move(own, lead)
    again = stage(own, "alpha").deliverables.get(key="extra")
    assert again.dropped_at is None
    assert again.latest_number == 1
    assert own.methodology.number == 3


def test_unwritten_rows_go_and_new_ones_come_in_order_and_need(own: Project, publish: Publish, lead: User) -> None:
    text = FIRST.replace("{key: extra, name: Extra}", "{key: plan, name: Plan, description: The plan}", 1)
    publish(text.replace("required_outputs: [paper]", "required_outputs: [plan]\n      independent_reviewer: true", 1))
    move(own, lead)
    alpha = stage(own, "alpha")
    assert list(alpha.deliverables.values_list("key", "need", "description", "task__key")) == [
        ("paper", "optional", "", "think"), ("plan", "required", "The plan", "think"),
    ]  # fmt: skip
    assert alpha.gate["independent_reviewer"] is True
    assert missing_for_submission(alpha)[0] == "The deliverable “Plan” is not written yet."


def test_an_approval_ends_where_the_gate_judges_something_else_and_only_there(
    own: Project, publish: Publish, lead: User, contributor: User, sponsor: User
) -> None:
    first = approve(own, "alpha", lead, contributor, sponsor)
    second = approve(own, "beta", lead, contributor, sponsor)
    # Alpha gets a question more; of beta only a name changes.
    text = FIRST.replace("'Is it safe?'}\n", "'Is it safe?'}\n      - {key: q3, text: 'Is it fair?'}\n", 1)
    publish(text.replace("name: Beta", "name: Better"))
    move(own, lead)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("stale", "approved")
    said = [line["label"] for line in first.difference]
    assert said == ["The project moved to Own v2.", "Question “Is it fair?” is new."]
    assert (stage(own, "alpha").state, stage(own, "beta").name) == ("approved", "Better")
    assert Notice.objects.filter(user=sponsor, kind="approval_stale").count() == 1
    # The chain of work is as it was: gamma is in work, and alpha can be submitted again when its question is answered.
    assert stage(own, "gamma").state == "open"
    again = submit(own, "alpha", lead, contributor)
    assert again.number == 2
    assert "answer" in {item["kind"] for item in again.manifest["items"]}


def test_a_stage_put_before_the_one_in_work_comes_first_and_work_goes_on_after_it(
    own: Project, publish: Publish, lead: User, contributor: User, sponsor: User
) -> None:
    approve(own, "alpha", lead, contributor, sponsor)
    fill(contributor, stage(own, "beta"))
    publish(HEAD + phase(1, "Zero") + phase(2, "Alpha") + phase(3, "Middle") + phase(4, "Beta") + phase(5, "Gamma"))
    move(own, lead)
    states = dict(Stage.objects.filter(project=own, is_current=True).values_list("key", "state"))
    assert states == {"zero": "open", "alpha": "approved", "middle": "waiting", "beta": "waiting", "gamma": "waiting"}
    # Each is approved in turn; the approved one between is not opened again, and what was written in beta is there.
    for key, following in (("zero", "middle"), ("middle", "beta"), ("beta", "gamma")):
        approve(own, key, lead, contributor, sponsor)
        assert stage(own, following).state == "open"
    assert stage(own, "beta").deliverables.get(key="paper").versions.count() == 1
    approve(own, "gamma", lead, contributor, sponsor)
    assert set(Stage.objects.filter(project=own, is_current=True).values_list("state", flat=True)) == {"approved"}


def test_a_decided_stage_that_goes_stays_readable_and_one_that_never_began_goes(
    own: Project, publish: Publish, lead: User, contributor: User, sponsor: User, sign_in: Callable[[User], Client]
) -> None:
    review = approve(own, "alpha", lead, contributor, sponsor)
    publish(HEAD + phase(1, "Beta"))
    move(own, lead)
    former = Stage.objects.get(project=own, key="alpha")
    assert (former.state, former.is_current) == ("superseded", False)
    review.refresh_from_db()
    assert review.state == "stale"
    assert not Stage.objects.filter(project=own, key="gamma").exists()
    client = sign_in(contributor)
    assert "Stages of an earlier version" in client.get("/projects/own/stages/").content.decode()
    assert "Paper" in client.get(former.get_absolute_url()).content.decode()
    # It may come back later, as a new iteration.
    publish(FIRST.replace("Is it safe?", "Is it sound?"))
    move(own, lead)
    assert stage(own, "alpha").iteration == 2


def test_a_mark_of_not_applicable_falls_where_the_gate_now_requires_it(
    own: Project, publish: Publish, lead: User
) -> None:
    extra = stage(own, "alpha").deliverables.get(key="extra")
    mark_not_applicable(actor=lead, deliverable=extra, reason="We have none")
    publish(FIRST.replace("required_outputs: [paper]", "required_outputs: [paper, extra]", 1))
    move(own, lead)
    extra.refresh_from_db()
    assert (extra.not_applicable, extra.need) == ("", "required")
    assert "The deliverable “Extra” is not written yet." in missing_for_submission(stage(own, "alpha"))
    assert any("not applicable" in line for line in Entry.objects.get(verb="move_methodology").after["effects"])


def test_going_back_after_a_move_opens_the_stage_as_the_new_version_has_it(
    own: Project, publish: Publish, lead: User, contributor: User, sponsor: User
) -> None:
    approve(own, "alpha", lead, contributor, sponsor)
    publish(FIRST.replace("Is it safe?", "Is it sound?"))
    move(own, lead)
    opened = begin_iteration(project=own, to_key="alpha")
    assert opened.questions.get(key="q2").text == "Is it sound?"


# Refusals


def test_nothing_moves_while_a_decision_is_awaited(
    own: Project, publish: Publish, lead: User, contributor: User
) -> None:
    submit(own, "alpha", lead, contributor)
    publish(FIRST.replace("Is it safe?", "Is it sound?"))
    assert refused(actor=lead, project=own).code == "round_open"


def test_nothing_moves_while_a_lapsed_approval_is_being_decided_again(
    own: Project, publish: Publish, lead: User, contributor: User, sponsor: User
) -> None:
    approve(own, "alpha", lead, contributor, sponsor)
    paper = stage(own, "alpha").deliverables.get(key="paper")
    write_version(actor=contributor, deliverable=paper, expected_number=1, text="Rewritten")
    submit(own, "alpha", lead, contributor)
    assert stage(own, "beta").state == "open"
    publish(FIRST.replace("Is it safe?", "Is it sound?"))
    assert refused(actor=lead, project=own).code == "round_open"


def test_the_stage_in_work_cannot_be_moved_away_from_under_the_team(own: Project, publish: Publish, lead: User) -> None:
    publish(HEAD + phase(1, "Beta"))
    said = refused(actor=lead, project=own)
    assert (said.code, said.status) == ("stage_in_work_gone", 409)
    assert stage(own, "alpha").state == "open"


@pytest.mark.parametrize("who", ["sponsor", "contributor", "manager", "administrator", "outsider"])
def test_only_the_lead_moves_the_project(
    who: str, own: Project, publish: Publish, request: pytest.FixtureRequest
) -> None:
    publish(FIRST.replace("Is it safe?", "Is it sound?"))
    assert refused(actor=request.getfixturevalue(who), project=own).status == 403


def test_there_must_be_a_newer_version_that_is_offered_and_a_reason(
    own: Project, publish: Publish, lead: User, manager: User
) -> None:
    assert refused(actor=lead, project=own).code == "methodology_newest"
    assert refused(actor=lead, project=own, number=1).code == "methodology_not_newer"
    second = publish(FIRST.replace("Is it safe?", "Is it sound?"))
    assert refused(actor=lead, project=own, reason="  ").code == "empty"
    retire(actor=manager, methodology=second, reason="Withdrawn")
    assert refused(actor=lead, project=own, number=2).code == "methodology_not_newer"


def test_a_project_in_use_is_not_moved(own: Project, publish: Publish, lead: User) -> None:
    publish(FIRST.replace("Is it safe?", "Is it sound?"))
    Project.objects.filter(pk=own.pk).update(state="in_use")
    assert refused(actor=lead, project=own).code == "project_state"
    Project.objects.filter(pk=own.pk).update(**ended("closed", lead))
    assert refused(actor=lead, project=own).code == "project_closed"


# Record, page and API


def test_the_move_is_one_entry_with_its_reason_and_everybody_is_told(
    own: Project, publish: Publish, lead: User, sponsor: User, contributor: User
) -> None:
    target = publish(FIRST.replace("Is it safe?", "Is it sound?"))
    move(own, lead)
    entry = Entry.objects.get(verb="move_methodology")
    assert (entry.thing_kind, entry.reason, entry.before["methodology"]) == (
        "methodology_move", "The office asks for it", "Own v1",
    )  # fmt: skip
    assert entry.after["changed_stages"] == ["alpha", "beta", "gamma"]
    told = set(Notice.objects.filter(kind="methodology_moved").values_list("user", flat=True))
    assert told == {sponsor.pk, contributor.pk}
    target.refresh_from_db()
    assert target.frozen_at is not None
    assert own.version == 2


def test_the_preview_is_what_the_move_does(own: Project, publish: Publish, lead: User, contributor: User) -> None:
    fill(contributor, stage(own, "alpha"))
    target = publish(HEAD + phase(1, "Alpha") + phase(2, "Delta") + phase(3, "Beta"))
    shown = preview_move(own, target)
    assert move_methodology(actor=lead, project=own, number=2, reason="Now") == shown
    states = list(Stage.objects.filter(project=own, is_current=True).values_list("key", "order", "state"))
    kept = [each for each in shown.stages if each.action in ("keep", "add")]
    assert states == [(each.key, each.order, each.state) for each in sorted(kept, key=lambda each: each.order)]


def test_the_page_shows_what_would_change_and_moves(
    own: Project, publish: Publish, lead: User, contributor: User, viewer: User, sign_in: Callable[[User], Client]
) -> None:
    client = sign_in(lead)
    address = "/projects/own/methodology/"
    assert "There is nothing to move to" in client.get(address).content.decode()
    fill(contributor, stage(own, "alpha"))
    publish(FIRST.replace("          - {key: extra, name: Extra}\n", "", 1).replace("Is it safe?", "Is it sound?"))
    assert "Own v2 is out" in client.get("/projects/own/stages/").content.decode()
    page = client.get(address).content.decode()
    for text in ("“Extra” is no longer asked for; its versions stay readable.", "Is it sound?", "No approval ends"):
        assert text in page
    refused_page = client.post(address, {"number": 2, "reason": ""})
    assert refused_page.status_code == 400
    assert own.methodology.number == 1
    late = client.post(address, {"number": 7, "reason": "Better questions"})
    assert late.status_code == 400
    assert "is no newer version that is offered" in late.content.decode()
    assert 'name="number" value="2"' in late.content.decode()
    assert "Better questions" in late.content.decode()
    reader = sign_in(contributor)
    assert "Only the project lead may move" in reader.get(address).content.decode()
    assert reader.post(address, {"number": 2, "reason": "Why not"}).status_code == 403
    assert sign_in(viewer).get(address).status_code == 404
    assert client.post(address, {"number": 2, "reason": "Better questions"}).status_code == 302
    own.refresh_from_db()
    assert own.methodology.number == 2
    shown = client.get("/projects/own/stages/alpha/").content.decode()
    assert "No longer asked for" in shown
    assert (
        client.get(f"/projects/own/deliverables/{stage(own, 'alpha').deliverables.get(key='extra').pk}/").status_code
        == 200
    )


def test_the_api_previews_and_moves(
    own: Project, publish: Publish, lead: User, sponsor: User, outsider: User, api: Callable[[User], Any]
) -> None:
    publish(HEAD + phase(1, "Alpha") + phase(2, "Beta") + phase(3, "Gamma").replace("Is it safe?", "Is it sound?"))
    address = "/api/v1/projects/own/methodology/"
    seen = api(sponsor).get(address).json()
    assert (seen["number"], seen["against"]) == (2, [])
    assert [each["key"] for each in seen["stages"] if each["changes"]] == ["gamma"]
    assert api(outsider).get(address).status_code == 404
    assert api(lead).get(f"{address}?to=x").json()["error"]["code"] == "invalid"
    assert api(sponsor).post(address, {"reason": "Now"}).status_code == 403
    assert api(lead).post(address, {}).status_code == 400
    done = api(lead).post(address, {"number": 2, "reason": "Now"})
    assert (done.status_code, done.json()["number"]) == (200, 2)
    again = api(lead).post(address, {"number": 2, "reason": "Now"})
    assert (again.status_code, again.json()["error"]["code"]) == (400, "methodology_not_newer")
    assert api(lead).get("/api/v1/projects/own/stages/alpha/").json()["dropped"] == []
