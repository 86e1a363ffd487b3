"""Two at once: one result. Real threads, real connections."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import close_old_connections, connection, connections

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Stage
from lifecycle.projects.services import write_version
from lifecycle.signoff.models import Decision, Round, Signature
from lifecycle.signoff.services import decide, submit_round

PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody


def together(*deeds: Callable[[], Any]) -> list[Any]:
    """Run the deeds at the same moment in threads of their own; results or refusals, in order."""
    gate = threading.Barrier(len(deeds))
    results: list[Any] = [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        close_old_connections()
        try:
            gate.wait(timeout=10)
            results[place] = deed()
        except Refused as refusal:
            results[place] = refusal.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def _answer(person: User, review: Round, verdict: str) -> Callable[[], str]:
    def run() -> str:
        decision = decide(
            actor=person,
            round_id=review.pk,
            verdict=verdict,
            reason="" if verdict == "approve" else "The risks are not priced.",
            password=PASSWORD,
            digest=review.digest,
        )
        return str(decision.verdict)

    return run


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgres:
    """What row locks and the queue at the end of the chain hold."""

    @pytest.mark.parametrize("turn", range(3))
    def test_two_people_deciding_at_once_give_one_result(
        self, turn: int, review: Round, sponsor: User, second_sponsor: User
    ) -> None:
        results = together(_answer(sponsor, review, "approve"), _answer(second_sponsor, review, "reject"))
        assert sorted(results) in (["approve", "round_closed"], ["reject", "round_closed"])
        review.refresh_from_db()
        assert review.state == ("approved" if "approve" in results else "rejected")
        assert (Decision.objects.count(), Signature.objects.count()) == (1, 1)
        assert Entry.objects.filter(verb="decide_round").count() == 1

    def test_two_clicks_of_one_person_give_one_decision(self, review: Round, sponsor: User) -> None:
        results = together(_answer(sponsor, review, "approve"), _answer(sponsor, review, "approve"))
        assert sorted(results) == ["approve", "round_closed"]

    def test_two_submits_at_once_give_one_round(self, first: Stage, lead: User) -> None:
        def submit() -> int:
            return int(submit_round(actor=lead, stage=Stage.objects.get(pk=first.pk), title="May we?").pk)

        results = together(submit, submit)
        assert results[0] == results[1]
        assert Round.objects.count() == 1

    @pytest.mark.parametrize("turn", range(5))
    def test_an_edit_beside_an_approval_is_never_missed(
        self, turn: int, review: Round, first: Stage, sponsor: User, contributor: User
    ) -> None:
        deliverable = first.deliverables.filter(latest_number=1).order_by("order").first()
        assert deliverable is not None

        def edit() -> str:
            write_version(actor=contributor, deliverable=deliverable, expected_number=1, text="Another text.")
            return "edited"

        decided, edited = together(_answer(sponsor, review, "approve"), edit)
        assert edited == "edited"
        review.refresh_from_db()
        if decided == "approve":
            assert review.state == Round.State.STALE
        else:
            assert decided == "evidence_changed"
            assert review.state == Round.State.AWAITING


@pytest.fixture
def to_a_file(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """to_a_file(): other threads work on a copy of the test's database in a file, opened as the real one is.

    The thread of the test keeps its own connection, to the database in memory.
    """
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite; PostgreSQL has its own tests above.")
    settings = connections.settings["default"]
    former = dict(settings)

    def copy() -> None:
        path = tmp_path / "races.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as file:
            connection.connection.backup(file)
        settings["NAME"] = str(path)

    yield copy
    settings.clear()
    settings.update(former)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(2))
def test_two_people_deciding_at_once_give_one_result_on_sqlite(
    turn: int, review: Round, sponsor: User, second_sponsor: User, to_a_file: Callable[[], None]
) -> None:
    to_a_file()
    results = together(_answer(sponsor, review, "approve"), _answer(second_sponsor, review, "reject"))
    assert sorted(results) in (["approve", "round_closed"], ["reject", "round_closed"])

    def count() -> tuple[int, int, int, str]:
        entries = Entry.objects.filter(verb="decide_round").count()
        return Decision.objects.count(), Signature.objects.count(), entries, Round.objects.get(pk=review.pk).state

    state = "approved" if "approve" in results else "rejected"
    assert together(count) == [(1, 1, 1, state)]
