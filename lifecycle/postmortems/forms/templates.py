"""Forms of templates: which one a new post-mortem uses, and how an own one is made."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.people.models import User
from lifecycle.postmortems.forms.text import area, day_input
from lifecycle.postmortems.models import Template
from lifecycle.postmortems.templates import LEAST, SECTIONS


class TemplateForm(forms.Form):
    """An own template. Each section: whether it is there, how much a reviewer needs, help and a text to start from."""

    name = forms.CharField(max_length=120)
    noun = forms.CharField(label="What it is called", max_length=40, help_text="retrospective, review, inquiry")
    purpose = forms.CharField(
        label="What it is for", max_length=300, required=False, help_text="Shown where one is chosen"
    )
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="nobody")
    review_by = forms.DateField(label="To be looked at again by", required=False, widget=day_input())
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Any = None, *, template: Template, initial: dict[str, Any] | None = None) -> None:
        present = {section["key"]: section for section in template.sections}
        start: dict[str, Any] = {
            name: getattr(template, name) for name in ("name", "purpose", "owner", "review_by", "version")
        }
        start["noun"] = template.called
        for key in SECTIONS:
            section = present.get(key, {})
            start |= {f"{key}_in": key in present, f"{key}_needed": section.get("needed", 0)}
            start |= {f"{key}_{part}": section.get(part, "") for part in ("help", "starter")}
        super().__init__(data, initial={**start, **(initial or {})})
        owner = self.fields["owner"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = User.objects.filter(is_active=True).order_by("name")
        for key, (heading, is_text) in SECTIONS.items():
            if key not in LEAST:
                self.fields[f"{key}_in"] = forms.BooleanField(label=f"Has “{heading}”", required=False)
            self.fields[f"{key}_needed"] = forms.IntegerField(
                label="Needed for review" if is_text else "How many a reviewer needs",
                min_value=LEAST.get(key, 0),
                max_value=1 if is_text else 20,
            )
            self.fields[f"{key}_help"] = forms.CharField(
                label="Help beside it", max_length=1_000, required=False, widget=area(2)
            )
            self.fields[f"{key}_starter"] = forms.CharField(
                label="Text to start from", max_length=10_000, required=False, widget=area(2)
            )

    def sections(self) -> list[tuple[str, list[Any]]]:
        """(heading, bound fields) of each section, for the page."""
        return [
            (
                heading,
                [
                    self[f"{key}_{part}"]
                    for part in ("in", "needed", "help", "starter")
                    if f"{key}_{part}" in self.fields
                ],
            )
            for key, (heading, _) in SECTIONS.items()
        ]

    def heads(self) -> list[Any]:
        """The bound fields of the template itself."""
        return [self[name] for name in ("name", "noun", "purpose", "owner", "review_by")]

    def values(self) -> dict[str, Any]:
        """Cleaned fields as a deed takes them."""
        given = self.cleaned_data
        sections = [
            {"key": key, **{part: given[f"{key}_{part}"] for part in ("needed", "help", "starter")}}
            for key in SECTIONS
            if given.get(f"{key}_in", key in LEAST)
        ]
        return {
            **{name: given[name] for name in ("name", "noun", "purpose", "owner", "review_by")},
            "sections": sections,
        }
