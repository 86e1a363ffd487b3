"""Net present value, all internal rates, payback and return on investment: published figures, oracles, properties."""

import json
import math
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explain.outcomes.compute import finance
from explain.outcomes.compute.cash_flow import MOST_SIGN_CHANGES, cash_flow
from explain.outcomes.compute.plan import planned_and_realised
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.roots import PRECISE, sign_changes

amounts = st.integers(-10_000, 10_000).map(Decimal)
rows = st.lists(amounts, min_size=1, max_size=24)
rates = st.decimals("-0.5", "3", places=4)


def flows(*values: Any) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def roots(*values: Any) -> list[float]:
    return [float(root) for root in finance.internal_rates_of_return(flows(*values))]


def test_npv_as_a_spreadsheet_counts_it_discounts_the_first_flow_too() -> None:
    npv = finance.net_present_value(flows(-10000, 3000, 4200, 6800), Decimal("0.10"), "year", "end_of_period")
    assert float(npv) == pytest.approx(1188.4434123352207, abs=1e-10)
    now = finance.net_present_value(flows(-10000, 3000, 4200, 6800), Decimal("0.10"))
    assert float(now) == pytest.approx(1307.29, abs=0.005)


def test_npv_with_the_first_flow_now_matches_the_published_figure() -> None:
    npv = finance.net_present_value(flows(-40000, 5000, 8000, 12000, 30000), Decimal("0.08"))
    assert float(npv) == pytest.approx(3065.22267, abs=1e-5)


def test_irr_after_five_four_and_two_years_matches_the_published_figures() -> None:
    whole = (-70000, 12000, 15000, 18000, 21000, 26000)
    assert roots(*whole) == pytest.approx([0.0866309480], abs=1e-10)
    assert roots(*whole[:5]) == pytest.approx([-0.021245], abs=1e-6)
    assert roots(*whole[:3]) == pytest.approx([-0.44350694], abs=1e-8)
    assert roots(-100, 39, 59, 55, 20) == pytest.approx([0.28095], abs=1e-5)


def test_every_rate_is_found_or_none() -> None:
    assert roots(100, -230, 132) == pytest.approx([0.10, 0.20])
    assert roots(-1600, 10000, -10000) == pytest.approx([0.25, 4.0])
    assert roots(1, "-3.6", "4.31", "-1.716") == pytest.approx([0.1, 0.2, 0.3])
    assert roots(1, "-2.2", "1.21") == pytest.approx([0.1])  # touches zero without crossing
    assert roots(1, "-3.3", "3.63", "-1.331") == pytest.approx([0.1])
    assert roots(1, "-2.2", "1.2101") == []  # comes close and turns back


@pytest.mark.parametrize("values", [(), (5,), (-5,), (0, 0, 0), (1, 2, 3), (-1, -2), (0, -5, 0)])
def test_flows_of_one_sign_have_no_rate(values: Any) -> None:
    assert roots(*values) == []


def test_zero_tails_change_no_rate() -> None:
    assert roots(0, 0, -100, 0, 121, 0, 0) == pytest.approx([0.10])


def test_a_rate_is_found_far_from_the_ordinary() -> None:
    assert roots(-1, 1000) == pytest.approx([999])
    assert roots(-1000, 1) == pytest.approx([-0.999])
    assert roots(*([-1000] + [0] * 359 + [2000]))[0] == pytest.approx(2 ** (1 / 360) - 1, rel=1e-12)


@settings(max_examples=150, deadline=None)
@given(rows)
def test_all_rates_make_the_flows_worth_nothing(row: Any) -> None:
    found = finance.internal_rates_of_return(row)
    assert len(found) <= sign_changes(row)  # Descartes
    assert found == sorted(found)
    with localcontext() as context:
        context.prec = 60
        for root in found:
            assert root > -1
            terms = [value / (1 + root) ** k for k, value in enumerate(row)]
            assert abs(sum(terms)) <= Decimal("1e-25") * sum(map(abs, terms))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-99, 99), min_size=2, max_size=9))
def test_the_number_of_rates_agrees_with_the_eigenvalue_method(row: Any) -> None:
    found = [float(root) for root in finance.internal_rates_of_return([Decimal(value) for value in row])]
    assume(any(row))
    eigen = 1 / np.array([z.real for z in np.roots(row[::-1]) if abs(z.imag) < 1e-9 and z.real > 1e-9]) - 1
    assume(not np.any(np.diff(np.sort(eigen)) < 1e-4))  # double roots split under the eigenvalue method
    simple = [z for z in np.roots(row[::-1]) if 1e-9 <= abs(z.imag) < 1e-4 and z.real > 0]
    assume(not simple)
    assert len(found) == len(eigen)
    assert found == pytest.approx(sorted(eigen), rel=1e-5, abs=1e-6)


