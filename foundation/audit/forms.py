"""The filter of the trail."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from foundation.audit import selectors


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "This is no day. Write it as 2026-03-31."},
    )


class Filter(forms.Form):
    """What to look for; what is left empty narrows nothing."""

    project = forms.CharField(
        required=False, max_length=120, widget=forms.TextInput(attrs={"list": "projects", "placeholder": "key or name"})
    )
    person = forms.CharField(
        required=False, max_length=120, widget=forms.TextInput(attrs={"list": "names", "placeholder": "part of a name"})
    )
    verb = forms.ChoiceField(
        label="Deed",
        required=False,
        error_messages={"invalid_choice": "No entry has the deed “%(value)s”. Choose one of the list."},
    )
    since = _day("From")
    until = _day("To")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.projects = selectors.named_projects()
        self.names = selectors.names()
        verb = self.fields["verb"]
        assert isinstance(verb, forms.ChoiceField)
        verb.choices = [("", "any"), *selectors.verbs()]

    def clean_project(self) -> list[int] | None:
        """Numbers of the projects that have this key or name; None where no project is asked for."""
        asked: str = self.cleaned_data["project"].casefold()
        if not asked:
            return None
        found = [each.number for each in self.projects if asked in (each.key.casefold(), each.name.casefold())]
        if not found:
            raise forms.ValidationError("No project has this key or name. Choose one of the list.")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since: date | None = cleaned.get("since")
        until: date | None = cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This day lies before the first one. Change one of the two.")
        return cleaned
