"""Forms of explanations."""

from __future__ import annotations

from typing import Any

from django import forms

from explain.attributions.models import Explanation
from explain.attributions.selectors import finished
from explain.attributions.services import LARGEST_SEED
from explain.register.models import DataSet, ModelVersion
from lifecycle.projects.models import Project


class ExplanationForm(forms.Form):
    """What is explained on what."""

    model_version = forms.ModelChoiceField(ModelVersion.objects.none(), label="Model", empty_label=None)
    data_set = forms.ModelChoiceField(DataSet.objects.none(), label="Rows of", empty_label=None)
    method = forms.ChoiceField(
        choices=[("shap", "SHAP: exact shares of each answer"), ("lime", "LIME: a straight line around each row")],
        initial="shap",
        required=False,
        label="Method",
        help_text="SHAP counts as evidence. LIME is a second look at few rows, and often fits badly; the page says how well.",
    )
    rows_limit = forms.IntegerField(
        required=False,
        min_value=1,
        label="Only the first rows",
        help_text="Empty: all rows of the file; by LIME the first 100",
    )
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        label="Seed",
        help_text="The same seed draws the same sample for the charts",
    )

    def __init__(self, *arguments: Any, project: Project, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["model_version"].queryset = (  # type: ignore[attr-defined]
            ModelVersion.objects.filter(project=project, state=ModelVersion.State.ACCEPTED)
            .defer("facts")
            .order_by("-number")
        )
        self.fields["data_set"].queryset = (  # type: ignore[attr-defined]
            DataSet.objects.filter(project=project).order_by("-number")
        )


class RowForm(forms.Form):
    """Which row a waterfall shows, and of which output."""

    row = forms.IntegerField(required=False, min_value=1)
    output = forms.IntegerField(required=False, min_value=0)


class ChartsForm(RowForm):
    """Which feature is drawn, and by which column rows are put into groups."""

    feature = forms.CharField(required=False, max_length=300)
    column = forms.CharField(required=False, max_length=300)


class ComparisonForm(forms.Form):
    """Two finished explanations of a project."""

    first = forms.ModelChoiceField(Explanation.objects.none(), empty_label=None)
    second = forms.ModelChoiceField(Explanation.objects.none(), empty_label=None)

    def __init__(self, *arguments: Any, project: Project, **options: Any) -> None:
        super().__init__(*arguments, **options)
        done = finished(project)
        for name in ("first", "second"):
            field = self.fields[name]
            field.queryset = done  # type: ignore[attr-defined]
            field.label_from_instance = _named  # type: ignore[attr-defined]


def _named(explanation: Explanation) -> str:
    return f"{explanation.model_version} on {explanation.data_set} (explanation {explanation.pk})"


class AnswersForm(forms.Form):
    """At which threshold answers are judged, and what the two kinds of errors cost."""

    threshold = forms.FloatField(required=False, min_value=0, max_value=1)
    false_alarm = forms.DecimalField(required=False, min_value=0, max_digits=14, decimal_places=2)
    miss = forms.DecimalField(required=False, min_value=0, max_digits=14, decimal_places=2)
