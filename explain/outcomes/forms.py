"""Forms of the room."""

from __future__ import annotations

from django import forms

from explain.outcomes.services import LARGEST_SEED


class ReportForm(forms.Form):
    """Ask for a report."""

    as_of = forms.DateField(
        label="As of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="What was known at the end of that day; today if empty.",
    )
    seed = forms.IntegerField(
        label="Seed",
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        help_text="The same seed draws the same numbers again; 0 if empty.",
    )
