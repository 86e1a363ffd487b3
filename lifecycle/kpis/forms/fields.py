"""Fields for a day, a month and an amount."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from foundation.web.refused import Refused
from lifecycle.kpis.periods import MONTH, aligned
from lifecycle.kpis.services import amount_of


class DayField(forms.DateField):
    """A date with the browser's own picker."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MonthField(forms.DateField):
    """A month, 2026-03; gives its first day. A whole date is taken too."""

    widget = forms.DateInput(attrs={"type": "month", "placeholder": "2026-03"}, format="%Y-%m")

    def __init__(self, *, label: str, required: bool = True, help_text: str = "") -> None:
        super().__init__(
            label=label, required=required, help_text=help_text, input_formats=["%Y-%m", "%Y-%m-%d", "%d.%m.%Y"],
            error_messages={"invalid": "Write the month as 2026-03."},
        )  # fmt: skip

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        return None if day is None else aligned(day, MONTH)


class AmountField(forms.CharField):
    """Money as text, exactly. `1 250.50` is taken; a comma is not, for it may mean two things."""

    def __init__(self, *, label: str, required: bool = True, help_text: str = "") -> None:
        super().__init__(
            label=label, required=required, help_text=help_text, max_length=40,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        )  # fmt: skip

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        text = "".join(sign for sign in text if sign not in " \u00a0\u202f'")
        if "," in text:
            raise forms.ValidationError("Write the amount with a point and without thousands commas, such as 1250.50.")
        try:
            return amount_of(text)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None
