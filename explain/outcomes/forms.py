"""Forms of the room."""

from __future__ import annotations

from django import forms

from explain.outcomes.selectors.portfolio.filters import LABELS, NAMES, Asked
from explain.outcomes.services import LARGEST_SEED
from explain.outcomes.services.verifying import COMMENT_LIMIT
from foundation.people.signing_fields import password_field


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


class VerifyForm(forms.Form):
    """Sign the figures, bound to the content that was read."""

    content_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    comment = forms.CharField(
        required=False,
        max_length=COMMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you checked, such as: agrees with the ledger of October.",
    )
    password = password_field()


class WithdrawVerificationForm(forms.Form):
    """Take the signature back."""

    reason = forms.CharField(max_length=COMMENT_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))
    password = password_field()


class RecipientForm(forms.Form):
    """Who is told of each month's report."""

    person = forms.CharField(max_length=254, label="Name or e-mail address")


class FilterForm(forms.Form):
    """What the portfolio is narrowed to; each field is an address's part and may be empty."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(initial=asked.filters.as_query())
        for name in NAMES:
            label = LABELS[name].capitalize()
            if name in ("from", "to"):
                widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-03"})
                self.fields[name] = forms.CharField(label=label, required=False, widget=widget)
                continue
            choices = [("", "all"), *asked.choices[name]]
            if name == "grade":
                choices = [("", "each by itself"), ("all", "all, mixed"), *asked.choices[name]]
            if name == "currency" or len(choices) > 2:  # one choice is none
                self.fields[name] = forms.ChoiceField(label=label, required=False, choices=choices)
