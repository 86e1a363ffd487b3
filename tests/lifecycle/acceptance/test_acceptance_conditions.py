"""Conditions of an acceptance, its withdrawal, and how signatures stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from explain.register.models import ModelVersion
from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition
from lifecycle.acceptance.selectors import approved_use_of, waiting_for
from lifecycle.acceptance.services import (
    close_condition,
    decide_acceptance,
    judge_criterion,
    offer_acceptance,
    open_acceptance,
    send_condition_back,
    verify_condition,
    withdraw_verdict,
)
from lifecycle.projects.models import Deliverable, Project, Role
from lifecycle.projects.services import add_member, write_version
from tests.conftest import PASSWORD
from tests.refusals import refused

pytestmark = pytest.mark.django_db
BASE = "/projects/triage/acceptance/"


@pytest.fixture
def condition(offered: Acceptance, customer: User) -> AcceptanceCondition:
    """Accepted under one condition, which the contributor owns."""
    decide_acceptance(
        actor=customer,
        acceptance_id=offered.pk,
        verdict="accepted_with_conditions",
        password=PASSWORD,
        digest=offered.digest,
        conditions=[
            {"text": "Runbook", "due_on": timezone.localdate() + timedelta(days=5), "owner": "cora contributor"}
        ],
    )
    return AcceptanceCondition.objects.get()


def test_an_owner_is_a_member_by_name_or_address_or_a_name_from_outside(
    condition: AcceptanceCondition, contributor: User
) -> None:
    assert (condition.owner, condition.owner_name) == (contributor, "Cora Contributor")


def test_a_proof_is_given_by_the_owner_and_verified_by_somebody_else(
    condition: AcceptanceCondition, contributor: User, customer: User, lead: User
) -> None:
    with refused("not_permitted"):
        close_condition(actor=customer, condition_id=condition.pk, proof="It hangs at the ward.")
    with refused("empty"):
        close_condition(actor=contributor, condition_id=condition.pk, proof=" ")
    with refused("link_invalid"):
        close_condition(actor=contributor, condition_id=condition.pk, proof="x", link="javascript:alert(1)")
    close_condition(
        actor=contributor, condition_id=condition.pk, proof="It hangs at the ward.", link="https://wiki.example/runbook"
    )
    for person in (contributor, lead):
        with refused("not_permitted"):
            verify_condition(actor=person, condition_id=condition.pk)
    assert verify_condition(actor=customer, condition_id=condition.pk).verified_by == customer
    with refused("wrong_state"):
        verify_condition(actor=customer, condition_id=condition.pk)


def test_neither_owner_nor_who_gave_the_proof_verifies_it(
    condition: AcceptanceCondition, contributor: User, lead: User, administrator: User
) -> None:
    for person in (contributor, lead):
        add_member(actor=administrator, project=condition.acceptance.project, user=person, role=Role.CUSTOMER)
    close_condition(actor=lead, condition_id=condition.pk, proof="Done.")
    for person in (contributor, lead):
        with refused("owner_cannot_verify"):
            verify_condition(actor=person, condition_id=condition.pk)
    for person in (contributor, lead):
        with pytest.raises(IntegrityError), transaction.atomic():
            AcceptanceCondition.objects.update(state="verified", verified_by=person)


def test_a_proof_that_is_not_enough_goes_back(
    condition: AcceptanceCondition, contributor: User, customer: User
) -> None:
    close_condition(actor=contributor, condition_id=condition.pk, proof="Soon.")
    with refused("empty"):
        send_condition_back(actor=customer, condition_id=condition.pk, reason="")
    back = send_condition_back(actor=customer, condition_id=condition.pk, reason="Show it.")
    assert (back.state, back.sent_back) == ("open", "Show it.")
    assert [item.word for item in waiting_for(contributor)] == ["open"]


def test_conditions_wait_in_inboxes_and_an_overdue_one_says_so(
    condition: AcceptanceCondition, contributor: User, customer: User, sign_in: Callable[[User], Client]
) -> None:
    assert [item.word for item in waiting_for(contributor)] == ["open"]
    with time_machine.travel(timezone.now() + timedelta(days=6), tick=False):
        assert [item.word for item in waiting_for(contributor)] == ["overdue"]
        assert "overdue" in sign_in(customer).get(BASE).content.decode()
    close_condition(actor=contributor, condition_id=condition.pk, proof="Done.")
    assert waiting_for(contributor) == []
    assert [item.word for item in waiting_for(customer)] == ["proof given"]


def test_conditions_go_their_way_through_pages_and_rest(
    condition: AcceptanceCondition,
    contributor: User,
    customer: User,
    sign_in: Callable[[User], Client],
    api: Callable[[User], Any],
) -> None:
    one = f"{BASE}1/conditions/1/"
    sign_in(contributor).post(f"{one}close/", {"proof": "<script>alert(1)</script>", "link": "/projects/triage/"})
    text = sign_in(customer).get(BASE).content.decode()
    assert "<script>alert" not in text
    sign_in(customer).post(f"{one}verify/", {"answer": "more", "reason": "Show it."})
    rest = f"/api/v1/acceptances/{condition.acceptance_id}/conditions/1/"
    assert api(contributor).post(f"{rest}proofs/", {"proof": "Here."}).json()["state"] == "closed"
    verified = api(customer).post(f"{rest}verifications/", {"enough": True})
    assert (verified.status_code, verified.json()["verified_by"]) == (201, customer.name)
    assert "all verified" in sign_in(contributor).get(BASE).content.decode()


def test_who_signed_takes_the_verdict_back_by_a_new_signature(
    condition: AcceptanceCondition, customer: User, lead: User, administrator: User, make_person: Callable[[str], User]
) -> None:
    found = condition.acceptance
    other = make_person("Second Customer")
    add_member(actor=lead, project=found.project, user=other, role=Role.CUSTOMER)
    for person in (lead, other, administrator):
        with refused("not_permitted"):
            withdraw_verdict(actor=person, acceptance_id=found.pk, password=PASSWORD, reason="x")
    with refused("empty"):
        withdraw_verdict(actor=customer, acceptance_id=found.pk, password=PASSWORD, reason=" ")
    with refused("password_wrong"):
        withdraw_verdict(actor=customer, acceptance_id=found.pk, password="guess", reason="x")
    taken = withdraw_verdict(actor=customer, acceptance_id=found.pk, password=PASSWORD, reason="It fails on Mondays.")
    assert (taken.state, taken.project.state) == ("withdrawn", "active")
    assert taken.signature is not None
    assert taken.withdrawal is not None
    assert (taken.withdrawal.meaning, taken.withdrawal.signer) == ("withdrawn", customer)
    assert approved_use_of(found.project) is None
    with refused("wrong_state"):
        close_condition(actor=lead, condition_id=condition.pk, proof="Done.")
    with refused("wrong_state"):
        withdraw_verdict(actor=customer, acceptance_id=found.pk, password=PASSWORD, reason="x")
    assert open_acceptance(actor=lead, project=found.project).number == 2


def test_a_signed_verdict_is_withdrawn_only_by_a_signature(condition: AcceptanceCondition) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Acceptance.objects.filter(pk=condition.acceptance_id).update(state="withdrawn")


def test_a_withdrawn_verdict_is_superseded_on_page_and_rest(
    condition: AcceptanceCondition, customer: User, sign_in: Callable[[User], Client], api: Callable[[User], Any]
) -> None:
    client = sign_in(customer)
    assert "Take the verdict back" in client.get(BASE).content.decode()
    client.post(f"{BASE}1/withdraw-verdict/", {"reason": "Wrong.", "password": PASSWORD})
    text = client.get(BASE).content.decode()
    assert "superseded" in text
    assert "Wrong." in text
    row = api(customer).get(f"/api/v1/acceptances/{condition.acceptance_id}/").json()
    assert (row["signature"]["state"], row["withdrawal"]["meaning"]) == ("superseded", "withdrawn")


@pytest.fixture
def written(project: Project, lead: User) -> Deliverable:
    """A report of the lead."""
    found = Deliverable.objects.filter(stage__project=project, stage__order=1).first()
    assert found is not None
    write_version(actor=lead, deliverable=found, text="First words", expected_number=0)
    found.refresh_from_db()
    return found


def test_evidence_is_chosen_pinned_and_looked_at_again(
    written: Deliverable,
    opened: Acceptance,
    lead: User,
    contributor: User,
    customer: User,
    sign_in: Callable[[User], Client],
    api: Callable[[User], Any],
) -> None:
    key = f"deliverable:{written.pk}"
    shelves = api(contributor).get(f"/api/v1/acceptances/{opened.pk}/evidence/").json()
    assert key in [item["key"] for shelf in shelves for item in shelf["items"]]
    results = list(opened.results.order_by("pk"))
    page = sign_in(contributor).get(f"{BASE}?judge={results[0].pk}").content.decode()
    assert f'value="{key}"' in page
    for result in results:
        sign_in(contributor).post(f"{BASE}1/judge/{result.pk}/", {"observed": "9", "verdict": "met", "pieces": [key]})
    results[0].refresh_from_db()
    assert [piece["hash"] for piece in results[0].pieces] == [written.latest_hash]
    offer = offer_acceptance(actor=lead, acceptance_id=opened.pk, approved_use="Order.")
    decide_acceptance(
        actor=customer, acceptance_id=offer.pk, verdict="accepted", password=PASSWORD, digest=offer.digest
    )
    rest = f"/api/v1/acceptances/{offer.pk}/"
    assert api(customer).get(rest).json()["signature"]["state"] == "valid"
    Deliverable.objects.filter(pk=written.pk).update(latest_hash="f" * 64)
    assert api(customer).get(rest).json()["signature"]["state"] == "record changed since"
    text = sign_in(customer).get(BASE).content.decode()
    assert "record changed since" in text
    assert "changed since" in text


def test_nobody_tests_by_what_they_wrote_and_unknown_pieces_are_refused(
    written: Deliverable, opened: Acceptance, lead: User, contributor: User
) -> None:
    result = opened.results.first()
    assert result is not None
    given: dict[str, Any] = {"result_id": result.pk, "verdict": "met", "observed": "9"}
    with refused("tester_is_author"):
        judge_criterion(actor=lead, pieces=[f"deliverable:{written.pk}"], **given)
    with refused("piece_unknown"):
        judge_criterion(actor=contributor, pieces=["deliverable:999999"], **given)
    judged = judge_criterion(actor=contributor, pieces=[f"deliverable:{written.pk}"] * 2, **given)
    assert len(judged.pieces) == 1


def test_approved_use_and_limits_stand_wherever_the_model_is_listed(
    condition: AcceptanceCondition, customer: User, sign_in: Callable[[User], Client], api: Callable[[User], Any]
) -> None:
    project = condition.acceptance.project
    ModelVersion.objects.create(
        project=project, number=1, name="triage", format="skops", size=1, sha256="a" * 64, uploaded_by=customer
    )
    for path in ("/projects/triage/models/", "/projects/triage/models/1/"):
        text = sign_in(customer).get(path).content.decode()
        assert "Order of samples." in text, path
        assert "Not for children." in text, path
    for path in ("/api/v1/projects/triage/models/", "/api/v1/projects/triage/models/1/"):
        found = api(customer).get(path).json()
        row = found["results"][0] if "results" in found else found
        assert (row["approved_use"], row["limits_of_use"]) == ("Order of samples.", "Not for children.")
