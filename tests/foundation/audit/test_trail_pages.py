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


@pytest.mark.parametrize(
    ("verb", "thing", "said"),
    [
        ("publish_postmortem", "PM-2026-0001", "published the post-mortem PM-2026-0001"),
        ("submit_postmortem", "PM-2026-0001", "submitted for review: PM-2026-0001"),
        ("add_factor", "PM-2026-0001", "added a factor to PM-2026-0001"),
        ("remove_impact", "PM-2026-0001", "took an impact out of PM-2026-0001"),
        ("define_kpi", "Waiting time", "defined the KPI Waiting time"),
        ("approval_went_stale", "Data", "noticed that what was approved has changed: Data"),
        ("decide_round", "Data, round 2", "decided on Data, round 2"),
        ("write_version", "Risk log", "wrote a version of Risk log"),
        ("revoke_token", "nightly", "revoked the token nightly"),
    ],
)
def test_a_deed_is_said_as_people_say_it(verb: str, thing: str, said: str) -> None:
    assert sentence_of(Entry(actor_name="Ada", verb=verb, thing_name=thing)) == f"Ada {said}"


@pytest.mark.django_db
def test_the_page_filters_and_shows_before_and_after(viewer: User, manager: User, sign_in: SignIn) -> None:
    record(actor=viewer, verb="rename", thing=viewer, kind="person", before={"name": "V"}, after={"name": "Vera"})
    record(
        actor=manager, verb="start_project", thing=viewer, kind="project", name="Triage", project_id=3,
        after={"key": "triage", "due_on": "2026-08-17"},
    )  # fmt: skip
    record(actor=manager, verb="approve", thing=viewer, kind="person", project_id=3, reason="All is well.")
    client = sign_in(manager)
    everything = client.get("/audit/").content.decode()
    assert "<del>V</del>" in everything
    assert "All is well." in everything
    assert "<ins>17 August 2026</ins>" in everything
    for project in ("triage", "TRIAGE", "Triage"):
        filtered = client.get(f"/audit/?verb=approve&person=mia&project={project}&since=2020-01-01").content.decode()
        assert "Mia Manager approved" in filtered
        assert "<del>V</del>" not in filtered
    assert "No entry fits" in client.get("/audit/?person=nobody").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("project=12", "No project has this key or name. Choose one of the list."),
        ("verb=dance", "No entry has the deed “dance”. Choose one of the list."),
        ("since=yesterday", "This is no day. Write it as 2026-03-31."),
        ("since=2026-05-02&until=2026-05-01", "This day lies before the first one. Change one of the two."),
    ],
)
def test_a_filter_that_cannot_be_read_is_named_and_finds_nothing(
    query: str, sentence: str, viewer: User, manager: User, sign_in: SignIn
) -> None:
    record(actor=viewer, verb="rename", thing=viewer, kind="person")
    page = sign_in(manager).get(f"/audit/?{query}").content.decode()
    assert page.count(sentence) == 1
    assert "Vic Viewer renamed" not in page


@pytest.mark.django_db
def test_scripts_ask_for_a_project_by_key_or_number(viewer: User, manager: User, sign_in: SignIn) -> None:
    record(actor=viewer, verb="start_project", thing=viewer, kind="project", project_id=3, after={"key": "triage"})
    record(actor=viewer, verb="rename", thing=viewer, kind="person")
    client = sign_in(manager)
    for project in ("triage", "3"):
        found = client.get(f"/api/v1/audit/?project={project}").json()
        assert [row["verb"] for row in found["results"]] == ["start_project"]
    refused = client.get("/api/v1/audit/?project=nothing")
    assert (refused.status_code, "No project has the key" in refused.content.decode()) == (400, True)


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
