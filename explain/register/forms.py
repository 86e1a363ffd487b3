"""Forms of the register."""

from __future__ import annotations

import math
from typing import Any

from django import forms

from explain.register.models import ModelVersion


class MetricsField(forms.CharField):
    """Lines such as `AUC: 0.91`, as a mapping of names to numbers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "placeholder": "AUC: 0.91"}), **options)

    def to_python(self, value: Any) -> dict[str, float]:  # type: ignore[override]
        """Raises ValidationError with the line at fault."""
        found: dict[str, float] = {}
        for line in str(value or "").splitlines():
            if not line.strip():
                continue
            name, mark, text = line.rpartition(":") if ":" in line else line.rpartition("=")
            try:
                number = float(text.strip().replace(",", "."))
            except ValueError:
                number = math.nan
            if not mark or not name.strip() or not math.isfinite(number):
                raise forms.ValidationError(f"The line {line.strip()[:60]!r} is not a name and a number: AUC: 0.91")
            found[name.strip()] = number
        return found


class ModelForm(forms.Form):
    """A new model version."""

    name = forms.CharField(max_length=120, label="Name of the model")
    purpose = forms.CharField(
        max_length=200,
        required=False,
        label="What it predicts",
        help_text="In words that complete “the …”: chance that a sample is malignant",
    )
    file = forms.FileField(label="Model file")
    format = forms.ChoiceField(
        required=False, choices=[("", "found by content"), *ModelVersion.Format.choices], label="Format"
    )
    metrics = MetricsField(
        required=False,
        label="Metrics on unseen rows",
        help_text="One a line: name, colon, number. They are what the team states.",
    )
    note = forms.CharField(
        required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}), label="What is new in this version"
    )


class DataForm(forms.Form):
    """A new data set."""

    name = forms.CharField(max_length=120, label="Name of the data set")
    file = forms.FileField(label="Data file", help_text="CSV or Parquet, a column for each feature of the model")
    origin = forms.CharField(max_length=300, required=False, label="Where the rows come from")
    target_column = forms.CharField(
        max_length=120,
        required=False,
        label="Column of the outcome",
        help_text="The answers of the model are held against it; it is left out of the explanation. Empty if the file has none.",
    )


class DictionaryFile(forms.Form):
    """A feature dictionary as CSV."""

    file = forms.FileField(
        label="Dictionary as CSV",
        help_text="Columns: name, label, unit, meaning, expected (up, down), sensitive (yes, no)",
    )
