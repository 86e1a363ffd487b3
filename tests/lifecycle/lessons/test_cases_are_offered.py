"""Cases like a project are offered to it, answered by its team, and stand on the page of the decision."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.lessons.models import CaseOffer
from lifecycle.lessons.offers.evidence import LESSONS
from lifecycle.lessons.offers.runs import offer_cases as run
from lifecycle.lessons.offers.services import answer_offer, offer_cases
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Deliverable, Member, Project, Role, Stage
from lifecycle.projects.selectors import missing_for_submission
from lifecycle.projects.services import answer_question, stop_project, write_version
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import submit_round
from tests.lifecycle.lessons.conftest import MakeCase, MakeProject

pytestmark = pytest.mark.django_db
LIKE = "Which supplier delivers late? Delivery codes of each supplier tell."


@pytest.fixture
def fresh(case: PostMortem, make_project: MakeProject, sponsor: User) -> Project:
    made = make_project("fresh", "Delivery forecast", question=LIKE)
    Member.objects.create(project=made, user=sponsor, role=Role.SPONSOR)
    return made


@pytest.fixture
def offer(fresh: Project) -> CaseOffer:
    (made,) = offer_cases(project=fresh, stage=None)
    return made


def first_stage(project: Project) -> Stage:
    return Stage.objects.get(project=project, order=1, is_current=True)


def complete(project: Project, by: User) -> Stage:
    stage = first_stage(project)
    for question in stage.questions.all():
        answer_question(actor=by, question=question, text="Answered.", expected_number=0)
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(actor=by, deliverable=deliverable, expected_number=0, text="Written.")
    return first_stage(project)


def test_a_new_project_is_offered_a_case_like_it_with_the_reason(case: PostMortem, fresh: Project) -> None:
    (job,) = Job.objects.filter(kind="offer_cases")
    assert run(job.pk) == "done"
    offer = CaseOffer.objects.get()
    assert (offer.project, offer.stage, offer.postmortem, offer.state) == (fresh, None, case, "offered")
    assert any("supplier" in why for why in offer.shared)
    assert Notice.objects.filter(kind="cases_offered").count() == 2, "lead and contributor"


def test_nothing_is_offered_to_a_project_that_is_not_like_any(case: PostMortem, make_project: MakeProject) -> None:
    strange = make_project("strange", "Bird songs", question="Which bird sings?")
    assert offer_cases(project=strange, stage=None) == []


def test_without_any_case_no_job_is_asked_for(project: Project) -> None:
    assert not Job.objects.filter(kind="offer_cases").exists()


@pytest.mark.parametrize("visibility", ["restricted", "team"])
def test_what_others_may_not_read_is_never_offered(
    project: Project, make_case: MakeCase, make_project: MakeProject, visibility: str
) -> None:
    make_case(project, "Supplier delivery codes", visibility=visibility)
    fresh = make_project("fresh", "Delivery forecast", question=LIKE)
    assert not Job.objects.filter(kind="offer_cases").exists()
    assert offer_cases(project=fresh, stage=None) == []


def test_a_teams_own_case_is_offered_to_it_only(project: Project, make_case: MakeCase, lead: User) -> None:
    own = make_case(project, "Supplier delivery codes", visibility="team")
    stage = first_stage(project)
    deliverable = stage.deliverables.all()[0]
    write_version(actor=lead, deliverable=deliverable, expected_number=0, text=LIKE)
    assert [made.postmortem for made in offer_cases(project=project, stage=stage)] == [own]


def test_no_more_than_three_and_none_twice(
    project: Project, make_case: MakeCase, make_project: MakeProject, lead: User
) -> None:
    for number in range(5):
        make_case(project, f"Supplier delivery codes {number}")
    fresh = make_project("fresh", "Delivery forecast", question=LIKE)
    started = offer_cases(project=fresh, stage=None)
    assert len(started) == 3
    assert offer_cases(project=fresh, stage=None) == []
    stage = first_stage(fresh)
    write_version(actor=lead, deliverable=stage.deliverables.all()[0], expected_number=0, text=LIKE)
    later = offer_cases(project=fresh, stage=stage)
    assert len(later) == 2
    assert not {offer.postmortem_id for offer in started} & {offer.postmortem_id for offer in later}


def test_a_project_that_has_ended_is_offered_nothing(fresh: Project, lead: User) -> None:
    stop_project(actor=lead, project=fresh, reason="No money.")
    assert offer_cases(project=fresh, stage=None) == []


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        ("maybe", "Why not.", "answer_unknown"),
        ("taken", " \x00", "reason_missing"),
        ("dismissed", "", "reason_missing"),
        ("not_similar", "", "reason_missing"),
        ("taken", "x" * 2001, "reason_too_long"),
    ],
)
def test_an_answer_needs_a_reason(offer: CaseOffer, lead: User, answer: str, reason: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        answer_offer(actor=lead, offer=offer, answer=answer, reason=reason)
    assert refused.value.code == code
    offer.refresh_from_db()
    assert offer.state == "offered"


def test_only_the_team_answers_and_only_while_it_works(
    offer: CaseOffer, fresh: Project, lead: User, sponsor: User, outsider: User
) -> None:
    for actor in (sponsor, outsider):
        with pytest.raises(Refused) as refused:
            answer_offer(actor=actor, offer=offer, answer="taken", reason="We ask.")
        assert refused.value.code == "not_permitted"
    stop_project(actor=lead, project=fresh, reason="No money.")
    with pytest.raises(Refused) as refused:
        answer_offer(actor=lead, offer=offer, answer="taken", reason="We ask.")
    assert refused.value.code == "project_closed"


def test_a_case_that_was_restricted_since_is_not_shown_nor_asked_about(
    offer: CaseOffer, case: PostMortem, lead: User, sponsor: User, sign_in: Any, api: Any
) -> None:
    stage = complete(offer.project, lead)
    review = submit_round(actor=lead, stage=stage, title="May we begin?")
    PostMortem.objects.filter(pk=case.pk).update(visibility="restricted")
    for path in (offer.project.get_absolute_url(), stage.get_absolute_url(), review.get_absolute_url()):
        assert case.title not in sign_in(sponsor).get(path).content.decode()
    assert api(lead).get(f"/api/v1/projects/{offer.project.key}/case-offers/").json()["results"] == []
    with pytest.raises(Refused) as refused:
        answer_offer(actor=lead, offer=offer, answer="taken", reason="We ask.")
    assert refused.value.code == "case_not_open"


def test_answers_stand_on_the_page_of_the_decision(
    offer: CaseOffer, case: PostMortem, lead: User, sponsor: User, sign_in: Any
) -> None:
    answer_offer(actor=lead, offer=offer, answer="taken", reason="We ask each supplier for notice.")
    review = submit_round(actor=lead, stage=complete(offer.project, lead), title="May we begin?")
    page = sign_in(sponsor).get(review.get_absolute_url()).content.decode()
    for words in (case.title, "taken to heart", "We ask each supplier for notice.", "1 of 1 answered"):
        assert words in page
    answer_offer(actor=lead, offer=offer, answer="dismissed", reason="We buy from one only.")
    (item,) = [item for item in review.manifest["items"] if item["kind"] == "case_offer"]
    assert LESSONS.recheck(offer.project, [item["key"]])[item["key"]] != item["hash"], (
        "another answer is other evidence"
    )


def test_an_answer_that_comes_after_the_question_is_shown_and_ends_nothing(
    offer: CaseOffer, lead: User, sponsor: User, sign_in: Any
) -> None:
    review = submit_round(actor=lead, stage=complete(offer.project, lead), title="May we begin?")
    browser = sign_in(sponsor)
    assert "not answered" in browser.get(review.get_absolute_url()).content.decode()
    answer_offer(actor=lead, offer=offer, answer="dismissed", reason="We buy from one only.")
    page = browser.get(review.get_absolute_url()).content.decode()
    assert "after it was submitted" in page
    assert "The evidence changed after it was submitted" not in page
    assert not Notice.objects.filter(kind="round_evidence_changed").exists()


def ask_at_gate(project: Project) -> Stage:
    stage = first_stage(project)
    stage.gate = {**stage.gate, "checks": [{"check": "lessons_answered"}]}
    stage.save(update_fields=["gate"])
    return stage


def test_open_offers_are_a_hint_unless_the_gate_asks_for_answers(offer: CaseOffer, lead: User, sign_in: Any) -> None:
    stage = complete(offer.project, lead)
    assert missing_for_submission(stage) == []
    page = " ".join(sign_in(lead).get(stage.get_absolute_url()).content.decode().split())
    assert "One earlier case is not answered; that does not hold up the decision" in page
    stage = ask_at_gate(offer.project)
    (lacking,) = missing_for_submission(stage)
    assert "The case that was offered is not answered yet." in lacking
    with pytest.raises(Refused) as refused:
        submit_round(actor=lead, stage=stage, title="May we begin?")
    assert refused.value.code == "stage_incomplete"
    answer_offer(actor=lead, offer=offer, answer="not_similar", reason="We sell, we do not buy.")
    assert missing_for_submission(stage) == []


def test_what_is_offered_after_the_question_does_not_turn_the_gate(
    fresh: Project, make_case: MakeCase, project: Project, lead: User
) -> None:
    complete(fresh, lead)
    stage = ask_at_gate(fresh)
    write_version(actor=lead, deliverable=stage.deliverables.filter(need="required")[0], expected_number=1, text=LIKE)
    review = submit_round(actor=lead, stage=first_stage(fresh), title="May we begin?")
    assert Job.objects.filter(kind="offer_cases", args__stage=stage.pk).exists()
    assert len(offer_cases(project=fresh, stage=first_stage(fresh))) == 1
    assert Round.objects.get(pk=review.pk).is_open
    assert not Notice.objects.filter(kind="round_evidence_changed").exists()


def test_pages_take_an_answer_and_lead_back(
    offer: CaseOffer, case: PostMortem, lead: User, sign_in: Any, api: Any
) -> None:
    browser = sign_in(lead)
    project = offer.project
    page = browser.get(project.get_absolute_url()).content.decode()
    assert "Projects like this one failed on" in page
    assert "upstream data change" in page
    path, stage = f"{project.get_absolute_url()}case-offers/{offer.pk}/", first_stage(project)
    posted = browser.post(
        path, {"answer": "taken", "reason": "<script>x</script> We ask.", "back": stage.get_absolute_url()}
    )
    assert posted.url == f"{stage.get_absolute_url()}#lessons"
    assert "<script>x" not in browser.get(stage.get_absolute_url()).content.decode()
    away = browser.post(path, {"answer": "taken", "reason": "We ask.", "back": "https://example.org/"})
    assert away.url == f"{project.get_absolute_url()}#lessons"
    refused = browser.post(path, {"answer": "taken", "reason": ""})
    assert refused.status_code == 400
    (row,) = api(lead).get(f"/api/v1/projects/{project.key}/case-offers/").json()["results"]
    assert (row["postmortem"], row["state"], row["failed_on"]) == (case.reference, "taken", "upstream data change")
    told = api(lead).post(
        f"/api/v1/projects/{project.key}/case-offers/{offer.pk}/", {"answer": "not_similar", "reason": "We sell."}
    )
    assert told.json()["reason"] == "Not like this project: We sell."
