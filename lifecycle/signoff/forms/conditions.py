"""Forms of conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from lifecycle.signoff.services.condition_rows import LINK_LIMIT, NOTE_LIMIT


def _password() -> forms.CharField:
    return forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )


def _words(label: str, help_text: str = "", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
    )


class ClaimForm(forms.Form):
    """It is done."""

    note = _words("What was done?")
    evidence = forms.CharField(
        label="Where can it be seen?",
        required=False,
        max_length=LINK_LIMIT,
        help_text="An address, such as https://wiki.example.org/tests",
    )


class SendBackForm(forms.Form):
    """It is not done yet."""

    reason = _words("What is still missing?")


class VerifyForm(forms.Form):
    """It is met; signed."""

    digest = forms.CharField(widget=forms.HiddenInput)
    note = _words("Comment", required=False)
    password = _password()


class MoveForm(forms.Form):
    """Another day, other people."""

    due_on = forms.DateField(
        label="Done by the day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "This is no day. Write it as 2026-03-31."},
    )
    owner_id = forms.TypedChoiceField(label="Done by", coerce=int, empty_value=None, required=False)
    verifier_id = forms.TypedChoiceField(label="Verified by", coerce=int, empty_value=None, required=False)
    reason = _words("Why?", "The approval was given on the former terms; owner, verifier and decider are told.")

    def __init__(
        self,
        *args: Any,
        owners: Sequence[tuple[int, str]] = (),
        verifiers: Sequence[tuple[int, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, people in (("owner_id", owners), ("verifier_id", verifiers)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "as it is"), *people]


class DropForm(forms.Form):
    """It is no longer asked; signed."""

    digest = forms.CharField(widget=forms.HiddenInput)
    reason = _words("Why is it no longer asked?")
    password = _password()
