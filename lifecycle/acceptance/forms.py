"""Forms of the room."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from lifecycle.acceptance.models import CriterionResult
from lifecycle.acceptance.services import Condition
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project

CONDITION_ROWS = 3


class CriterionForm(forms.Form):
    """A criterion, new or edited."""

    measure = forms.CharField(
        label="What is judged", max_length=200, help_text="For example: waiting time for a first reading"
    )
    baseline = forms.CharField(label="Today", max_length=120, required=False, help_text="For example: 11.6 days")
    threshold = forms.CharField(label="Accepted when", max_length=200, help_text="For example: below 9.5 days")
    how_measured = forms.CharField(
        label="How and when it is measured", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    judge = forms.CharField(label="Who judges", max_length=120, required=False, help_text="A role, not a name")
    kpi = forms.ModelChoiceField(
        Kpi.objects.none(), label="KPI", required=False, empty_label="none", to_field_name="key"
    )
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, project: Project, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        kpi = self.fields["kpi"]
        if isinstance(kpi, forms.ModelChoiceField):
            kpi.queryset = Kpi.objects.filter(project=project)


class JudgeForm(forms.Form):
    """What was observed, and the verdict."""

    observed = forms.CharField(max_length=300, required=False)
    verdict = forms.ChoiceField(
        choices=[choice for choice in CriterionResult.Verdict.choices if choice[0]], widget=forms.RadioSelect
    )
    evidence = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="Where it can be seen. Markdown."
    )
    reason = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="Needed when it is waived"
    )


class OfferForm(forms.Form):
    """What the customer is asked to accept."""

    approved_use = forms.CharField(
        label="Approved use",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it may be used for, by whom. Shown wherever the model is listed. Markdown.",
    )
    limits = forms.CharField(
        label="Limits",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What it must not be used for.",
    )


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}))


class DecisionForm(forms.Form):
    """The customer's verdict; conditions in rows of their own."""

    comment = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )
    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        for number in range(1, CONDITION_ROWS + 1):
            self.fields[f"text_{number}"] = forms.CharField(label=f"Condition {number}", required=False, max_length=500)
            self.fields[f"owner_{number}"] = forms.CharField(label="Owner", required=False, max_length=120)
            self.fields[f"due_on_{number}"] = forms.DateField(
                label="Due", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            )

    def condition_rows(self) -> list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Three fields for each condition."""
        return [
            (self[f"text_{number}"], self[f"owner_{number}"], self[f"due_on_{number}"])
            for number in range(1, CONDITION_ROWS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(1, CONDITION_ROWS + 1):
            if given.get(f"text_{number}") and not given.get(f"due_on_{number}"):
                self.add_error(f"due_on_{number}", "Give the day by which it is met.")
            if (given.get(f"due_on_{number}") or given.get(f"owner_{number}")) and not given.get(f"text_{number}"):
                self.add_error(f"text_{number}", "Write the condition.")
        return given

    def conditions(self) -> list[Condition]:
        """The rows that are filled."""
        found: list[Condition] = []
        for number in range(1, CONDITION_ROWS + 1):
            text, due = self.cleaned_data.get(f"text_{number}"), self.cleaned_data.get(f"due_on_{number}")
            if text and isinstance(due, date):
                found.append(Condition(text=text, due_on=due, owner=self.cleaned_data.get(f"owner_{number}") or ""))
        return found
