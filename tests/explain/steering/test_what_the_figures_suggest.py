"""Stop, continue or expand: worked cases, and that worse figures never suggest more."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explain.outcomes.compute.report import build_report
from explain.steering.compute import WHATS, Ahead, ahead_of, suggested
from tests.explain.outcomes.conftest import inputs, kpi
from tests.explain.outcomes.examples import around, line

__all__ = ["inputs", "kpi"]
TODAY = date(2026, 1, 5)

GOOD = Ahead(
    grade="measured",
    currency="EUR",
    months=12,
    costs=Decimal(1000),
    benefits=Decimal(5000),
    npv=Decimal(3800),
    chance=0.97,
    spent=Decimal(600),
    realised=Decimal("0.95"),
    before=Decimal("0.9"),
    lately=Decimal(1),
)


def codes(figures: Ahead) -> set[str]:
    return {reason.code for reason in suggested(figures).reasons}


def test_good_measured_figures_suggest_to_expand_and_say_each_figure() -> None:
    found = suggested(GOOD)
    assert found.what == "expand"
    assert [reason.text.replace("\u202f", " ").replace("\u00a0", " ") for reason in found.reasons] == [
        "The 12 months ahead are worth +3 800 € today: 5 000 € of benefits against 1 000 € of costs.",
        "It is very likely that they pay: the chance is 97 %.",
        "Of the benefits promised for the measured months 95 % came.",
        "In the last 3 measured months 100 % of the promise came, before that 90 %: it holds.",
        "The 600 € spent so far play no part here: they are spent whatever is decided.",
    ]


@pytest.mark.parametrize(
    ("change", "what", "code"),
    [
        ({"npv": Decimal(0)}, "stop", "worth_ahead"),
        ({"npv": Decimal(-1)}, "stop", "worth_ahead"),
        ({"chance": 0.499}, "stop", "chance_low"),
        ({"chance": 0.5}, "continue", "chance"),
        ({"chance": 0.799}, "continue", "chance"),
        ({"chance": 0.8}, "expand", "chance"),
        ({"realised": Decimal("0.79")}, "continue", "promise_short"),
        ({"realised": Decimal("0.8")}, "expand", "promise_kept"),
        ({"realised": None}, "continue", "promise_unknown"),
        ({"lately": Decimal("0.79")}, "continue", "trend_falls"),
        ({"lately": Decimal("0.8")}, "expand", "trend"),
        ({"lately": None, "before": None}, "continue", "trend_unknown"),
        ({"worsened": ("Defects: worsened.",)}, "continue", "dis_benefit"),
        ({"unshown": ("Defects: may be chance.",)}, "continue", "may_be_chance"),
        ({"grade": "indicative"}, "continue", "grade"),
        ({"grade": "assumed", "chance": None}, "continue", "chance_unknown"),
        ({"grade": "verified"}, "expand", "chance"),
        ({"days_old": 101}, "continue", "old_report"),
    ],
)
def test_each_threshold(change: dict[str, Any], what: str, code: str) -> None:
    figures = replace(GOOD, **change)
    assert suggested(figures).what == what
    assert code in codes(figures)


def test_what_is_spent_never_changes_the_suggestion() -> None:
    for what, figures in (("expand", GOOD), ("stop", replace(GOOD, npv=Decimal(-5)))):
        for spent in (None, Decimal(0), Decimal(10) ** 9):
            assert suggested(replace(figures, spent=spent)).what == what


def test_nothing_is_suggested_where_something_is_missing() -> None:
    found = suggested(replace(GOOD, missing=("Measure longer.",)))
    assert (found.what, found.reasons, found.missing) == ("", (), ("Measure longer.",))


_share = st.decimals(min_value=-2, max_value=3, places=2)
_figures = st.builds(
    Ahead,
    grade=st.sampled_from(["assumed", "indicative", "measured", "verified"]),
    currency=st.just("EUR"),
    months=st.integers(1, 60),
    costs=st.just(Decimal(10)),
    benefits=st.just(Decimal(10)),
    npv=st.decimals(min_value=-1000, max_value=1000, places=2),
    chance=st.none() | st.floats(0, 1),
    realised=st.none() | _share,
    before=_share,
    lately=_share,
    worsened=st.sampled_from([(), ("Worse.",)]),
    unshown=st.sampled_from([(), ("Chance.",)]),
    days_old=st.integers(0, 200),
)


# A busy machine draws slowly; that says nothing about the rule.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _figures,
    st.decimals(min_value=0, max_value=500, places=2),
    st.floats(0, 1),
    st.decimals(min_value=0, max_value=2, places=2),
    st.integers(0, 100),
    st.booleans(),
)
def test_worse_figures_never_suggest_more(
    figures: Ahead, less: Decimal, down: float, short: Decimal, later: int, worse: bool
) -> None:
    assert figures.npv is not None
    assert figures.lately is not None
    poorer = replace(
        figures,
        npv=figures.npv - less,
        chance=None if figures.chance is None else max(0.0, figures.chance - down),
        realised=None if figures.realised is None else figures.realised - short,
        lately=figures.lately - short,
        worsened=("Worse.",) if worse else figures.worsened,
        unshown=("Chance.",) if worse else figures.unshown,
        days_old=figures.days_old + later,
    )
    assert WHATS.index(suggested(poorer).what) <= WHATS.index(suggested(figures).what)


# From the inputs of a report


def ahead(made: dict[str, Any]) -> Ahead:
    result = build_report(made)
    return ahead_of(result, result["grade"], TODAY)


def test_the_months_ahead_of_a_report_are_added_up_without_what_is_spent(inputs: Any) -> None:
    """Ten units a month at 10 EUR for 12 months ahead, and 30 EUR a month to run: 1,200 less 360."""
    running = line("cost", "planned", "2026-01-01", "30", until="2026-12-01")
    found = ahead(inputs(lines=[line("cost", "actual", "2025-01-01", "600"), running]))
    assert (found.months, found.costs, found.spent) == (12, Decimal(360), Decimal(600))
    assert found.benefits == pytest.approx(Decimal(1200), abs=Decimal(5))
    assert found.npv == found.benefits - found.costs
    assert found.chance is not None
    assert found.chance > 0.99


def test_dear_sunk_costs_leave_the_view_ahead(inputs: Any) -> None:
    """A million is lost for good: the whole never pays, and what is left to do still does."""
    lines = [line("cost", "actual", "2025-01-01", "1000000")]
    result = build_report(inputs(lines=lines))
    assert result["figures"]["chance_positive"] < 0.01
    found = ahead_of(result, result["grade"], TODAY)
    assert found.chance is not None
    assert found.chance > 0.99
    assert suggested(found).what == "continue"  # without a plan there is no promise to have been kept


def test_running_costs_above_the_benefits_suggest_to_stop(inputs: Any) -> None:
    running = line("cost", "planned", "2026-01-01", "200", until="2026-12-01")
    found = suggested(ahead(inputs(lines=[line("cost", "actual", "2025-01-01", "1"), running])))
    assert found.what == "stop"
    assert found.reasons[0].speaks == "against"


def test_a_kept_promise_suggests_to_expand(inputs: Any) -> None:
    plan = line("benefit", "planned", "2025-01-01", "100", until="2025-12-01")
    found = ahead(inputs(lines=[line("cost", "actual", "2025-01-01", "600"), plan]))
    assert suggested(found).what == "expand", found


def test_a_change_for_the_worse_is_said_and_suggests_to_stop(inputs: Any, kpi: Any) -> None:
    found = ahead(inputs(kpis=[kpi(after=around(110.0, 12))]))
    assert found.worsened[0].startswith("Defects: Worsened:")
    assert suggested(found).what == "stop"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kpis": []}, "No outcome is measured."),
        ({"stopped": True}, "The project is stopped"),
        ({"project": {"horizon_months": 12}}, "The 12 months of the plan are over."),
    ],
)
def test_without_figures_it_says_what_is_missing(change: dict[str, Any], said: str, inputs: Any) -> None:
    found = suggested(ahead(inputs(**change)))
    assert found.what == ""
    assert found.missing[0].startswith(said)


def test_too_few_readings_are_named(inputs: Any, kpi: Any) -> None:
    found = suggested(ahead(inputs(kpis=[kpi(after=around(90.0, 3))], as_of="2025-03-31")))
    assert found.what == ""
    assert "fewer than 8 measured periods after go-live" in found.missing[0]


def test_a_kpi_without_a_value_is_named(inputs: Any, kpi: Any) -> None:
    found = suggested(ahead(inputs(kpis=[kpi(unit_values=[])])))
    assert (found.what, found.missing) == (
        "",
        ("The benefits ahead are not known in money: no value per unit set. Record what a unit is worth.",),
    )


def test_a_report_of_before_asks_for_a_new_one(inputs: Any) -> None:
    result = deepcopy(build_report(inputs()))
    del result["uncertainty"]["ahead"]
    found = suggested(ahead_of(result, result["grade"], TODAY))
    assert found.what == ""
    assert "Compute a new report" in found.missing[0]


def test_a_plan_may_suggest_to_go_on_and_never_to_expand(inputs: Any) -> None:
    lines = [line("cost", "planned", "2026-01-01", "100"), line("benefit", "planned", "2026-06-01", "500")]
    made = inputs(kpis=[], lines=lines, go_live=None)
    found = ahead(made)
    assert (found.grade, found.chance) == ("assumed", None)
    assert suggested(found).what == "continue"
