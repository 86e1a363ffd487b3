"""The database itself keeps decisions and signatures."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from foundation.audit import triggers
from foundation.people.models import User
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Decision, Round, Signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(review: Round, sponsor: User, answer: Any) -> Decision:
    """A decision, under the triggers that the migrations made."""
    decision: Decision = answer(sponsor, review)
    return decision


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE lifecycle_decision SET verdict = 'reject', reason = 'x'",
        "UPDATE lifecycle_signature SET printed_name = 'Nobody'",
        "DELETE FROM lifecycle_decision",
        "DELETE FROM lifecycle_signature",
    ],
)
def test_a_decision_and_its_signature_are_neither_changed_nor_deleted(kept: Decision, sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Decision.objects.get().verdict == "approve"
    assert Signature.objects.count() == 1


def test_a_demonstration_goes_with_its_decisions(kept: Decision) -> None:
    Project.objects.update(is_demo=True)
    Decision.objects.all().delete()
    Signature.objects.all().delete()
    assert not Decision.objects.exists()


def test_the_triggers_can_be_taken_away(kept: Decision) -> None:
    for table in ("lifecycle_decision", "lifecycle_signature"):
        triggers.remove_kept(connection, table)
    Decision.objects.update(reason="changed")
    assert Decision.objects.get().reason == "changed"