@settings(deadline=None)
@given(rows, rows, rates)
def test_npv_is_linear(one: list[Decimal], two: list[Decimal], rate: Decimal) -> None:
    length = max(len(one), len(two))
    a, b = (row + [Decimal(0)] * (length - len(row)) for row in (one, two))
    both = finance.net_present_value([3 * x + y for x, y in zip(a, b, strict=True)], rate, "month")
    apart = 3 * finance.net_present_value(a, rate, "month") + finance.net_present_value(b, rate, "month")
    assert both == pytest.approx(apart, rel=Decimal("1e-20"), abs=Decimal("1e-15"))


@settings(deadline=None)
@given(rows, rates)
def test_npv_and_mirr_agree_with_other_libraries(row: Any, rate: Decimal) -> None:
    plain = [float(value) for value in row]
    assert float(finance.net_present_value(row, rate)) == pytest.approx(npf.npv(float(rate), plain), rel=1e-9, abs=1e-6)
    assert float(finance.net_present_value(row, rate)) == pytest.approx(
        pyxirr.npv(float(rate), plain), rel=1e-9, abs=1e-6
    )
    ours = finance.modified_internal_rate_of_return(row, rate, Decimal("0.05"))
    if ours is not None:
        assert float(ours) == pytest.approx(npf.mirr(plain, float(rate), 0.05), rel=1e-9)


@settings(deadline=None)
@given(st.integers(1, 100_000), st.lists(st.integers(0, 50_000), min_size=1, max_size=40))
def test_an_ordinary_project_has_the_rate_other_libraries_give(cost: int, gains: list[int]) -> None:
    assume(any(gains))
    row = [-cost, *gains]
    found = roots(*row)
    assert len(found) == 1
    other = pyxirr.irr([float(x) for x in row])
    if other is not None and -0.9 < other < 10:
        assert found[0] == pytest.approx(other, rel=1e-6, abs=1e-8)


def test_dated_flows_follow_actual_days_over_365() -> None:
    days = [date(2023, 1, 1), date(2023, 3, 15), date(2024, 2, 29), date(2025, 12, 31)]
    row = [-10000.0, 2750.0, 4250.0, 5250.0]
    answer = cash_flow({"flows": [f"{x}" for x in row], "dates": [d.isoformat() for d in days], "rate": "0.09"})
    assert float(answer["npv"]) == pytest.approx(pyxirr.xnpv(0.09, days, row), rel=1e-9)
    assert float(answer["irr"]["roots"][0]) == pytest.approx(pyxirr.xirr(days, row), rel=1e-8)
    assert answer["irr_annual"] == answer["irr"]["roots"][0]
    assert answer["time_unit"] == "year"


def test_a_months_rate_compounds_to_the_year() -> None:
    month = finance.periodic_rate(Decimal("0.10"), "month")
    assert float(month) == pytest.approx(0.00797414, abs=1e-8)
    assert float((1 + month) ** 12) == pytest.approx(1.10, rel=1e-14)


@pytest.mark.parametrize(
    ("values", "status", "periods", "first"),
    [
        ((-100, 40, 40, 40), "within", 2.5, 2.5),
        ((-100, 50, 50), "within", 2, 2),
        ((-100, 50), "never", None, None),
        ((0, 10), "immediate", 0, 0),
        ((0, 0), "immediate", 0, 0),
        ((-100, 150, -100, 100), "within", 2.5, 2 / 3),
        ((-100, 150, -100, 20), "never", None, 2 / 3),
        ((50, -100, 100), "within", 1.5, 0),
    ],
)
def test_payback_is_when_the_cumulative_stays_above_zero_for_good(
    values: Any, status: str, periods: float | None, first: float | None
) -> None:
    found = finance.payback(flows(*values))
    assert found.status == status
    assert (found.periods is None) == (periods is None)
    assert (found.first_crossing is None) == (first is None)
    if periods is not None:
        assert float(found.periods) == pytest.approx(periods)
    if first is not None:
        assert float(found.first_crossing) == pytest.approx(first)


