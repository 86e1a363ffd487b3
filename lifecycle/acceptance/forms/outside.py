"""Forms of the pages for people from outside."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.acceptance.forms.inside import DecisionForm


class CodeForm(forms.Form):
    """The one-time code."""

    code = forms.CharField(
        label="Code from the mail",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "size": 8}),
    )


class NameForm(forms.Form):
    """The printed name under a signature, with words of one's own."""

    comment = forms.CharField(label="Your words", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    printed_name = forms.CharField(
        label="Your name, typed as your signature",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    digest = forms.CharField(widget=forms.HiddenInput)


class OutsideDecisionForm(DecisionForm):
    """The verdict of an outside person: the confirmed address stands for the password."""

    printed_name = forms.CharField(
        label="Your name, typed as your signature",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        del self.fields["password"]
        self.fields["comment"].label = "Your words"
