"""Checks that came from cases: who may what, what is refused, and how a draft keeps its comments."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.lessons.checks.selectors import checks_for, origins_of, ways
from lifecycle.lessons.checks.services import accept_check, decline_check, propose_check, put_check_back, tell_catch
from lifecycle.lessons.models import Catch, LessonCheck
from lifecycle.methodologies.models import MethodologyDraft
from lifecycle.methodologies.reading import read_methodology
from lifecycle.methodologies.services import begin_draft, change_draft, discard_draft, publish_draft
from lifecycle.methodologies.wording import question_keys, with_question
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import ExitQuestion, Project
from tests.lifecycle.lessons.conftest import MakeCase, MakeProject

pytestmark = pytest.mark.django_db
PHASE = "business_understanding"


def propose(actor: User, case: PostMortem, **changes: Any) -> LessonCheck:
    asked: dict[str, Any] = {
        "methodology_key": "crisp_dm",
        "phase_key": PHASE,
        "text": "Who gives notice?",
        "lesson": case.lessons.get(),
    }
    return propose_check(actor=actor, case=case, **{**asked, **changes})


def code_of(deed: Any) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        deed()
    return refused.value.code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lesson": None}, "source_missing"),
        ({"factor_node": "label_error"}, "source_missing"),
        ({"lesson": None, "factor_node": "label_error"}, "source_missing"),
        ({"methodology_key": "none"}, "methodology_unknown"),
        ({"phase_key": "none"}, "phase_unknown"),
        ({"text": " \x00 "}, "text_missing"),
        ({"text": "x" * 501}, "text_too_long"),
    ],
)
def test_a_proposal_says_what_is_wrong_with_it(
    case: PostMortem, lead: User, changes: dict[str, Any], code: str
) -> None:
    assert code_of(lambda: propose(lead, case, **changes)) == code
    assert not LessonCheck.objects.exists()


def test_a_lesson_of_another_case_is_refused(
    case: PostMortem, project: Project, make_case: MakeCase, lead: User
) -> None:
    other = make_case(project, "Another one")
    assert code_of(lambda: propose(lead, case, lesson=other.lessons.get())) == "source_missing"


def test_no_check_is_made_of_a_draft_nor_of_a_restricted_case_nor_by_an_auditor(
    project: Project, make_case: MakeCase, contributor: User, make_person: Any, case: PostMortem
) -> None:
    draft = make_case(project, "A draft", is_published=False)
    restricted = make_case(project, "A secret", visibility="restricted")
    auditor = make_person("Aud Auditor", is_auditor=True)
    assert code_of(lambda: propose(contributor, draft)) == "case_not_published"
    assert code_of(lambda: propose(contributor, restricted)) == "case_restricted"
    assert code_of(lambda: propose(auditor, case)) == "not_permitted"


def test_the_same_lesson_is_not_proposed_twice_for_a_phase_unless_it_was_declined(
    case: PostMortem, lead: User, manager: User
) -> None:
    first = propose(lead, case)
    assert code_of(lambda: propose(manager, case)) == "check_exists"
    assert propose(lead, case, phase_key="evaluation").question_key.endswith("_2")
    decline_check(actor=manager, check=first, reason="It is asked elsewhere.")
    assert propose(lead, case).state == "proposed"


def test_who_proposed_it_does_not_decide_and_neither_do_people_without_the_right(
    case: PostMortem, manager: User, administrator: User, lead: User
) -> None:
    check = propose(manager, case)
    assert code_of(lambda: accept_check(actor=manager, check=check, copy_key="own_way")) == "own_proposal"
    assert code_of(lambda: decline_check(actor=manager, check=check, reason="No.")) == "own_proposal"
    assert code_of(lambda: accept_check(actor=lead, check=check, copy_key="own_way")) == "not_permitted"
    assert code_of(lambda: decline_check(actor=administrator, check=check, reason=" ")) == "reason_missing"
    declined = decline_check(actor=administrator, check=check, reason="It is asked already.")
    assert (declined.state, declined.reason) == ("declined", "It is asked already.")
    assert code_of(lambda: accept_check(actor=administrator, check=check, copy_key="own_way")) == "wrong_state"
    assert code_of(lambda: put_check_back(actor=administrator, check=check)) == "wrong_state"


def test_even_the_database_wants_two_people(case: PostMortem, manager: User) -> None:
    check = propose(manager, case)
    with pytest.raises(IntegrityError), transaction.atomic():
        LessonCheck.objects.filter(pk=check.pk).update(decided_by=manager)


def test_what_comes_with_the_portal_is_copied_and_never_changed(case: PostMortem, lead: User, manager: User) -> None:
    check = propose(lead, case)
    assert code_of(lambda: accept_check(actor=manager, check=check)) == "copy_key_missing"
    assert code_of(lambda: accept_check(actor=manager, check=check, copy_key="tdsp")) == "key_shipped"
    assert code_of(lambda: accept_check(actor=manager, check=check, copy_key="No key")) == "key_unusable"
    accepted = accept_check(actor=manager, check=check, copy_key="own_way")
    assert accepted.methodology_key == "own_way"
    assert MethodologyDraft.objects.get().name == "CRISP-DM, our own"


def test_a_second_check_goes_into_the_same_draft(case: PostMortem, lead: User, manager: User) -> None:
    one, two = propose(lead, case), propose(lead, case, phase_key="evaluation", text="And who else?")
    accept_check(actor=manager, check=one, copy_key="own_way")
    two = accept_check(actor=manager, check=two, copy_key="own_way")
    draft = MethodologyDraft.objects.get()
    assert two.question_key in question_keys(draft.text, "evaluation")
    assert read_methodology(draft.text, key="own_way").faults == []


def test_a_question_that_was_lost_with_its_draft_is_put_back(
    case: PostMortem, lead: User, manager: User, administrator: User
) -> None:
    check = accept_check(actor=manager, check=propose(lead, case), copy_key="own_way")
    draft = MethodologyDraft.objects.get()
    discard_draft(actor=manager, draft=draft, expected_version=draft.version)
    assert code_of(lambda: put_check_back(actor=lead, check=check)) == "not_permitted"
    put_check_back(actor=administrator, check=check)
    draft = MethodologyDraft.objects.get()
    assert check.question_key in question_keys(draft.text, PHASE)
    version = draft.version
    put_check_back(actor=administrator, check=check)
    assert MethodologyDraft.objects.get().version == version, "where it stands already nothing changes"


def test_a_draft_without_the_phase_is_refused(case: PostMortem, lead: User, manager: User) -> None:
    check = propose(lead, case)
    begin_draft(actor=manager, key="own_way", name="Own way")
    assert code_of(lambda: accept_check(actor=manager, check=check, copy_key="own_way")) == "phase_gone"
    check.refresh_from_db()
    assert check.state == "proposed"


def test_a_version_without_the_question_brings_nothing_into_force(case: PostMortem, lead: User, manager: User) -> None:
    check = accept_check(actor=manager, check=propose(lead, case), copy_key="own_way")
    draft = MethodologyDraft.objects.get()
    without = "\n".join(line for line in draft.text.split("\n") if check.question_key not in line)
    draft = change_draft(actor=manager, draft=draft, text=without, expected_version=draft.version)
    publish_draft(actor=manager, draft=draft, expected_version=draft.version)
    check.refresh_from_db()
    assert check.state == "accepted"


@pytest.fixture
def in_force(case: PostMortem, lead: User, manager: User) -> LessonCheck:
    check = accept_check(actor=manager, check=propose(lead, case), copy_key="own_way")
    draft = MethodologyDraft.objects.get()
    publish_draft(actor=manager, draft=draft, expected_version=draft.version)
    check.refresh_from_db()
    return check


def test_a_catch_is_told_by_those_who_work_or_decide_there(
    in_force: LessonCheck, make_project: MakeProject, lead: User, viewer: User, project: Project
) -> None:
    fresh = make_project("fresh", methodology=in_force.methodology)
    question = ExitQuestion.objects.get(stage__project=fresh, key=in_force.question_key)
    elsewhere = ExitQuestion.objects.filter(stage__project=project)[0]
    assert (
        code_of(lambda: tell_catch(actor=viewer, check=in_force, question=question, text="It did.")) == "not_permitted"
    )
    assert code_of(lambda: tell_catch(actor=lead, check=in_force, question=question, text=" ")) == "text_missing"
    assert (
        code_of(lambda: tell_catch(actor=lead, check=in_force, question=question, text="x" * 2001)) == "text_too_long"
    )
    assert (
        code_of(lambda: tell_catch(actor=lead, check=in_force, question=elsewhere, text="It did.")) == "check_not_met"
    )
    tell_catch(actor=lead, check=in_force, question=question, text="It did.")
    assert Catch.objects.count() == 1


def test_who_may_not_see_the_case_reads_that_there_was_one(
    project: Project,
    make_case: MakeCase,
    make_project: MakeProject,
    make_person: Any,
    lead: User,
    manager: User,
    outsider: User,
    sign_in: Any,
) -> None:
    """A team's own case may become a check; the methodology, which everybody reads, does not name it."""
    own = make_case(project, "Only for the team", visibility="team")
    check = accept_check(actor=manager, check=propose(lead, own), copy_key="own_way")
    draft = MethodologyDraft.objects.get()
    assert check.question_key == "lesson_1"
    assert own.reference not in draft.text
    assert list(checks_for(outsider)) == []
    version = publish_draft(actor=manager, draft=draft, expected_version=draft.version)
    fresh = make_project("fresh", actor=outsider, methodology=version)
    question = ExitQuestion.objects.get(stage__project=fresh, key="lesson_1")
    origin = origins_of(outsider, fresh, [question.pk])[question.pk]
    assert (origin.words, origin.link) == ("a case of another project", "")
    (way,) = ways(outsider, list(checks_for(outsider)))
    assert (way.case, way.met_count) == (None, 1)
    for path in (question.stage.get_absolute_url(), "/post-mortems/checks/", f"/post-mortems/checks/{check.pk}/"):
        page = sign_in(outsider).get(path).content.decode()
        assert "a case of another project" in page.lower()
        assert own.reference not in page
        assert own.title not in page
        assert own.lessons.get().text not in page


