"""Forms of the room, in plain words with examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine, Kpi, Measurement
from lifecycle.kpis.periods import MONTH, WEEK, aligned
from lifecycle.kpis.services import amount_of
from lifecycle.kpis.writings import AUTO, COMMA, DAY_FIRST, MONTH_FIRST, POINT


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
