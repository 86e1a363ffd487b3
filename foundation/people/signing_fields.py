"""Fields by which a person proves who they are, for the forms of all rooms."""

from __future__ import annotations

from django import forms

from foundation.people.models import User
from foundation.people.selectors import has_second_factor


class CodeInput(forms.PasswordInput):
    """Shown while it is typed, never filled in again: a code counts once."""

    input_type = "text"


def password_field() -> forms.CharField:
    """The password, as every signature asks for it."""
    return forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )


def code_field(
    label: str = "Code of your second factor", help_text: str = "From your app, or one of your recovery codes."
) -> forms.CharField:
    """A code from the app or a recovery code."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        widget=CodeInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


def ask_for_code(signer: User, *forms_to_sign: forms.Form) -> None:
    """Put the field for a code behind the password of these forms, where the signer has a second factor."""
    if not has_second_factor(signer):
        return
    for form in forms_to_sign:
        names = list(form.fields)
        names.insert(names.index("password") + 1, "code")
        form.fields["code"] = code_field()
        form.order_fields(names)
