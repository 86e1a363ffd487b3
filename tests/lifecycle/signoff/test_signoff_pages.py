"""The pages and the REST of sign-off, for each role."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from foundation.people.models import User
from foundation.web.formats import day_text
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.signoff import selectors
from lifecycle.signoff.evidence import Figure, Summary, all_kinds
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import decide, submit_round

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody
SignIn = Callable[[User], Client]


def url(review: Round, deed: str = "") -> str:
    return f"/rounds/{review.pk}/{deed}"


def yes(review: Round, **others: str) -> dict[str, str]:
    return {"verdict": "approve", "reason": "", "password": PASSWORD, "digest": review.digest, **others}


# The page of a round


def test_the_sponsor_finds_the_question_the_evidence_and_four_answers(
    review: Round, sponsor: User, sign_in: SignIn
) -> None:
    page = sign_in(sponsor).get(url(review)).content.decode()
    assert "May we begin?" in page
    assert "All required outputs are written." in page
    assert "Business success criteria" in page
    assert "Answer to bu_q1." in page
    assert review.digest in page
    assert page.count('name="verdict" value=') == 4
    assert page.count("Condition 4") == 1
    assert "Data understanding opens" in page


@pytest.mark.parametrize("person", ["lead", "contributor", "customer", "viewer", "manager", "administrator"])
def test_others_read_why_they_may_not_decide(
    person: str, review: Round, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    answer = sign_in(request.getfixturevalue(person)).get(url(review))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert 'name="verdict" value=' not in page
    assert "This round is answered by: sponsor." in page


def test_approve_is_not_offered_to_who_asked_or_wrote(
    first: Stage, lead: User, contributor: User, sponsor: User, sign_in: SignIn
) -> None:
    for person in (lead, contributor):
        Member.objects.create(project=first.project, user=person, role=Role.SPONSOR)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    for person, reason in ((lead, "You asked for this decision"), (contributor, "You wrote part of this evidence")):
        page = sign_in(person).get(url(review)).content.decode()
        assert 'name="verdict" value=' not in page
        assert reason in page


def test_an_outsider_finds_nothing(review: Round, outsider: User, sign_in: SignIn, api: Any) -> None:
    browser = sign_in(outsider)
    assert browser.get(url(review)).status_code == 404
    assert browser.post(url(review, "decide/"), yes(review)).status_code == 404
    assert browser.post(url(review, "withdraw/")).status_code == 404
    for page in ("submit", "go-back"):
        assert browser.get(f"/projects/triage/stages/business_understanding/{page}/").status_code == 404
    script = api(outsider)
    assert script.get(f"/api/v1/rounds/{review.pk}/").status_code == 404
    assert script.get("/api/v1/rounds/").json()["results"] == []
    for deed in ("decisions", "withdraw"):
        assert script.post(f"/api/v1/rounds/{review.pk}/{deed}/", yes(review)).status_code == 404
    for deed in ("rounds", "go-back"):
        address = f"/api/v1/projects/triage/stages/business_understanding/{deed}/"
        assert script.post(address, {"title": "x", "to": "x", "reason": "x"}).status_code == 404


def test_signing_on_the_page_shows_a_valid_signature(review: Round, sponsor: User, sign_in: SignIn) -> None:
    browser = sign_in(sponsor)
    answer = browser.post(url(review, "decide/"), yes(review), follow=True)
    page = answer.content.decode()
    assert "Approved and signed." in page
    assert '<span class="state yes">valid</span>' in page
    assert "I have read version 1 of Tumour triage: Business understanding and sign as sponsor" in page
    assert "This round is closed: approved" in page


def test_a_decided_round_still_shows_its_conditions_and_no_empty_advice(
    review: Round, sponsor: User, contributor: User, reviewer: User, answer: Any, sign_in: SignIn
) -> None:
    assert "Nobody has given advice yet." in sign_in(sponsor).get(f"/rounds/{review.pk}/").content.decode()
    due = timezone.localdate() + timedelta(days=30)
    term = {"severity": "minor", "owner_id": contributor.pk, "verifier_id": reviewer.pk, "due_on": due}
    decide(
        actor=sponsor, round_id=review.pk, verdict="approve_with_conditions", reason="", password=PASSWORD,
        digest=review.digest, conditions=[{**term, "text": "Price the risks."}],
    )  # fmt: skip
    page = sign_in(sponsor).get(f"/rounds/{review.pk}/").content.decode()
    assert "Price the risks." in page
    assert f"Cora Contributor by {day_text(due)}" in page
    assert "Nobody has given advice yet." not in page


def test_a_wrong_password_keeps_what_was_typed(review: Round, sponsor: User, sign_in: SignIn) -> None:
    browser = sign_in(sponsor)
    answer = browser.post(
        url(review, "decide/"),
        yes(review, verdict="reject", reason="The savings are counted twice.", password="guess"),
        HTTP_REFERER=f"http://testserver{url(review)}",
        follow=True,
    )
    page = answer.content.decode()
    assert "This is not your password" in page
    assert "The savings are counted twice." in page
    assert "guess" not in page
    assert '<details name="verdict" open>' in page
    review.refresh_from_db()
    assert review.state == Round.State.AWAITING


def test_a_stale_approval_says_since_when_and_what_changed(
    review: Round, sponsor: User, lead: User, first: Stage, rewrite: Any, answer: Any, sign_in: SignIn
) -> None:
    answer(sponsor, review)
    rewrite(first)
    page = sign_in(sponsor).get(url(review)).content.decode()
    assert "Changed since approval" in page
    assert "<del>version 1</del> <ins>version 2</ins>" in page
    assert "record changed since" in page
    assert "Submit again" not in page
    assert "Submit again" in sign_in(lead).get(url(review)).content.decode()


def test_a_later_round_shows_what_changed_since_the_former_and_supersedes_its_signature(
    review: Round, sponsor: User, lead: User, first: Stage, rewrite: Any, answer: Any, sign_in: SignIn
) -> None:
    answer(sponsor, review, "request_changes", "Price the risks.")
    rewrite(first)
    again = submit_round(actor=lead, stage=first, title="And now?")
    page = sign_in(sponsor).get(url(again)).content.decode()
    assert "Changed since round 1" in page
    assert "<del>version 1</del> <ins>version 2</ins>" in page
    old = sign_in(sponsor).get(url(review)).content.decode()
    assert "Price the risks." in old


def test_a_late_round_says_so(review: Round, sponsor: User, sign_in: SignIn) -> None:
    Round.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    assert "2 days late" in sign_in(sponsor).get(url(review)).content.decode()


def test_the_page_shows_each_kpi_with_baseline_and_target(
    first: Stage, kpi: Kpi, lead: User, sponsor: User, sign_in: SignIn
) -> None:
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    page = sign_in(sponsor).get(url(review)).content.decode()
    assert "11.6" in page
    assert "9.50" in page or "9.5" in page
    assert "no reading" in page


def test_the_page_begins_with_the_figures_of_the_primary_kpi(
    first: Stage, kpi: Kpi, lead: User, sponsor: User, sign_in: SignIn
) -> None:
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    page = selectors.page_of(review.pk, sponsor)
    assert page is not None
    target, baseline = page.figures
    assert target.label.startswith("Target")
    assert target.value.startswith("9.5")
    assert baseline.label.startswith("Baseline")
    assert baseline.value.startswith("11.6")
    shown = sign_in(sponsor).get(url(review)).content.decode()
    assert shown.index('class="figs"') < shown.index('id="decision"') < shown.index("KPIs")
    assert f"<dd>{target.value}<small>{target.note}</small></dd>" in shown


def test_the_most_telling_figures_come_first_and_four_at_most() -> None:
    def kind(*figures: Figure) -> selectors.Shown:
        return selectors.Shown("A kind", Summary("nothing.html", {}, figures=figures), [])

    offered = [
        kind(Figure("target", "62", rank=40), Figure("last", "66", rank=45)),
        selectors.Shown("Files", None, []),
        kind(Figure("effect", "-17.8", grade="measured", rank=10), Figure("chance", "72 %", rank=30)),
        kind(Figure("worth", "-28 k€", rank=20)),
    ]
    assert [figure.label for figure in selectors.figures_of(offered)] == ["effect", "worth", "chance", "target"]


def test_sheets_stand_in_the_order_in_which_a_decision_is_made(
    first: Stage, kpi: Kpi, lead: User, sponsor: User
) -> None:
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    page = selectors.page_of(review.pk, sponsor)
    assert page is not None
    assert [kind.title for kind in page.evidence] == ["KPIs", "Exit questions", "Deliverables"]
    assert {kind.name: kind.place for kind in all_kinds()} == {
        "business_case": 5, "check": 8, "kpi": 10, "outcome_report": 20, "explanation": 30, "model": 40, "answer": 60,
        "case_offer": 65, "deliverable": 70,
    }  # fmt: skip


def test_a_count_is_called_a_count_and_days_are_words(
    first: Stage, kpi: Kpi, lead: User, sponsor: User, sign_in: SignIn
) -> None:
    Kpi.objects.filter(pk=kpi.pk).update(unit="1")
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    page = sign_in(sponsor).get(url(review)).content.decode()
    assert "count, " in page
    assert "1, lower" not in page
    assert "1, higher" not in page
    sheet = page[page.index(">KPIs<") : page.index(">Exit questions<")]
    assert re.search(r"\d{4}-\d\d-\d\d", sheet) is None


def test_withdrawing_on_the_page(review: Round, lead: User, sign_in: SignIn) -> None:
    page = sign_in(lead).post(url(review, "withdraw/"), {"reason": "A figure is wrong."}, follow=True).content.decode()
    assert "This round is closed: withdrawn" in page


def test_the_page_takes_a_constant_number_of_queries(
    review: Round, kpi: Kpi, first: Stage, sponsor: User, second_sponsor: User, lead: User, answer: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    with django_assert_max_num_queries(12):
        selectors.page_of(review.pk, sponsor)
    for _ in range(3):
        newest = Round.objects.order_by("-pk").first()
        answer(sponsor, newest, "request_changes")
        submit_round(actor=lead, stage=first, title="Again?")
    last = Round.objects.order_by("-pk").first()
    assert last is not None
    # One more reads KPIs, which the first round did not hold yet; one the former round.
    with django_assert_max_num_queries(13):
        selectors.page_of(last.pk, sponsor)


# Submitting and going back


def test_the_lead_sees_what_is_missing(project: Project, lead: User, sign_in: SignIn) -> None:
    page = sign_in(lead).get("/projects/triage/stages/business_understanding/submit/").content.decode()
    assert "The deliverable “Business objectives” is not written yet." in page
    assert '<form method="post">' not in page


def test_the_lead_submits_on_the_page(first: Stage, lead: User, sponsor: User, sign_in: SignIn) -> None:
    browser = sign_in(lead)
    address = "/projects/triage/stages/business_understanding/submit/"
    page = browser.get(address).content.decode()
    assert sponsor.name in page
    answer = browser.post(address, {"title": "May we begin?", "comment": "Ready.", "due_on": ""})
    review = Round.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == url(review)
    assert "It is submitted already" in browser.get(address).content.decode()


def test_a_contributor_reads_who_submits(first: Stage, contributor: User, sign_in: SignIn) -> None:
    page = sign_in(contributor).get("/projects/triage/stages/business_understanding/submit/").content.decode()
    assert "Only the project lead may submit a stage." in page


def test_the_lead_goes_back_on_the_page(
    review: Round, sponsor: User, lead: User, viewer: User, answer: Any, sign_in: SignIn
) -> None:
    answer(sponsor, review)
    address = "/projects/triage/stages/data_understanding/go-back/"
    page = sign_in(lead).get(address).content.decode()
    assert "The data cannot support the goal" in page
    assert "Only the project lead" in sign_in(viewer).get(address).content.decode()
    choice = "business_understanding|du_to_bu"
    answered = sign_in(lead).post(address, {"to": choice, "reason": "The data cannot say it."})
    assert answered.status_code == 302
    stage = Stage.objects.get(project=review.project, key="business_understanding", is_current=True)
    assert (stage.iteration, stage.state) == (2, Stage.State.OPEN)
    assert review.project.returns.get().loop_key == "du_to_bu"


def test_there_is_nothing_before_the_first_stage(project: Project, lead: User, sign_in: SignIn) -> None:
    page = sign_in(lead).get("/projects/triage/stages/business_understanding/go-back/").content.decode()
    assert "This is the first stage" in page


# The inbox


def test_the_inbox_of_a_sponsor_holds_the_round_and_leads_straight_to_it(
    review: Round, sponsor: User, lead: User, contributor: User, manager: User
) -> None:
    [line] = selectors.waiting_for(sponsor)
    assert (line.link, line.group, line.title) == (url(review), "decisions", "May we begin?")
    for person in (lead, contributor, manager):
        assert selectors.waiting_for(person) == []


def test_an_overdue_round_and_a_stale_approval_wait(
    review: Round, sponsor: User, lead: User, first: Stage, answer: Any, rewrite: Any
) -> None:
    Round.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    assert selectors.waiting_for(sponsor)[0].word == "1 day late"
    answer(sponsor, review)
    assert selectors.waiting_for(sponsor) == []
    rewrite(first)
    assert [line.state for line in selectors.waiting_for(sponsor)] == ["stale"]
    assert [line.word for line in selectors.waiting_for(lead)] == ["submit again"]
    submit_round(actor=lead, stage=Stage.objects.get(pk=first.pk), title="Still right?")
    assert selectors.waiting_for(lead) == []
    assert [line.group for line in selectors.waiting_for(sponsor)] == ["decisions"]


def test_the_inbox_takes_two_queries(review: Round, sponsor: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        selectors.waiting_for(sponsor)


def test_open_rounds_of_a_project(review: Round, project: Project, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert [(found.stage.key, found.requester.name) for found in selectors.open_rounds(project)] == [
            ("business_understanding", "Lea Lead")
        ]


# REST


def test_a_script_submits_reads_and_decides(first: Stage, lead: User, sponsor: User, api: Any) -> None:
    address = "/api/v1/projects/triage/stages/business_understanding/rounds/"
    made = api(lead).post(address, {"title": "May we begin?"})
    assert made.status_code == 201, made.json()
    number = made.json()["id"]
    script = api(sponsor)
    assert [row["id"] for row in script.get("/api/v1/rounds/?waiting=mine").json()["results"]] == [number]
    assert script.get("/api/v1/rounds/?project=other").json()["results"] == []
    read = script.get(f"/api/v1/rounds/{number}/").json()
    assert read["may_decide"] == {"allowed": True, "code": "", "reasons": []}
    assert read["manifest"]["stage"] == "business_understanding"
    digest = read["round"]["digest"]
    wrong = script.post(
        f"/api/v1/rounds/{number}/decisions/", {"verdict": "approve", "password": "guess", "digest": digest}
    )
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "password_wrong")
    blind = script.post(
        f"/api/v1/rounds/{number}/decisions/", {"verdict": "approve", "password": PASSWORD, "digest": "0" * 64}
    )
    assert (blind.status_code, blind.json()["error"]["code"]) == (409, "digest_mismatch")
    done = script.post(
        f"/api/v1/rounds/{number}/decisions/", {"verdict": "approve", "password": PASSWORD, "digest": digest}
    )
    assert done.status_code == 201, done.json()
    read = script.get(f"/api/v1/rounds/{number}/").json()
    assert read["round"]["state"] == "approved"
    assert read["decisions"][0]["signature"]["state"] == "valid"
    assert read["may_decide"]["code"] == "round_closed"
    again = script.post(
        f"/api/v1/rounds/{number}/decisions/", {"verdict": "approve", "password": PASSWORD, "digest": digest}
    )
    assert again.json()["error"]["code"] == "round_closed"


@pytest.mark.parametrize("person", ["lead", "contributor", "customer", "viewer", "manager", "administrator"])
def test_a_script_of_anybody_else_decides_nothing(
    person: str, review: Round, api: Any, request: pytest.FixtureRequest
) -> None:
    script = api(request.getfixturevalue(person))
    answer = script.post(f"/api/v1/rounds/{review.pk}/decisions/", yes(review))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_permitted")
    read = script.get(f"/api/v1/rounds/{review.pk}/").json()
    assert read["may_decide"]["allowed"] is False
    assert read["may_decide"]["reasons"]


def test_a_script_withdraws_and_goes_back(
    review: Round, lead: User, sponsor: User, first: Stage, answer: Any, api: Any
) -> None:
    script = api(lead)
    assert script.post(f"/api/v1/rounds/{review.pk}/withdraw/", {}).json()["state"] == "withdrawn"
    answer(sponsor, submit_round(actor=lead, stage=first, title="And now?"))
    address = "/api/v1/projects/triage/stages/data_understanding/go-back/"
    assert script.post(address, {"to": "modeling", "reason": "x"}).json()["error"]["code"] == "stage_unknown"
    made = script.post(address, {"to": "business_understanding", "reason": "Framed wrongly.", "loop": "du_to_bu"})
    assert made.status_code == 201, made.json()
    assert made.json()["made_stale"][0]["stage"] == "Business understanding"
    assert made.json()["cost_so_far"] == "0.0000"


def test_a_script_is_told_what_is_missing(project: Project, lead: User, api: Any) -> None:
    address = "/api/v1/projects/triage/stages/business_understanding/rounds/"
    error = api(lead).post(address, {"title": "May we?"}).json()["error"]
    assert error["code"] == "stage_incomplete"
    assert len(error["details"]) == 14
