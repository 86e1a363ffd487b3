"""An explanation in the words of the business: what pages, evidence and API say about it; plain data in and out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from explain.attributions import words
from explain.attributions.dictionary import Dictionary, in_sentence, label_in_sentence, label_with_unit, number
from explain.attributions.summary import Driver

FEW_ROWS: Final = 200
MENTIONED: Final = 0.01
POOR_FIT: Final = 0.5
GOOD_FIT: Final = 0.8
_BAR: Final = 46.0  # per cent of the track's width that the strongest driver takes, from the centre


@dataclass(frozen=True)
class DriverLine:
    """A driver as a row of a table: a bar from the centre (`left`, `width` in per cent), its direction in words."""

    feature: str
    name: str
    left: str
    width: str
    negative: bool
    mixed: bool
    text: str
    bar_text: str
    asks: bool
    sensitive: bool
    share: str


def outcome_of(purpose: str, summary: dict[str, Any], output: str | None = None) -> str:
    """What the values speak of, to follow "the": the purpose of the model, or the chance of the explained class."""
    focus = str(summary["focus"] if output is None else output)
    plain = purpose.strip().rstrip(".")
    if plain.lower().startswith("the "):
        plain = plain[4:]
    plain = in_sentence(plain)
    if summary["kind"] == "multiclass":
        return f"chance of {focus}" if not plain else f"{plain}: {focus}"
    return plain or (f"chance of {focus}" if focus and summary["kind"] == "binary" else "result")


def driver_lines(drivers: Sequence[Driver], dictionary: Dictionary, *, outcome: str, most: int = 5) -> list[DriverLine]:
    """The strongest drivers, and after them up to `most` others that act against what the business expects.

    One with less than a hundredth of all influence is left out: its direction says little.
    """
    largest = max((driver["mean_abs"] for driver in drivers), default=0.0) or 1.0
    chosen = [driver for driver in drivers[:most] if driver["mean_abs"] > 0]
    against = [
        driver
        for driver in drivers[most:]
        if driver["share"] >= MENTIONED and words.verdict(driver, dictionary) == "against expectation"
    ]
    chosen += against[:most]
    return [_line(driver, dictionary, outcome, largest) for driver in chosen]


def _line(driver: Driver, dictionary: Dictionary, outcome: str, largest: float) -> DriverLine:
    verdict = words.verdict(driver, dictionary)
    width = _BAR * driver["mean_abs"] / largest
    mixed = verdict == "no single direction"
    negative = not mixed and (driver["direction"] or 0) < 0
    left = 50 - width / 2 if mixed else 50 - width if negative else 50.0
    towards = "lower" if negative else "higher"
    text = {
        "as expected": f"{towards}, as expected",
        "against expectation": f"{towards}: the business expected {'higher' if negative else 'lower'}",
        "no single direction": "no single direction",
        "no expectation": towards,
    }[verdict]
    entry = dictionary.get(driver["feature"], {})
    return DriverLine(
        feature=driver["feature"],
        name=label_with_unit(driver["feature"], dictionary),
        left=f"{left:.1f}",
        width=f"{width:.1f}",
        negative=negative,
        mixed=mixed,
        text=text,
        bar_text=f"{100 * driver['share']:.0f} % of all influence; more of it: {outcome} {text}",
        asks=verdict == "against expectation",
        sensitive=bool(entry.get("sensitive")),
        share=f"{100 * driver['share']:.0f} %",
    )


def is_exact(summary: dict[str, Any]) -> bool:
    """Whether the values are exact; an approximate engine says how far two seeds lie apart."""
    return summary["seed_spread"] is None


def exactness(summary: dict[str, Any]) -> str:
    """How far the values can be trusted, in a few words."""
    if is_exact(summary):
        return f"exact values (largest error of a row's sum {error_text(summary['max_additivity_error'])})"
    return f"approximate values ({100 * summary['seed_spread']:.0f} % apart between two seeds)"


def error_text(value: float) -> str:
    """An error as 0, or with two digits and a power of ten."""
    return "0" if value == 0 else f"{value:.1e}"


def fit_text(summary: Mapping[str, Any]) -> str:
    """How well the local models fit, in a few words; empty for values that are not of such."""
    found = summary.get("local_fit")
    if found is None:
        return ""
    return f"R² of the local models {found['median']:.2f} (8 of 10 rows from {found['q10']:.2f} to {found['q90']:.2f})"


def steadiness(summary: dict[str, Any]) -> str:
    """How steady the order of the features is."""
    found = summary["stability"]
    if found["top_k"] <= 1 or found["rank_correlation"] is None:
        return "too few features to say how steady their order is"
    return (
        f"over {found['resamples']} resamples {100 * found['top_k_overlap']:.0f} % of the {found['top_k']} strongest "
        "stay the same"
    )


def note_of(lines: Sequence[DriverLine], summary: dict[str, Any]) -> str:
    """The line under the drivers on a decision page."""
    against = sum(line.asks for line in lines)
    first = (
        ""
        if not against
        else "One direction contradicts what the business wrote down. "
        if against == 1
        else f"{against} directions contradict what the business wrote down. "
    )
    return f"{first}{summary['rows']:,} rows, {exactness(summary)}, {steadiness(summary)}."


def cautions(summary: dict[str, Any], dictionary: Dictionary) -> list[str]:
    """What to be careful about, most urgent first; the last one always holds."""
    drivers: list[Driver] = [driver for driver in summary["drivers"] if driver["mean_abs"] > 0]
    found = []
    against = [d for d in drivers if words.verdict(d, dictionary) == "against expectation"]
    if against:
        named = _named(against, dictionary)
        found.append(
            f"{named[:1].upper()}{named[1:]} {_s(against, 'acts', 'act')} against what the business expects. Ask the team why."
        )
    sensitive = [d for d in drivers if dictionary.get(d["feature"], {}).get("sensitive")]
    if sensitive:
        share = sum(d["share"] for d in sensitive)
        found.append(
            f"The model uses sensitive information: {_named(sensitive, dictionary)}, {100 * share:.0f} % of all "
            "influence. Check that this is allowed and fair."
        )
    if not is_exact(summary):
        found.append(
            f"The values are approximate: computed twice with other seeds they lie {100 * summary['seed_spread']:.0f} % "
            "apart. Small differences between features mean nothing."
        )
    elif summary["max_additivity_error"] > 1e-3:
        found.append(
            f"The parts of a row miss its output by up to {error_text(summary['max_additivity_error'])}. "
            "Read single rows with care."
        )
    fit = summary.get("local_fit")
    if fit is not None:
        how = "poorly" if fit["median"] < POOR_FIT else "only partly" if fit["median"] < GOOD_FIT else "well"
        found.append(
            f"These are straight lines around single rows (LIME), not shares of the answer. They fit the model {how}: "
            f"{fit_text(summary)}, where 1 is a perfect fit."
        )
    stability = summary["stability"]
    if stability["rank_correlation"] is not None and stability["top_k"] > 1 and stability["top_k_overlap"] < 0.9:
        found.append("The order of the features changes when the rows are drawn again. Do not rely on single places.")
    if summary["rows"] < FEW_ROWS:
        found.append(f"Only {summary['rows']:,} rows were explained; other rows may look different.")
    elif summary["rows"] < summary["rows_in_file"]:
        found.append(f"Only the first {summary['rows']:,} of {summary['rows_in_file']:,} rows were explained.")
    unknown = [d for d in drivers[:10] if d["feature"] not in dictionary]
    if unknown:
        found.append(
            f"{len(unknown)} of the {min(10, len(drivers))} strongest features "
            f"{_s(unknown, 'has', 'have')} no entry in the feature dictionary, so nobody said what to expect of "
            f"{_s(unknown, 'it', 'them')}."
        )
    found.append("This shows what the model goes by. It does not show what causes what in the world.")
    return found


def facts_line(summary: dict[str, Any], extra: str = "") -> list[str]:
    """The facts under a chart, in the order in which people ask for them."""
    space = {"log-odds": "log-odds", "probability": "probability", "log": "log of the output"}.get(
        summary["output_space"], "the model's own unit"
    )
    return [
        f"{summary['rows']:,} rows",
        *([extra] if extra else []),
        f"engine {summary['engine']}",
        f"seed {summary['seed']}",
        f"values in {space}",
        f"largest additivity error {error_text(summary['max_additivity_error'])}"
        if is_exact(summary)
        else f"{100 * summary['seed_spread']:.0f} % apart between seeds",
        *filter(None, [fit_text(summary)]),
    ]


def row_line(
    purpose: str,
    summary: dict[str, Any],
    output: int,
    *,
    answer: float,
    base: float,
    local: tuple[float, float] | None = None,
) -> str:
    """Where one row starts and where it ends, as a chance where the model answers with one. `local`: the answer of the
    row's local model and its R2, where there is one."""
    outcome = outcome_of(purpose, summary, summary["outputs"][output])
    start, end = (
        number(value) if share is None else _chance(share)
        for value, share in ((value, share_of(summary, value)) for value in (base, answer))
    )
    if local is not None:
        return (
            f"The {outcome} comes out at {end} for this row. The straight line around it starts at {number(base)}, the mean "
            f"nearby, and comes to {number(local[0])} (R² {local[1]:.2f})."
        )
    return (
        f"The {outcome} comes out at {end} for this row. The base value, before any feature is looked at, is {start}."
    )


def share_of(summary: Mapping[str, Any], value: float) -> float | None:
    """An output as a chance between 0 and 1, where the model answers with one; None where it does not."""
    if summary["output_space"] == "log-odds" and summary["kind"] == "binary":
        return 1 / (1 + math.exp(-min(700.0, max(-700.0, value))))
    return value if summary["output_space"] == "probability" else None


def _chance(share: float) -> str:
    return "over 99 %" if share > 0.99 else "under 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def base_text(summary: dict[str, Any]) -> str:
    """Base values with their outputs."""
    outputs = summary["outputs"]
    return ", ".join(
        f"{name}: {number(value)}" if name else number(value)
        for name, value in zip(outputs, summary["base_values"], strict=False)
    )


def _named(drivers: Sequence[Driver], dictionary: Dictionary, most: int = 4) -> str:
    names = [label_in_sentence(driver["feature"], dictionary) for driver in drivers[:most]]
    if len(drivers) > most:
        names.append(f"{len(drivers) - most} more")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _s(things: Sequence[object], one: str, many: str) -> str:
    return one if len(things) == 1 else many
