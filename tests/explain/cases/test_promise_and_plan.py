"""A case goes forward, is approved, and is held against what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from explain.cases.models import CaseVersion, Promise
from explain.cases.selectors import compared
from explain.cases.services import put_forward, take_over, write_case
from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.digest import digest_of, digest_of_text
from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine
from lifecycle.projects.models import Deliverable, DeliverableVersion, Project
from lifecycle.signoff.models import Round
from tests.explain.cases.conftest import Approve


def test_the_four_parts_become_versions_of_the_deliverables_they_stand_for(case: CaseVersion, lead: User) -> None:
    put_forward(actor=lead, project=case.project, number=1)
    keys = {"feasibility_study", "project_plan", "stakeholder_map", "costs_and_benefits"}
    versions = DeliverableVersion.objects.filter(deliverable__stage__project=case.project)
    assert {version.deliverable.key for version in versions} == keys
    for version in versions:
        assert version.sha256 == digest_of_text(version.text) == version.deliverable.latest_hash
        assert case.content_hash[:16] in version.text
    worth = versions.get(deliverable__key="costs_and_benefits").text
    assert "Minutes saved" in worth
    assert "Net present value" in worth


def test_putting_the_same_version_forward_again_changes_nothing(case: CaseVersion, lead: User) -> None:
    put_forward(actor=lead, project=case.project, number=1)
    entries = Entry.objects.count()
    put_forward(actor=lead, project=case.project, number=1)
    assert Entry.objects.count() == entries
    assert DeliverableVersion.objects.count() == 4


def test_a_case_with_a_part_missing_does_not_go_forward(project: Project, lead: User, parts: dict[str, Any]) -> None:
    del parts["stakeholder_map"]
    write_case(actor=lead, project=project, parts=parts, expected_number=0)
    with pytest.raises(Refused, match="Stakeholder map") as caught:
        put_forward(actor=lead, project=project, number=1)
    assert caught.value.code == "part_missing"
    assert not DeliverableVersion.objects.exists()


def test_the_deciders_see_the_version_that_was_put_forward(
    case: CaseVersion, lead: User, parts: dict[str, Any], submitted: Approve
) -> None:
    put_forward(actor=lead, project=case.project, number=1)
    parts["cost_benefit"]["costs"][0]["amount"] = "400"
    write_case(actor=lead, project=case.project, parts=parts, expected_number=1)
    (item,) = [item for item in submitted().manifest["items"] if item["kind"] == "business_case"]
    assert (item["facts"]["version"], item["hash"]) == (1, case.content_hash)
    assert item["facts"]["author_ids"] == [lead.pk]


def test_no_case_is_put_before_later_stages_or_where_none_went_forward(case: CaseVersion, submitted: Approve) -> None:
    assert not [item for item in submitted().manifest["items"] if item["kind"] == "business_case"]


def test_the_promise_is_frozen_with_the_decision(promise: Promise, sponsor: User) -> None:
    review = promise.round
    assert review.state == Round.State.APPROVED
    assert promise.round_digest == review.digest
    assert promise.content_hash == digest_of(promise.content)
    assert [(each["name"], each["role"]) for each in promise.content["approved_by"]] == [(sponsor.name, "sponsor")]
    # 10 months x 100 cases x 2 minutes x 0.50, less 2 x 300.
    assert promise.content["figures"]["cash_flow"]["npv"] == "400.00"
    assert promise.content["months"][2] == {"cost": "0.00", "benefit": "100.00", "cumulative": "-500.00"}
    assert Entry.objects.get(verb="freeze_promise").after["round"] == review.number


def test_a_refusal_promises_nothing(case: CaseVersion, lead: User, sponsor: User, submitted: Approve) -> None:
    from lifecycle.signoff.services import decide
    from tests.conftest import PASSWORD

    put_forward(actor=lead, project=case.project, number=1)
    review = submitted()
    decide(actor=sponsor, round_id=review.pk, verdict="reject", reason="No.", password=PASSWORD, digest=review.digest)
    assert not Promise.objects.exists()


def test_a_later_case_leaves_promise_and_approval_as_they_are(
    promise: Promise, lead: User, parts: dict[str, Any]
) -> None:
    parts["cost_benefit"]["costs"][0]["amount"] = "999"
    write_case(actor=lead, project=promise.project, parts=parts, expected_number=1)
    assert Promise.objects.get().content == promise.content
    assert Round.objects.get(pk=promise.round_id).state == Round.State.APPROVED


@pytest.mark.parametrize("model", [Promise, CaseVersion])
def test_promise_and_version_cannot_be_changed_or_deleted(promise: Promise, model: Any) -> None:
    field = "content"
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**{field: {}})
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all()._raw_delete("default")


def test_the_promise_becomes_the_plan_once_and_to_the_cent(promise: Promise, lead: User) -> None:
    take_over(actor=lead, project=promise.project)
    lines = CashLine.objects.filter(project=promise.project)
    assert sorted((line.side, line.month.isoformat(), line.until.isoformat(), line.amount) for line in lines) == [
        ("benefit", "2026-03-01", "2026-12-01", Decimal(100)),
        ("cost", "2026-01-01", "2026-02-01", Decimal(300)),
    ]
    assert all("(business case, version 1)" in line.note for line in lines)
    with pytest.raises(Refused, match="in the plan already") as caught:
        take_over(actor=lead, project=promise.project)
    assert caught.value.code == "already_taken_over"
    assert lines.count() == 2


def test_without_an_approved_case_there_is_nothing_to_take_over(case: CaseVersion, lead: User) -> None:
    with pytest.raises(Refused) as caught:
        take_over(actor=lead, project=case.project)
    assert caught.value.code == "nothing_promised"


def test_the_promise_is_held_against_plan_and_reality(promise: Promise, lead: User) -> None:
    take_over(actor=lead, project=promise.project)
    found = compared(promise)
    assert [(row.label, row.promised, row.planned) for row in found.whole] == [
        ("Costs", 600, 600), ("Benefits", 1000, 1000), ("Net benefit", 400, 400),
    ]  # fmt: skip
    assert found.promised == found.planned
    assert found.to_date == []  # no report yet, so nothing is known
    assert found.kpis[0].measured is None


def test_deliverables_that_nothing_marks_are_left_alone(case: CaseVersion, lead: User) -> None:
    put_forward(actor=lead, project=case.project, number=1)
    assert Deliverable.objects.get(stage__project=case.project, key="background").latest_number == 0
