"""Cells that may hold words, of columns that the model never sees: numbers where all are, else codes of the words."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute

MISSING: Final = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"]


def number_of(cell: str, point: str) -> float | None:
    """The cell as a number, NaN where it is empty; None for a word. `point` is the decimal sign."""
    word = cell.strip()
    if word in MISSING:
        return float("nan")
    if word.lower() in ("true", "false"):
        return float(word.lower() == "true")
    if "_" in word or (point == "," and "." in word):
        return None
    try:
        return float(word.replace(",", ".", 1) if point == "," else word)
    except ValueError:
        return None


class Coder:
    """Takes in the texts of one column block by block; only the places of the texts are kept for each row."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._places: list[npt.NDArray[np.int32]] = []

    def add(self, cells: pyarrow.Array) -> None:
        """The next texts; an empty cell is null."""
        encoded = pyarrow.compute.dictionary_encode(cells)
        texts = [str(text).strip() for text in encoded.dictionary.to_pylist()]
        here = [self._known.setdefault(text, len(self._known)) for text in texts]
        places = encoded.indices.cast(pyarrow.int64()).fill_null(len(texts)).to_numpy(zero_copy_only=False)
        self._places.append(np.array([*here, -1], dtype=np.int32)[places])

    def finish(self, points: str) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
        """The column as float64 of shape (rows,), NaN where empty, and its words.

        Without words the numbers are the cells' own, by the first of the decimal signs `points` that fits all cells; with
        words each number is the place of the cell's word among them, in the order of the alphabet.
        """
        texts = list(self._known)
        numbers: list[float | None] = []
        for point in points:
            numbers = [number_of(text, point) for text in texts]
            if None not in numbers:
                break
        words: tuple[str, ...] = ()
        if None in numbers:
            words = tuple(sorted({text for text in texts if text not in MISSING}))
            code = {word: float(place) for place, word in enumerate(words)}
            numbers = [code.get(text) for text in texts]
        known = np.array([np.nan if found is None else found for found in [*numbers, None]], dtype=np.float64)
        places = np.concatenate(self._places) if self._places else np.empty(0, np.int32)
        return known[places], words
