"""The form of a question: a field for each feature, with the row's own value in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.html import escape

from explain.attributions.dictionary import Dictionary, label_with_unit
from explain.attributions.summary import Row
from explain.attributions.what_if.services import LARGEST
from explain.attributions.what_if.words import Seen, range_text

OPEN: Final = 8  # fields that stand open, of the strongest features
MOST: Final = 200  # fields in all; a question about another feature is put over REST


class RowForm(forms.Form):
    """Which row is asked about, of which output the answer is shown, and whose values are taken up again."""

    row = forms.IntegerField(required=False, min_value=1)
    output = forms.IntegerField(required=False, min_value=0)
    again = forms.IntegerField(required=False, min_value=1)


class WhatIfForm(forms.Form):
    """Values of a row, the strongest features first. What is not sent, or is as it was, is no change."""

    def __init__(
        self,
        *arguments: Any,
        row: Row,
        features: Sequence[str],
        strongest: Sequence[str],
        seen: Mapping[str, Seen],
        dictionary: Dictionary,
        typed: Mapping[str, float | None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._features: dict[str, str] = {}
        self._own: dict[str, str] = {}
        places = {name: place for place, name in enumerate(features)}
        for feature in strongest[:MOST]:
            name = f"value-{places[feature]}"
            value = row["values"][places[feature]]
            self._features[name] = feature
            self._own[name] = _text(value)
            entry = dictionary.get(feature, {})
            hints = [
                f"Now {_text(value) or 'empty'}",
                range_text(feature, seen[feature], dictionary),
                entry.get("meaning", "").rstrip("."),
                "Sensitive" if entry.get("sensitive") else "",
            ]
            self.fields[name] = forms.FloatField(
                required=False,
                min_value=-LARGEST,
                max_value=LARGEST,
                label=label_with_unit(feature, dictionary),
                help_text=escape(". ".join(hint for hint in hints if hint)),
                widget=forms.NumberInput(attrs={"step": "any"}),
                initial=_text(typed[feature]) if typed and feature in typed else self._own[name],
            )

    @property
    def standing_open(self) -> list[forms.BoundField]:
        """Fields of the strongest features."""
        return list(self)[:OPEN]

    @property
    def folded(self) -> list[forms.BoundField]:
        """All others."""
        return list(self)[OPEN:]

    @property
    def folds(self) -> bool:
        """Whether the others may stay folded: none of them holds an error or another value."""
        return not any(bound.errors or str(bound.value() or "") != self._own[bound.name] for bound in self.folded)

    def changes(self) -> dict[str, float | None]:
        """What differs from the row, by feature. The form must be valid."""
        return {
            feature: self.cleaned_data[name]
            for name, feature in self._features.items()
            if name in self.data and str(self.data[name]).strip() != self._own[name]
        }


def _text(value: float | None) -> str:
    """A value as a field holds it; the same one always gives the same text."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
