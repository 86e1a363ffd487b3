"""Cells that may hold words, of columns that the model never sees: numbers where all are, else codes of the words."""

from __future__ import annotations

from typing import Any, Final

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


def coded(cells: Any, point: str = ".") -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """A chunked Arrow array of texts as float64, NaN where empty, and its words.

    Without words the numbers are the cells' own; with words each number is the place of the cell's word among them,
    in the order of the alphabet.
    """
    encoded = pyarrow.compute.dictionary_encode(cells.combine_chunks())
    texts = [str(text).strip() for text in encoded.dictionary.to_pylist()]
    places = encoded.indices.cast(pyarrow.int64()).fill_null(len(texts)).to_numpy(zero_copy_only=False)
    numbers = [number_of(text, point) for text in texts]
    words: tuple[str, ...] = ()
    if any(found is None for found in numbers):
        words = tuple(sorted({text for text in texts if text not in MISSING}))
        code = {word: float(place) for place, word in enumerate(words)}
        numbers = [code.get(text) for text in texts]
    known = np.array([np.nan if found is None else found for found in [*numbers, None]], dtype=np.float64)
    return known[places], words