def test_projects_that_the_reader_may_not_see_are_counted_and_not_named(
    in_force: LessonCheck, make_project: MakeProject, outsider: User, lead: User
) -> None:
    make_project("hidden", methodology=in_force.methodology)
    (way,) = ways(outsider, list(checks_for(outsider)))
    assert (way.met_count, way.met) == (1, [])
    (way,) = ways(lead, list(checks_for(lead)))
    assert [met.project.key for met in way.met] == ["hidden"]


def test_pages_of_checks_read_the_same_number_of_rows_however_many(
    in_force: LessonCheck, case: PostMortem, make_project: MakeProject, lead: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        make_project(f"p{number}", methodology=in_force.methodology)
        propose(lead, case, phase_key="evaluation", text=f"Question {number}?") if number == 0 else None
    with django_assert_max_num_queries(9):
        ways(lead, list(checks_for(lead)))


FLOW = 'phases:\n  - {key: one, exit_questions: [{key: q1, text: "A?"}]}\n'
BLOCK = """phases:
  - key: one
    exit_questions:
      - key: q1
        text: >-
          A long question
          over two lines?
        # a note
      # another note
    gate: {required_outputs: []}
  - key: two
    exit_questions:
      - {key: q2, text: "B?"}  # of the second"""


@pytest.mark.parametrize(("text", "phase"), [(FLOW, "one"), (BLOCK, "one"), (BLOCK, "two")])
def test_a_question_is_put_behind_the_others_and_nothing_else_changes(text: str, phase: str) -> None:
    import yaml

    asked = 'Is "this" : kept? # yes'
    made = with_question(text, phase=phase, key="pm_1", question=asked, case="PM-2026-0001")
    assert made is not None
    old, new = yaml.safe_load(text), yaml.safe_load(made)
    for before, after in zip(old["phases"], new["phases"], strict=True):
        added = after["exit_questions"][len(before["exit_questions"]) :]
        assert added == ([{"key": "pm_1", "text": asked, "case": "PM-2026-0001"}] if after["key"] == phase else [])
        after["exit_questions"] = before["exit_questions"]
    assert old == new
    assert [line for line in made.splitlines() if "#" in line and "pm_1" not in line] == [
        line for line in text.splitlines() if "#" in line
    ]
    assert with_question(made, phase=phase, key="pm_1", question=asked) == made


def test_a_text_without_the_phase_takes_no_question() -> None:
    assert with_question(FLOW, phase="none", key="pm_1", question="A?") is None
    assert with_question("not: [yaml", phase="one", key="pm_1", question="A?") is None
