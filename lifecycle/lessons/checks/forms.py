"""The form that proposes a check."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.lessons.checks.services import TEXT_LIMIT
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.services import SHIPPED
from lifecycle.postmortems.models import PostMortem


class ProposeForm(forms.Form):
    """From what, for which phase, and the question. A methodology and its phase are one choice: `crisp_dm:modeling`."""

    source = forms.ChoiceField(label="From")
    place = forms.ChoiceField(label="Asked at the end of")
    text = forms.CharField(
        label="The question",
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ask so that yes or no would not do: what was looked at, and what was found?",
    )

    def __init__(self, *args: Any, case: PostMortem, sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: list[tuple[str, list[tuple[str, str]]]] = []
        shipped: list[tuple[str, list[tuple[str, str]]]] = []
        for methodology in newest_versions():
            phases = [
                (f"{methodology.key}:{phase['key']}", f"{methodology.name}: {phase['name']}")
                for phase in methodology.phases
            ]
            is_shipped = methodology.key in SHIPPED
            label = f"{methodology.name} (as your own copy)" if is_shipped else methodology.name
            (shipped if is_shipped else own).append((label, phases))
        self.fields["source"].choices = sources  # type: ignore[attr-defined]
        self.fields["place"].choices = [*own, *shipped]  # type: ignore[attr-defined]


def newest_versions() -> list[Methodology]:
    """The newest version of each methodology that is still offered, with its phases."""
    found: dict[str, Methodology] = {}
    for methodology in Methodology.objects.filter(retired_at__isnull=True).defer("source").order_by("name", "-number"):
        found.setdefault(methodology.key, methodology)
    return list(found.values())
