"""Rules of criteria and of the customer's verdict."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from lifecycle.acceptance.models import Acceptance, Criterion
from lifecycle.acceptance.selectors import waiting_for
from lifecycle.acceptance.services import (
    consent_to_change,
    decide_acceptance,
    judge_criterion,
    offer_acceptance,
    open_acceptance,
    propose_withdrawal,
    set_criterion,
    withdraw_acceptance,
)
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.services import add_member
from lifecycle.signoff.models import Signature
from tests.conftest import PASSWORD
from tests.lifecycle.acceptance.conftest import agree_on
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def decide(actor: User, acceptance: Acceptance, verdict: str = "accepted", **changes: Any) -> Acceptance:
    given: dict[str, Any] = {"password": PASSWORD, "digest": acceptance.digest, **changes}
    return decide_acceptance(actor=actor, acceptance_id=acceptance.pk, verdict=verdict, **given)


# Criteria


def test_an_edit_is_a_new_version_and_the_former_one_stays(project: Project, lead: User, sponsor: User) -> None:
    first = set_criterion(actor=lead, project=project, measure="Waiting time", threshold="below 10 days")
    second = set_criterion(
        actor=sponsor, project=project, key=first.key, measure="Waiting time", threshold="below 9 days", version=1
    )
    assert (first.key, second.version) == ("waiting-time", 2)
    assert list(Criterion.objects.filter(project=project).values_list("version", "is_current")) == [
        (2, True),
        (1, False),
    ]
    with refused("edited_meanwhile"):
        set_criterion(actor=lead, project=project, key=first.key, measure="Waiting", threshold="x", version=1)


def test_saving_the_same_words_again_makes_no_version(project: Project, lead: User) -> None:
    first = set_criterion(actor=lead, project=project, measure="Waiting time", threshold="below 10 days")
    assert (
        set_criterion(actor=lead, project=project, key=first.key, measure="Waiting time ", threshold="below 10 days").pk
        == first.pk
    )
    assert Entry.objects.filter(verb="set_criterion").count() == 1


def test_two_criteria_of_the_same_words_get_keys_of_their_own(project: Project, lead: User) -> None:
    keys = [set_criterion(actor=lead, project=project, measure="Wait", threshold=f"{n}").key for n in range(3)]
    assert keys == ["wait", "wait-2", "wait-3"]


@pytest.mark.parametrize(
    "who", ["customer", "contributor", "reviewer", "viewer", "outsider", "manager", "administrator"]
)
def test_others_set_no_criteria(project: Project, who: str, request: pytest.FixtureRequest) -> None:
    with refused("not_permitted"):
        set_criterion(actor=request.getfixturevalue(who), project=project, measure="Wait", threshold="9")


def test_a_withdrawn_criterion_is_not_accepted_by(ready_project: Project, lead: User, sponsor: User) -> None:
    asked = propose_withdrawal(actor=lead, project=ready_project, key="waiting-time", reason="Measured elsewhere.")
    consent_to_change(actor=sponsor, change_id=asked.pk)
    acceptance = open_acceptance(actor=lead, project=ready_project)
    assert [result.criterion.key for result in acceptance.results.all()] == ["missed-tumours"]


def test_a_changed_criterion_is_judged_again(judged: Acceptance, sponsor: User, lead: User) -> None:
    agree_on(lead, sponsor, judged.project, key="waiting-time", measure="Waiting time", threshold="below 8 days")
    with refused("not_judged"):
        offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use="Order of samples.")


def test_criteria_stay_while_the_customer_reads_them(offered: Acceptance, lead: User, sponsor: User) -> None:
    with refused("acceptance_offered"):
        agree_on(lead, sponsor, offered.project, measure="New", threshold="x")


# Preparing


def test_nothing_is_accepted_without_criteria_or_before_the_last_stage(project: Project, lead: User) -> None:
    with refused("stage_too_early"):
        open_acceptance(actor=lead, project=project)
    Stage.objects.filter(project=project).exclude(order=6).update(state="approved")
    Stage.objects.filter(project=project, order=6).update(state="open")
    with refused("no_criteria"):
        open_acceptance(actor=lead, project=project)


def test_one_acceptance_is_open_at_a_time(opened: Acceptance, lead: User) -> None:
    with refused("acceptance_open"):
        open_acceptance(actor=lead, project=opened.project)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"verdict": "waived"}, "reason_missing"),
        ({"verdict": "met"}, "observed_missing"),
        ({"verdict": ""}, "verdict_unknown"),
        ({"verdict": "met", "observed": "x" * 301}, "observed_too_long"),
    ],
)
def test_an_incomplete_judgement_is_refused(
    opened: Acceptance, contributor: User, given: dict[str, str], code: str
) -> None:
    result = opened.results.first()
    assert result is not None
    with refused(code):
        judge_criterion(actor=contributor, result_id=result.pk, **given)


@pytest.mark.parametrize("who", ["sponsor", "viewer", "outsider", "administrator"])
def test_others_judge_nothing(opened: Acceptance, who: str, request: pytest.FixtureRequest) -> None:
    result = opened.results.first()
    assert result is not None
    with refused("not_permitted"):
        judge_criterion(actor=request.getfixturevalue(who), result_id=result.pk, verdict="met", observed="1")


def test_an_offer_freezes_everything_under_one_fingerprint(offered: Acceptance, contributor: User) -> None:
    assert offered.digest == digest_of(offered.manifest)
    assert offered.manifest["approved_use"] == "Order of samples."
    assert [row["verdict"] for row in offered.manifest["criteria"]] == ["met", "met"]
    result = offered.results.first()
    assert result is not None
    with refused("wrong_state"):
        judge_criterion(actor=contributor, result_id=result.pk, verdict="not_met", observed="12")


def test_an_offer_needs_an_approved_use_and_a_customer(
    judged: Acceptance, lead: User, customer: User, contributor: User
) -> None:
    with refused("approved_use_missing"):
        offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use=" ")
    with refused("not_permitted"):
        offer_acceptance(actor=contributor, acceptance_id=judged.pk, approved_use="x")
    customer.memberships.update(left_at=timezone.now())
    with refused("no_customer"):
        offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use="x")


# Deciding


def test_the_customer_signs_and_the_project_is_in_use(offered: Acceptance, customer: User) -> None:
    decided = decide(customer, offered, comment="Good work.")
    assert (decided.state, decided.project.state) == ("accepted", "in_use")
    signature = decided.signature
    assert signature is not None
    assert (signature.content_hash, signature.meaning, signature.role) == (offered.digest, "accepted", "customer")
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.verb, entry.thing_kind, entry.after["state"]) == ("decide_acceptance", "acceptance", "accepted")


@pytest.mark.parametrize(
    "who", ["lead", "sponsor", "contributor", "reviewer", "viewer", "outsider", "manager", "administrator"]
)
def test_nobody_else_signs_for_the_customer(offered: Acceptance, who: str, request: pytest.FixtureRequest) -> None:
    with refused("not_permitted"):
        decide(request.getfixturevalue(who), offered)
    assert not Signature.objects.exists()


def test_a_lead_who_is_also_a_customer_does_not_sign(
    offered: Acceptance, lead: User, customer: User, administrator: User
) -> None:
    add_member(actor=administrator, project=offered.project, user=lead, role=Role.CUSTOMER)
    with refused("lead_cannot_decide"):
        decide(lead, offered)
    add_member(actor=lead, project=offered.project, user=customer, role=Role.LEAD)
    with refused("lead_cannot_decide"):
        decide(customer, offered)


def test_who_offered_it_does_not_accept_it_even_when_no_longer_lead(
    offered: Acceptance, lead: User, administrator: User
) -> None:
    add_member(actor=administrator, project=offered.project, user=lead, role=Role.CUSTOMER)
    lead.memberships.filter(role=Role.LEAD).update(left_at=timezone.now())
    with refused("offerer_cannot_decide"):
        decide(lead, offered)


def test_a_wrong_password_signs_nothing(offered: Acceptance, customer: User) -> None:
    with refused("password_wrong"):
        decide(customer, offered, password="guess")
    assert Acceptance.objects.get(pk=offered.pk).state == "offered"
    assert not Signature.objects.exists()


def test_a_verdict_on_another_text_is_refused(offered: Acceptance, customer: User) -> None:
    with refused("digest_mismatch"):
        decide(customer, offered, digest="0" * 64)
    Acceptance.objects.filter(pk=offered.pk).update(manifest={"changed": True})
    with refused("digest_mismatch"):
        decide(customer, offered)


def test_it_is_decided_once(offered: Acceptance, customer: User) -> None:
    decide(customer, offered)
    with refused("wrong_state"):
        decide(customer, offered, "rejected", comment="No.")
    assert Signature.objects.count() == 1


def test_a_rejection_needs_words_and_suggests_a_postmortem(offered: Acceptance, customer: User, lead: User) -> None:
    with refused("comment_missing"):
        decide(customer, offered, "rejected")
    decided = decide(customer, offered, "rejected", comment="Too slow.")
    assert (decided.state, decided.project.state) == ("rejected", "active")
    notice = Notice.objects.filter(user=lead).first()
    assert notice is not None
    assert "post-mortems/new/?kind=acceptance_refused" in notice.body


def test_accepting_what_is_not_met_needs_words(
    judged: Acceptance, contributor: User, lead: User, customer: User
) -> None:
    result = judged.results.first()
    assert result is not None
    judge_criterion(actor=contributor, result_id=result.pk, verdict="not_met", observed="12 days")
    offer = offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use="x")
    with refused("comment_missing"):
        decide(customer, offer)
    assert decide(customer, offer, comment="Winter was hard.").state == "accepted"


@pytest.mark.parametrize(
    "conditions",
    [
        [],
        [{"text": " ", "due_on": date(2100, 1, 1)}],
        [{"text": "Runbook", "due_on": date(2020, 1, 1)}],
        [{"text": "x" * 501, "due_on": date(2100, 1, 1)}],
    ],
)
def test_conditions_need_a_text_and_a_day_to_come(
    offered: Acceptance, customer: User, conditions: list[dict[str, Any]]
) -> None:
    with refused("condition_invalid"):
        decide(customer, offered, "accepted_with_conditions", conditions=conditions)


def test_conditions_are_kept_and_stand_in_the_signature(offered: Acceptance, customer: User) -> None:
    day = timezone.localdate() + timedelta(days=14)
    decided = decide(
        customer,
        offered,
        "accepted_with_conditions",
        conditions=[{"text": "Runbook at the ward", "due_on": day, "owner": "project lead"}],
    )
    assert decided.project.state == "in_use"
    row = decided.conditions.get()
    assert (row.text, row.owner_name, row.due_on, row.state) == ("Runbook at the ward", "project lead", day, "open")
    assert decided.signature is not None
    assert "Runbook at the ward" in decided.signature.comment
    with refused("condition_invalid"):
        decide(customer, offered, "accepted", conditions=[{"text": "x", "due_on": day}])


def test_it_can_be_taken_back_until_it_is_decided(offered: Acceptance, lead: User, customer: User) -> None:
    with refused("reason_missing"):
        withdraw_acceptance(actor=lead, acceptance_id=offered.pk, reason="")
    assert withdraw_acceptance(actor=lead, acceptance_id=offered.pk, reason="A fault was found.").state == "withdrawn"
    with refused("wrong_state"):
        decide(customer, offered)
    assert open_acceptance(actor=lead, project=offered.project).number == 2


def test_a_verdict_without_signature_is_refused_by_the_database(offered: Acceptance) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Acceptance.objects.filter(pk=offered.pk).update(state="accepted")


def test_an_offer_waits_for_the_customer_and_a_preparation_for_the_lead(
    judged: Acceptance, lead: User, customer: User, outsider: User, django_assert_num_queries: Any
) -> None:
    assert [item.group for item in waiting_for(lead)] == ["tasks"]
    assert waiting_for(customer) == waiting_for(outsider) == []
    offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use="x")
    assert waiting_for(lead) == []
    with django_assert_num_queries(1):
        assert [item.group for item in waiting_for(customer)] == ["decisions"]
