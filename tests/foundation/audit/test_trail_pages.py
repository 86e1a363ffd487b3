"""The trail as a page, and its sentences."""

from __future__ import annotations

import pytest
from django.db import connection

from foundation.audit import triggers
from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.audit.words import past_of, sentence_of
from foundation.people.models import User
from tests.conftest import SignIn


@pytest.mark.parametrize(
    ("verb", "past"),
    [
        ("approve", "approved"), ("submit", "submitted"), ("freeze", "froze"), ("stop", "stopped"), ("add", "added"),
        ("upload", "uploaded"), ("deny", "denied"), ("edit", "edited"), ("withdraw", "withdrew"), ("reject", "rejected"),
        ("record", "recorded"), ("publish", "published"), ("void", "voided"), ("close", "closed"), ("answer", "answered"),
    ],
)  # fmt: skip
def test_deeds_read_in_the_past(verb: str, past: str) -> None:
    assert past_of(verb) == past


def test_an_entry_reads_as_a_sentence() -> None:
    entry = Entry(actor_name="Sam Sponsor", verb="approve", thing_name="Evaluation, round 2")
    assert sentence_of(entry) == "Sam Sponsor approved Evaluation, round 2"


@pytest.mark.django_db
def test_the_page_filters_and_shows_before_and_after(viewer: User, manager: User, sign_in: SignIn) -> None:
    record(actor=viewer, verb="rename", thing=viewer, kind="person", before={"name": "V"}, after={"name": "Vera"})
    record(actor=manager, verb="approve", thing=viewer, kind="person", project_id=3, reason="All is well.")
    client = sign_in(manager)
    everything = client.get("/audit/").content.decode()
    assert "<del>V</del>" in everything
    assert "All is well." in everything
    filtered = client.get("/audit/?verb=approve&person=mia&project=3&since=2020-01-01").content.decode()
    assert "Mia Manager approved" in filtered
    assert "renamed" not in filtered
    assert "No entry fits" in client.get("/audit/?person=nobody").content.decode()


@pytest.mark.django_db
def test_the_chain_is_proven_on_request(viewer: User, manager: User, sign_in: SignIn) -> None:
    for turn in range(3):
        record(actor=viewer, verb="rename", thing=viewer, kind="person", after={"turn": turn})
    client = sign_in(manager)
    assert "All 3 entries follow each other" in client.post("/audit/").content.decode()
    triggers.remove(connection, "foundation_entry")
    Entry.objects.filter(seq=2).update(verb="praise")
    assert "Entry 2 was changed after it was written." in client.post("/audit/").content.decode()


@pytest.mark.django_db
def test_the_whole_trail_is_not_for_everybody(viewer: User, sign_in: SignIn) -> None:
    assert sign_in(viewer).get("/audit/").status_code == 403
