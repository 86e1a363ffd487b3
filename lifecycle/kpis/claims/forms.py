"""Forms of claims."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.forms import MonthField
from lifecycle.projects.models import Project

_LINE = re.compile(r"\s*([\w\s+-]+?)\s*[:=]\s*(-?\d+(?:\.\d+)?)\s*")


def coalitions_of(text: str) -> dict[frozenset[str], Decimal]:
    """Lines such as "triage + routing: 90" as values by sets of project keys. Raises ValueError with a sentence."""
    found: dict[frozenset[str], Decimal] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"“{line.strip()[:60]}” cannot be read. Write each line as triage + routing: 90.")
        names = frozenset(name.strip() for name in match[1].split("+") if name.strip())
        if names in found:
            raise ValueError(f"{' + '.join(sorted(names))} stands there twice. Keep one.")
        try:
            found[names] = Decimal(match[2])
        except InvalidOperation:
            raise ValueError(f"“{match[2]}” is no number.") from None
    return found


class ClaimForm(forms.Form):
    """Proposing a claim."""

    project = forms.ModelChoiceField(Project.objects.none(), label="Project that claims", empty_label=None)
    percent = forms.DecimalField(
        label="Share of the change, in %", required=False, min_value=0, max_value=100, max_digits=6, decimal_places=3,
        help_text="Such as 50. Leave it empty for equal parts, the Shapley value, and cases of segments: it is worked out.",
    )  # fmt: skip
    from_month = MonthField(label="From", help_text="Such as 2026-03.")
    until = MonthField(label="Up to and with", required=False, help_text="Empty: with no end.")
    rule = forms.ChoiceField(label="How is it split?", choices=KpiClaim.Rule.choices)
    coalitions = forms.CharField(
        label="Values, or cases", required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "triage: 60\nrouting: 50\ntriage + routing: 90"}),
        help_text="By project key. For the Shapley value what each project brings alone, and what they bring together; "
        "for segments how many cases each project’s segment has.",
    )  # fmt: skip
    note = forms.CharField(label="Why this share?", required=False, max_length=300)

    def __init__(self, *args: Any, projects: Sequence[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["project"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Project.objects.filter(pk__in=[project.pk for project in projects]).order_by("name")

    def clean_coalitions(self) -> dict[frozenset[str], Decimal]:
        try:
            return coalitions_of(self.cleaned_data["coalitions"])
        except ValueError as fault:
            raise forms.ValidationError(str(fault)) from None

    def terms(self) -> dict[str, Any]:
        """What the deed takes."""
        given = dict(self.cleaned_data)
        percent = given.pop("percent")
        return given | {"share": None if percent is None else percent / 100}
