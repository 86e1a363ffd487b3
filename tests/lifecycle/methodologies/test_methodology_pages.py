"""Pages and API of own methodologies: nothing typed is lost, and both say the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.services import change_draft
from tests.lifecycle.methodologies.conftest import SMALL, Publish

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def upload(text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("mine.yaml", text if isinstance(text, bytes) else text.encode())


def test_from_an_uploaded_file_to_a_published_version(manager: User, sign_in: SignIn) -> None:
    client = sign_in(manager)
    begun = client.post("/methodologies/new/", {"file": upload(SMALL.replace("order: 2", "order: 3"))})
    assert begun.headers["Location"] == "/methodologies/drafts/small/"
    page = client.get("/methodologies/drafts/small/").content.decode()
    assert "1 fault" in page
    assert "line 6, column 1" in page
    refused = client.post("/methodologies/drafts/small/publish/", {"expected_version": 1})
    assert refused.status_code == 400
    saved = client.post("/methodologies/drafts/small/", {"text": SMALL, "expected_version": 1, "act": "save"})
    assert saved.status_code == 302
    assert "no faults" in client.get("/methodologies/drafts/small/").content.decode()
    published = client.post("/methodologies/drafts/small/publish/", {"expected_version": 2, "note": "The first"})
    assert published.headers["Location"] == "/methodologies/small/1/"
    assert "Is it done?" in client.get("/methodologies/small/1/").content.decode()
    source = client.get("/methodologies/small/1/source/")
    assert source.content.decode() == SMALL
    assert "small-v1.yaml" in source.headers["Content-Disposition"]


def test_checking_without_saving_shows_the_faults_and_keeps_the_text(
    draft: MethodologyDraft, manager: User, sign_in: SignIn
) -> None:
    client = sign_in(manager)
    typed = SMALL.replace("name: First", "nam: First") + "# typed by hand"
    page = client.post(draft.get_absolute_url(), {"text": typed, "expected_version": 1, "act": "check"})
    assert page.status_code == 200
    assert "did you mean “name”?" in page.content.decode()
    assert "# typed by hand" in page.content.decode()
    draft.refresh_from_db()
    assert (draft.text, draft.version) == (SMALL, 1)
    sound = client.post(draft.get_absolute_url(), {"text": SMALL + "# x", "expected_version": 1, "act": "check"})
    assert "It is not saved yet" in sound.content.decode()


def test_who_comes_second_sees_the_others_change_and_loses_nothing(
    draft: MethodologyDraft, manager: User, administrator: User, sign_in: SignIn
) -> None:
    change_draft(actor=administrator, draft=draft, text=SMALL + "# of Ada", expected_version=1)
    client = sign_in(manager)
    answer = client.post(draft.get_absolute_url(), {"text": SMALL + "# of Mia", "expected_version": 1, "act": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "What Ada Administrator saved meanwhile" in page
    assert "<del># of Ada</del>" in page
    assert "<ins># of Mia</ins>" in page
    assert 'name="expected_version" value="2"' in page
    # Having seen it, the same form saves.
    again = client.post(draft.get_absolute_url(), {"text": SMALL + "# of Mia", "expected_version": 2, "act": "save"})
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("content", "word"), [(b"\xff\xfe\x00x", "no text in UTF-8"), (b"x" * 700_000, "at most"), (b"  \n", "is empty")]
)
def test_a_file_that_is_no_text_is_refused_beside_the_field(
    content: bytes, word: str, manager: User, draft: MethodologyDraft, sign_in: SignIn
) -> None:
    client = sign_in(manager)
    for address, fields in (("/methodologies/new/", {"key": "mine"}), (draft.get_absolute_url(), {"text": "kept: 1"})):
        answer = client.post(address, {**fields, "expected_version": 1, "file": upload(content)})
        assert answer.status_code == 400
        assert word in answer.content.decode()


def test_everybody_reads_and_only_authors_are_offered_to_write(
    publish: Publish, manager: User, outsider: User, sign_in: SignIn
) -> None:
    publish(SMALL)
    made = publish(SMALL.replace("'Is it done?'", "'Is it good?'"))
    sign_in(manager).post("/methodologies/new/", {"key": "small"})
    reader = sign_in(outsider)
    assert "Write your own" not in reader.get("/methodologies/").content.decode()
    assert "For authors" not in reader.get(made.get_absolute_url()).content.decode()
    assert "Only managers and administrators" in reader.get("/methodologies/new/").content.decode()
    assert "Only managers and administrators" in reader.get("/methodologies/drafts/small/").content.decode()
    compared = reader.get("/methodologies/small/2/difference/").content.decode()
    assert "From version 1 to version 2" in compared
    assert "Is it good?" in compared
    assert reader.get("/methodologies/small/2/difference/?from=7").status_code == 404
    assert reader.get("/methodologies/small/1/difference/").status_code == 404
    for address, fields in (
        ("/methodologies/new/", {"key": "mine"}),
        ("/methodologies/drafts/small/", {"text": "x: 1", "expected_version": 1}),
        ("/methodologies/drafts/small/publish/", {"expected_version": 1}),
        ("/methodologies/drafts/small/discard/", {"expected_version": 1}),
        ("/methodologies/small/2/retire/", {"reason": "Old"}),
        ("/methodologies/small/2/offer/", {}),
    ):
        assert reader.post(address, fields).status_code == 403, address


def test_a_version_is_taken_out_of_choice_and_offered_again(publish: Publish, manager: User, sign_in: SignIn) -> None:
    made = publish(SMALL)
    client = sign_in(manager)
    assert client.post("/methodologies/small/1/retire/", {"reason": ""}).status_code == 400
    client.post("/methodologies/small/1/retire/", {"reason": "Replaced"})
    page = client.get(made.get_absolute_url()).content.decode()
    assert "is not offered to new projects: Replaced" in page
    client.post("/methodologies/small/1/offer/")
    assert "not offered" not in client.get(made.get_absolute_url()).content.decode()


def test_what_is_written_in_a_methodology_is_shown_as_text(publish: Publish, manager: User, sign_in: SignIn) -> None:
    made = publish(SMALL.replace("'Is it done?'", "'<script>alert(1)</script>'"))
    client = sign_in(manager)
    client.post("/methodologies/new/", {"key": "small"})
    for address in (made.get_absolute_url(), "/methodologies/drafts/small/"):
        assert "<script>alert(1)" not in client.get(address).content.decode()


# API


def test_the_api_checks_a_text_and_names_every_fault(outsider: User, api: Callable[[User], Any]) -> None:
    client = api(outsider)
    told = client.post("/api/v1/methodologies/check/", {"text": SMALL.replace("order: 2", "order: 3")}, format="json")
    assert told.json() == {
        "sound": False,
        "faults": [
            {
                "line": 6,
                "column": 1,
                "path": "phases",
                "reason": "their order must run from 1 to 2, each number once; it is [1, 3].",
            }
        ],
    }
    assert client.post("/api/v1/methodologies/check/", {"text": SMALL}, format="json").json()["sound"] is True
    assert client.post("/api/v1/methodologies/check/", {"text": ""}, format="json").json()["sound"] is False
    assert not Methodology.objects.exists()


def test_the_api_goes_from_a_draft_to_a_version_and_takes_it_out_of_choice(
    administrator: User, lead: User, crisp_dm: Methodology, api: Callable[[User], Any]
) -> None:
    client = api(administrator)
    made = client.post(
        "/api/v1/methodology-drafts/",
        {"key": "mine", "name": "Mine", "based_on": {"key": "crisp_dm", "number": 1}},
        format="json",
    )
    assert (made.status_code, made.json()["faults"], made.json()["based_on"]) == (201, [], "CRISP-DM v1")
    text = made.json()["text"].replace("name: Evaluation", "name: Judgement")
    address = "/api/v1/methodology-drafts/mine/"
    changed = client.patch(address, {"text": text, "version": 1}, format="json").json()
    assert changed["version"] == 2
    late = client.patch(address, {"text": text + "#", "version": 1}, format="json")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "version_conflict")
    assert [row["key"] for row in client.get("/api/v1/methodology-drafts/").json()["results"]] == ["mine"]
    assert api(lead).post(f"{address}publish/", {"version": 2}, format="json").status_code == 403
    published = client.post(f"{address}publish/", {"version": 2, "note": "First"}, format="json")
    assert (published.status_code, published.json()["number"]) == (201, 1)
    client.post("/api/v1/methodology-drafts/", {"key": "mine"}, format="json")
    second = client.patch(address, {"text": text.replace("Judgement", "Verdict"), "version": 1}, format="json")
    assert second.json()["faults"] == []
    client.post(f"{address}publish/", {"version": 2}, format="json")
    lines = client.get("/api/v1/methodologies/mine/2/difference/?from=1").json()
    assert [line["sentence"] for line in lines] == ["Name of the stage: was “Judgement”; now “Verdict”."]
    retired = client.post("/api/v1/methodologies/mine/1/retire/", {"reason": "Old"}, format="json").json()
    assert retired["retired_reason"] == "Old"
    assert client.post("/api/v1/methodologies/mine/1/offer/").json()["retired_at"] is None
    client.post("/api/v1/methodology-drafts/", {"key": "mine"}, format="json")
    assert client.delete(address).json()["error"]["code"] == "version_conflict"
    assert client.delete(f"{address}?version=1").status_code == 204
    assert client.get(address).status_code == 404
    assert client.get("/api/v1/methodologies/mine/99999999999/").status_code == 404
