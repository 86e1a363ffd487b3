"""Pages of projects: each role, each state, and what must not get through."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Deliverable, DeliverableVersion, Member, Project
from lifecycle.projects.services import add_member, answer_question, begin_iteration, start_project, write_version
from lifecycle.signoff.models import Round

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

XSS = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    "[click](  JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "<svg/onload=alert(1)>",
    "![x](javascript:alert(1))",
    "<a href=\"vbscript:x\" onclick='alert(1)'>x</a>",
    '"><script>alert(1)</script>',
    "<iframe src=//evil.example></iframe>",
    "</textarea><script>alert(1)</script>",
    "<style>@import 'x'</style><form action=//evil.example><input name=a>",
]


@pytest.fixture
def deliverable(project: Project) -> Deliverable:
    return Deliverable.objects.get(stage__project=project, key="business_objectives")


@pytest.fixture
def written(deliverable: Deliverable, lead: User) -> Deliverable:
    write_version(actor=lead, deliverable=deliverable, text="## Aim\n\nSooner", expected_number=0)
    write_version(actor=lead, deliverable=deliverable, text="## Aim\n\nSooner and safer", expected_number=1)
    deliverable.refresh_from_db()
    return deliverable


def reads(project: Project, deliverable: Deliverable) -> list[str]:
    base = "/projects/triage/"
    return [
        f"{base}edit/",
        f"{base}close/",
        f"{base}people/",
        f"{base}stages/",
        f"{base}stages/business_understanding/",
        f"{base}stages/business_understanding/?iteration=1",
        f"{base}stages/deployment/",
        f"{base}deliverables/{deliverable.pk}/",
        f"{base}deliverables/{deliverable.pk}/?edit",
        f"{base}deliverables/{deliverable.pk}/versions/2/",
        f"{base}deliverables/{deliverable.pk}/versions/2/?since=1",
        f"{base}deliverables/{deliverable.pk}/versions/1/file/",
    ]


def writes(project: Project, deliverable: Deliverable) -> list[tuple[str, dict[str, Any]]]:
    base = "/projects/triage/"
    stage = project.stages.get(order=1)
    question, task, member = stage.questions.first(), stage.tasks.first(), project.members.first()
    assert question
    assert task
    assert member
    one = f"{base}deliverables/{deliverable.pk}/"
    return [
        (f"{base}edit/", {"name": "Other"}),
        (f"{base}stop/", {"reason": "Because"}),
        (f"{base}close/", {"statement": "Done"}),
        (f"{base}people/", {"person": "olu.outsider@example.org", "role": "lead"}),
        (f"{base}people/{member.pk}/end/", {}),
        (f"{base}stages/{stage.key}/plan/", {"due_on": "2026-03-01"}),
        (f"{base}questions/{question.pk}/", {"text": "Yes", "expected_number": "0"}),
        (f"{base}tasks/{task.pk}/", {"done": "1"}),
        (one, {"text": "Mine", "expected_number": "2"}),
        (f"{one}preview/", {"text": "Mine"}),
        (f"{one}applies/", {"reason": "No"}),
        (f"{one}former/", {}),
    ]


@pytest.mark.parametrize(
    "who", ["lead", "contributor", "sponsor", "customer", "reviewer", "viewer", "manager", "administrator"]
)
def test_everybody_who_may_read_gets_each_page(
    who: str, project: Project, written: Deliverable, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    for address in ["/projects/", "/projects/new/", *reads(project, written)]:
        assert client.get(address).status_code == 200, address


def test_an_outsider_finds_nothing_anywhere(
    project: Project, written: Deliverable, outsider: User, sign_in: SignIn
) -> None:
    client = sign_in(outsider)
    for address in reads(project, written):
        assert client.get(address).status_code == 404, address
    for address, data in writes(project, written):
        assert client.post(address, data).status_code == 404, address
    assert "Tumour triage" not in client.get("/projects/?q=Tumour").content.decode()
    assert DeliverableVersion.objects.count() == 2


def test_a_deliverable_is_not_found_under_another_project(
    written: Deliverable, crisp_dm: Methodology, lead: User, sign_in: SignIn
) -> None:
    start_project(actor=lead, key="other", name="O", question="?", methodology=crisp_dm, started_on=date(2026, 1, 1))
    assert sign_in(lead).get(f"/projects/other/deliverables/{written.pk}/").status_code == 404


def test_without_sign_in_every_page_leads_to_it(project: Project, written: Deliverable) -> None:
    for address in reads(project, written):
        answer = Client().get(address)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/accounts/login/"), address


@pytest.mark.parametrize("who", ["viewer", "sponsor", "manager", "customer", "reviewer"])
def test_who_only_reads_changes_nothing_and_is_told_who_may(
    who: str, project: Project, written: Deliverable, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    before = (DeliverableVersion.objects.count(), Member.objects.filter(left_at__isnull=True).count())
    for address, data in writes(project, written):
        if address.endswith(("preview/", "stop/", "close/", "edit/")):
            continue
        assert client.post(address, data, HTTP_REFERER="http://testserver/projects/").status_code in (302, 403), address
    assert (DeliverableVersion.objects.count(), Member.objects.filter(left_at__isnull=True).count()) == before
    page = client.get(f"/projects/triage/deliverables/{written.pk}/").content.decode()
    assert "Only the project&#x27;s team" in page
    assert "<textarea" not in page


def test_a_project_is_started_from_the_form_and_its_key_from_the_name(
    tdsp: Methodology, outsider: User, sign_in: SignIn
) -> None:
    client = sign_in(outsider)
    assert "6 stages" in client.get("/projects/new/").content.decode()
    facts = {
        "name": "Änderung der Tour", "question": "Which way?", "methodology": tdsp.pk, "risk": "low", "currency": "CHF",
        "discount_percent": "7.5", "horizon_months": "24", "started_on": "2026-02-01",
    }  # fmt: skip
    answer = client.post("/projects/new/", facts)
    assert answer.headers["Location"] == "/projects/anderung-der-tour/people/"
    made = Project.objects.get(key="anderung-der-tour")
    assert (str(made.discount_rate.normalize()), made.currency, made.stages.count()) == ("0.075", "CHF", 5)
    again = client.post("/projects/new/", facts)
    assert again.status_code == 409
    assert "is taken" in again.content.decode()
    assert "Which way?" in again.content.decode()


def test_an_auditor_is_told_why_they_start_no_project(make_person: Callable[..., User], sign_in: SignIn) -> None:
    client = sign_in(make_person("Aud Auditor", is_auditor=True))
    assert "changes nothing" in client.get("/projects/new/").content.decode()
    assert "Start a project</a>" not in client.get("/projects/").content.decode()


def test_the_list_is_filtered_and_an_empty_one_invites(
    project: Project, lead: User, manager: User, outsider: User, sign_in: SignIn
) -> None:
    client = sign_in(manager)
    for query, found in (
        ("q=tumour", True), ("q=nothing", False), ("state=active", True), ("state=closed", False),
        ("methodology=crisp_dm", True), ("methodology=tdsp", False), ("mine=on", False), ("state=nonsense", True),
    ):  # fmt: skip
        assert ("Tumour triage" in client.get(f"/projects/?{query}").content.decode()) is found, query
    assert "Start a project" in sign_in(outsider).get("/projects/").content.decode()


def test_a_conflict_shows_both_texts_and_the_next_save_goes_through(
    written: Deliverable, contributor: User, sign_in: SignIn
) -> None:
    client = sign_in(contributor)
    address = f"/projects/triage/deliverables/{written.pk}/"
    answer = client.post(address, {"text": "## Aim\n\nMine & safe", "expected_number": "1", "note": "my note"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<del>Sooner and safer</del><ins>Mine &amp; safe</ins>" in page
    assert "Mine &amp; safe</textarea>" in page
    assert 'value="my note"' in page
    assert DeliverableVersion.objects.count() == 2
    number = re.search(r'name="expected_number" value="(\d+)"', page[page.index('id="write-form"') :])
    assert number
    assert number[1] == "2"
    assert client.post(address, {"text": "Mine & safe", "expected_number": number[1]}).status_code == 302
    assert DeliverableVersion.objects.filter(number=3, text="Mine & safe").exists()


def test_a_text_survives_an_expired_session(deliverable: Deliverable, lead: User) -> None:
    client = Client()
    address = f"/projects/triage/deliverables/{deliverable.pk}/"
    answer = client.post(
        address, {"text": "An hour of work", "expected_number": "0"}, HTTP_REFERER=f"http://testserver{address}"
    )
    assert answer.headers["Location"] == f"/accounts/login/?next={address}"
    client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(address).content.decode()
    assert "An hour of work</textarea>" in page
    assert not DeliverableVersion.objects.exists()


def test_an_answer_in_conflict_stays_in_its_place(
    project: Project, lead: User, contributor: User, sign_in: SignIn
) -> None:
    question = project.stages.get(order=1).questions.first()
    assert question is not None
    answer_question(actor=lead, question=question, text="The board", expected_number=0)
    client = sign_in(contributor)
    address = f"/projects/triage/questions/{question.pk}/"
    answer = client.post(address, {"text": "The head nurse", "expected_number": "0"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The board" in page
    assert "The head nurse</textarea>" in page
    assert client.post(address, {"text": "The head nurse", "expected_number": "1"}).status_code == 302
    assert client.post(address, {"text": " ", "expected_number": "2"}).status_code == 400


@pytest.mark.parametrize("attack", XSS)
def test_no_script_gets_through_markdown(
    attack: str, project: Project, deliverable: Deliverable, lead: User, sign_in: SignIn
) -> None:
    write_version(actor=lead, deliverable=deliverable, text=attack, expected_number=0)
    question = project.stages.get(order=1).questions.first()
    assert question is not None
    answer_question(actor=lead, question=question, text=attack, expected_number=0)
    client = sign_in(lead)
    one = f"/projects/triage/deliverables/{deliverable.pk}/"
    pages = [
        client.get(one),
        client.get(f"{one}?edit"),
        client.get(f"{one}versions/1/"),
        client.post(f"{one}preview/", {"text": attack}),
        client.get("/projects/triage/stages/business_understanding/"),
    ]
    for page in pages:
        html = re.sub(r"<textarea.*?</textarea>", "", page.content.decode(), flags=re.DOTALL)
        assert "<script>alert" not in html
        for tag in re.findall(r"<[a-z][^>]*>", html):
            assert not re.search(r"\son(error|load|click)\s*=", tag), tag
            assert not re.search(r"(href|src)\s*=\s*[\"']?\s*(javascript|vbscript|data:text)", tag, re.IGNORECASE), tag
        assert "evil.example" not in "".join(re.findall(r"<(?:iframe|form)[^>]*>", html))


def test_a_file_comes_back_as_an_attachment_under_its_own_name(
    deliverable: Deliverable, lead: User, viewer: User, sign_in: SignIn
) -> None:
    address = f"/projects/triage/deliverables/{deliverable.pk}/"
    upload = SimpleUploadedFile("Bericht “Q1”.html", b"<script>alert(1)</script>", content_type="text/html")
    answer = sign_in(lead).post(address, {"attach": "1", "file": upload, "expected_number": "0"})
    assert answer.status_code == 302
    got = sign_in(viewer).get(f"{address}versions/1/file/")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Bericht")
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]


def test_a_text_comes_back_as_markdown(written: Deliverable, viewer: User, sign_in: SignIn) -> None:
    got = sign_in(viewer).get(f"/projects/triage/deliverables/{written.pk}/versions/2/file/")
    assert got.content.decode() == "## Aim\n\nSooner and safer"
    assert got.headers["Content-Disposition"] == 'attachment; filename="business_objectives-v2.md"'


def test_a_file_that_is_too_large_is_refused_beside_its_field(
    deliverable: Deliverable, lead: User, sign_in: SignIn, settings: Any
) -> None:
    settings.UPLOAD_LIMIT_MB = 1
    upload = SimpleUploadedFile("big.bin", b"x" * (1024 * 1024 + 1))
    answer = sign_in(lead).post(
        f"/projects/triage/deliverables/{deliverable.pk}/",
        {"attach": "1", "file": upload, "expected_number": "0", "note": "kept note"},
    )
    assert answer.status_code == 400
    assert "the limit is 1 MB" in answer.content.decode()
    assert "kept note" in answer.content.decode()


def test_a_tick_answers_htmx_with_the_line_only(project: Project, contributor: User, sign_in: SignIn) -> None:
    task = project.stages.get(order=1).tasks.first()
    assert task is not None
    client = sign_in(contributor)
    part = client.post(f"/projects/triage/tasks/{task.pk}/", {"done": "1"}, HTTP_HX_REQUEST="true")
    assert part.status_code == 200
    assert b"<html" not in part.content
    assert b"Done by Cora Contributor" in part.content
    assert client.post(f"/projects/triage/tasks/{task.pk}/", {"done": "0"}).status_code == 302
    task.refresh_from_db()
    assert task.done_at is None


def test_a_tick_that_is_no_longer_possible_loads_the_page_anew(
    project: Project, contributor: User, sign_in: SignIn
) -> None:
    task = project.stages.get(order=2).tasks.first()
    assert task is not None
    answer = sign_in(contributor).post(f"/projects/triage/tasks/{task.pk}/", {"done": "1"}, HTTP_HX_REQUEST="true")
    assert answer.headers["HX-Refresh"] == "true"
    task.refresh_from_db()
    assert task.done_at is None


def test_people_are_added_and_ended_on_the_page(project: Project, lead: User, outsider: User, sign_in: SignIn) -> None:
    client = sign_in(lead)
    assert client.post("/projects/triage/people/", {"person": "Olu Outsider", "role": "viewer"}).status_code == 302
    member = Member.objects.get(project=project, user=outsider)
    unknown = client.post("/projects/triage/people/", {"person": "Nobody", "role": "viewer"})
    assert unknown.status_code == 400
    assert "invite them" in unknown.content.decode()
    assert client.post(f"/projects/triage/people/{member.pk}/end/").status_code == 302
    member.refresh_from_db()
    assert member.left_at is not None
    assert "no right to approve" in client.get("/projects/triage/people/").content.decode()


def test_an_edit_in_conflict_keeps_what_was_typed(project: Project, lead: User, sign_in: SignIn) -> None:
    client = sign_in(lead)
    facts = {
        "name": "Mine", "question": "Q", "risk": "medium", "currency": "EUR", "discount_percent": "10",
        "horizon_months": "36", "expected_version": "1",
    }  # fmt: skip
    assert client.post("/projects/triage/edit/", {**facts, "name": "Theirs"}).status_code == 302
    answer = client.post("/projects/triage/edit/", facts)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="Mine"' in page
    assert 'name="expected_version" value="2"' in page


def test_a_former_iteration_is_shown_and_offers_nothing_to_write(
    project: Project, written: Deliverable, lead: User, sign_in: SignIn
) -> None:
    fresh = begin_iteration(project=project, to_key="business_understanding").deliverables.get(key=written.key)
    client = sign_in(lead)
    former = client.get("/projects/triage/stages/business_understanding/?iteration=1").content.decode()
    assert "former iteration" in former
    assert "Save the answer" not in former
    page = client.get(f"/projects/triage/deliverables/{fresh.pk}/").content.decode()
    assert "Take over the former text" in page
    assert client.post(f"/projects/triage/deliverables/{fresh.pk}/former/").status_code == 302
    assert DeliverableVersion.objects.get(deliverable=fresh).text == "## Aim\n\nSooner and safer"


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_number_of_queries_does_not_grow_with_the_content(
    project: Project, crisp_dm: Methodology, lead: User, contributor: User, sign_in: SignIn
) -> None:
    client = sign_in(lead)
    stage = "/projects/triage/stages/business_understanding/"
    deliverable = project.stages.get(order=1).deliverables.get(key="business_objectives")
    one = f"/projects/triage/deliverables/{deliverable.pk}/"
    write_version(actor=lead, deliverable=deliverable, text="First", expected_number=0)
    addresses = ("/projects/", stage, "/projects/triage/stages/", "/projects/triage/people/", one)
    client.get("/projects/")
    before = {address: queries_of(client, address) for address in addresses}
    for number in range(3):
        more = start_project(
            actor=lead, key=f"p{number}", name="P", question="?", methodology=crisp_dm, started_on=date(2026, 1, 1)
        )
        add_member(actor=lead, project=more, user=contributor, role="lead")
    for number, each in enumerate(project.stages.get(order=1).deliverables.all()):
        write_version(
            actor=(lead, contributor)[number % 2],
            deliverable=each,
            text=f"T{number}",
            expected_number=each.latest_number,
        )
    for question in project.stages.get(order=1).questions.all():
        answer_question(actor=lead, question=question, text="A", expected_number=0)
        answer_question(actor=contributor, question=question, text="B", expected_number=1)
    after = {address: queries_of(client, address) for address in addresses}
    assert after == before
    assert max(after.values()) <= 20


def test_an_open_round_is_linked_from_the_board_and_from_its_stage(
    project: Project, lead: User, viewer: User, sign_in: SignIn
) -> None:
    stage = project.stages.get(order=1)
    opened = Round.objects.create(
        stage=stage, project=project, number=1, state="awaiting_decision", title="?", requester=lead, digest="0" * 64
    )
    client = sign_in(viewer)
    for address in ("/projects/triage/stages/", "/projects/triage/stages/business_understanding/"):
        assert f'href="/rounds/{opened.pk}/"' in client.get(address).content.decode()
    Round.objects.update(state="withdrawn", closed_at=timezone.now())
    for address in ("/projects/triage/stages/", "/projects/triage/stages/business_understanding/"):
        assert "/rounds/" not in client.get(address).content.decode()
