"""The API of projects: the same deeds and the same refusals as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Deliverable, DeliverableVersion, Project

pytestmark = pytest.mark.django_db
Api = Callable[[User], Any]
BASE = "/api/v1/projects/"


@pytest.fixture
def deliverable(project: Project) -> Deliverable:
    return Deliverable.objects.get(stage__project=project, key="business_objectives")


def test_the_list_reads_neither_stages_nor_the_content_of_methodologies(project: Project, lead: User, api: Api) -> None:
    client = api(lead)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(BASE)
    assert [row["methodology"]["key"] for row in answer.data["results"]] == ["crisp_dm"]
    read = " ".join(query["sql"] for query in captured)
    assert "lifecycle_methodology" in read
    assert '"lifecycle_methodology"."content",' not in read
    assert "lifecycle_stage" not in read


def test_a_project_is_played_through_its_first_stage(tdsp: Methodology, lead: User, sponsor: User, api: Api) -> None:
    client = api(lead)
    made = client.post(
        BASE, {"key": "tours", "name": "Tours", "question": "Which way?", "methodology": {"key": "tdsp"}}
    )
    assert made.status_code == 201, made.data
    assert made.data["methodology"]["number"] == 1
    member = client.post(f"{BASE}tours/members/", {"person": "sam.sponsor@example.org", "role": "sponsor"})
    assert member.status_code == 201
    stages = client.get(f"{BASE}tours/stages/").data["results"]
    assert [row["stage"]["state"] for row in stages] == ["open"] + ["waiting"] * 4
    stage = client.get(f"{BASE}tours/stages/business_understanding/").data
    assert len(stage["missing"]) == stages[0]["required_deliverables"] + stages[0]["questions"]
    for deliverable in stage["deliverables"]:
        sent = client.post(
            f"/api/v1/deliverables/{deliverable['id']}/versions/", {"text": "Text", "expected_number": 0}
        )
        assert sent.status_code == 201, sent.data
    for question in stage["questions"]:
        sent = client.post(f"/api/v1/questions/{question['id']}/answers/", {"text": "Yes", "expected_number": 0})
        assert sent.status_code == 201
    for task in stage["tasks"]:
        assert client.post(f"/api/v1/tasks/{task['id']}/", {"done": True}).data["done"] is True
    stage = client.get(f"{BASE}tours/stages/business_understanding/").data
    assert stage["missing"] == []
    assert all(question["answer"]["text"] == "Yes" for question in stage["questions"])
    planned = client.patch(f"{BASE}tours/stages/business_understanding/", {"due_on": "2026-05-01"})
    assert planned.data["due_on"] == "2026-05-01"
    ended = client.delete(f"{BASE}tours/members/{member.data['id']}/")
    assert ended.status_code == 204


def test_an_outsider_gets_404_from_every_route(
    project: Project, deliverable: Deliverable, outsider: User, api: Api
) -> None:
    client = api(outsider)
    stage = deliverable.stage
    question, task, member = stage.questions.first(), stage.tasks.first(), project.members.first()
    assert question
    assert task
    assert member
    one = f"/api/v1/deliverables/{deliverable.pk}/"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("get", f"{BASE}triage/", {}),
        ("patch", f"{BASE}triage/", {"name": "Mine"}),
        ("post", f"{BASE}triage/stop/", {"reason": "No"}),
        ("post", f"{BASE}triage/close/", {"statement": "Done"}),
        ("get", f"{BASE}triage/members/", {}),
        ("post", f"{BASE}triage/members/", {"person": "olu.outsider@example.org", "role": "lead"}),
        ("delete", f"{BASE}triage/members/{member.pk}/", {}),
        ("get", f"{BASE}triage/stages/", {}),
        ("get", f"{BASE}triage/stages/{stage.key}/", {}),
        ("patch", f"{BASE}triage/stages/{stage.key}/", {"due_on": None}),
        ("get", one, {}),
        ("get", f"{one}versions/", {}),
        ("post", f"{one}versions/", {"text": "Mine", "expected_number": 0}),
        ("get", f"{one}versions/1/", {}),
        ("get", f"{one}versions/1/file/", {}),
        ("post", f"{one}not-applicable/", {"reason": "No"}),
        ("delete", f"{one}not-applicable/", {}),
        ("post", f"{one}former/", {}),
        ("get", f"/api/v1/questions/{question.pk}/answers/", {}),
        ("post", f"/api/v1/questions/{question.pk}/answers/", {"text": "Yes", "expected_number": 0}),
        ("post", f"/api/v1/tasks/{task.pk}/", {"done": True}),
    ]
    for method, address, data in calls:
        answer = getattr(client, method)(address, data)
        assert (answer.status_code, answer.data["error"]["code"]) == (404, "not_found"), (method, address)
    assert client.get(BASE).data["results"] == []
    assert not DeliverableVersion.objects.exists()


def test_a_conflict_is_409_with_its_code_and_writes_nothing(
    deliverable: Deliverable, lead: User, contributor: User, api: Api
) -> None:
    address = f"/api/v1/deliverables/{deliverable.pk}/versions/"
    assert api(lead).post(address, {"text": "Theirs", "expected_number": 0}).status_code == 201
    answer = api(contributor).post(address, {"text": "Mine", "expected_number": 0})
    assert (answer.status_code, answer.data["error"]["code"]) == (409, "version_conflict")
    assert DeliverableVersion.objects.count() == 1


def test_a_file_goes_up_and_comes_down(deliverable: Deliverable, lead: User, api: Api) -> None:
    client = api(lead)
    address = f"/api/v1/deliverables/{deliverable.pk}/versions/"
    sent = client.post(
        address, {"file": SimpleUploadedFile("plan.bin", b"\x00\x01"), "expected_number": 0}, format="multipart"
    )
    assert sent.status_code == 201, sent.data
    assert (sent.data["is_file"], sent.data["filename"], sent.data["size"]) == (True, "plan.bin", 2)
    got = client.get(f"{address}1/file/")
    assert b"".join(got.streaming_content) == b"\x00\x01"
    assert got.headers["Content-Disposition"] == 'attachment; filename="plan.bin"'
    assert client.get(address).data["results"][0]["sha256"] == sent.data["sha256"]


def test_only_the_lead_edits_and_the_version_guards_it(project: Project, lead: User, viewer: User, api: Api) -> None:
    answer = api(viewer).patch(f"{BASE}triage/", {"name": "Mine"})
    assert (answer.status_code, answer.data["error"]["code"]) == (403, "not_permitted")
    client = api(lead)
    assert client.patch(f"{BASE}triage/", {"name": "New", "version": 1}).data["version"] == 2
    answer = client.patch(f"{BASE}triage/", {"name": "Newer", "version": 1})
    assert (answer.status_code, answer.data["error"]["code"]) == (409, "version_conflict")


def test_bad_input_names_its_field(project: Project, lead: User, crisp_dm: Methodology, api: Api) -> None:
    client = api(lead)
    facts = {"key": "k", "name": "N", "question": "?", "methodology": {"key": "crisp_dm"}}
    for change, field in (
        ({"key": "triage"}, "key"), ({"key": "new"}, "key"), ({"currency": "ABC"}, "currency"), ({"name": ""}, "name"),
        ({"methodology": {"key": "waterfall"}}, "methodology"),
        ({"methodology": {"key": "crisp_dm", "number": 9}}, "methodology"),
    ):  # fmt: skip
        answer = client.post(BASE, {**facts, **change})
        assert answer.status_code in (400, 409)
        assert answer.data["error"]["field"] == field, answer.data
    assert Project.objects.count() == 1


def test_methodologies_are_listed_and_read(crisp_dm: Methodology, tdsp: Methodology, outsider: User, api: Api) -> None:
    client = api(outsider)
    assert {row["key"] for row in client.get("/api/v1/methodologies/").data["results"]} == {"crisp_dm", "tdsp"}
    one = client.get("/api/v1/methodologies/tdsp/1/").data
    assert len(one["content"]["phases"]) == 5
    assert client.get("/api/v1/methodologies/tdsp/2/").status_code == 404