def test_discounted_payback_that_ends_at_exactly_zero_is_within() -> None:
    rate = finance.periodic_rate(Decimal("0.1"), "month")
    with localcontext(PRECISE):
        due = [Decimal(-1000), *[Decimal(1000) / 7 * (1 + rate) ** k for k in range(1, 8)]]
    found = finance.payback(finance.present_values(due, Decimal("0.1"), "month"))
    assert (found.status, found.periods) == ("within", pytest.approx(Decimal(7)))
    exact = cash_flow({"flows": ["-100", "110"], "rate": "0.1"})
    assert (exact["discounted_payback"], exact["discounted_payback_status"]) == ("1", "within")


def test_zero_cost_leaves_roi_undefined_and_net_benefit_shown() -> None:
    answer = cash_flow({"costs": ["0", "0"], "benefits": ["10", "20"], "rate": "0.1"})
    assert answer["roi_percent"] is None
    assert answer["undefined"]["roi_percent"] == "zero cost"
    assert answer["net_benefit"] == "30"


def test_negative_benefits_are_kept() -> None:
    answer = cash_flow({"costs": ["100", "0"], "benefits": ["0", "-50"], "rate": "0.1"})
    assert answer["net_benefit"] == "-150"
    assert answer["roi_percent"] == "-150"
    assert answer["payback_status"] == "never"


def test_the_answer_holds_the_whole_contract_in_strings() -> None:
    request = {"costs": ["1000", "100", "100"], "benefits": ["0", "900", "900"], "rate": "0.10", "currency": "EUR"}
    answer = cash_flow(request)
    assert answer["npv"] == "388.43"
    assert answer["roi_percent"] == "50"
    assert float(answer["discounted_roi_percent"]) == pytest.approx(100 * 388.4297521 / 1173.553719, rel=1e-8)
    assert answer["irr"]["status"] == "unique"
    assert answer["sign_changes"] == 1
    assert answer["formula_version"] == finance.FORMULA_VERSION
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_several_rates_are_called_not_unique_and_mirr_is_given() -> None:
    answer = cash_flow({"flows": ["100", "-230", "132"], "rate": "0.10"})
    assert answer["irr"] == {"status": "multiple", "roots": ["0.1", "0.2"]}
    assert answer["irr_annual"] is None
    assert answer["undefined"]["irr_annual"] == "not unique"
    assert float(answer["mirr"]) == pytest.approx(npf.mirr([100, -230, 132], 0.1, 0.1))


def test_a_monthly_rate_is_made_annual() -> None:
    answer = cash_flow({"flows": ["-100", "101"], "period": "month"})
    assert answer["irr"]["roots"] == ["0.01"]
    assert float(answer["irr_annual"]) == pytest.approx(1.01**12 - 1)
    assert answer["npv"] is None
    assert answer["undefined"]["npv"] == "no rate given"


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        ({}, "missing", "flows"),
        ([], "not_an_object", ""),
        ({"flows": []}, "missing", "flows"),
        ({"flows": "-1"}, "not_a_list", "flows"),
        ({"flows": ["-1", 0.1]}, "not_a_number", "flows[1]"),
        ({"flows": ["-1", 5]}, "not_a_number", "flows[1]"),
        ({"flows": ["-1", True]}, "not_a_number", "flows[1]"),
        ({"flows": ["NaN"]}, "not_a_number", "flows[0]"),
        ({"flows": ["Infinity"]}, "not_a_number", "flows[0]"),
        ({"flows": ["1e99"]}, "number_out_of_range", "flows[0]"),
        ({"flows": ["1,5"]}, "not_a_number", "flows[0]"),
        ({"flows": [Decimal("NaN")]}, "number_out_of_range", "flows[0]"),
        ({"flows": ["1"] * 601}, "too_many", "flows"),
        ({"flows": ["1"], "rate": "-1"}, "rate_out_of_range", "rate"),
        ({"flows": ["1"], "period": "week"}, "unknown_choice", "period"),
        ({"flows": ["1"], "period": ["year"]}, "unknown_choice", "period"),
        ({"flows": ["1"], "dates": []}, "unlike_lengths", "dates"),
        ({"flows": ["1"], "dates": ["soon"]}, "not_a_date", "dates[0]"),
        ({"flows": ["1", "2"], "dates": ["2024-02-01", "2024-01-01"]}, "date_before_first", "dates"),
        ({"flows": ["1"], "currency": "euro"}, "unknown_currency", "currency"),
        ({"costs": ["1"]}, "missing", "benefits"),
        ({"costs": ["1"], "benefits": ["1", "2"]}, "unlike_lengths", "benefits"),
        ({"costs": ["-1"], "benefits": ["1"]}, "negative_cost", "costs"),
        ({"costs": ["1"], "benefits": ["1"], "flows": ["1"]}, "flows_mismatch", "flows"),
    ],
)
def test_bad_input_is_refused_by_field(request_: Any, code: str, field: str) -> None:
    with pytest.raises(CalculationRefused) as refusal:
        cash_flow(request_)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert refusal.value.as_dict()["error"]["message"].endswith(".")


