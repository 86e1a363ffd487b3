"""Pages and REST of proposals: what people see, what machines send, and what each costs in queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explain.outcomes.models import OutcomeReport
from explain.outcomes.papers import pdf_of
from explain.outcomes.papers.pdf import words_of
from explain.outcomes.papers.spreadsheet import sheets_of
from explain.steering.models import Proposal
from explain.steering.selectors import proposals_of, waiting_for
from explain.steering.services import decide_proposal
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.conftest import PASSWORD, SignIn

PAGE = "/projects/triage/proposals/"
API = "/api/v1/projects/triage/proposals/"


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\u00a0", " ").split())


def test_without_a_report_the_page_says_what_to_do(project: Project, lead: User, sign_in: SignIn) -> None:
    page = text(sign_in(lead).get(PAGE))
    assert "There is no outcome report yet" in page
    assert "Why" not in page


def test_the_page_gives_reasons_and_thresholds_and_the_form_to_those_who_may(
    reported: OutcomeReport, lead: User, viewer: User, sign_in: SignIn
) -> None:
    page = text(sign_in(lead).get(PAGE))
    for word in (
        "The figures suggest to continue", "The 12 months ahead are worth +1 200 €", "the chance is over 99 %",
        "The 600 € spent so far play no part", "below 50 %", "at least 80 %", reported.content_hash, "Amount asked for",
    ):  # fmt: skip
        assert word in page
    page = text(sign_in(viewer).get(PAGE))
    assert "Amount asked for" not in page
    assert "Managers, the project lead and sponsors propose" in page


def test_a_proposal_is_made_and_answered_without_javascript(
    reported: OutcomeReport, lead: User, sponsor: User, sign_in: SignIn
) -> None:
    given = {
        "report_hash": reported.content_hash,
        "what": "expand",
        "reasons": "More <b>",
        "amount": "25 000",
        "currency": "EUR",
    }
    made = sign_in(lead).post(PAGE, given)
    assert (made.status_code, made["Location"]) == (302, f"{PAGE}1/")
    page = text(sign_in(sponsor).get(f"{PAGE}1/"))
    for word in ("More &lt;b&gt;", "25 000 €", "Sign the answer", "differs from what the figures suggested"):
        assert word in page
    assert "Sign the answer" not in text(sign_in(lead).get(f"{PAGE}1/"))
    signed = sign_in(sponsor).post(
        f"{PAGE}1/decide/",
        {"content_hash": Proposal.objects.get().content_hash, "verdict": "approve", "password": PASSWORD},
    )
    assert signed.status_code == 302
    assert "Sam Sponsor</strong>, sponsor: approved" in text(sign_in(lead).get(f"{PAGE}1/"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reasons": ""}, "This field is required."),
        ({"what": "expand"}, "Write how much it needs."),
        ({"amount": "12"}, "Only an expansion asks for money."),
        ({"what": "expand", "amount": "1,5"}, "with a point"),
    ],
)
def test_bad_input_stands_beside_its_field_and_loses_nothing(
    change: dict[str, str], said: str, reported: OutcomeReport, lead: User, sign_in: SignIn
) -> None:
    given = {
        "report_hash": reported.content_hash,
        "what": "stop",
        "reasons": "A long reason.",
        "currency": "EUR",
    } | change
    page = sign_in(lead).post(PAGE, given)
    assert page.status_code == 400
    assert said in text(page)
    assert change.get("reasons", "A long reason.") in text(page)
    assert not Proposal.objects.exists()


def test_a_rejection_without_a_word_asks_for_one(proposed: Proposal, sponsor: User, sign_in: SignIn) -> None:
    given = {"content_hash": proposed.content_hash, "verdict": "reject", "password": PASSWORD}
    page = sign_in(sponsor).post(f"{PAGE}1/decide/", given)
    assert page.status_code == 400
    assert "A rejection says why" in text(page)
    assert Proposal.objects.get().is_open


def test_an_approved_stop_offers_the_projects_own_deed(
    proposed: Proposal, sponsor: User, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(sponsor)
    assert "/projects/triage/stop/" not in text(client.get(f"{PAGE}1/"))
    client.post(f"{PAGE}1/decide/", {"content_hash": proposed.content_hash, "verdict": "approve", "password": PASSWORD})
    page = text(client.get(f"{PAGE}1/"))
    assert 'action="/projects/triage/stop/"' in page
    assert "The users left. Approved as proposal 1, signed by Sam Sponsor." in page
    assert "/projects/triage/stop/" not in text(sign_in(viewer).get(f"{PAGE}1/"))
    client.post("/projects/triage/stop/", {"reason": "The users left."})
    assert Project.objects.get().state == "stopped"
    assert "there is no course to choose any more" in text(client.get(PAGE))
    assert "/projects/triage/stop/" not in text(client.get(f"{PAGE}1/"))


def test_it_is_taken_back_on_its_page(proposed: Proposal, manager: User, sign_in: SignIn) -> None:
    client = sign_in(manager)
    assert "Take the proposal back" in text(client.get(f"{PAGE}1/"))
    assert client.post(f"{PAGE}1/withdraw/", {"reason": ""}).status_code == 400
    assert client.post(f"{PAGE}1/withdraw/", {"reason": "Wrong."}).status_code == 302
    assert "Wrong." in text(client.get(f"{PAGE}1/"))


def test_the_pages_of_the_value_show_suggestion_and_proposals(
    proposed: Proposal, viewer: User, sponsor: User, sign_in: SignIn
) -> None:
    for address in ("/projects/triage/value/", proposed.report.get_absolute_url()):
        page = text(sign_in(viewer).get(address))
        assert "the figures suggest to <strong>continue</strong>" in page
        assert "Proposal 1: stop" in page
    assert "Stop Tumour triage?" in text(sign_in(sponsor).get("/"))


def test_the_api_suggests_takes_proposals_and_answers_them(
    reported: OutcomeReport, lead: User, sponsor: User, viewer: User, api: Any
) -> None:
    suggestion = api(viewer).get("/api/v1/projects/triage/suggestion/").json()
    assert (suggestion["what"], suggestion["report"]) == ("continue", 1)
    assert {"code", "speaks", "text"} == set(suggestion["reasons"][0])
    body = {"what": "expand", "reasons": "More.", "report_hash": suggestion["report_hash"], "amount": 5.5}
    refused = api(lead).post(API, body, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "money_is_float")
    made = api(lead).post(API, {**body, "amount": "5.50"}, format="json")
    assert made.status_code == 201
    assert (made.json()["amount"], made.json()["state"], made.json()["signature"]) == ("5.5", "open", None)
    assert [row["number"] for row in api(viewer).get(API).json()["results"]] == [1]
    answer = {"verdict": "approve", "content_hash": made.json()["content_hash"], "password": PASSWORD}
    refused = api(viewer).post(f"{API}1/decision/", answer, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_permitted")
    signed = api(sponsor).post(f"{API}1/decision/", answer, format="json")
    assert signed.status_code == 201
    assert (signed.json()["state"], signed.json()["signature"]["state"]) == ("approved", "valid")
    late = api(lead).post(f"{API}1/withdrawal/", {"reason": "Late."}, format="json")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "proposal_closed")
    assert api(viewer).get(f"{API}2/").status_code == 404


def test_without_a_report_the_api_says_what_is_missing(project: Project, viewer: User, api: Any) -> None:
    answer = api(viewer).get("/api/v1/projects/triage/suggestion/").json()
    assert (answer["what"], answer["missing"]) == ("", ["There is no outcome report yet."])


@pytest.mark.parametrize(("address", "most"), [(PAGE, 12), (f"{PAGE}1/", 11), ("/projects/triage/value/", 17)])
def test_pages_ask_a_fixed_number_of_queries(
    address: str, most: int, proposed: Proposal, lead: User, sign_in: SignIn
) -> None:
    client = sign_in(lead)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    assert len(queries) <= most, "\n".join(query["sql"][:150] for query in queries)


def test_reads_ask_one_query_each(proposed: Proposal, sponsor: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert [(row.report.number, row.proposed_by.name) for row in proposals_of(proposed.project)]
    with django_assert_num_queries(1):
        assert len(waiting_for(sponsor)) == 1


def test_an_open_proposal_stands_on_the_papers_of_the_report_and_an_answered_one_does_not(
    proposed: Proposal, reported: OutcomeReport, sponsor: User
) -> None:
    label = "Open proposal 1: stop"
    assert label in dict(words_of(reported)["beside"])
    (row,) = [row for row in sheets_of(reported)[0].rows if row[0] == label]
    assert "a sponsor decides. The users left." in row[-1]
    assert pdf_of(reported).startswith(b"%PDF")
    decide_proposal(
        actor=sponsor, proposal_id=proposed.pk, verdict="approve", content_hash=proposed.content_hash, password=PASSWORD
    )
    assert words_of(reported)["beside"] == []
    assert label not in {row[0] for row in sheets_of(reported)[0].rows}
