"""The trail: chained, proven, and closed to change."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from foundation.audit import triggers
from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.audit.verify import verify_chain
from foundation.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries(lead: User) -> list[Entry]:
    return [record(actor=lead, verb="rename", thing=lead, kind="person", after={"turn": turn}) for turn in range(5)]


def _vandalise(sql: str) -> None:
    """What somebody with the database's password could do: triggers off, then a change."""
    triggers.remove(connection, "foundation_entry")
    with connection.cursor() as cursor:
        cursor.execute(sql)
    triggers.install(connection, "foundation_entry")


def test_an_untouched_trail_holds(entries: list[Entry]) -> None:
    finding = verify_chain()
    assert finding.holds
    assert (finding.count, finding.head) == (5, entries[-1].hash)


@pytest.mark.parametrize(
    ("deed", "sql"),
    [
        ("edits", "UPDATE foundation_entry SET actor_name = 'Nobody' WHERE seq = 3"),
        ("deletes", "DELETE FROM foundation_entry WHERE seq = 3"),
        ("reorders", "UPDATE foundation_entry SET seq = 9 WHERE seq = 3"),
        (
            "swaps",
            "UPDATE foundation_entry SET after = (SELECT after FROM foundation_entry e WHERE e.seq = 2) WHERE seq = 3",
        ),
    ],
)
def test_a_vandal_is_found(entries: list[Entry], deed: str, sql: str) -> None:
    _vandalise(sql)
    finding = verify_chain()
    assert not finding.holds
    assert finding.broken_at in (3, 4)


def test_a_cut_tail_is_found_against_an_anchor(entries: list[Entry]) -> None:
    _vandalise("DELETE FROM foundation_entry WHERE seq > 3")
    assert verify_chain().holds
    finding = verify_chain((5, entries[-1].hash))
    assert "tail was cut" in finding.problem


@pytest.mark.parametrize("sql", ["UPDATE foundation_entry SET reason = 'x'", "DELETE FROM foundation_entry"])
def test_the_database_refuses_changes(entries: list[Entry], sql: str) -> None:
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Entry.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_an_entry_needs_the_transaction_of_its_deed(lead: User) -> None:
    with pytest.raises(RuntimeError):
        record(actor=lead, verb="rename", thing=lead, kind="person")


def test_the_command_prints_an_anchor_and_fails_on_a_broken_chain(
    entries: list[Entry], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_audit")
    printed = capsys.readouterr().out
    assert f"5:{entries[-1].hash}" in printed
    _vandalise("UPDATE foundation_entry SET verb = 'praise' WHERE seq = 2")
    with pytest.raises(CommandError, match="Entry 2"):
        call_command("verify_audit")
