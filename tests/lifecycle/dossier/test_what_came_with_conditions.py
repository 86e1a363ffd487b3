"""Conditions, exceptions, advice, standing in and signatures taken back: told in the dossier, and proved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from foundation.people.models import User
from lifecycle.dossier.rounds import record_of
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member
from lifecycle.projects.services.delegating import delegate
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, Round
from lifecycle.signoff.services import decide, withdraw_decision
from lifecycle.signoff.services.condition_deeds import claim_condition, verify_condition
from lifecycle.signoff.services.waivers import grant_waiver
from tests.conftest import PASSWORD
from tests.lifecycle.dossier.conftest import Dossier, Unpack, complete, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def rich(project: Project, lead: User, sponsor: User, contributor: User, make_person: Any) -> Project:
    """The first stage approved on a condition by somebody who stood in; the condition met; an exception signed."""
    cover = make_person("Bea Cover")
    add_member(actor=lead, project=project, user=cover, role=Role.VIEWER)
    second = make_person("Tia Sponsor")
    add_member(actor=lead, project=project, user=second, role=Role.SPONSOR)
    today = timezone.localdate()
    delegate(
        actor=sponsor, from_person=sponsor, to_person=cover, starts_on=today, ends_on=today + timedelta(days=5),
        reason="On leave.",
    )  # fmt: skip
    grant_waiver(
        actor=sponsor, project=project, what="self_approval", person=second, starts_on=today,
        ends_on=today + timedelta(days=30), reason="Nobody else knows it.", password=PASSWORD,
    )  # fmt: skip
    stage = project.stages.get(order=1)
    complete(stage, contributor)
    review = submit(stage, lead)
    decide(
        actor=cover, round_id=review.pk, verdict="approve_with_conditions", reason="", password=PASSWORD,
        digest=review.digest, on_behalf_of=sponsor.pk,
        conditions=[
            {"text": "Price the risks", "severity": "major", "owner_id": lead.pk, "verifier_id": cover.pk,
             "due_on": today + timedelta(days=7)},
        ],
    )  # fmt: skip
    condition = Condition.objects.get()
    claim_condition(actor=lead, condition_id=condition.pk, note="Priced.")
    condition.refresh_from_db()
    verify_condition(actor=cover, condition_id=condition.pk, password=PASSWORD, digest=digest_of_condition(condition))
    return project


def test_all_of_it_is_told_and_holds(rich: Project, unpack: Unpack) -> None:
    dossier = unpack(rich)
    found = dossier.verify()
    assert found.returncode == 0, [line for line in found.stdout.splitlines() if "FAIL" in line]
    for table in ("conditions", "condition-events", "exceptions", "delegations"):
        assert dossier.table(table)["rows"], table
    assert {row["record_kind"] for row in dossier.table("signatures")["rows"]} == {"round", "condition", "waiver"}
    assert dossier.table("conditions")["rows"][0]["content"]["text"] == "Price the risks"


@pytest.mark.parametrize(("table", "column"), [("conditions", "text"), ("exceptions", "reason")])
def test_other_terms_than_were_signed_are_named(table: str, column: str, rich: Project, unpack: Unpack) -> None:
    dossier = unpack(rich)
    content = dossier.table(table)
    content["rows"][0]["content"][column] = "Something else"
    dossier.forge(table, content)
    assert _fails(dossier, f"{content['record']} {content['rows'][0]['id']}: ")


def test_a_signature_that_was_taken_back_is_told_as_such(rich: Project, unpack: Unpack) -> None:
    review = Round.objects.get()
    decision = review.decisions.get()
    withdraw_decision(actor=decision.decider, decision_id=decision.pk, reason="A mistake.", password=PASSWORD)
    review.refresh_from_db()
    record = record_of(review)
    assert record["decisions"][0]["stands"] is False
    dossier = unpack(rich)
    assert dossier.verify().returncode == 0
    assert "withdrawn" in {row["meaning"] for row in dossier.table("signatures")["rows"]}


def test_the_record_of_a_round_names_its_conditions_and_who_stood_in(rich: Project) -> None:
    record = record_of(Round.objects.get())
    (condition,) = record["conditions"]
    assert (condition["text"], condition["state_in_words"], condition["verifier"]) == (
        "Price the risks", "met", "Bea Cover",
    )  # fmt: skip
    assert record["decisions"][0]["on_behalf_of"] == "Sam Sponsor"


def _fails(dossier: Dossier, named: str) -> bool:
    found = dossier.verify()
    return found.returncode == 1 and any(line.startswith(f"FAIL  {named}") for line in found.stdout.splitlines())
