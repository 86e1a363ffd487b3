"""The form of tags: a line for each kind, with commas between tags."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html

from lifecycle.postmortems.models import PostMortem, Tag

_ASKED = {
    Tag.Kind.DATA: ("Data sources", "For example: sales history, lab system"),
    Tag.Kind.TECHNIQUE: ("Techniques", "For example: time series, image recognition"),
    Tag.Kind.DOMAIN: ("Fields of business", "For example: logistics, health care"),
    Tag.Kind.FREE: ("Other", ""),
}


class TagsForm(forms.Form):
    """All tags of a post-mortem. `used`: tags that stand elsewhere, by kind, as suggestions."""

    lock = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, used: dict[str, list[str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, (label, example) in _ASKED.items():
            known = ", ".join((used or {}).get(kind, []))
            self.fields[str(kind)] = forms.CharField(
                label=label,
                required=False,
                max_length=2_000,
                # Help is shown as it is; tags are what people typed.
                help_text=format_html("In use: {}", known) if known else example,
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def tags(self) -> list[tuple[str, str]]:
        """(kind, text) of each tag."""
        return [
            (str(kind), text) for kind in _ASKED for text in self.cleaned_data[str(kind)].split(",") if text.strip()
        ]

    @staticmethod
    def initial_of(postmortem: PostMortem) -> dict[str, Any]:
        """The present tags as lines."""
        found: dict[str, list[str]] = {}
        for tag in postmortem.tags.all():
            found.setdefault(tag.kind, []).append(tag.text)
        return {"lock": postmortem.lock, **{kind: ", ".join(texts) for kind, texts in found.items()}}
