"""A question about a row and its answer in sentences; plain data in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from explain.attributions.dictionary import Dictionary, label, label_in_sentence, measured, number
from explain.attributions.summary import Driver, Row
from explain.attributions.telling import outcome_of, share_of


class Change(NamedTuple):
    """One changed value in words."""

    name: str
    before: str
    after: str
    sensitive: bool


class Seen(NamedTuple):
    """What the explained rows have in a feature: most lie from `low` to `high`; those kept, from `least` to `most`.
    None where it is always empty; `has_empty`: whether a kept row is empty there."""

    low: float | None
    high: float | None
    least: float | None
    most: float | None
    has_empty: bool


def seen_of(features: Sequence[str], drivers: Sequence[Driver], kept: Sequence[Row]) -> dict[str, Seen]:
    """What is known of each feature's values, from the explanation's figures and the rows it kept."""
    by_name = {driver["feature"]: driver for driver in drivers}
    found = {}
    for place, name in enumerate(features):
        column = [row["values"][place] for row in kept]
        values = [value for value in column if value is not None]
        found[name] = Seen(
            by_name[name]["low"],
            by_name[name]["high"],
            min(values, default=None),
            max(values, default=None),
            len(values) < len(column),
        )
    return found


def range_text(feature: str, seen: Seen, dictionary: Dictionary) -> str:
    """Which values most rows have; empty where there are none."""
    if seen.low is None or seen.high is None:
        return "Empty in all rows"
    if seen.low == seen.high:
        return f"{measured(feature, seen.low, dictionary)} in nearly all rows"
    return f"Most rows: {number(seen.low)} to {measured(feature, seen.high, dictionary)}"


def changes_of(
    changes: Mapping[str, float | None], values: Mapping[str, float | None], dictionary: Dictionary
) -> list[Change]:
    """Each changed value beside that of the row."""
    return [
        Change(
            label(name, dictionary),
            _value(name, values[name], dictionary),
            _value(name, value, dictionary),
            bool(dictionary.get(name, {}).get("sensitive")),
        )
        for name, value in changes.items()
    ]


def short(changes: Mapping[str, float | None], dictionary: Dictionary, most: int = 3) -> str:
    """The changes in one line: "payment delay 5 days, income 2,000 €"."""
    parts = [f"{label(name, dictionary)} {_value(name, value, dictionary)}" for name, value in changes.items()]
    more = [f"{len(parts) - most} more"] if len(parts) > most else []
    return ", ".join([*parts[:most], *more])


def answers(summary: Mapping[str, Any], before: float, after: float) -> tuple[str, str]:
    """Both answers as people read them, with as many digits as tell them apart, at most two more."""
    shares = share_of(summary, before), share_of(summary, after)
    texts = ("", "")
    for more in range(3):
        if shares[0] is None or shares[1] is None:
            texts = number(before, 3 + more), number(after, 3 + more)
        else:
            texts = _chance(shares[0], more), _chance(shares[1], more)
        if texts[0] != texts[1] or before == after:
            break
    return texts


def sentence(purpose: str, summary: dict[str, Any], output: int, before: float, after: float) -> str:
    """What the model's answer would do."""
    outcome = outcome_of(purpose, summary, summary["outputs"][output])
    first, second = answers(summary, before, after)
    if before == after:
        return f"The {outcome} would stay at {first}: for this row, the model makes nothing of the change."
    if first == second:
        return f"The {outcome} would stay at about {first}: the change hardly moves the model."
    by = ""
    shares = share_of(summary, before), share_of(summary, after)
    if shares[0] is not None and shares[1] is not None:
        points = round(100 * abs(shares[1] - shares[0]), 1)
        by = f", {number(points)} percentage points {'higher' if after > before else 'lower'}" if points >= 1 else ""
    unit = " (the log of the output)" if summary["output_space"] == "log" else ""
    return f"The {outcome} would go from {first} to {second}{unit}{by}."


def cautions(
    changes: Mapping[str, float | None],
    seen: Mapping[str, Seen],
    dictionary: Dictionary,
    *,
    kept: int,
    spread: float | None,
) -> list[str]:
    """What to be careful about: first what is special to this question, then what always holds. `spread`: how far the
    change of a single part lies from that by another seed, None for exact values; `kept`: how many rows were looked at."""
    found = [text for name, value in changes.items() if (text := _unseen(name, value, seen[name], dictionary, kept))]
    sensitive = [label_in_sentence(name, dictionary) for name in changes if dictionary.get(name, {}).get("sensitive")]
    if sensitive:
        found.append(
            f"{_capital(' and '.join(sensitive))} {'is' if len(sensitive) == 1 else 'are'} marked as sensitive. If the "
            "answer changes by this alone, ask whether the model may use it."
        )
    if spread is not None:
        found.append(
            f"The answers are exact, their parts are not: by another seed a part would change by up to {number(spread, 2)} "
            "more or less. Do not read anything into smaller changes of single parts."
        )
    found.append(
        "All other values stayed as they are. In the world they may move together with what was changed, and a row like "
        "this may not exist."
    )
    found.append("This is what the model would answer. It is no forecast of what happens if the change is made.")
    return found


def _unseen(name: str, value: float | None, seen: Seen, dictionary: Dictionary, kept: int) -> str:
    """Why the model knows little of the value; empty where most rows are like it."""
    called = label_in_sentence(name, dictionary)
    if value is None:
        if seen.has_empty:
            return ""
        return f"None of the {kept:,} rows that were looked at lacks {called}. What the model says of such a row is a guess."
    if seen.least is None or seen.most is None or seen.low is None or seen.high is None:
        return f"{_capital(called)} is empty in all {kept:,} rows that were looked at, so the model cannot know its effect."
    asked = measured(name, value, dictionary)
    if not seen.least <= value <= seen.most:
        return (
            f"For {called}, {asked} is outside all {kept:,} rows that were looked at "
            f"({number(seen.least)} to {measured(name, seen.most, dictionary)}): the model never saw such rows, or hardly "
            "any. Its answer there is a guess."
        )
    if not seen.low <= value <= seen.high:
        return (
            f"For {called}, {asked} is rare: most rows lie between {number(seen.low)} and "
            f"{measured(name, seen.high, dictionary)}. The model has seen few rows like this."
        )
    return ""


def _value(name: str, value: float | None, dictionary: Dictionary) -> str:
    return "empty" if value is None else measured(name, value, dictionary)


def _chance(share: float, more: int) -> str:
    if more == 0 and not 0.01 <= share <= 0.99:
        return "over 99 %" if share > 0.5 else "under 1 %"
    return f"{100 * share:.{more}f} %"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
