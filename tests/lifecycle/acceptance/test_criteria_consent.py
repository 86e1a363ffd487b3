"""After the first stage, criteria change only with the consent of a sponsor who did not write the change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.acceptance.models import Criterion, CriterionChange
from lifecycle.acceptance.selectors import waiting_for
from lifecycle.acceptance.services import (
    consent_to_change,
    propose_change,
    propose_withdrawal,
    refuse_change,
    set_criterion,
    take_back_change,
    withdraw_criterion,
)
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.services import add_member
from tests.lifecycle.acceptance.conftest import agree_on
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(project: Project, lead: User) -> Project:
    """One criterion, and the first stage approved."""
    set_criterion(actor=lead, project=project, measure="Wait", threshold="9", baseline="11")
    Stage.objects.filter(project=project, order=1).update(state="approved")
    return project


def propose(actor: User, project: Project, **changes: Any) -> CriterionChange:
    given: dict[str, Any] = {"measure": "Wait", "threshold": "8", "key": "wait", "reason": "Winter is over.", **changes}
    return propose_change(actor=actor, project=project, **given)


def in_force(project: Project) -> list[tuple[str, str, int]]:
    rows = Criterion.objects.filter(project=project, is_current=True, withdrawn=False).order_by("pk")
    return [(row.key, row.threshold, row.version) for row in rows]


def test_the_former_version_counts_until_the_consent(agreed: Project, lead: User, sponsor: User) -> None:
    change = propose(lead, agreed)
    assert in_force(agreed) == [("wait", "9", 1)]
    assert consent_to_change(actor=sponsor, change_id=change.pk).state == "consented"
    assert in_force(agreed) == [("wait", "8", 2)]
    change.refresh_from_db()
    assert change.made is not None
    assert (change.decided_by, change.made.author) == (sponsor, lead)
    with refused("change_answered"):
        consent_to_change(actor=sponsor, change_id=change.pk)


def test_nobody_sets_criteria_directly_any_more(agreed: Project, lead: User, sponsor: User) -> None:
    for person in (lead, sponsor):
        with refused("consent_needed"):
            set_criterion(actor=person, project=agreed, measure="Wait", threshold="7", key="wait")
        with refused("consent_needed"):
            withdraw_criterion(actor=person, project=agreed, key="wait", reason="x")


def test_before_the_first_stage_is_approved_nothing_is_proposed(project: Project, lead: User) -> None:
    with refused("no_consent_needed"):
        propose(lead, project, key="")


def test_a_refusal_needs_a_reason_and_tells_the_author(agreed: Project, lead: User, sponsor: User) -> None:
    change = propose(lead, agreed)
    with refused("empty"):
        refuse_change(actor=sponsor, change_id=change.pk, reason=" ")
    assert refuse_change(actor=sponsor, change_id=change.pk, reason="Too hard.").state == "refused"
    assert in_force(agreed) == [("wait", "9", 1)]
    assert Notice.objects.filter(user=lead, body__contains="Too hard.").exists()


@pytest.mark.parametrize("who", ["lead", "customer", "contributor", "reviewer", "viewer", "manager", "administrator"])
def test_only_a_sponsor_consents(agreed: Project, lead: User, who: str, request: pytest.FixtureRequest) -> None:
    change = propose(lead, agreed)
    for deed in (consent_to_change, lambda **given: refuse_change(reason="x", **given)):
        with refused("not_permitted"):
            deed(actor=request.getfixturevalue(who), change_id=change.pk)


def test_a_sponsor_consents_to_no_words_of_their_own(
    agreed: Project, sponsor: User, lead: User, make_person: Callable[[str], User]
) -> None:
    with refused("no_other_sponsor"):
        propose(sponsor, agreed)
    second = make_person("Sue Sponsor")
    add_member(actor=lead, project=agreed, user=second, role=Role.SPONSOR)
    change = propose(sponsor, agreed)
    with refused("author_cannot_consent"):
        consent_to_change(actor=sponsor, change_id=change.pk)
    assert consent_to_change(actor=second, change_id=change.pk).state == "consented"


def test_a_lead_who_is_also_sponsor_consents_to_no_words_of_their_own(
    agreed: Project, lead: User, administrator: User
) -> None:
    add_member(actor=administrator, project=agreed, user=lead, role=Role.SPONSOR)
    change = propose(lead, agreed)
    with refused("author_cannot_consent"):
        consent_to_change(actor=lead, change_id=change.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        CriterionChange.objects.filter(pk=change.pk).update(state="refused", answer="x", decided_by=lead)


def test_one_change_of_a_criterion_waits_at_a_time(agreed: Project, lead: User) -> None:
    first = propose(lead, agreed)
    with refused("change_waits"):
        propose(lead, agreed, threshold="7")
    take_back_change(actor=lead, change_id=first.pk)
    assert propose(lead, agreed, threshold="7").state == "waiting"


def test_only_the_author_takes_a_change_back(agreed: Project, lead: User, sponsor: User) -> None:
    change = propose(lead, agreed)
    with refused("not_permitted"):
        take_back_change(actor=sponsor, change_id=change.pk)


def test_the_same_words_or_an_old_version_are_no_change(agreed: Project, lead: User) -> None:
    with refused("nothing_changed"):
        propose(lead, agreed, threshold="9", baseline="11")
    with refused("edited_meanwhile"):
        propose(lead, agreed, version=7)
    with refused("empty"):
        propose(lead, agreed, reason="")


def test_new_criteria_and_withdrawals_need_consent_too(agreed: Project, lead: User, sponsor: User) -> None:
    agree_on(lead, sponsor, agreed, measure="Cost", threshold="below 3")
    asked = propose_withdrawal(actor=lead, project=agreed, key="wait", reason="Measured elsewhere.")
    assert len(in_force(agreed)) == 2
    consent_to_change(actor=sponsor, change_id=asked.pk)
    assert in_force(agreed) == [("cost", "below 3", 1)]


def test_it_waits_in_the_sponsors_inbox_only(agreed: Project, lead: User, sponsor: User, customer: User) -> None:
    propose(lead, agreed)
    assert [item.word for item in waiting_for(sponsor)] == ["waits for consent"]
    assert waiting_for(customer) == waiting_for(lead) == []


def test_it_goes_its_way_through_pages(
    agreed: Project, sign_in: Callable[[User], Client], lead: User, sponsor: User
) -> None:
    base = "/projects/triage/acceptance/criteria/"
    team, owner = sign_in(lead), sign_in(sponsor)
    assert "Propose it" in team.get(f"{base}?edit=wait").content.decode()
    team.post(base, {"measure": "Wait", "threshold": "8", "key": "wait", "version": 1, "reason": "<script>alert(1)"})
    text = owner.get(base).content.decode()
    assert "(now 9)" in text
    assert "<script>alert" not in text
    assert 'value="consent"' in text
    assert 'value="consent"' not in team.get(base).content.decode()
    change = CriterionChange.objects.get()
    owner.post(f"{base}changes/{change.pk}/answer/", {"answer": "consent"})
    assert in_force(agreed) == [("wait", "8", 2)]
    team.post(f"{base}wait/withdraw/", {"reason": "Done"})
    owner.post(f"{base}changes/{CriterionChange.objects.latest('pk').pk}/answer/", {"answer": "refuse", "reason": "No"})
    assert in_force(agreed) == [("wait", "8", 2)]


def test_it_goes_its_way_over_rest(agreed: Project, api: Callable[[User], Any], lead: User, sponsor: User) -> None:
    path = "/api/v1/projects/triage/criterion-changes/"
    direct = api(lead).post("/api/v1/projects/triage/criteria/", {"measure": "New", "threshold": "1"})
    assert direct.json()["error"]["code"] == "consent_needed"
    made = api(lead).post(path, {"measure": "Wait", "threshold": "8", "key": "wait", "reason": "Winter is over."})
    assert made.status_code == 201, made.json()
    answer = api(sponsor).post(f"/api/v1/criterion-changes/{made.json()['id']}/answers/", {"answer": "consent"})
    assert (answer.status_code, answer.json()["made_version"]) == (201, 2)
    assert api(lead).get(path).json()["count"] == 1
    gone = api(lead).post(path, {"key": "wait", "withdraw": True, "reason": "Elsewhere."})
    assert gone.json()["kind"] == "withdraw"
