"""Forms of the room. What must never be false is checked by the services; these help to type it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.base import File

from foundation.web.refused import Refused
from lifecycle.methodologies.pieces import KEY_RULE
from lifecycle.methodologies.reading import LIMIT
from lifecycle.methodologies.selectors import starting_points
from lifecycle.methodologies.services.publishing import NOTE_LIMIT

_BYTES = 4 * LIMIT  # a sign of UTF-8 has at most four bytes
_YAML = {"accept": ".yaml,.yml,text/yaml,application/yaml"}


def text_of_upload(file: File[bytes]) -> str:
    """The text of an uploaded file. Raises Refused when it is too large or no text in UTF-8."""
    if file.size > _BYTES:
        raise Refused(
            f"The file has {file.size / 1024:.0f} kB; a methodology has at most {LIMIT} characters. "
            "Choose another file.",
            code="file_too_large",
            status=400,
            field="file",
        )
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(
            "The file is no text in UTF-8. Save it as UTF-8 in your editor, and upload it again.",
            code="file_unreadable",
            status=400,
            field="file",
        ) from None
    return text


class BeginForm(forms.Form):
    """A new draft."""

    start = forms.ChoiceField(
        label="Start from", required=False, help_text="A copy: what you start from stays as it is."
    )
    key = forms.CharField(
        max_length=60,
        required=False,
        help_text=f"Short and for good, such as our_way: it {KEY_RULE}. With a file it may stay empty.",
    )
    name = forms.CharField(
        max_length=120, required=False, help_text="As people call it. With a file it may stay empty."
    )
    file = forms.FileField(
        label="Or upload a YAML file",
        required=False,
        widget=forms.ClearableFileInput(attrs=_YAML),
        help_text="It may have faults: the next page shows each with its line.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = {f"{each.key}:{each.number}": each for each in starting_points()}
        field = self.fields["start"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "a small methodology with notes"),
            *((value, str(each)) for value, each in self.points.items()),
        ]

    def facts(self) -> dict[str, Any]:
        """Cleaned values under the names that the service uses. Raises Refused for a file that is no text."""
        values = self.cleaned_data
        upload = values.get("file")
        return {
            "key": values["key"],
            "name": values["name"],
            "based_on": self.points.get(values["start"]),
            "text": text_of_upload(upload) if upload else None,
        }


class DraftForm(forms.Form):
    """The text of a draft."""

    text = forms.CharField(
        label="YAML",
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 28, "class": "form-control writing", "spellcheck": "false", "wrap": "off"}
        ),
        help_text="Indent with spaces. Put texts that hold a colon in quotes.",
    )
    file = forms.FileField(
        label="Or upload a YAML file",
        required=False,
        widget=forms.ClearableFileInput(attrs=_YAML),
        help_text="Its text takes the place of the one above.",
    )
    expected_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    use_required_attribute = False  # a file may stand for the text

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not self.files


class PublishForm(forms.Form):
    """Publishing a draft."""

    note = forms.CharField(
        label="What changed",
        max_length=NOTE_LIMIT,
        required=False,
        help_text="One sentence for the leads of projects that run under an older version.",
    )
    expected_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class RetireForm(forms.Form):
    """Why a version is no longer offered."""

    reason = forms.CharField(label="Why?", widget=forms.Textarea(attrs={"rows": 2}))
