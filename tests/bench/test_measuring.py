"""The bench measures two sides in turn, tells their ratio, and goes on when a measurement cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bench.pairing import Line, interleaved, line, timed
from bench.running import Measurement, Skipped, chosen, run


def test_the_sides_take_turns_and_each_pair_holds_ours_first() -> None:
    order: list[str] = []

    def side(name: str) -> str:
        order.append(name)
        return name

    pairs = interleaved(lambda: side("ours"), lambda: side("reference"), 4)
    assert pairs == [("ours", "reference")] * 4
    assert order == ["ours", "reference", "reference", "ours"] * 2


def test_the_ratio_is_the_median_of_the_pairs_ratios_not_the_ratio_of_the_medians() -> None:
    # The machine was ten times slower in the last two rounds: each pair still says 2 or so.
    found = line("x", "s", [(2.0, 1.0), (4.0, 2.0), (1.9, 1.0), (20.0, 10.0), (22.0, 10.0)], beside="half the work")
    assert found.ratio == 2.0
    assert found.spread == (2.0, 2.0)
    assert (found.ours, found.reference) == (4.0, 2.0)


def test_a_quick_deed_is_repeated_until_it_can_be_timed() -> None:
    calls: list[int] = []
    read = timed(lambda: calls.append(1), least=0.001)
    before = len(calls)
    seconds = read()
    assert len(calls) - before > 100
    assert 0 < seconds < 0.001


def trivial(full: bool) -> Iterator[Line]:
    yield line("work", "s", [(0.03, 0.01)] * 3, beside="a third of it", queries=(4, 2), note="as expected")


def absent(full: bool) -> Iterator[Line]:
    raise Skipped("there is no broker")


def broken(full: bool) -> Iterator[Line]:
    yield line("before", "MB", [(150.0, 100.0)], beside="less")
    raise RuntimeError("the lists differ")


ALL = (
    Measurement("trivial", "what can be told beforehand", trivial),
    Measurement("absent", "what this machine lacks", absent),
    Measurement("broken", "what breaks half-way", broken),
)


def test_a_run_prints_a_row_for_each_line_and_says_why_one_is_missing() -> None:
    said: list[str] = []
    found = run(ALL, said.append)
    text = "\n".join(said)
    row = next(part for part in text.splitlines() if part.startswith("  work"))
    assert row.split() == ["work", "30.0", "ms", "10.0", "ms", "3.00", "3.00–3.00", "4", ":", "2"]
    assert "beside: a third of it" in text
    assert "work: as expected" in text
    assert "skipped: there is no broker" in text
    assert "broke: RuntimeError: the lists differ" in text
    assert [one["problem"].partition(":")[0] for one in found["measurements"]] == ["", "skipped", "broke"]


def test_the_json_holds_every_round() -> None:
    found = json.loads(json.dumps(run(ALL, lambda text: None)))
    trivial_line = found["measurements"][0]["lines"][0]
    assert trivial_line["ratio"] == pytest.approx(3.0)
    assert trivial_line["rounds"] == [[0.03, 0.01]] * 3
    assert trivial_line["queries"] == [4, 2]
    assert found["measurements"][2]["lines"][0]["ratio"] == 1.5


def test_a_name_that_is_none_is_answered_with_those_there_are() -> None:
    assert [one.name for one in chosen(["broken", "trivial"], ALL)] == ["trivial", "broken"]
    assert len(chosen([], ALL)) == 3
    with pytest.raises(ValueError, match=r"There is no measurement 'page'. Choose from: trivial, absent, broken."):
        chosen(["page"], ALL)
