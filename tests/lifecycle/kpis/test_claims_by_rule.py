"""What share a claim asks for: agreed, in equal parts, by segments, by Shapley values; and terms that make no sense."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.services import (
    propose_claim,
)
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_database")]
HALF = Decimal("0.5")
JANUARY = date(2026, 1, 1)


def test_shapley_shares_come_from_what_each_brings_alone_and_together(
    kpi: Kpi, other: Project, other_lead: User
) -> None:
    worth = {
        frozenset({kpi.project.key}): Decimal(60),
        frozenset({"routing"}): Decimal(50),
        frozenset({kpi.project.key, "routing"}): Decimal(90),
    }
    claim = propose_claim(
        actor=other_lead, kpi=kpi, project=other, rule="shapley", coalitions=worth, from_month=JANUARY
    )
    assert claim.share == Decimal("0.44444")  # 40 of 90
    assert claim.basis["values"]["routing"] == "50"
    del worth[frozenset({"routing"})]
    with pytest.raises(Refused) as refusal:
        propose_claim(actor=other_lead, kpi=kpi, project=other, rule="shapley", coalitions=worth, from_month=JANUARY)
    assert refusal.value.code == "coalitions_invalid"
    assert "The value of routing is missing." in refusal.value.message


def test_equal_parts_are_worked_out_from_who_claims(kpi: Kpi, other: Project, other_lead: User) -> None:
    claim = propose_claim(actor=other_lead, kpi=kpi, project=other, rule="equal", from_month=JANUARY)
    assert claim.share == HALF


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"share": 0.5}, "share_is_float"),
        ({"share": Decimal("1.01")}, "share_invalid"),
        ({"share": Decimal("NaN")}, "share_invalid"),
        ({"share": Decimal("0.000001")}, "share_invalid"),
        ({"share": None}, "share_invalid"),
        ({"share": HALF, "until": date(2025, 12, 1)}, "months_backward"),
        ({"share": HALF, "rule": "by luck"}, "rule_unknown"),
        ({"rule": "shapley"}, "coalitions_invalid"),
    ],
)
def test_bad_terms_are_refused_and_nothing_is_written(kpi: Kpi, lead: User, terms: dict[str, Any], code: str) -> None:
    count = KpiClaim.objects.count()
    with pytest.raises(Refused) as refusal:
        propose_claim(actor=lead, kpi=kpi, project=kpi.project, **{"from_month": JANUARY, **terms})
    assert refusal.value.code == code
    assert KpiClaim.objects.count() == count


def _cases(**counts: str) -> dict[frozenset[str], Decimal]:
    return {frozenset({key}): Decimal(count) for key, count in counts.items()}


def test_the_share_of_a_segment_is_its_part_of_the_cases(kpi: Kpi, other: Project, other_lead: User) -> None:
    cases = {frozenset({kpi.project.key}): Decimal(600), frozenset({"routing"}): Decimal(400)}
    claim = propose_claim(
        actor=other_lead, kpi=kpi, project=other, rule="segments", coalitions=cases, from_month=JANUARY
    )
    assert claim.share == Decimal("0.4")
    assert "routing: 400" in claim.basis_words
    agreed = propose_claim(
        actor=other_lead, kpi=kpi, project=other, rule="segments", share=Decimal("0.3"), from_month=JANUARY
    )
    assert (agreed.share, agreed.basis, agreed.basis_words) == (Decimal("0.3"), {}, "")


@pytest.mark.parametrize(
    ("cases", "code", "said"),
    [
        (None, "share_invalid", "how many cases each project's segment has"),
        (_cases(triage="5"), "coalitions_invalid", "No line names routing."),
        (_cases(routing="-1"), "coalitions_invalid", "Cases are not below zero."),
        (_cases(routing="0"), "coalitions_invalid", "No segment has cases"),
        ({frozenset({"routing", "triage"}): Decimal(5)}, "coalitions_invalid", "A segment belongs to one project."),
    ],
)
def test_cases_that_give_no_share_are_refused(
    kpi: Kpi, other: Project, other_lead: User, cases: Any, code: str, said: str
) -> None:
    with pytest.raises(Refused) as refusal:
        propose_claim(actor=other_lead, kpi=kpi, project=other, rule="segments", coalitions=cases, from_month=JANUARY)
    assert (refusal.value.code, said in refusal.value.message) == (code, True), refusal.value.message
