"""The form of a rule that opens post-mortems."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.postmortems.models import PostMortem, Template
from lifecycle.postmortems.occasions import ALERTS
from lifecycle.postmortems.services.templates import template_of
from lifecycle.postmortems.templates import BUILT_IN


def template_choices() -> list[tuple[str, str]]:
    """Templates in use, those that come with Tollgate first."""
    for shipped in BUILT_IN:
        template_of(shipped["key"])
    return [(one.key, one.title) for one in Template.objects.filter(retired_at__isnull=True).order_by("pk")]


class RuleForm(forms.Form):
    """Whether a cause opens a post-mortem, and how that begins."""

    is_on = forms.BooleanField(label="Opens one", required=False)
    severity = forms.ChoiceField(choices=PostMortem.Severity.choices)
    template = forms.ChoiceField()
    least = forms.ChoiceField(
        label="From an alert of severity", choices=[("", "any"), *PostMortem.Severity.choices], required=False
    )

    def __init__(
        self, data: Any = None, *, templates: list[tuple[str, str]], prefix: str, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial, prefix=prefix)
        field = self.fields["template"]
        if isinstance(field, forms.ChoiceField):
            field.choices = templates
        if prefix not in ALERTS:
            del self.fields["least"]
