"""What a question and its answer are called: chances, numbers, ranges, and what to be careful about."""

from __future__ import annotations

from typing import Any

import pytest

from explain.attributions.what_if import words
from explain.attributions.what_if.charts import MOST, parts_that_changed
from explain.attributions.what_if.words import Seen

CHANCE: dict[str, Any] = {"output_space": "probability", "kind": "binary", "outputs": ["late"], "focus": "late"}
EUROS: dict[str, Any] = {"output_space": "value", "kind": "regression", "outputs": [""], "focus": ""}
DICTIONARY: Any = {"delay": {"label": "Payment delay", "unit": "days"}, "age": {"label": "age", "sensitive": True}}
DELAY = Seen(low=3, high=40, least=0, most=59, has_empty=False)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0.62, 0.41, "The risk of a late payment would go from 62 % to 41 %, 21 percentage points lower."),
        (0.62, 0.625, "The risk of a late payment would go from 62.0 % to 62.5 %."),
        (0.05, 0.999, "The risk of a late payment would go from 5 % to over 99 %, 94.9 percentage points higher."),
        (0.992, 0.9961, "The risk of a late payment would go from 99.2 % to 99.6 %."),
        (0.62, 0.6200001, "The risk of a late payment would stay at about 62.00 %: the change hardly moves the model."),
        (0.62, 0.62, "The risk of a late payment would stay at 62 %: for this row, the model makes nothing of the change."),
    ],
)  # fmt: skip
def test_a_chance_is_told_with_as_many_digits_as_tell_it_apart(before: float, after: float, said: str) -> None:
    assert words.sentence("The risk of a late payment.", CHANCE, 0, before, after) == said


def test_log_odds_of_two_classes_are_told_as_chances_and_other_numbers_as_they_are() -> None:
    log_odds = CHANCE | {"output_space": "log-odds"}
    assert "from 50 % to 73 %" in words.sentence("", log_odds, 0, 0.0, 1.0)
    assert words.sentence("Visits in a year", EUROS, 0, 2.616, 6.3) == "The visits in a year would go from 2.62 to 6.3."
    assert "to 1.2 (the log of the output)." in words.sentence("", EUROS | {"output_space": "log"}, 0, 1.1, 1.2)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (20.0, ""),
        (50.0, "For payment delay, 50 days is rare: most rows lie between 3 and 40 days."),
        (90.0, "For payment delay, 90 days is outside all 300 rows that were looked at (0 to 59 days)"),
        (-1.0, "For payment delay, −1 days is outside all 300 rows"),
        (None, "None of the 300 rows that were looked at lacks payment delay."),
    ],
)
def test_values_that_the_model_hardly_knows_are_named(value: float | None, said: str) -> None:
    first = words.cautions({"delay": value}, {"delay": DELAY}, DICTIONARY, kept=300, spread=None)[0]
    assert first.startswith(said) if said else first.startswith("All other values stayed as they are.")


def test_cautions_name_what_is_sensitive_and_what_is_approximate_and_always_end_alike() -> None:
    said = words.cautions({"age": 40.0}, {"age": DELAY}, DICTIONARY, kept=300, spread=0.0312)
    assert said[0].startswith("Age is marked as sensitive.")
    assert "by up to 0.031 more or less" in said[1]
    assert said[-1] == "This is what the model would answer. It is no forecast of what happens if the change is made."


def test_what_most_rows_have_stands_beside_a_field() -> None:
    assert words.range_text("delay", DELAY, DICTIONARY) == "Most rows: 3 to 40 days"
    assert words.range_text("delay", DELAY._replace(low=7, high=7), DICTIONARY) == "7 days in nearly all rows"
    assert words.range_text("delay", DELAY._replace(low=None, high=None), DICTIONARY) == "Empty in all rows"


def test_a_list_names_three_changes_at_most() -> None:
    asked = {"delay": 5.0, "age": None, "income": 2000.0, "region": 3.0}
    assert words.short(asked, DICTIONARY) == "Payment delay 5 days, age empty, income 2,000, 1 more"


def answer(before: list[float], after: list[float]) -> Any:
    def side(parts: list[float]) -> dict[str, Any]:
        return {"predictions": [1 + sum(parts)], "base_values": [1.0], "attributions": [parts]}

    return {"output_space": "value", "before": side(before), "after": side(after), "spread": None}


def test_the_chart_has_the_strongest_changes_and_its_table_adds_up() -> None:
    features = [f"f{number}" for number in range(12)]
    before = [0.1] * 12
    after = [0.1 + number / 10 for number in range(12)]
    chart = parts_that_changed(answer(before, after), features, [1.0] * 12, {"f11": 2.0}, {}, output=0)
    assert chart is not None
    names = chart.figure["layout"]["yaxis"]["ticktext"]
    assert [name.replace("<br>", " ") for name in names[:2]] == ["f11: 1 → 2", "f10 = 1"]
    assert (len(names), names[-1]) == (MOST + 1, "4 other features")
    for bars, side in zip(chart.figure["data"], (before, after), strict=True):
        assert sum(bars["x"]) == pytest.approx(sum(side), abs=1e-4)
    assert [row[0] for row in chart.rows[:2]] == ["Base value", "f11"]
    assert chart.rows[1] == ["f11", "1", "2", "+0.1", "+1.2", "+1.1"]
    assert chart.rows[-2] == ["1 other feature", "", "", "+0.1", "+0.1", "0"]
    assert chart.rows[-1] == ["Answer", "", "", "2.2", "8.8", "+6.6"]


def test_there_is_no_chart_of_nothing() -> None:
    assert parts_that_changed(answer([0.1], [0.1]), ["f0"], [1.0], {"f0": 2.0}, {}, output=0) is None
