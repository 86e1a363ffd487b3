"""A case is written part by part; bad input is named field by field, and nothing half-written is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from explain.cases.content import PARTS, checked_part
from explain.cases.content.flows import Levers, Terms, asked, levers_of, volumes
from explain.cases.models import CaseVersion
from explain.cases.permits import DROP_SCENARIO, PUT_FORWARD, SAVE_SCENARIO, TAKE_OVER, WRITE, may
from explain.cases.services import save_scenario, write_case
from explain.outcomes.calculators import child
from explain.outcomes.calculators.command import answer
from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.projects.models import Project
from lifecycle.projects.services import stop_project


def test_a_version_holds_its_parts_its_terms_and_its_figures(case: CaseVersion) -> None:
    assert case.missing == []
    assert case.content_hash == digest_of(case.bound)
    assert case.terms == {"currency": "EUR", "rate": "0", "first": "2026-01-01", "last": "2028-12-01"}
    assert case.result["cash_flow"]["npv"] == "400.00"
    assert case.result["uncertainty"]["npv"]["p10"] < case.result["uncertainty"]["npv"]["p90"]


def test_a_part_is_replaced_and_the_others_stay(case: CaseVersion, lead: User, parts: dict[str, Any]) -> None:
    parts["feasibility"]["conclusion"] = "Not yet."
    second = write_case(
        actor=lead, project=case.project, parts={"feasibility": parts["feasibility"]}, expected_number=1
    )
    assert second.number == 2
    assert second.content["cost_benefit"] == case.content["cost_benefit"]
    assert CaseVersion.objects.get(number=1).content["feasibility"]["conclusion"].startswith("Feasible")


def test_figures_are_counted_again_only_where_money_changed(
    case: CaseVersion, lead: User, parts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_is_asked(*_: Any) -> dict[str, Any]:
        raise AssertionError("The calculator was asked.")

    monkeypatch.setattr(child, "_run", none_is_asked)
    parts["feasibility"]["conclusion"] = "Yes."
    assert write_case(actor=lead, project=case.project, parts=parts, expected_number=1).result == case.result


def test_the_same_content_again_makes_no_version(case: CaseVersion, lead: User, parts: dict[str, Any]) -> None:
    entries = Entry.objects.count()
    assert write_case(actor=lead, project=case.project, parts=parts, expected_number=0) == case
    assert Entry.objects.count() == entries


def test_a_version_in_between_is_not_written_over(case: CaseVersion, lead: User, parts: dict[str, Any]) -> None:
    parts["feasibility"]["conclusion"] = "Perhaps."
    with pytest.raises(Refused, match="while you worked on version 0") as caught:
        write_case(actor=lead, project=case.project, parts=parts, expected_number=0)
    assert caught.value.code == "version_conflict"
    assert CaseVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("part", "rows", "field", "value", "word"),
    [
        ("feasibility", "criteria", "rating", 6, "whole number from 1 to 5"),
        ("feasibility", "criteria", "rating", True, "whole number"),
        ("feasibility", "criteria", "area", "luck", "choose one of"),
        ("feasibility", "criteria", "reason", "", "fill this in"),
        ("feasibility", "criteria", "reason", "x" * 1001, "limit is 1000"),
        ("feasibility", "criteria", "reason", "a\x00b", "no text"),
        ("implementation_plan", "milestones", "on", "31.03.2026", "is no day"),
        ("implementation_plan", "milestones", "on", "0026-03-01", "year 26"),
        ("cost_benefit", "costs", "amount", 12.5, "as text"),
        ("cost_benefit", "costs", "amount", "-5", "from 0 up"),
        ("cost_benefit", "costs", "amount", "1e9", "no figure"),
        ("cost_benefit", "costs", "amount", "NaN", "no figure"),
        ("cost_benefit", "costs", "amount", "1" + "0" * 308, "no figure"),
        ("cost_benefit", "costs", "low", "301", "Put the three in order"),
        ("cost_benefit", "costs", "until", "2025-12", "before the first one"),
        ("cost_benefit", "costs", "colour", "red", "no field"),
        ("cost_benefit", "benefits", "kpi", "unknown", "no KPI"),
        ("cost_benefit", "benefits", "share", "120", "100 %"),
        ("cost_benefit", "benefits", "name", "Build", "there twice"),
    ],
)
def test_a_faulty_field_is_named_with_a_reason(
    parts: dict[str, Any], part: str, rows: str, field: str, value: Any, word: str
) -> None:
    parts[part][rows][0][field] = value
    _, faults = checked_part(PARTS[part], parts[part])
    assert any(word in sentence for sentence in faults.values()), faults
    assert all(place.startswith((rows, "costs[")) for place in faults)


@pytest.mark.parametrize(
    "given", [None, [], "x", {"criteria": "x"}, {"criteria": [1]}, {"nothing": 1}, {"criteria": [{}] * 41}]
)
def test_what_is_no_part_is_refused_and_not_a_crash(given: Any) -> None:
    assert checked_part(PARTS["feasibility"], given)[1]


def test_all_faults_come_at_once_and_nothing_is_kept(project: Project, lead: User, parts: dict[str, Any]) -> None:
    parts["feasibility"]["criteria"][0]["rating"] = 9
    parts["stakeholder_map"]["stakeholders"][1]["who"] = ""
    with pytest.raises(Refused) as caught:
        write_case(actor=lead, project=project, parts=parts, expected_number=0)
    assert caught.value.code == "case_unsound"
    assert [line.split(":")[0] for line in caught.value.details] == [
        "feasibility.criteria[0].rating", "stakeholder_map.stakeholders[1].who",
    ]  # fmt: skip
    assert not CaseVersion.objects.exists()


def test_what_begins_after_the_horizon_is_refused(project: Project, lead: User, parts: dict[str, Any]) -> None:
    parts["cost_benefit"]["benefits"][0] |= {"month": "2029-01", "until": ""}
    with pytest.raises(Refused, match="ends in December 2028") as caught:
        write_case(actor=lead, project=project, parts=parts, expected_number=0)
    assert caught.value.code == "after_horizon"


def test_amounts_are_read_as_people_write_them(parts: dict[str, Any]) -> None:
    parts["cost_benefit"]["costs"][0]["amount"] = "1 250,50"
    clean, faults = checked_part(PARTS["cost_benefit"], parts["cost_benefit"])
    assert not faults
    assert clean["costs"][0]["amount"] == "1250.50"


def test_a_benefit_rises_over_its_ramp_and_comes_later_by_the_delay(case: CaseVersion) -> None:
    row = case.content["cost_benefit"]["benefits"][0] | {"ramp": 3}
    terms = Terms.of(case.terms)
    assert [str(x) for x in volumes(row, terms)[1:7]] == ["0", "25.000000", "50.000000", "75.000000", "100", "100"]
    later = volumes(row, terms, Levers(delay=2))
    assert later[2:4] == [0, 0]
    assert later[4] == 25
    assert volumes(row, terms)[12] == 0  # after its last month


def test_levers_act_on_the_plan_and_on_nothing_that_is_stored(case: CaseVersion) -> None:
    def npv(levers: Levers) -> Decimal:
        import json

        request = asked(case.content["cost_benefit"], Terms.of(case.terms), levers)
        found = answer("business-case", json.dumps(request).encode())
        return Decimal(found["cash_flow"]["npv"])

    assert npv(Levers()) == 400
    assert npv(Levers(uplift=Decimal(50))) == npv(Levers(value=Decimal(50))) == npv(Levers(volume=Decimal(50))) == -100
    assert npv(Levers(cost=Decimal(200))) == -200
    assert npv(Levers(delay=4)) == 0  # ends in December all the same: four months of 100 are lost
    assert npv(Levers(rate=Decimal(10))) < 400
    assert CaseVersion.objects.get().content_hash == case.content_hash


def test_levers_survive_the_way_through_an_address() -> None:
    levers = Levers(uplift=Decimal("80.5"), delay=3, rate=Decimal(0))
    assert levers_of(levers.plain()) == levers
    assert Levers().plain() == {}


def test_a_scenario_keeps_levers_and_figures(case: CaseVersion, lead: User) -> None:
    kept = save_scenario(actor=lead, version=case, name=" Half  as good ", levers=Levers(uplift=Decimal(50)))
    assert (kept.name, kept.levers, kept.result["cash_flow"]["npv"]) == ("Half as good", {"uplift": "50"}, "-100.00")
    with pytest.raises(Refused) as caught:
        save_scenario(actor=lead, version=case, name="Half as good", levers=Levers())
    assert caught.value.code == "name_taken"


@pytest.mark.parametrize("move", [WRITE, PUT_FORWARD, SAVE_SCENARIO, DROP_SCENARIO, TAKE_OVER])
def test_only_the_team_writes(move: str, project: Project, request: pytest.FixtureRequest) -> None:
    for who in ("lead", "contributor"):
        assert may(request.getfixturevalue(who), move, project)
    for who in ("sponsor", "customer", "reviewer", "viewer", "manager", "administrator", "outsider"):
        verdict = may(request.getfixturevalue(who), move, project)
        assert not verdict
        assert "Ask" in str(verdict)


def test_nobody_writes_in_a_stopped_project_or_without_access(project: Project, lead: User, sponsor: User) -> None:
    lead.is_active = False
    assert may(lead, WRITE, project).code == "person_inactive"
    lead.is_active = True
    stop_project(actor=sponsor, project=project, reason="Enough.")
    project.refresh_from_db()
    assert may(lead, WRITE, project).code == "project_closed"
