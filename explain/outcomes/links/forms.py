"""Forms of links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.services import HYPOTHESIS
from lifecycle.kpis.models import Kpi


class LinkForm(forms.Form):
    """Tie a metric to a KPI."""

    source = forms.ChoiceField(label="Metric of the model", help_text="As its accepted versions state it.")
    better = forms.ChoiceField(label="Which way does the metric get better?", choices=MetricLink.Better.choices)
    kpi = forms.ChoiceField(label="KPI that should follow it")
    hypothesis = forms.CharField(
        label="Why should it follow?", max_length=HYPOTHESIS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as: with fewer false alarms, a sample is read sooner.",
    )  # fmt: skip
    point = forms.FloatField(
        label="One point of the metric", initial=0.01, widget=forms.NumberInput(attrs={"step": "any"}),
        help_text="In the metric’s own unit: 0.01 for an accuracy from 0 to 1, 1 for one that is stated in %.",
    )  # fmt: skip
    expected = forms.FloatField(
        label="Expected change of the KPI for each point more", widget=forms.NumberInput(attrs={"step": "any"}),
        help_text="In the KPI’s unit and with its sign: −0.5 if it falls by half a unit.",
    )  # fmt: skip
    against = forms.BooleanField(
        required=False, label="We expect this KPI to get worse with a better model",
        help_text="For a KPI that pays the price of another one.",
    )  # fmt: skip

    def __init__(
        self, *args: Any, metrics: Mapping[str, Sequence[str]], kpis: Iterable[Kpi], chosen: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pairs = [(model, metric) for model, names in metrics.items() for metric in names]
        self.kpis = list(kpis)
        several = len({model for model, _ in self.pairs}) > 1
        source, kpi = self.fields["source"], self.fields["kpi"]
        assert isinstance(source, forms.ChoiceField)
        assert isinstance(kpi, forms.ChoiceField)
        # A name may hold any sign, so a choice goes by its place.
        source.choices = [
            (str(place), f"{metric} ({model})" if several else metric)
            for place, (model, metric) in enumerate(self.pairs)
        ]
        kpi.choices = [
            (one.key, f"{one.name}{'' if one.unit == '1' else f', {one.unit}'} ({one.get_direction_display()})")
            for one in self.kpis
        ]
        if chosen:
            self.initial.setdefault("kpi", chosen)

    def terms(self) -> dict[str, Any]:
        """What the deed takes."""
        given = dict(self.cleaned_data)
        model_name, metric = self.pairs[int(given.pop("source"))]
        chosen = given.pop("kpi")
        kpi = next(one for one in self.kpis if one.key == chosen)
        return given | {"model_name": model_name, "metric": metric, "kpi": kpi}


# A refusal of the deed names a field of the deed.
FIELDS = {"metric": "source", "model_name": "source"}
