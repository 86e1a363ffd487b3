"""The whole way: a case teaches, somebody proposes a check, another one takes it into the methodology, the next version
is published, a new project meets the question at its gate with a link to the case, and it catches something."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.lessons.checks.selectors import checks_for, ways
from lifecycle.lessons.checks.services import accept_check, propose_check, tell_catch
from lifecycle.lessons.models import LessonCheck
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.services import publish_draft
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Deliverable, ExitQuestion, Project, Role, Stage
from lifecycle.projects.selectors import missing_for_submission
from lifecycle.projects.services import add_member, answer_question, start_project, write_version
from lifecycle.signoff.services import submit_round

ASKED = "Which suppliers told us how they give notice before codes change, and what did they say?"


@pytest.mark.django_db
def test_a_lesson_meets_another_project_at_its_gate_and_catches_something(
    case: PostMortem,
    lead: User,
    sponsor: User,
    outsider: User,
    contributor: User,
    manager: User,
    administrator: User,
    sign_in: Any,
) -> None:
    check = propose_check(
        actor=manager,
        case=case,
        methodology_key="crisp_dm",
        phase_key="business_understanding",
        text=ASKED,
        lesson=case.lessons.get(),
    )
    assert check.state == "proposed"
    assert [notice.user for notice in Notice.objects.filter(kind="check_proposed")] == [administrator]

    check = accept_check(actor=administrator, check=check, copy_key="house_way")
    draft = MethodologyDraft.objects.get(key="house_way")
    assert f'- {{key: {check.question_key}, text: "{ASKED}", case: {case.reference}}}' in draft.text
    assert "# CRISP-DM 1.0 reference model" in draft.text, "comments stay"

    version = publish_draft(actor=manager, draft=draft, expected_version=draft.version, note="A lesson became a check")
    check.refresh_from_db()
    assert (check.state, check.methodology) == ("in_force", version)
    assert Notice.objects.filter(kind="check_decided", user=manager).count() == 2

    fresh = start_project(
        actor=outsider,
        key="next",
        name="The next one",
        question="What do we order?",
        methodology=Methodology.objects.get(pk=version.pk),
        started_on=date(2026, 6, 1),
        risk=Project.Risk.LOW,
    )
    add_member(actor=outsider, project=fresh, user=sponsor, role=Role.SPONSOR)
    stage = Stage.objects.get(project=fresh, order=1)
    question = ExitQuestion.objects.get(stage=stage, key=check.question_key)
    assert f"The question “{ASKED}” is not answered yet." in missing_for_submission(stage)
    page = sign_in(outsider).get(stage.get_absolute_url()).content.decode()
    assert ASKED in page
    assert f'<a href="{case.get_absolute_url()}">{case.reference}: {case.title}</a>' in page

    for each in stage.questions.all():
        answer_question(actor=outsider, question=each, text="Two of three did.", expected_number=0)
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(actor=outsider, deliverable=deliverable, expected_number=0, text="Written.")
    review = submit_round(actor=outsider, stage=stage, title="May we go on?")
    decision = sign_in(sponsor).get(review.get_absolute_url()).content.decode()
    assert f'<a href="{case.get_absolute_url()}">{case.reference}: {case.title}</a>' in decision

    tell_catch(actor=sponsor, check=check, question=question, text="One supplier had planned new codes for July.")
    (way,) = ways(outsider, list(checks_for(outsider)))
    assert (way.met_count, way.answered, way.decided, way.caught) == (1, 1, 0, 1)
    assert [catch.text for catch in way.met[0].catches] == ["One supplier had planned new codes for July."]
    verbs = Entry.objects.filter(thing_kind="lesson_check").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["propose_check", "accept_check", "bring_check_into_force", "tell_catch"]
    assert Notice.objects.filter(kind="check_caught", user=contributor).exists()
    assert LessonCheck.objects.count() == 1
