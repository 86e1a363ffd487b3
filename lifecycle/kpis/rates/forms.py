"""Forms of exchange rates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from lifecycle.kpis.forms import DayField
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.kpis.rates.rows import MAX_SOURCE, rate_of


class RateForm(forms.Form):
    """One rate."""

    base = forms.CharField(label="One unit of", max_length=3, min_length=3, help_text="Such as USD.")
    rate = forms.CharField(
        label="is worth", max_length=24, help_text="Such as 0.9213.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    quote = forms.CharField(label="units of", max_length=3, min_length=3)
    kind = forms.ChoiceField(label="The rate", choices=ExchangeRate.Kind.choices)
    on = DayField(label="Day", help_text="For the mean of a month: any day of it.")
    source = forms.CharField(
        label="Where does it come from?", max_length=MAX_SOURCE, help_text="Such as: central bank."
    )

    def clean_rate(self) -> Any:
        try:
            return rate_of(self.cleaned_data["rate"])
        except ValueError as fault:
            raise forms.ValidationError(str(fault)) from None

    @staticmethod
    def first() -> dict[str, str]:
        """What a new form holds."""
        return {"quote": settings.ORGANISATION_CURRENCY}


class RatesForm(forms.Form):
    """Many rates: a file, or text from a spreadsheet."""

    file = forms.FileField(label="File", required=False, help_text="CSV in UTF-8, with the columns below.")
    text = forms.CharField(
        label="Or paste rows", required=False, strip=False,
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "base;quote;date;rate\nUSD;EUR;2026-02;0.9213\nUSD;EUR;2026-03-02;0.9187"}
        ),
        help_text="Columns: base, quote, date, rate; then kind and source, if you like. "
        "A month such as 2026-02 is a mean, a day is a rate of the day.",
    )  # fmt: skip
    source = forms.CharField(
        label="Where do they come from?",
        required=False,
        max_length=MAX_SOURCE,
        help_text="For rows that name no source.",
    )
    partial = forms.BooleanField(required=False, widget=forms.HiddenInput)
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not (cleaned.get("text") or "").strip():
            raise forms.ValidationError("Choose a file or paste rows.")
        return cleaned
