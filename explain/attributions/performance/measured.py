"""How well a model answers, from arrays alone: predictions, truth, groups. Rows may come from anywhere, in any parts, as
long as they are put together in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from explain.attributions.performance import groups as grouping
from explain.attributions.performance.binary import measure_binary
from explain.attributions.performance.others import measure_classes, measure_numbers
from explain.attributions.performance.ranking import Flags, Floats
from explain.attributions.performance.shapes import Grouping, Performance
from explain.attributions.performance.truth import Column, Places, UnusableError, truth_of_classes, truth_of_numbers

COLUMNS: Final = 10


@dataclass(frozen=True)
class Answerer:
    """What must be known of the model to read its output. `one_by_one`: each class has odds of its own, which are made to
    sum to 1, instead of odds against all the others."""

    kind: str
    classes: tuple[str, ...]
    space: str
    one_by_one: bool = False


@dataclass(frozen=True)
class Answers:
    """The rows that have a known truth: `raw` has shape (rows, outputs), the columns of groups (rows,)."""

    raw: Floats
    groups: Sequence[Column]
    target: str
    left_out: int


def measure(
    answerer: Answerer,
    raw: Floats,
    truth: Column | None,
    groups: Sequence[Column] = (),
    *,
    missing: Sequence[str] = (),
    seed: int = 0,
) -> tuple[Performance | None, str]:
    """How well the predictions meet the truth, or None and one sentence that says why there is nothing to say.

    `raw` has shape (rows, outputs) in the model's own output space; truth and groups have one value a row. `missing` names
    columns of groups that the file does not have.
    """
    try:
        return _measured(answerer, raw, truth, groups, missing, seed), ""
    except UnusableError as reason:
        return None, str(reason)


def _measured(
    answerer: Answerer, raw: Floats, truth: Column | None, groups: Sequence[Column], missing: Sequence[str], seed: int
) -> Performance:
    if truth is None:
        raise UnusableError(
            "The data name no column with the outcome, so nobody can say how often the model is right. Upload the rows "
            "with their known outcomes, and name that column as the target."
        )
    if not np.isfinite(raw).all():
        raise UnusableError("Some answers of the model are no numbers, so they cannot be held against the outcomes.")
    numbers, places = np.empty(0), np.empty(0, dtype=np.int64)
    if answerer.kind == "regression":
        numbers = truth_of_numbers(truth)
        has_truth = ~np.isnan(numbers)
    else:
        places = truth_of_classes(truth, classes_of(answerer))
        has_truth = places >= 0
    if not has_truth.any():
        raise UnusableError(
            f"The column {truth.name!r} is empty in every row that was explained. Upload rows whose outcome is known."
        )
    rows = Answers(
        raw[has_truth],
        [Column(column.name, column.values[has_truth], column.words) for column in groups[:COLUMNS]],
        truth.name,
        int((~has_truth).sum()),
    )
    left = [_absent(name) for name in missing]
    if len(groups) > COLUMNS:
        left.append(f"Only the first {COLUMNS} of {len(groups)} sensitive columns are compared.")
    if answerer.kind == "regression":
        found = _of_numbers(answerer, rows, numbers[has_truth], seed)
    elif answerer.kind == "binary":
        found = _of_two(answerer, rows, places[has_truth] == 1)
    else:
        found = _of_many(answerer, rows, places[has_truth])
    found["groupings_why"] = left + found["groupings_why"]
    return found


def classes_of(answerer: Answerer) -> tuple[str, ...]:
    """The classes by name; a model of two that names none has 0 and 1."""
    return answerer.classes or ("0", "1")


def _of_two(answerer: Answerer, rows: Answers, positive: Flags) -> Performance:
    classes = classes_of(answerer)
    if answerer.space not in ("log-odds", "probability") or len(classes) != 2:
        raise UnusableError(
            "This model answers with scores and not with chances, so no threshold on a chance can be judged. Train it so "
            "that it gives probabilities, with CalibratedClassifierCV for example, and upload it again."
        )
    if positive.all() or not positive.any():
        raise UnusableError(
            f"All {len(positive):,} rows with a known outcome are of the class {classes[int(positive.all())]!r}, so it "
            "cannot be said whether the model tells the classes apart. Upload rows of both."
        )
    chance = as_chances(rows.raw, answerer)[:, 0]
    found = _frame(answerer, rows)
    found["binary"] = measure_binary(chance, positive, classes[1])
    found["groupings"], found["groupings_why"] = _groupings(rows, grouping.judge_binary(chance, positive))
    return found


def _of_many(answerer: Answerer, rows: Answers, truth: Places) -> Performance:
    named = rows.raw.argmax(axis=1).astype(np.int64)
    chances = None if answerer.space == "value" else as_chances(rows.raw, answerer)
    found = _frame(answerer, rows)
    found["classes"] = measure_classes(named, truth, answerer.classes, chances)
    found["groupings"], found["groupings_why"] = _groupings(rows, grouping.judge_classes(named == truth))
    return found


def _of_numbers(answerer: Answerer, rows: Answers, truth: Floats, seed: int) -> Performance:
    if len(truth) < 2:
        raise UnusableError("Only one row has a known outcome, which says nothing. Upload more rows.")
    predicted = as_answers(rows.raw, answerer)[0][:, 0]
    residual = truth - predicted
    found = _frame(answerer, rows)
    found["numbers"] = measure_numbers(predicted, truth, seed)
    found["groupings"], found["groupings_why"] = _groupings(rows, grouping.judge_numbers(residual), residual)
    return found


def as_chances(raw: Floats, answerer: Answerer) -> Floats:
    """Chances between 0 and 1, shape (rows, outputs): log-odds of one output by the logistic function, of several by their
    exponentials' share (softmax)."""
    if answerer.space == "probability":
        return np.clip(raw, 0.0, 1.0)
    if raw.shape[1] == 1 or answerer.one_by_one:
        chances = 1 / (1 + np.exp(-np.clip(raw, -700.0, 700.0)))
        return chances if raw.shape[1] == 1 else chances / chances.sum(axis=1, keepdims=True)
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


def as_answers(raw: Floats, answerer: Answerer) -> tuple[Floats, str]:
    """What people are told, shape (rows, outputs), and what it is: "chance" of a class, "score" of a class where the model
    knows no chances, or "value" of a number."""
    if answerer.kind != "regression":
        return (
            (raw, "score")
            if answerer.space not in ("log-odds", "probability")
            else (as_chances(raw, answerer), "chance")
        )
    if answerer.space == "log":
        return np.exp(np.minimum(raw, 700.0)), "value"
    return (as_chances(raw, answerer) if answerer.space == "log-odds" else raw), "value"


def _frame(answerer: Answerer, rows: Answers) -> Performance:
    return Performance(
        kind=answerer.kind,
        target=rows.target,
        n=len(rows.raw),
        left_out=rows.left_out,
        binary=None,
        classes=None,
        numbers=None,
        groupings=[],
        groupings_why=[],
    )


def _groupings(
    rows: Answers, judge: grouping.Judge, residual: Floats | None = None
) -> tuple[list[Grouping], list[str]]:
    found, left = [], []
    for column in rows.groups:
        groups = grouping.measure_groups(column, judge, residual)
        if groups is None:
            left.append(f"{column.name} has the same value in every row, so there are no groups to compare.")
        else:
            found.append(groups)
    return found, left


def _absent(name: str) -> str:
    return f"{name} is marked as sensitive, but the data file has no column of that name."
