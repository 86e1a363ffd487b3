"""Forms for what a KPI is compared with, what is left out of it, and the solution's retirement."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.kpis.forms.fields import DayField
from lifecycle.kpis.models import Kpi, KpiControl


class ControlForm(forms.Form):
    """A series to compare with."""

    control = forms.ModelChoiceField(
        Kpi.objects.none(), label="Compare with", empty_label="choose a KPI",
        help_text="A KPI of this project with the same periods, such as the same figure of a site without the solution.",
    )  # fmt: skip
    part = forms.ChoiceField(
        label="What is it?", choices=KpiControl.Part.choices, initial=KpiControl.Part.CONTROL,
        help_text="“Drawn by lot” only if chance decided who got the solution first. At least 4 units on each side.",
    )  # fmt: skip
    why = forms.CharField(
        label="Why was it not changed itself?", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Such as: the other line makes the same part and has no camera. For a lot: how it was drawn.",
    )  # fmt: skip

    def __init__(self, *args: Any, kpi: Kpi, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["control"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Kpi.objects.filter(project_id=kpi.project_id, frequency=kpi.frequency).exclude(pk=kpi.pk)


class JoinedForm(forms.Form):
    """From when on a unit that waited has the solution; empty: it is compared with no more."""

    joined_on = DayField(label="Has it since", required=False)


class ExclusionForm(forms.Form):
    """Periods to leave out."""

    starts_on = DayField(label="From")
    ends_on = DayField(label="Up to and with")
    event = forms.CharField(
        label="What happened?", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Something that would have happened without the solution, too. Such as: strike of the carrier.",
    )  # fmt: skip


class RetirementForm(forms.Form):
    """When the solution was taken away."""

    retired_on = DayField(
        label="First day without it", required=False, help_text="Benefits end here. Empty: it goes on after all."
    )
    decommissioned_on = DayField(
        label="Last day on which it costs", required=False, help_text="Planned costs go on up to this month."
    )
    note = forms.CharField(label="Note", required=False, max_length=300)
