"""People of a project, its facts, answers and tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import ExitAnswer, Member, Project, Role
from lifecycle.projects.selectors import waiting_for
from lifecycle.projects.services import (
    add_member,
    answer_question,
    edit_project,
    person_named,
    plan_stage,
    remove_member,
    start_project,
    stop_project,
    tick_task,
    untick_task,
)

pytestmark = pytest.mark.django_db


def test_the_last_lead_cannot_be_removed_but_one_of_two_can(project: Project, lead: User, contributor: User) -> None:
    member = Member.objects.get(project=project, role=Role.LEAD)
    with pytest.raises(Refused) as caught:
        remove_member(actor=lead, member=member)
    assert caught.value.code == "last_lead"
    add_member(actor=lead, project=project, user=contributor, role=Role.LEAD)
    assert remove_member(actor=contributor, member=member).left_at is not None
    assert not Project.objects.visible_to(lead).exists()


def test_a_lead_without_access_does_not_count_as_the_last_one(project: Project, lead: User, contributor: User) -> None:
    other = add_member(actor=lead, project=project, user=contributor, role=Role.LEAD)
    User.objects.filter(pk=contributor.pk).update(is_active=False)
    with pytest.raises(Refused) as caught:
        remove_member(actor=lead, member=Member.objects.get(project=project, user=lead, role=Role.LEAD))
    assert caught.value.code == "last_lead"
    assert remove_member(actor=lead, member=other).left_at is not None


@pytest.mark.parametrize("role", ["sponsor", "customer", "reviewer", "risk_officer"])
def test_nobody_gives_a_deciding_role_to_themselves(
    project: Project, lead: User, administrator: User, role: str
) -> None:
    for person in (lead, administrator):
        with pytest.raises(Refused) as caught:
            add_member(actor=person, project=project, user=person, role=role)
        assert (caught.value.code, caught.value.status) == ("own_role", 403)
    assert add_member(actor=administrator, project=project, user=lead, role=role).role == role


def test_the_same_role_twice_is_one_row_and_a_new_one_after_leaving(project: Project, lead: User, viewer: User) -> None:
    first = Member.objects.get(project=project, user=viewer)
    assert add_member(actor=lead, project=project, user=viewer, role=Role.VIEWER) == first
    remove_member(actor=lead, member=first)
    entries = Entry.objects.count()
    remove_member(actor=lead, member=first)
    assert Entry.objects.count() == entries
    assert add_member(actor=lead, project=project, user=viewer, role=Role.VIEWER) != first


def test_a_person_is_found_by_address_or_by_a_name_that_only_they_have(
    make_person: Callable[..., User], viewer: User
) -> None:
    User.objects.create_user("other@example.org", name="Vera Viewer")
    assert person_named(" VERA.viewer@example.org ") == viewer
    for text, code in (
        ("vera viewer", "person_ambiguous"),
        ("nobody@example.org", "person_unknown"),
        ("", "person_unknown"),
    ):
        with pytest.raises(Refused) as caught:
            person_named(text)
        assert caught.value.code == code


def test_an_edit_notes_what_stood_there_before(project: Project, lead: User) -> None:
    edit_project(actor=lead, project=project, expected_version=1, name="Triage", discount_rate=Decimal("0.08"))
    project.refresh_from_db()
    assert (project.name, project.discount_rate, project.version) == ("Triage", Decimal("0.08"), 2)
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.thing_kind, entry.before) == ("project", {"name": "Tumour triage", "discount_rate": "0.1"})


def test_an_edit_that_changes_nothing_is_no_deed(project: Project, lead: User) -> None:
    entries = Entry.objects.count()
    assert edit_project(actor=lead, project=project, expected_version=7, name="Tumour triage").version == 1
    assert Entry.objects.count() == entries


def test_an_edit_on_an_older_version_is_refused(project: Project, lead: User) -> None:
    edit_project(actor=lead, project=project, expected_version=1, unit="Pathology")
    with pytest.raises(Refused) as caught:
        edit_project(actor=lead, project=project, expected_version=1, unit="Radiology")
    assert caught.value.code == "version_conflict"


def test_lowering_the_risk_needs_a_reason_and_raising_it_does_not(project: Project, lead: User) -> None:
    edit_project(actor=lead, project=project, risk="high")
    with pytest.raises(Refused) as caught:
        edit_project(actor=lead, project=project, risk="low")
    assert (caught.value.code, caught.value.field) == ("reason_missing", "reason")
    assert edit_project(actor=lead, project=project, risk="low", reason="No patient data after all").risk == "low"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"currency": "ABC"}, "currency"),
        ({"discount_rate": Decimal("1.5")}, "discount_rate"),
        ({"discount_rate": Decimal("NaN")}, "discount_rate"),
        ({"horizon_months": 0}, "horizon_months"),
        ({"risk": "huge"}, "risk"),
        ({"name": " "}, "name"),
        ({"question": "x" * 301}, "question"),
    ],
)
def test_facts_that_cannot_be_are_refused(project: Project, lead: User, facts: dict, field: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(Refused) as caught:
        edit_project(actor=lead, project=project, **facts)
    assert (caught.value.field, caught.value.status) == (field, 400)


@pytest.mark.parametrize("key", ["new", "Grand", "a/b", "", "-a", "x" * 41])
def test_a_key_that_no_address_can_hold_is_refused(crisp_dm: Methodology, lead: User, key: str) -> None:
    with pytest.raises(Refused) as caught:
        start_project(actor=lead, key=key, name="N", question="?", methodology=crisp_dm, started_on=date(2026, 1, 1))
    assert caught.value.code == "key_unusable"


def test_a_stop_needs_a_reason_and_happens_once(project: Project, sponsor: User, manager: User) -> None:
    with pytest.raises(Refused) as caught:
        stop_project(actor=manager, project=project, reason="Too dear")
    assert "manager" in caught.value.message
    with pytest.raises(Refused):
        stop_project(actor=sponsor, project=project, reason="  ")
    assert stop_project(actor=sponsor, project=project, reason="Too dear").state == "stopped"
    entries = Entry.objects.count()
    stop_project(actor=sponsor, project=project, reason="Again")
    assert Entry.objects.count() == entries


def test_answers_are_versions_and_a_conflict_loses_nothing(project: Project, lead: User, contributor: User) -> None:
    question = project.stages.get(order=1).questions.first()
    assert question is not None
    first = answer_question(actor=lead, question=question, text="The board", expected_number=0)
    assert answer_question(actor=lead, question=question, text="The board", expected_number=0) == first
    with pytest.raises(Refused) as caught:
        answer_question(actor=contributor, question=question, text="The head nurse", expected_number=0)
    assert (caught.value.code, caught.value.status) == ("version_conflict", 409)
    second = answer_question(actor=contributor, question=question, text="The head nurse", expected_number=1)
    assert second.number == 2
    assert ExitAnswer.objects.count() == 2
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.thing_kind, entry.thing_id) == ("answer", str(question.pk))


def test_a_task_is_ticked_once_and_the_tick_can_be_taken_away(project: Project, contributor: User) -> None:
    task = project.stages.get(order=1).tasks.first()
    assert task is not None
    ticked = tick_task(actor=contributor, task=task)
    assert ticked.done_by == contributor
    entries = Entry.objects.filter(thing_kind="task").count()
    tick_task(actor=contributor, task=task)
    assert Entry.objects.filter(thing_kind="task").count() == entries == 1
    assert untick_task(actor=contributor, task=task).done_at is None


def test_a_planned_stage_waits_for_its_lead_only(
    project: Project, lead: User, contributor: User, sponsor: User
) -> None:
    stage = project.stages.get(order=1)
    assert waiting_for(lead) == []
    plan_stage(actor=lead, stage=stage, due_on=date(2026, 3, 1))
    assert [(line.due_on, line.link) for line in waiting_for(lead)] == [
        (date(2026, 3, 1), "/projects/triage/stages/business_understanding/")
    ]
    assert waiting_for(contributor) == waiting_for(sponsor) == []
    assert Entry.objects.filter(thing_kind="stage", verb="plan_stage").count() == 1
