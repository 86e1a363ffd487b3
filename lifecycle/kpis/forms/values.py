"""Forms for baseline, target, what a unit is worth, and go-live."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.kpis.forms.fields import AmountField, DayField
from lifecycle.kpis.models import Kpi


class BaselineForm(forms.Form):
    """Proposing a baseline."""

    starts_on = DayField(label="From")
    ends_on = DayField(label="Up to and with")
    note = forms.CharField(
        label="Why this window?", required=False, max_length=1000,
        help_text="Such as: a whole year before the pilot, no strikes in it.",
    )  # fmt: skip


class TargetForm(forms.Form):
    """Setting a target."""

    value = forms.FloatField(label="Target", widget=forms.NumberInput(attrs={"step": "any"}))
    due_on = DayField(label="By")
    note = forms.CharField(label="Note", required=False, max_length=300)

    def __init__(self, *args: Any, kpi: Kpi, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label = "Target count" if kpi.unit == "1" else f"Target in {kpi.unit}"


class UnitValueForm(forms.Form):
    """What one unit is worth."""

    amount = AmountField(label="One unit of improvement is worth", help_text="Such as 38.50.")
    low = AmountField(label="At least", required=False)
    high = AmountField(label="At most", required=False, help_text="The range enters the uncertainty of the result.")
    currency = forms.CharField(label="Currency", max_length=3, min_length=3, help_text="Such as EUR.")
    valid_from = DayField(label="Holds from")
    valid_to = DayField(label="Holds up to and with", required=False)
    evidence = forms.CharField(
        label="Where does it come from?", required=False, max_length=300,
        help_text="Such as: controlling, full hourly cost 2026, salary and on-costs over 1,650 h.",
    )  # fmt: skip

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class GoLiveForm(forms.Form):
    """When the solution begins to work."""

    on = DayField(label="Go-live on")
    ramp_until = DayField(
        label="First day after the ramp", required=False,
        help_text="Weeks of learning and roll-out stay out of the effect.",
    )  # fmt: skip
    note = forms.CharField(label="Note", required=False, max_length=300)
