"""What a dossier holds, who gets it, and by which ways."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.pdf import _breakable, compile
from foundation.web.refused import Refused
from lifecycle.dossier import services
from lifecycle.dossier.build import build
from lifecycle.dossier.own_parts import NOT_TOLD
from lifecycle.dossier.parts import all_parts
from lifecycle.dossier.rounds import policy_words
from lifecycle.dossier.services import export_dossier
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Project
from lifecycle.projects.services import add_member
from lifecycle.signoff.models import Round
from lifecycle.signoff.policy import shipped_policy
from tests.lifecycle.dossier.conftest import AT, Dossier, Unpack

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]


def hangs_on_a_project(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> bool:
    near = {field.related_model for field in model._meta.concrete_fields if field.is_relation} - {model, *seen}
    return Project in near or any(
        hangs_on_a_project(other, seen | {model}) for other in near if other._meta.app_label in ("lifecycle", "explain")
    )


def test_every_table_that_hangs_on_a_project_is_told_or_named_with_a_reason() -> None:
    told = [part.model.__name__ for part in all_parts()]
    owed = [
        model.__name__
        for label in ("lifecycle", "explain")
        for model in apps.get_app_config(label).get_models()
        if hangs_on_a_project(model)
    ]
    assert len(owed) > 30
    assert sorted(set(owed) - set(told) - set(NOT_TOLD)) == []
    assert len(told) == len(set(told))
    assert all(len(reason) > 20 for reason in NOT_TOLD.values())


def test_everything_that_is_signed_is_a_record_of_the_dossier() -> None:
    kinds = set()
    for floor in ("lifecycle", "explain"):
        for path in (ROOT / floor).rglob("*.py"):
            kinds |= set(re.findall(r'record_kind="(\w+)"', path.read_text("utf-8")))
    assert kinds >= {"round", "acceptance"}
    assert kinds - {part.signed_as for part in all_parts()} == set()


def test_no_secret_column_is_told() -> None:
    told = [
        f"{part.name}.{field.name}"
        for part in all_parts()
        for field in part.model._meta.concrete_fields
        if field.name not in part.left_out
    ]
    assert not [name for name in told if re.search(r"password|token|secret|_code_hash|code_digest|email", name)]


def test_sealed_columns_are_there() -> None:
    for part in all_parts():
        names = {field.name for field in part.model._meta.concrete_fields}
        for seal in part.seals:
            assert seal.digest in names or part.also
            assert seal.content in names or part.also


def test_the_same_state_at_the_same_instant_gives_the_same_bytes(told: Project) -> None:
    made = [io.BytesIO(), io.BytesIO()]
    heads = [build(told, reader=None, at=AT, target=target).head for target in made]
    assert heads[0] == heads[1]
    assert made[0].getvalue() == made[1].getvalue()


def test_paths_are_safe_and_hold_no_names_of_people(told: Project, unpack: Unpack) -> None:
    names = unpack(told).files()
    assert any(name.startswith("files/deliverables/") for name in names)
    for name in names:
        assert re.fullmatch(r"[\w./-]+", name, re.ASCII)
        assert ".." not in name
        assert "Ann" not in name


def test_a_lost_file_is_told_and_its_fingerprint_stays(told: Project, unpack: Unpack, settings: Any) -> None:
    stored = next(Path(settings.MEDIA_ROOT).rglob("*.pdf"))
    stored.unlink()
    dossier = unpack(told)
    content = json.loads((dossier.place / "manifest.json").read_text("utf-8"))["content"]
    assert len(content["lost_files"]) == 1
    assert dossier.verify().returncode == 0


# Who


@pytest.mark.parametrize("who", ["lead", "sponsor", "contributor", "reviewer", "manager", "administrator"])
def test_who_works_or_oversees_gets_it(who: str, told: Project, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    found = export_dossier(actor=person, project=told, target=io.BytesIO())
    entry = Entry.objects.get(seq=found.entry)
    assert (entry.actor, entry.verb, entry.after["head"]) == (person, "export_dossier", found.built.head)


@pytest.mark.parametrize("who", ["customer", "viewer", "outsider"])
def test_customers_viewers_and_strangers_do_not(who: str, told: Project, request: pytest.FixtureRequest) -> None:
    target = io.BytesIO()
    with pytest.raises(Refused) as caught:
        export_dossier(actor=request.getfixturevalue(who), project=told, target=target)
    assert caught.value.code == "dossier_internal"
    assert target.getvalue() == b""
    assert not Entry.objects.filter(verb="export_dossier").exists()


def test_a_restricted_postmortem_is_for_its_people_only(
    told: Project, contributor: User, lead: User, unpack: Unpack
) -> None:
    PostMortem.objects.update(visibility="restricted", owner=contributor)
    assert len(unpack(told, reader=contributor).table("postmortems")["rows"]) == 1
    for reader in (lead, None):
        dossier = unpack(told, reader=reader)
        assert dossier.table("postmortems")["rows"] == []
        kept = json.loads((dossier.place / "manifest.json").read_text("utf-8"))["content"]["kept_back"]
        assert {"part": "postmortems", "rows": 1, "why": kept[0]["why"]} in kept
        assert "restricted to the owner" in (dossier.place / "README.txt").read_text("utf-8")
        assert dossier.verify().returncode == 0


def test_one_that_is_too_large_to_wait_for_is_refused_with_the_command(
    told: Project, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 10)
    with pytest.raises(Refused, match=r"manage\.py dossier triage --out FILE\.zip") as caught:
        export_dossier(actor=lead, project=told, target=io.BytesIO())
    assert caught.value.code == "dossier_too_large"


# Command, page, API


def test_the_command_writes_a_file_that_holds(told: Project, tmp_path: Path) -> None:
    out, place = tmp_path / "d.zip", tmp_path / "unpacked"
    said = io.StringIO()
    call_command("dossier", "triage", "--out", str(out), stdout=said)
    with zipfile.ZipFile(out) as archive:
        archive.extractall(place)
    found = Dossier(place).verify()
    assert found.returncode == 0
    head = found.stdout.splitlines()[-1]
    assert f"head {head}" in said.getvalue()
    assert Entry.objects.get(verb="export_dossier").actor is None
    assert sorted(path.name for path in tmp_path.glob("d.zip*")) == ["d.zip"]


def test_the_command_says_what_is_wrong(told: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no project with the key 'nothing'"):
        call_command("dossier", "nothing", "--out", str(tmp_path / "d.zip"))
    with pytest.raises(CommandError, match="could not be written"):
        call_command("dossier", "triage", "--out", str(tmp_path / "no" / "folder.zip"))


def test_the_page_hands_one_out_lists_it_and_finds_its_head(
    told: Project, lead: User, sign_in: Callable[..., Any]
) -> None:
    browser = sign_in(lead)
    given = browser.post("/projects/triage/dossier/")
    assert given.headers["Content-Disposition"] == 'attachment; filename="dossier-triage.zip"'
    raw = b"".join(given.streaming_content)
    head = given.headers["X-Dossier-Head"]
    assert zipfile.ZipFile(io.BytesIO(raw)).testzip() is None
    page = browser.get("/projects/triage/dossier/", {"head": f" {head.upper()} "}).content.decode()
    assert page.count(head) == 1
    assert "to Lea Lead (entry" in page
    assert "never handed out" in browser.get("/projects/triage/dossier/", {"head": "0" * 64}).content.decode()
    assert "exported the dossier of Tumour triage" in browser.get("/projects/triage/trail/").content.decode()


def test_the_page_tells_a_customer_why_not(told: Project, customer: User, sign_in: Callable[..., Any]) -> None:
    browser = sign_in(customer)
    page = browser.get("/projects/triage/dossier/")
    assert page.status_code == 200
    assert "Ask the project lead for it" in page.content.decode()
    assert "Download the dossier" not in page.content.decode()
    assert browser.post("/projects/triage/dossier/").status_code in (302, 403)
    assert not Entry.objects.filter(verb="export_dossier").exists()


def test_the_api_does_the_same(told: Project, lead: User, customer: User, outsider: User, api: Any) -> None:
    given = api(lead).post("/api/v1/projects/triage/dossier/")
    assert given.status_code == 200
    assert zipfile.is_zipfile(io.BytesIO(b"".join(given.streaming_content)))
    listed = api(lead).get("/api/v1/projects/triage/dossier/").json()["results"]
    assert [one["head"] for one in listed] == [given.headers["X-Dossier-Head"]]
    assert api(customer).get("/api/v1/projects/triage/dossier/").status_code == 403
    assert api(customer).post("/api/v1/projects/triage/dossier/").status_code == 403
    assert api(outsider).post("/api/v1/projects/triage/dossier/").status_code == 404


# The record of one round


def test_the_record_of_a_round_as_json(told: Project, customer: User, outsider: User, api: Any) -> None:
    review = Round.objects.get(stage__order=2)
    found = api(customer).get(f"/api/v1/rounds/{review.pk}/record/").json()
    assert found["digest"] == review.digest
    assert found["policy_in_words"].startswith("One sponsor. Neither who asks")
    (decision,) = found["decisions"]
    assert (decision["decider"], decision["signature"]["state"]) == ("Sam Sponsor", "valid")
    assert review.digest in decision["signature"]["statement"]
    assert len(found["evidence"]) == len(found["manifest"]["items"])
    assert api(outsider).get(f"/api/v1/rounds/{review.pk}/record/").status_code == 404


def test_the_record_of_a_round_as_pdf(told: Project, customer: User, outsider: User, sign_in: Any) -> None:
    review = Round.objects.get(stage__order=2)
    given = sign_in(customer).get(f"/rounds/{review.pk}/record.pdf")
    assert given.headers["Content-Type"] == "application/pdf"
    assert given.content.startswith(b"%PDF-")
    assert sign_in(outsider).get(f"/rounds/{review.pk}/record.pdf").status_code == 404


def test_what_people_typed_is_never_run_as_markup(tmp_path: Path, settings: Any) -> None:
    # A template that fails as soon as a text is more than a text.
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/probe.typ").write_text(
        '#let data = json(bytes(sys.inputs.data))\n#assert.eq(data.name, "#panic(\\"no\\") $x$ *b* <l> @r \\\\ [")\n#data.name'
    )
    settings.BASE_DIR = tmp_path
    assert compile("probe.typ", {"name": '#panic("no") $x$ *b* <l> @r \\ ['}).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Featherstonehaugh-Montgomery", ["Featherstonehaugh-", "Montgomery"]),
        ("a" * 20, ["a" * 20]),
        ("a" * 26, ["a" * 8, "a" * 8, "a" * 8, "aa"]),
        ("b-" + "a" * 24 + "-2026--", ["b-", "a" * 8, "a" * 8, "a" * 8, "-", "2026--"]),
    ],
)
def test_a_long_word_breaks_after_its_hyphens_before_it_is_cut(word: str, parts: list[str]) -> None:
    assert _breakable({"text": [f"of {word}"]})["text"][0].split("\u200b") == [f"of {parts[0]}", *parts[1:]]


def test_the_name_of_a_policy_is_told_where_it_says_more_than_who_decides() -> None:
    low = shipped_policy("low")
    assert policy_words({**low, "self_approval": True}) == "One sponsor."
    assert policy_words({**low, "name": "One sponsor", "self_approval": True}) == "One sponsor."
    assert policy_words({**low, "name": "For trials", "self_approval": True}) == "“For trials”: One sponsor."


def test_names_with_markup_and_long_words_pass_through_the_papers(
    told: Project, lead: User, make_person: Any, unpack: Unpack
) -> None:
    person = make_person("#panic() $x^2$ [*B*] <a> @b")
    add_member(actor=lead, project=told, user=person, role="sponsor")
    Project.objects.filter(pk=told.pk).update(name='#import "x" ' + "W" * 80, question='#read("/etc/passwd") {x}')
    told.refresh_from_db()
    dossier = unpack(told)
    assert (dossier.place / "dossier.pdf").read_bytes().startswith(b"%PDF-")
    assert dossier.verify().returncode == 0