def test_a_row_that_changes_sign_without_end_is_not_searched() -> None:
    row = ["-1", "1"] * (MOST_SIGN_CHANGES // 2 + 2)
    answer = cash_flow({"flows": row, "rate": "0.1"})
    assert answer["irr"]["status"] == "none"
    assert "changes of sign" in answer["undefined"]["irr"]


@settings(deadline=None)
@given(st.lists(st.decimals("-1e18", "1e18", places=2), min_size=1, max_size=12), rates)
def test_any_sound_request_is_answered_in_json(values: Any, rate: Decimal) -> None:
    start = date(2024, 1, 31)
    request = {"flows": [f"{value:f}" for value in values], "rate": f"{rate:f}"}
    dated = request | {"dates": [(start + timedelta(days=31 * k)).isoformat() for k in range(len(values))]}
    for case in (request, request | {"period": "month", "first_flow": "end_of_period"}, dated):
        json.dumps(cash_flow(case), allow_nan=False)


def test_the_cost_of_delay_is_more_than_a_months_interest_when_the_end_is_fixed() -> None:
    row = flows(-1000, *[200] * 11)
    waiting = finance.cost_of_delay(row, Decimal("0.1"))
    fixed = finance.cost_of_delay(row, Decimal("0.1"), fixed_end=True)
    npv, month = finance.net_present_value(row, Decimal("0.1"), "month"), finance.periodic_rate(Decimal("0.1"), "month")
    assert waiting == pytest.approx(npv * (1 - 1 / (1 + month)), rel=Decimal("1e-20"))
    assert float(fixed - waiting) == pytest.approx(200 / (1 + float(month)) ** 12)


def test_break_even_is_the_factor_at_which_nothing_is_won() -> None:
    benefits, costs = flows(0, 300, 300), flows(500, 10, 10)
    factor = finance.break_even_factor(benefits, costs, Decimal("0.1"))
    rest = finance.net_present_value(
        [factor * b - c for b, c in zip(benefits, costs, strict=True)], Decimal("0.1"), "month"
    )
    assert abs(rest) < Decimal("1e-20")
    assert finance.break_even_factor(flows(0, 0), flows(1, 1), Decimal("0.1")) is None


def test_planned_and_realised_leave_unknown_months_out_of_the_rate() -> None:
    result = planned_and_realised(flows(100, 100, 100, 100, 200), [Decimal(80), None, Decimal(100)])
    assert (result.months_measured, result.months_unknown) == (2, 1)
    assert result.realisation_rate == Decimal("0.9")
    assert result.variance_to_date == Decimal(-20)
    assert result.forecast_rate == (2 * Decimal("0.9") + 3) / 5
    assert result.forecast_to_complete == 180 + 300 * Decimal("0.96")
    assert [month.variance for month in result.months] == [Decimal(-20), None, Decimal(0), None, None]
    assert [month.cumulative_realised for month in result.months] == [
        Decimal(80),
        Decimal(80),
        Decimal(180),
        None,
        None,
    ]


def test_a_plan_of_zero_leaves_the_rate_undefined() -> None:
    result = planned_and_realised(flows(0, 0), [Decimal(5)])
    assert result.realisation_rate is None
    assert result.months[0].rate is None
    assert result.forecast_to_complete == 5
    assert planned_and_realised([], []).forecast_to_complete == 0
    with pytest.raises(ValueError, match="planned"):
        planned_and_realised(flows(1), [Decimal(1), Decimal(2)])


def test_sums_do_not_depend_on_the_context_of_the_caller() -> None:
    with localcontext() as context:
        context.prec = 3
        assert cash_flow({"flows": ["-10000.01", "12345.67"], "rate": "0"})["npv"] == "2345.66"
    assert math.isclose(float(finance.total([Decimal("0.10")] * 10_000)), 1000.0, rel_tol=0)
    assert finance.total([Decimal("0.10")] * 10_000) == Decimal("1000.00")


def test_a_value_past_all_sense_is_written_by_its_leading_digits_in_every_currency() -> None:
    found = cash_flow({"flows": ["-1", *["1"] * 50], "rate": "-0.9999", "currency": "EUR"})
    assert found["npv"] == "1.000100010001E+200"
    assert found["net_benefit"] == "49.00"
