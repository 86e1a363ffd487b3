"""Forms for readings, one or many."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.kpis.forms.fields import DayField
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.periods import MONTH, WEEK
from lifecycle.kpis.writings import AUTO, COMMA, DAY_FIRST, MONTH_FIRST, POINT


class ReadingForm(forms.Form):
    """One reading."""

    day = DayField(label="Day")
    value = forms.FloatField(label="Value", widget=forms.NumberInput(attrs={"step": "any"}))
    note = forms.CharField(label="Note", required=False, max_length=200)

    def __init__(self, *args: Any, kpi: Kpi, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label = "Count" if kpi.unit == "1" else f"Value in {kpi.unit}"
        if kpi.frequency == WEEK:
            self.fields["day"].label = "Any day of the week"
        elif kpi.frequency == MONTH:
            self.fields["day"].label = "Any day of the month"


class PasteForm(forms.Form):
    """Many readings: rows from a spreadsheet, or a file. `source` says where rows came from that are shown again."""

    text = forms.CharField(
        label="Rows", required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "writing", "spellcheck": "false", "autocomplete": "off"}),
        help_text="One row for each period: date, value, and a note or a unit if there is one. Copy the columns in your spreadsheet and paste them here.",
    )  # fmt: skip
    file = forms.FileField(
        label="Or a file", required=False, widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text="CSV or XLSX, with the columns date and value, and unit where it is not the KPI's. Nothing is recorded before you have seen what it holds.",
    )  # fmt: skip
    mark = forms.ChoiceField(
        label="Numbers are written", required=False,
        choices=[(AUTO, "as the rows show"), (POINT, "1,234.5"), (COMMA, "1.234,5")],
    )  # fmt: skip
    order = forms.ChoiceField(
        label="Dates are written", required=False,
        choices=[(AUTO, "as the rows show"), (DAY_FIRST, "day first, 31/12/2026"), (MONTH_FIRST, "month first, 12/31/2026")],
    )  # fmt: skip
    source = forms.ChoiceField(
        required=False, widget=forms.HiddenInput, choices=[(Measurement.Source.FORM, ""), (Measurement.Source.CSV, "")]
    )
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not (cleaned.get("text") or "").strip():
            raise forms.ValidationError("Paste rows, type them, or choose a file.")
        return cleaned
