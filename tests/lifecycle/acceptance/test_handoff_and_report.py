"""The hand-off record with its two signatures, and the exit report without its internal parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.pdf import found
from lifecycle.acceptance.models import ITEMS, Acceptance, ExitReport, HandOff
from lifecycle.acceptance.report_pdf import TEMPLATE, pdf_of, words_of
from lifecycle.acceptance.report_template import report_of
from lifecycle.acceptance.selectors import waiting_for
from lifecycle.acceptance.services import (
    hand_over,
    invite_signatory,
    issue_report,
    offer_acceptance,
    receive_handoff,
    send_handoff_back,
    write_handoff,
    write_report,
)
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member
from lifecycle.signoff.models import Signature
from tests.conftest import PASSWORD
from tests.lifecycle.acceptance.outside import EMAIL, NAME, Outside, invited, link_in_mail, run_mails
from tests.refusals import refused

pytestmark = pytest.mark.django_db
BASE = "/projects/triage/acceptance/"
FULL = {key: {"text": f"{label} of the ward"} for key, label in ITEMS.items()}
SECRET = "We earned twice what we told them."


def write(actor: User, project: Project, items: dict[str, dict[str, str]] = FULL, **changes: Any) -> HandOff:
    return write_handoff(
        actor=actor, project=project, receiving_party="Ward IT", handed_on=date(2026, 3, 1), items=items, **changes
    )


@pytest.fixture
def handed(project: Project, lead: User, contributor: User) -> HandOff:
    """Signed by the lead, waits for the receiver."""
    return hand_over(actor=lead, handoff_id=write(contributor, project).pk, password=PASSWORD)


# Hand-off


def test_it_is_handed_over_and_counter_signed_under_one_fingerprint(handed: HandOff, customer: User) -> None:
    assert [item.word for item in waiting_for(customer)] == ["waits for the receiver"]
    done = receive_handoff(actor=customer, handoff_id=handed.pk, password=PASSWORD, digest=handed.digest)
    assert done.state == "received"
    rows = Signature.objects.order_by("pk").values_list("meaning", "role", "content_hash")
    assert list(rows) == [
        ("authored", "project lead", handed.digest),
        ("received", "receiver, customer", handed.digest),
    ]


@pytest.mark.parametrize("who", ["lead", "sponsor", "contributor", "reviewer", "viewer", "manager", "administrator"])
def test_nobody_but_a_customer_receives_it(handed: HandOff, who: str, request: pytest.FixtureRequest) -> None:
    with refused("not_permitted"):
        receive_handoff(
            actor=request.getfixturevalue(who), handoff_id=handed.pk, password=PASSWORD, digest=handed.digest
        )


def test_the_team_receives_nothing_from_itself(
    handed: HandOff, lead: User, contributor: User, administrator: User
) -> None:
    for person in (lead, contributor):
        add_member(actor=administrator, project=handed.project, user=person, role=Role.CUSTOMER)
        with refused("lead_cannot_receive"):
            receive_handoff(actor=person, handoff_id=handed.pk, password=PASSWORD, digest=handed.digest)


def test_only_the_lead_signs_and_only_the_team_writes(
    project: Project, contributor: User, customer: User, sponsor: User
) -> None:
    for person in (customer, sponsor):
        with refused("not_permitted"):
            write(person, project)
    draft = write(contributor, project)
    with refused("not_permitted"):
        hand_over(actor=contributor, handoff_id=draft.pk, password=PASSWORD)


def test_each_item_has_words_a_link_or_a_reason(project: Project, lead: User) -> None:
    draft = write(lead, project, {**FULL, "rollback": {}})
    with refused("items_missing"):
        hand_over(actor=lead, handoff_id=draft.pk, password=PASSWORD)
    with refused("item_both"):
        write(lead, project, {"rollback": {"text": "x", "not_applicable": "y"}})
    with refused("item_unknown"):
        write(lead, project, {"keys": {"text": "x"}})
    with refused("link_invalid"):
        write(lead, project, {"rollback": {"link": "javascript:alert(1)"}})
    again = write(lead, project, {**FULL, "rollback": {"not_applicable": "It is a report."}}, edits=1)
    assert again.pk == draft.pk
    with refused("edited_meanwhile"):
        write(lead, project, edits=1)
    assert hand_over(actor=lead, handoff_id=draft.pk, password=PASSWORD).state == "handed"


def test_an_edit_after_signing_begins_a_new_version(handed: HandOff, lead: User, customer: User) -> None:
    receive_handoff(actor=customer, handoff_id=handed.pk, password=PASSWORD, digest=handed.digest)
    second = write(lead, handed.project)
    handed.refresh_from_db()
    assert (handed.state, second.number, second.state) == ("superseded", 2, "draft")
    with refused("wrong_state"):
        receive_handoff(actor=customer, handoff_id=second.pk, password=PASSWORD, digest="")


def test_another_fingerprint_receives_nothing(handed: HandOff, customer: User) -> None:
    with refused("digest_mismatch"):
        receive_handoff(actor=customer, handoff_id=handed.pk, password=PASSWORD, digest="0" * 64)
    with refused("password_wrong"):
        receive_handoff(actor=customer, handoff_id=handed.pk, password="guess", digest=handed.digest)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOff.objects.update(state="received")


def test_the_receiver_sends_it_back(handed: HandOff, lead: User, customer: User) -> None:
    with refused("empty"):
        send_handoff_back(actor=customer, handoff_id=handed.pk, reason="")
    assert send_handoff_back(actor=customer, handoff_id=handed.pk, reason="No keys.").state == "sent_back"
    assert Notice.objects.get(user=lead, kind="handoff").subject.endswith("was sent back by Cem Customer")
    assert write(lead, handed.project).number == 2


def test_a_receiver_from_outside_counter_signs_by_a_link(handed: HandOff, lead: User) -> None:
    invite_signatory(
        actor=lead, handoff_id=handed.pk, purpose="receipt", name=NAME, email=EMAIL, organisation="Ward IT"
    )
    run_mails()
    ann = Outside(link_in_mail())
    assert "Runbook of the ward" in ann.confirm()
    assert ann.post("receipt/", printed_name="Nobody", digest=handed.digest).status_code == 400
    assert ann.post("receipt/", printed_name=NAME, digest=handed.digest).status_code == 302
    handed.refresh_from_db()
    assert handed.state == "received"
    assert handed.receiver_signature is not None
    assert handed.receiver_signature.role == "receiver, Ward IT"


@pytest.fixture
def ann(handed: HandOff, lead: User) -> Outside:
    """A receiver from outside whose address is confirmed, before the record and its form."""
    invite_signatory(
        actor=lead, handoff_id=handed.pk, purpose="receipt", name=NAME, email=EMAIL, organisation="Ward IT"
    )
    run_mails()
    ann = Outside(link_in_mail())
    assert "Send it back" in ann.confirm()
    return ann


def test_a_receiver_from_outside_sends_it_back_with_what_is_missing(
    ann: Outside, handed: HandOff, lead: User, sign_in: Callable[[User], Client]
) -> None:
    given = {"answer": "sent_back", "printed_name": NAME, "digest": handed.digest, "comment": "No *keys*."}
    for wrong, status in (
        ({"comment": " "}, 400),
        ({"printed_name": "Nobody"}, 400),
        ({"answer": "perhaps"}, 400),
        ({"digest": "0" * 64}, 409),
    ):
        assert ann.post("receipt/", **{**given, **wrong}).status_code == status
    assert ann.get("receipt/").status_code == 405
    handed.refresh_from_db()
    assert (handed.state, Signature.objects.filter(meaning="rejected").count()) == ("handed", 0)

    assert ann.post("receipt/", **given).status_code == 302
    handed.refresh_from_db()
    assert (handed.state, handed.sent_back) == ("sent_back", "No *keys*.")
    signature = handed.receiver_signature
    assert signature is not None
    assert (signature.meaning, signature.printed_name, signature.content_hash) == ("rejected", NAME, handed.digest)
    assert Entry.objects.get(verb="send_back_handoff").actor_name == f"{NAME}, Ward IT"
    notice = Notice.objects.get(user=lead, kind="handoff")
    assert (notice.subject, notice.body) == (
        f"Tumour triage: the hand-off record was sent back by {NAME}, Ward IT", "No *keys*."
    )  # fmt: skip
    assert [item.title for item in waiting_for(lead)] == ["Hand Tumour triage over again"]

    again = ann.post("receipt/", **{**given, "answer": "received"})
    assert again.status_code == 410
    page = ann.get()
    assert page.status_code == 200
    assert "You have sent the hand-off back" in page.content.decode()
    text = sign_in(lead).get(f"{BASE}hand-off/").content.decode()
    assert "It was sent back." in text
    assert "No <em>keys</em>." in text
    assert "sent back</span>" in text


def test_what_came_back_is_offered_again_to_the_same_person(
    ann: Outside, handed: HandOff, lead: User, sign_in: Callable[[User], Client]
) -> None:
    ann.post("receipt/", answer="sent_back", printed_name=NAME, digest=handed.digest, comment="No keys.")
    second = hand_over(actor=lead, handoff_id=write(lead, handed.project).pk, password=PASSWORD)
    page = f"{BASE}hand-off/"
    assert f'value="{EMAIL}"' in sign_in(lead).get(page).content.decode()
    invite_signatory(
        actor=lead, handoff_id=second.pk, purpose="receipt", name=NAME, email=EMAIL, organisation="Ward IT"
    )
    run_mails()
    fresh = Outside(link_in_mail())
    assert fresh.path != ann.path
    fresh.confirm()
    # The form of the former version signs nothing of this one.
    given = {"answer": "received", "printed_name": NAME}
    assert fresh.post("receipt/", **given, digest=handed.digest).status_code == 409
    assert fresh.post("receipt/", **given, digest=second.digest).status_code == 302
    second.refresh_from_db()
    assert second.state == "received"
    assert f"Sent back by {NAME}: No keys." in sign_in(lead).get(page).content.decode()
    assert waiting_for(lead) == []


def test_an_answer_inside_ends_the_link_outside(ann: Outside, handed: HandOff, customer: User) -> None:
    send_handoff_back(actor=customer, handoff_id=handed.pk, reason="No keys.")
    answer = ann.post("receipt/", answer="sent_back", printed_name=NAME, digest=handed.digest, comment="Neither.")
    assert answer.status_code == 410
    handed.refresh_from_db()
    assert handed.sent_back == "No keys."
    assert not Signature.objects.filter(meaning="rejected").exists()


def test_the_record_goes_its_way_through_pages(
    project: Project, sign_in: Callable[[User], Client], lead: User, customer: User
) -> None:
    page, team, client = f"{BASE}hand-off/", sign_in(lead), sign_in(customer)
    assert team.get(page).status_code == client.get(page).status_code == 200
    fields = {f"{key}_text": "<script>alert(1)</script>" for key in ITEMS}
    team.post(page, {"receiving_party": "Ward IT", "handed_on": "2026-03-01", "edits": 0, **fields})
    team.post(f"{page}1/sign/", {"password": PASSWORD})
    text = client.get(page).content.decode()
    assert "<script>alert" not in text
    client.post(
        f"{page}1/receive/", {"answer": "received", "password": PASSWORD, "digest": HandOff.objects.get().digest}
    )
    assert client.get(page).content.decode().count("valid") >= 2
    assert team.get(f"{page}?edit").status_code == 200


def test_the_record_goes_its_way_over_rest(
    project: Project, api: Callable[[User], Any], lead: User, customer: User
) -> None:
    items = [{"key": key, "text": "There."} for key in ITEMS]
    made = api(lead).post(
        "/api/v1/projects/triage/handoffs/",
        {"receiving_party": "Ward IT", "handed_on": "2026-03-01", "items": items},
    )
    assert made.status_code == 201, made.json()
    one = f"/api/v1/handoffs/{made.json()['id']}/"
    signed = api(lead).post(f"{one}signatures/", {"password": PASSWORD})
    assert signed.json()["author_signature"]["state"] == "valid"
    done = api(customer).post(
        f"{one}receipts/", {"answer": "received", "password": PASSWORD, "digest": signed.json()["digest"]}
    )
    assert (done.status_code, done.json()["state"]) == (201, "received")
    assert api(customer).get("/api/v1/projects/triage/handoffs/").json()["count"] == 1


# Exit report


def full(project: Project) -> dict[str, dict[str, Any]]:
    sections = report_of(project.methodology)[1]
    return {part["key"]: {"text": SECRET if part["internal"] else f"Words on {part['title']}."} for part in sections}


def test_sections_come_from_the_methodology(crisp_dm: Methodology, tdsp: Methodology) -> None:
    name, sections = report_of(tdsp)
    assert name == "Exit report"
    titles = [part["title"] for part in sections]
    assert titles[0] == "Overview"
    assert titles.index("Company benefit") == titles.index("Benefits") + 1
    assert [part["title"] for part in sections if part["internal"]] == ["Company benefit"]
    assert report_of(crisp_dm)[0] == "Final report"
    assert len({part["key"] for part in report_of(crisp_dm)[1]}) == len(report_of(crisp_dm)[1])


def test_a_report_is_issued_when_each_section_says_something(project: Project, lead: User, contributor: User) -> None:
    words = full(project)
    first = next(iter(words))
    with refused("nothing_to_issue"):
        issue_report(actor=lead, project=project)
    write_report(actor=contributor, project=project, sections={key: words[key] for key in words if key != first})
    with refused("sections_missing"):
        issue_report(actor=lead, project=project)
    write_report(actor=contributor, project=project, sections={first: {"not_applicable": "It is a pilot."}}, edits=1)
    with refused("edited_meanwhile"):
        write_report(actor=contributor, project=project, sections={first: {"not_applicable": "y"}}, edits=1)
    with refused("section_both"):
        write_report(actor=contributor, project=project, sections={first: {"text": "y"}})
    with refused("section_unknown"):
        write_report(actor=contributor, project=project, sections={"other": {"text": "y"}})
    with refused("not_permitted"):
        issue_report(actor=contributor, project=project)
    done = issue_report(actor=lead, project=project)
    assert (done.state, done.number) == ("issued", 1)
    assert done.digest != done.customer_digest
    assert write_report(actor=lead, project=project, sections={}).number == 2


@pytest.fixture
def issued(project: Project, lead: User) -> ExitReport:
    write_report(actor=lead, project=project, sections=full(project))
    return issue_report(actor=lead, project=project)


def test_the_pdf_of_the_customer_holds_no_internal_words(issued: ExitReport) -> None:
    assert SECRET in json.dumps(words_of(issued, for_customer=False))
    for_customer = json.dumps(words_of(issued, for_customer=True))
    assert SECRET not in for_customer
    assert "Benefit for us" not in for_customer
    assert "Benefit for the customer" in for_customer
    for part in issued.sections:
        part["internal"] = part["internal"] or part["title"] == "Costs and benefits"
    assert "Benefit for the customer" not in json.dumps(words_of(issued, for_customer=True))


@pytest.mark.parametrize("who", ["customer", "viewer"])
def test_internal_parts_never_reach_the_customer(
    issued: ExitReport, who: str, request: pytest.FixtureRequest, sign_in: Callable[[User], Client],
    api: Callable[[User], Any],
) -> None:  # fmt: skip
    person = request.getfixturevalue(who)
    client = sign_in(person)
    page = client.get(f"{BASE}exit-report/")
    assert page.status_code == 200
    assert SECRET not in page.content.decode()
    assert "Words on Summary." in page.content.decode()
    assert SECRET not in str(api(person).get("/api/v1/projects/triage/exit-report/").json())
    for more in ("", "?internal", "?internal=1"):
        answer = client.get(f"{BASE}exit-report/1.pdf{more}")
        assert answer.content.startswith(b"%PDF")
        assert len(answer.content) < len(full_pdf(sign_in, request))


def full_pdf(sign_in: Callable[[User], Client], request: pytest.FixtureRequest) -> bytes:
    answer = sign_in(request.getfixturevalue("lead")).get(f"{BASE}exit-report/1.pdf?internal")
    return bytes(answer.content)


def test_a_draft_is_read_by_those_who_read_internal_parts_only(
    project: Project, lead: User, customer: User, sponsor: User, sign_in: Callable[[User], Client]
) -> None:
    write_report(actor=lead, project=project, sections=full(project))
    assert "Words on Summary." not in sign_in(customer).get(f"{BASE}exit-report/").content.decode()
    assert sign_in(customer).get(f"{BASE}exit-report/1.pdf").status_code == 404
    assert SECRET in sign_in(sponsor).get(f"{BASE}exit-report/").content.decode()


def test_markdown_of_a_section_is_set_in_the_pdf_and_the_same_version_gives_the_same_file(
    project: Project, lead: User
) -> None:
    words = full(project)
    first = next(iter(words))
    text = "### Method\n\n- as **agreed**\n\n| Week | Days |\n|---|---|\n| 1 | 9 |\n\n[log](https://log.example/)"
    write_report(actor=lead, project=project, sections={**words, first: {"text": text}})
    report = issue_report(actor=lead, project=project)
    data = words_of(report, for_customer=True)
    assert [found(TEMPLATE, data, selector) != [] for selector in ("list", "table", "link")] == [True] * 3
    assert "Method" in [row["body"].get("text") for row in found(TEMPLATE, data, "heading")]
    assert pdf_of(report, for_customer=True) == pdf_of(report, for_customer=True)


def test_words_of_a_report_are_never_markup(project: Project, lead: User, sign_in: Callable[[User], Client]) -> None:
    bad = '<script>alert(1)</script> #panic("no") *x* #read("/etc/passwd") $x$ \\ "'
    words = {key: {"text": bad} for key in full(project)}
    write_report(actor=lead, project=project, sections=words)
    client = sign_in(lead)
    assert "<script>alert" not in client.get(f"{BASE}exit-report/").content.decode()
    assert client.get(f"{BASE}exit-report/1.pdf?internal").content.startswith(b"%PDF")


def test_the_outside_customer_reads_the_report_that_was_offered(
    issued: ExitReport, judged: Acceptance, lead: User
) -> None:
    offered = offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use="Order.")
    assert offered.manifest["exit_report"] == {"number": 1, "hash": issued.customer_digest}
    invited(lead, offered)
    run_mails()
    ann = Outside(link_in_mail())
    text = ann.confirm()
    assert "Words on Summary." in text
    assert SECRET not in text
    file = ann.get("exit-report.pdf")
    assert (file.status_code, file.content[:4]) == (200, b"%PDF")


def test_the_report_goes_its_way_through_pages_and_rest(
    project: Project, lead: User, sign_in: Callable[[User], Client], api: Callable[[User], Any]
) -> None:
    page, client = f"{BASE}exit-report/", sign_in(lead)
    assert client.get(page).status_code == client.get(f"{page}?edit").status_code == 200
    fields = {f"{key}_text": words["text"] for key, words in full(project).items()}
    client.post(page, {"edits": 0, **fields})
    assert client.get(f"{page}?edit").status_code == 200
    rest = "/api/v1/projects/triage/exit-report/"
    key = next(iter(full(project)))
    written = api(lead).post(rest, {"sections": [{"key": key, "text": "By a script."}], "edits": 1})
    assert written.json()["sections"][0]["text"] == "By a script."
    client.post(f"{page}issue/")
    assert api(lead).get(rest).json()["state"] == "issued"
    assert api(lead).post(f"{rest}issues/").json()["error"]["code"] == "nothing_to_issue"
