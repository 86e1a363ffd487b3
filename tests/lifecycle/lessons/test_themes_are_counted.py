"""Themes on plain rows: every count by hand, and no share where there are few cases."""

from __future__ import annotations

from datetime import date

from lifecycle.lessons.themes.compute import LEAST_FOR_SHARES, Themes, themes_of
from lifecycle.lessons.themes.page import page_of
from lifecycle.lessons.themes.rows import Action, Case, Cause, Rows

TODAY = date(2026, 6, 1)
PHASES = {"business_understanding": "Business understanding", "data_understanding": "Data understanding"}
NODES = {
    "label_error": ("Label error", "Data"),
    "leakage": ("Leakage", "Validation"),
    "no_rollback": ("No rollback", "Operations"),
}


def case(key: int, on: date, **more: object) -> Case:
    values: dict[str, object] = {
        "began_on": None, "noticed_on": None, "published_on": date(2026, 5, 2), "trigger": "", "detection": "",
        "origin": "",
    } | more  # fmt: skip
    return Case(key, f"PM-{key}", on, **values)  # type: ignore[arg-type]


def action(case: int, node: str, kind: str = "prevent", status: str = "open", **more: date | str | None) -> Action:
    values: dict[str, object] = {"due_on": None, "done_on": None, "verified_on": None, "effect": ""} | more
    return Action(case, node, kind, status, **values)  # type: ignore[arg-type]


def counted(cases: list[Case], causes: list[tuple[int, str]], actions: list[Action] | None = None) -> Themes:
    return themes_of(Rows(cases, [Cause(*cause) for cause in causes], actions or [], PHASES, NODES), TODAY)


def test_factors_are_counted_by_case_and_by_phase() -> None:
    themes = counted(
        [
            case(1, date(2026, 1, 2), origin="data_understanding", trigger="slow_decay"),
            case(2, date(2026, 2, 2), origin="data_understanding"),
            case(3, date(2026, 5, 2), origin="business_understanding", trigger="slow_decay"),
        ],
        [(1, "label_error"), (1, "leakage"), (2, "label_error"), (2, "leakage"), (3, "leakage")],
    )
    assert [(count.name, count.count, count.of) for count in themes.factors] == [
        ("Leakage", 3, 3),
        ("Label error", 2, 3),
    ]
    assert themes.by_phase.column_names == ["Business understanding", "Data understanding"]
    assert themes.by_phase.counts == [[1, 2], [0, 2]]
    assert themes.by_trigger.column_names == ["Slow decay", "Not known"]
    assert themes.by_trigger.counts == [[2, 1], [1, 1]]
    assert [(count.name, count.count) for count in themes.together] == [("Label error with leakage", 2)]
    assert themes.pairs.counts == [[3, 2], [2, 2]]
    assert [(quarter.name, quarter.count) for quarter in themes.quarters] == [("Q1 2026", 2), ("Q2 2026", 1)]
    assert themes.by_quarter.counts == [[2, 1], [2, 0]]
    assert themes.sentences[0] == "Leakage was a cause in 3 of 3 cases, most often begun in data understanding."


def test_a_quarter_without_cases_stands_as_none() -> None:
    themes = counted([case(1, date(2025, 5, 1)), case(2, date(2026, 1, 1))], [])
    assert [quarter.count for quarter in themes.quarters] == [1, 0, 0, 1]


def test_below_ten_cases_there_is_no_share() -> None:
    few = [case(key, date(2026, 1, 1), detection="customer_report") for key in range(LEAST_FOR_SHARES - 1)]
    causes = [(row.key, "leakage") for row in few]
    for cases, found, share in (
        (few, causes, None),
        ([*few, case(99, date(2026, 1, 1), detection="monitoring_alert")], [*causes, (99, "leakage")], 100),
    ):
        themes = counted(cases, found)
        assert themes.factors[0].share == share
        page = page_of(themes)
        told = " ".join(
            str(cell)
            for sheet in page.sheets
            for line in [[sheet.note], sheet.chart.headers, *sheet.chart.rows]
            for cell in line
        )
        assert ("%" in told or "Share" in told) is (share is not None)
        assert page.has_shares is (share is not None)


def test_how_it_was_noticed_tells_outside_from_monitoring() -> None:
    kinds = ["customer_report", "affected_person_complaint", "monitoring_alert", "chance", ""]
    themes = counted([case(key, date(2026, 1, 1), detection=kind) for key, kind in enumerate(kinds)], [])
    assert (themes.outside, themes.monitoring, themes.detection_known) == (2, 1, 4)


def test_time_until_noticed_is_the_median_of_cases_with_both_dates() -> None:
    began = date(2026, 1, 1)
    noticed = [date(2026, 1, 1), date(2026, 1, 4), date(2026, 3, 1), None]
    themes = counted([case(key, began, began_on=began, noticed_on=day) for key, day in enumerate(noticed)], [])
    assert (themes.days_to_notice, themes.days_known) == (3, 3)
    assert [wait.count for wait in themes.waits] == [1, 1, 0, 1, 0]


def test_a_factor_comes_back_in_a_case_that_began_after_the_verified_action() -> None:
    cases = [
        case(1, date(2026, 1, 1)),
        case(2, date(2026, 2, 1), began_on=date(2026, 1, 20)),
        case(3, date(2026, 4, 1), began_on=date(2026, 3, 20)),
        case(4, date(2026, 5, 1)),
    ]
    causes = [(1, "leakage"), (2, "leakage"), (3, "leakage"), (4, "leakage"), (4, "label_error"), (1, "label_error")]
    verified = [
        action(1, "leakage", status="verified", verified_on=date(2026, 2, 10)),
        # Finding out earlier is no prevention, and what was not verified does not count.
        action(1, "label_error", kind="detect", status="verified", verified_on=date(2026, 2, 10)),
        action(1, "label_error", status="done"),
    ]
    themes = counted(cases, causes, verified)
    assert [(one.name, one.first, one.later) for one in themes.came_back] == [("Leakage", "PM-1", ["PM-4", "PM-3"])]
    assert "Leakage came back in 2 later cases" in themes.sentences[-1]


def test_factors_that_nothing_prevents() -> None:
    themes = counted(
        [case(1, date(2026, 1, 1))],
        [(1, "leakage"), (1, "label_error"), (1, "no_rollback")],
        [action(1, "leakage"), action(1, "label_error", kind="repair"), action(1, "")],
    )
    assert [factor.name for factor in themes.unprevented] == ["Label error", "No rollback"]


def test_actions_open_overdue_and_done_in_time() -> None:
    themes = counted(
        [case(1, date(2026, 1, 1))],
        [],
        [
            action(1, "", status="open", due_on=date(2026, 5, 31)),
            action(1, "", status="in_progress", due_on=TODAY),
            action(1, "", status="verified", due_on=date(2026, 5, 5), done_on=date(2026, 5, 5)),
            action(1, "", status="done", due_on=date(2026, 5, 5), done_on=date(2026, 5, 6)),
            action(1, "", status="done", done_on=date(2026, 5, 6)),
        ],
    )
    work = themes.work
    assert (work.accepted, work.open, work.overdue, work.median_age, work.aged) == (5, 2, 1, 30, 2)
    assert (work.done_in_time, work.done_with_date, work.share_in_time) == (1, 2, None)


def test_nothing_is_nothing() -> None:
    themes = counted([], [])
    assert (themes.n, themes.factors, themes.quarters, themes.sentences, page_of(themes).sheets) == (0, [], [], [], [])
