"""The form for costs and benefits."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.kpis.forms.fields import AmountField, MonthField
from lifecycle.kpis.models import CashLine, Kpi


class CashForm(forms.Form):
    """A cost or benefit of a month."""

    basis = forms.ChoiceField(label="Planned or actual", choices=CashLine.Basis.choices)
    category = forms.ChoiceField(
        label="What for",
        choices=[
            ("Costs", [choice for choice in CashLine.Category.choices if choice[0] != CashLine.Category.BENEFIT]),
            ("Benefits", [(CashLine.Category.BENEFIT, "benefit")]),
        ],
    )
    amount = AmountField(
        label="Amount in each month", help_text="Such as 1250.50. Corrections: void a line, write another."
    )
    currency = forms.CharField(label="Currency", max_length=3, min_length=3)
    month = MonthField(label="Month", help_text="Such as 2026-03.")
    until = MonthField(label="Each month up to and with", required=False, help_text="Empty: this month only.")
    kpi = forms.ModelChoiceField(Kpi.objects.none(), label="Promised on the KPI", required=False, empty_label="none")
    note = forms.CharField(label="Note", required=False, max_length=200)

    def __init__(self, *args: Any, project_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kpi"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Kpi.objects.filter(project_id=project_id)

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    @property
    def side(self) -> str:
        """Benefit or cost, from the category."""
        chosen = self.cleaned_data["category"]
        return CashLine.Side.BENEFIT if chosen == CashLine.Category.BENEFIT else CashLine.Side.COST
