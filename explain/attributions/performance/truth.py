"""The outcomes that the data file knows, as the model's classes or numbers; or one sentence why they cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from explain.attributions.performance.ranking import Floats

Places = npt.NDArray[np.int64]
FLAGS: Final = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True)
class Column:
    """A column that the model does not take, or takes as one feature: `values` has shape (rows,), NaN where a cell is
    empty; with `words` each number is a place among them."""

    name: str
    values: Floats
    words: tuple[str, ...] = ()


class UnusableError(Exception):
    """The truth cannot be used; the sentence says why and what to do."""


def truth_of_numbers(column: Column) -> Floats:
    """The outcomes of a model that answers with a number. Raises UnusableError for words."""
    if column.words:
        raise UnusableError(
            f"The column {column.name!r} holds words, {_word(column.words[0])} for example, and this model answers with a "
            "number. Name the column with the measured numbers as the target, and upload the rows again."
        )
    return column.values


def truth_of_classes(column: Column, classes: Sequence[str]) -> Places:
    """The places of the outcomes among the classes, -1 where the cell is empty; labels are matched as texts, then as
    numbers ("1" is 1.0 and true). Raises UnusableError for a label that is none of the classes."""
    known = {name: place for place, name in enumerate(classes)}
    by_number = {number: place for place, name in enumerate(classes) if (number := _number(name)) is not None}
    present = ~np.isnan(column.values)
    labels, inverse = np.unique(column.values[present], return_inverse=True)
    places = []
    for label in labels:
        text = column.words[int(label)] if column.words else None
        number = float(label) if text is None else _number(text)
        place = known.get(text) if text is not None else None
        if place is None and number is not None:
            place = by_number.get(number)
        if place is None:
            shown = _word(f"{label:g}" if text is None else text)
            raise UnusableError(
                f"The column {column.name!r} holds {shown}, which is none of the model's classes ({_listed(classes)}). "
                "Write the outcome the way it was written when the model was trained, and upload the rows again."
            )
        places.append(place)
    truth = np.full(len(column.values), -1, dtype=np.int64)
    truth[present] = np.array(places, dtype=np.int64)[inverse] if places else 0
    return truth


def _number(text: str) -> float | None:
    if text.lower() in FLAGS:
        return FLAGS[text.lower()]
    try:
        return float(text)
    except ValueError:
        return None


def _word(text: str) -> str:
    return repr(text[:40])


def _listed(classes: Sequence[str], most: int = 6) -> str:
    shown = [name[:40] for name in classes[:most]]
    return ", ".join([*shown, f"{len(classes) - most} more"] if len(classes) > most else shown)
