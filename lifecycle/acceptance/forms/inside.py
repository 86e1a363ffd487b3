"""Forms for people of the project: criteria, judging, offering, deciding, conditions, inviting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from lifecycle.acceptance.evidence import Shelf
from lifecycle.acceptance.models import CriterionResult, Invitation
from lifecycle.acceptance.services import Condition
from lifecycle.acceptance.services.inviting import DAYS, MOST_DAYS
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
    reason = forms.CharField(
        label="Why it changes", widget=forms.Textarea(attrs={"rows": 2}), help_text="The sponsor reads it and answers."
    )
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        project: Project,
        initial: dict[str, Any] | None = None,
        needs_consent: bool = False,
    ) -> None:
        super().__init__(data, initial=initial)
        if not needs_consent:
            del self.fields["reason"]
        kpi = self.fields["kpi"]
        if isinstance(kpi, forms.ModelChoiceField):
            kpi.queryset = Kpi.objects.filter(project=project)


class JudgeForm(forms.Form):
    """What was observed, and the verdict."""

    observed = forms.CharField(max_length=300, required=False)
    verdict = forms.ChoiceField(
        choices=[choice for choice in CriterionResult.Verdict.choices if choice[0]], widget=forms.RadioSelect
    )
    pieces = forms.MultipleChoiceField(
        label="Evidence that the project has", required=False, widget=forms.CheckboxSelectMultiple
    )
    evidence = forms.CharField(
        label="Other evidence",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where it can be seen. Markdown.",
    )
    reason = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="Needed when it is waived"
    )

    def __init__(
        self, data: Any = None, *, shelves: Sequence[Shelf] = (), initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        choices = [(shelf.label, [(item.key, item.label) for item in shelf.items]) for shelf in shelves]
        pieces = self.fields["pieces"]
        if isinstance(pieces, forms.MultipleChoiceField):
            pieces.choices = choices
        if not choices and data is None:
            del self.fields["pieces"]


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
            self.fields[f"owner_{number}"] = forms.CharField(
                label="Owner", required=False, max_length=120, help_text="Name or e-mail; empty: the project lead"
            )
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


class WithdrawalForm(forms.Form):
    """Taking the verdict back."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}))
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )


class ProofForm(forms.Form):
    """The proof that a condition is met."""

    proof = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), help_text="What was done. Markdown.")
    link = forms.CharField(required=False, max_length=300, help_text="Where it can be seen: https://… or a path here")


class InviteForm(forms.Form):
    """A signatory from outside the organisation."""

    name = forms.CharField(label="Name", max_length=120, help_text="As they sign")
    email = forms.EmailField(label="E-mail address", max_length=254)
    organisation = forms.CharField(label="Organisation", max_length=120)
    reason = forms.CharField(
        label="Why they sign", max_length=300, required=False, help_text="Shown to them, for example: head of the ward"
    )
    language = forms.CharField(
        label="Language of their words", max_length=40, help_text="In which they may write their reasons"
    )
    days = forms.IntegerField(label="The link holds for (days)", min_value=1, max_value=MOST_DAYS)
    purpose = forms.ChoiceField(choices=Invitation.Purpose.choices, widget=forms.HiddenInput)
    handoff = forms.IntegerField(required=False, widget=forms.HiddenInput)
    acceptance = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"language": "English", "days": DAYS, **(initial or {})})
