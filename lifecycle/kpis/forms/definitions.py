"""Forms for what a KPI is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from lifecycle.kpis.models import Kpi


class KpiForm(forms.Form):
    """Defining a KPI, or changing one."""

    name = forms.CharField(
        label="What do you count?", max_length=120, help_text="Such as “Days to first report” or “Scrap rate, line 2”."
    )
    meaning = forms.CharField(
        label="How exactly?", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Where the number comes from, what is in it and what is not. "
        "Such as: working days from arrival of the sample to release, without re-runs.",
    )  # fmt: skip
    unit = forms.CharField(
        label="Unit", max_length=40, help_text="Such as min, h, d, %, EUR, kWh; write 1 for a plain count."
    )
    direction = forms.ChoiceField(
        label="Which way is better?", choices=Kpi.Direction.choices, initial=Kpi.Direction.DECREASE,
        help_text="Minutes and costs: lower. Sales and output: higher.",
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="What is one reading?", choices=Kpi.Kind.choices, initial=Kpi.Kind.LEVEL,
        help_text="A sum adds up over time, such as cost of scrap in a month. "
        "An average or rate does not, such as minutes per case.",
    )  # fmt: skip
    frequency = forms.ChoiceField(
        label="How often is it read?", choices=Kpi.Frequency.choices, initial=Kpi.Frequency.WEEK,
        help_text="An effect needs at least 8 periods before and 8 after go-live; more is surer.",
    )  # fmt: skip
    volume_kpi = forms.ModelChoiceField(
        Kpi.objects.none(), label="Cases in each period", required=False, empty_label="none",
        help_text="For a value per case: the KPI that counts the cases, so that growth is not claimed as saving.",
    )  # fmt: skip
    derived_from = forms.ModelChoiceField(
        Kpi.objects.none(), label="Computed from another KPI", required=False, empty_label="none",
        help_text="Such as a cost that is computed from minutes. Only one of the two is turned into money.",
    )  # fmt: skip
    counts = forms.BooleanField(
        label="It counts events, such as defects or accidents", required=False,
        help_text="Its effect is then a rate, and the cases in each period are what it is a rate of.",
    )  # fmt: skip
    season = forms.TypedChoiceField(
        label="Does it come and go with a season?", required=False, coerce=int, empty_value=None,
        choices=[("", "no"), *Kpi.Season.choices],
        help_text="Said before the baseline is frozen. At least one whole season is needed before and after go-live.",
    )  # fmt: skip
    is_primary = forms.BooleanField(
        label="This is the KPI on which the project is judged", required=False, help_text="One KPI of a project is."
    )
    attribution = forms.DecimalField(
        label="Share of the change that this project claims", min_value=0, max_value=1, max_digits=6, decimal_places=5,
        initial=Decimal(1), help_text="1 is all of it; 0.5 if another change shares it.",
    )  # fmt: skip
    cashable = forms.DecimalField(
        label="Share that releases cash", min_value=0, max_value=1, max_digits=6, decimal_places=5,
        initial=Decimal(1), help_text="1 for money really saved, 0 for time that is only freed.",
    )  # fmt: skip

    def __init__(self, *args: Any, kpi: Kpi | None = None, project_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Kpi.objects.filter(project_id=project_id)
        if kpi is not None:
            others = others.exclude(pk=kpi.pk)
        for name in ("volume_kpi", "derived_from"):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = others


class EditKpiForm(KpiForm):
    """Changing a KPI: a change of its meaning has to be confirmed."""

    supersede_baseline = forms.BooleanField(
        label="Give up the frozen baseline",
        required=False,
        help_text="Needed when unit, direction, kind, frequency, season or counting change while a baseline is frozen. "
        "It stays in the record; a new one has to be approved.",
    )
    keep_readings = forms.BooleanField(
        label="The numbers so far still mean the same",
        required=False,
        help_text="Such as min renamed to minutes. Otherwise readings, target and value so far stay with the former definition.",
    )
    convert_readings = forms.BooleanField(
        label="Convert the numbers so far into the new unit",
        required=False,
        help_text="Such as min into h. The old ones stay in the record; target and value are set anew.",
    )
    reason = forms.CharField(label="Why is it changed?", required=False, max_length=500)

    # The order of what a person reads: the change first, what it sets off last.
    field_order = [*KpiForm.base_fields, "supersede_baseline", "keep_readings", "convert_readings", "reason"]
