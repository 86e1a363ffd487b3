"""Versions of deliverables: nothing is lost, nothing is counted twice, the hash is the content's."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Deliverable, DeliverableVersion, Project
from lifecycle.projects.selectors import former_version
from lifecycle.projects.services import (
    begin_iteration,
    mark_not_applicable,
    take_over,
    unmark_not_applicable,
    write_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def deliverable(project: Project) -> Deliverable:
    return Deliverable.objects.get(stage__project=project, key="business_objectives")


def write(actor: User, deliverable: Deliverable, text: str, expected: int, note: str = "") -> DeliverableVersion:
    return write_version(actor=actor, deliverable=deliverable, text=text, expected_number=expected, note=note)


def test_a_version_is_counted_hashed_and_audited(deliverable: Deliverable, contributor: User) -> None:
    version = write(contributor, deliverable, "# Aim\r\nSooner\r\n", 0, note="First")
    deliverable.refresh_from_db()
    assert (version.number, version.text) == (1, "# Aim\nSooner\n")
    assert version.sha256 == hashlib.sha256(b"# Aim\nSooner\n").hexdigest() == deliverable.latest_hash
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.thing_kind, entry.thing_id, entry.verb) == ("deliverable", str(deliverable.pk), "write_version")
    assert entry.after["hash"] == version.sha256
    assert entry.reason == "First"


def test_the_same_content_again_makes_no_new_version(deliverable: Deliverable, lead: User) -> None:
    first = write(lead, deliverable, "One", 0)
    entries = Entry.objects.count()
    assert write(lead, deliverable, "One", 0) == first  # a form that was sent twice
    assert write(lead, deliverable, "One", 1) == first
    assert DeliverableVersion.objects.count() == 1
    assert Entry.objects.count() == entries


def test_a_conflict_is_refused_and_loses_nothing(deliverable: Deliverable, lead: User, contributor: User) -> None:
    write(lead, deliverable, "Theirs", 0)
    with pytest.raises(Refused) as caught:
        write(contributor, deliverable, "Mine", 0)
    assert (caught.value.code, caught.value.status) == ("version_conflict", 409)
    assert [version.text for version in DeliverableVersion.objects.all()] == ["Theirs"]
    assert write(contributor, deliverable, "Mine", 1).number == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=8))
def test_numbers_run_without_gaps_and_each_hash_is_of_its_text(
    deliverable: Deliverable, lead: User, texts: list[str]
) -> None:
    DeliverableVersion.objects.filter(deliverable=deliverable).delete()
    Deliverable.objects.filter(pk=deliverable.pk).update(latest_number=0, latest_hash="")
    number = 0
    for text in texts:
        if text.strip() and "\x00" not in text:
            number = write(lead, deliverable, text, number).number
        else:
            with pytest.raises(Refused):
                write(lead, deliverable, text, number)
    kept = list(DeliverableVersion.objects.filter(deliverable=deliverable).order_by("number"))
    assert [version.number for version in kept] == list(range(1, len(kept) + 1))
    assert all(version.sha256 == hashlib.sha256(version.text.encode()).hexdigest() for version in kept)
    assert all(one.text != other.text for one, other in pairwise(kept))
    deliverable.refresh_from_db()
    assert deliverable.latest_number == len(kept)
    assert deliverable.latest_hash == (kept[-1].sha256 if kept else "")


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), (" \n", "empty"), ("a\x00b", "text_unreadable"), ("\ud800", "text_unreadable")]
)
def test_what_is_no_text_is_refused(deliverable: Deliverable, lead: User, text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        write(lead, deliverable, text, 0)
    assert caught.value.code == code


def test_a_text_that_is_too_long_is_refused(deliverable: Deliverable, lead: User) -> None:
    with pytest.raises(Refused) as caught:
        write(lead, deliverable, "x" * 500_001, 0)
    assert caught.value.code == "text_too_long"


def test_text_and_file_at_once_or_neither_are_refused(deliverable: Deliverable, lead: User) -> None:
    both: list[dict[str, Any]] = [{}, {"text": "a", "file": ContentFile(b"a", name="a")}]
    for content in both:
        with pytest.raises(Refused) as caught:
            write_version(actor=lead, deliverable=deliverable, expected_number=0, **content)
        assert caught.value.code == "text_or_file"


def test_a_file_keeps_its_bytes_and_its_name_but_lies_under_an_internal_one(
    deliverable: Deliverable, lead: User
) -> None:
    content = bytes(range(256)) * 9
    version = write_version(
        actor=lead,
        deliverable=deliverable,
        file=ContentFile(content),
        filename="..\\..//etc/Plan\u202e \x07für Q1.PDF",
        expected_number=0,
    )
    assert version.filename == "Plan für Q1.PDF"
    assert version.file.name == f"deliverables/{deliverable.pk}/1-{version.sha256[:16]}.pdf"
    assert (version.size, version.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with version.file.open("rb") as stored:
        assert stored.read() == content


def test_a_file_that_is_too_large_or_empty_is_refused(deliverable: Deliverable, lead: User, settings: Any) -> None:
    settings.UPLOAD_LIMIT_MB = 1
    for content, code in ((b"x" * (1024 * 1024 + 1), "file_too_large"), (b"", "empty")):
        with pytest.raises(Refused) as caught:
            write_version(
                actor=lead, deliverable=deliverable, file=ContentFile(content), filename="a.bin", expected_number=0
            )
        assert (caught.value.code, caught.value.field) == (code, "file")
    assert not DeliverableVersion.objects.exists()


def test_a_deed_that_fails_leaves_no_file_behind(
    deliverable: Deliverable, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr("lifecycle.projects.services.writing.record", fail)
    with pytest.raises(RuntimeError):
        write_version(
            actor=lead, deliverable=deliverable, file=ContentFile(b"abc"), filename="a.txt", expected_number=0
        )
    folder = f"deliverables/{deliverable.pk}"
    assert not default_storage.exists(folder) or default_storage.listdir(folder)[1] == []


def test_a_required_deliverable_cannot_be_set_aside_but_another_can_with_a_reason(project: Project, lead: User) -> None:
    required = Deliverable.objects.get(stage__project=project, key="business_objectives")
    optional = Deliverable.objects.get(stage__project=project, key="terminology")
    with pytest.raises(Refused) as caught:
        mark_not_applicable(actor=lead, deliverable=required, reason="No time")
    assert caught.value.code == "deliverable_required"
    with pytest.raises(Refused):
        mark_not_applicable(actor=lead, deliverable=optional, reason=" ")
    assert mark_not_applicable(actor=lead, deliverable=optional, reason="All know the words").not_applicable
    assert Entry.objects.filter(thing_kind="deliverable", verb="mark_not_applicable").count() == 1
    assert unmark_not_applicable(actor=lead, deliverable=optional).not_applicable == ""


def test_a_required_one_can_be_set_aside_where_the_gate_says_so(project: Project, lead: User) -> None:
    stage = project.stages.get(order=1)
    stage.gate = {**stage.gate, "may_be_not_applicable": ["business_objectives"]}
    stage.save()
    required = stage.deliverables.get(key="business_objectives")
    assert mark_not_applicable(actor=lead, deliverable=required, reason="Inherited").not_applicable == "Inherited"


def test_a_new_version_takes_the_mark_away(project: Project, lead: User) -> None:
    optional = Deliverable.objects.get(stage__project=project, key="terminology")
    mark_not_applicable(actor=lead, deliverable=optional, reason="All know the words")
    write(lead, optional, "AUC: area under the curve", 0)
    optional.refresh_from_db()
    assert optional.not_applicable == ""


@pytest.mark.parametrize("as_file", [False, True])
def test_the_former_text_can_be_taken_over_after_going_back(
    project: Project, deliverable: Deliverable, lead: User, as_file: bool
) -> None:
    if as_file:
        former = write_version(
            actor=lead, deliverable=deliverable, file=io_file(b"old"), filename="Old.txt", expected_number=0
        )
    else:
        former = write(lead, deliverable, "Old", 0)
    fresh_stage = begin_iteration(project=project, to_key="business_understanding")
    fresh = fresh_stage.deliverables.get(key=deliverable.key)
    assert fresh.latest_number == 0
    assert former_version(fresh) == former
    taken = take_over(actor=lead, deliverable=fresh)
    assert (taken.number, taken.sha256, taken.filename) == (1, former.sha256, former.filename)
    assert "iteration 1" in taken.note
    with pytest.raises(Refused) as caught:
        write(lead, deliverable, "Into the past", 1)
    assert caught.value.code == "stage_closed"


def io_file(content: bytes) -> Any:
    return ContentFile(content)
