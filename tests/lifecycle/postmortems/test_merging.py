"""Merging three texts: whatever was typed, no line of either side is lost."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.postmortems.merging import LINE_LIMIT, both, merge, merge_value

LINES = st.lists(st.sampled_from(["", "a", "b", "c", "d", "- x", "- y"]), max_size=9)
TEXTS = LINES.map("\n".join) | st.text(max_size=40)


@given(base=TEXTS, mine=TEXTS, theirs=TEXTS)
def test_no_line_that_somebody_added_is_missing(base: str, mine: str, theirs: str) -> None:
    found = merge(base, mine, theirs)
    began = set(base.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for side in (mine, theirs):
        added = set(side.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - began
        assert added <= set(found.text.split("\n"))


@given(base=LINES, mine=LINES, theirs=LINES)
def test_what_both_removed_is_gone(base: list[str], mine: list[str], theirs: list[str]) -> None:
    found = merge("\n".join(base), "\n".join(mine), "\n".join(theirs)).text.split("\n")
    gone = set(base) - set(mine) - set(theirs) - {""}
    assert not gone & set(found)


@given(base=TEXTS, mine=TEXTS)
def test_one_who_writes_alone_gets_what_was_written(base: str, mine: str) -> None:
    wanted = mine.replace("\r\n", "\n").replace("\r", "\n")
    assert merge(base, mine, base).text == wanted
    assert merge(base, base, mine).text == wanted
    assert merge(base, mine, mine).text == wanted
    assert not merge(base, mine, base).clashes
    assert not merge(base, base, mine).clashes


@given(base=TEXTS, mine=TEXTS, theirs=TEXTS)
def test_who_saves_first_makes_no_difference_to_whether_they_clash(base: str, mine: str, theirs: str) -> None:
    assert bool(merge(base, mine, theirs).clashes) == bool(merge(base, theirs, mine).clashes)


def test_lines_apart_and_lines_side_by_side_are_merged_without_asking() -> None:
    base = "One.\nTwo.\nThree."
    assert merge(base, "ONE.\nTwo.\nThree.", "One.\nTwo.\nTHREE.").text == "ONE.\nTwo.\nTHREE."
    assert merge(base, "ONE.\nTwo.\nThree.", "One.\nTWO.\nThree.") == merge(
        base, "One.\nTWO.\nThree.", "ONE.\nTwo.\nThree."
    )
    assert merge(base, "One.\nThree.", f"{base}\nFour.").text == "One.\nThree.\nFour."
    assert merge(base, "One.\r\nTwo.\r\nThree.\r\nFour.", base).text == f"{base}\nFour."


def test_the_same_line_changed_twice_keeps_both_and_says_so() -> None:
    found = merge("Top.\nIt broke.\nEnd.", "Top.\nIt broke at noon.\nEnd.", "Top.\nThe lab saw it break.\nEnd.")
    assert found.text == "Top.\nThe lab saw it break.\nIt broke at noon.\nEnd."
    [clash] = found.clashes
    assert (clash.base, clash.mine, clash.theirs) == ("It broke.", "It broke at noon.", "The lab saw it break.")
    # Both wrote the first words: which of them stands first is for people to say.
    assert merge("", "Mine.", "Theirs.").clashes
    assert merge("", "Mine.", "Theirs.").text == "Theirs.\nMine."
    # A line that one removed and the other changed stays.
    assert merge("a\nb\nc", "a\nc", "a\nB\nc").text == "a\nB\nc"
    assert merge("a\nb\nc", "a\nc", "a\nB\nc").clashes


def test_a_beginning_that_nobody_knows_loses_nothing() -> None:
    found = merge(None, "a\nmine\nb", "a\ntheirs\nb")
    assert found.text == both("a\nmine\nb", "a\ntheirs\nb") == "a\ntheirs\nmine\nb"
    assert found.clashes
    assert not merge(None, "same", "same").clashes


def test_choices_and_dates_merge_as_a_whole() -> None:
    assert merge_value("low", "high", "low") == ("high", False)
    assert merge_value("low", "low", "high") == ("high", False)
    assert merge_value("low", "high", "high") == ("high", False)
    assert merge_value("low", "high", "medium") == ("high", True)
    assert merge_value(None, "high", "medium") == ("high", True)


def test_a_very_long_text_is_merged_in_time() -> None:
    base = "\n" * 49_000
    began = time.monotonic()
    found = merge(base, f"{base[:20_000]}mine{base[20_000:]}", f"{base[:30_000]}theirs{base[30_000:]}")
    assert time.monotonic() - began < 5
    assert {"mine", "theirs"} <= set(found.text.split("\n"))
    many = "\n".join(["x"] * (LINE_LIMIT + 5))
    assert merge("a", many, f"{many}\ny").clashes
