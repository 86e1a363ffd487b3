"""Forms of the room."""

from __future__ import annotations

import zoneinfo

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from django import forms

from foundation.people.models import MailWish
from foundation.people.services import TOKEN_DAYS, confirm_code
from foundation.people.services.second_factor import REASON_LIMIT
from foundation.people.signing_fields import code_field, password_field
from foundation.web.refused import Refused


def time_zones() -> list[tuple[str, str]]:
    """Choices of time zones by name."""
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


class ProfileForm(forms.Form):
    """What a person sets for themselves."""

    name = forms.CharField(max_length=120, help_text="As it stands under what you sign from now on.")
    time_zone = forms.ChoiceField(choices=time_zones)
    mail_wish = forms.ChoiceField(
        label="Notices by e-mail",
        choices=[(value, f"{label[0].upper()}{label[1:]}") for value, label in MailWish.choices],
        widget=forms.RadioSelect,
        help_text="In your time zone. In Tollgate itself you find all of them, whatever you choose.",
    )


class TokenForm(forms.Form):
    """A new token for scripts."""

    name = forms.CharField(max_length=80, help_text="What it is for, such as: nightly measurements.")
    days = forms.IntegerField(label="Days until it expires", min_value=1, max_value=TOKEN_DAYS, initial=90)


class RolesForm(forms.Form):
    """The roles that hold over all projects. None of them may decide in a project."""

    is_manager = forms.BooleanField(label="Manager", required=False, help_text="Sees the value of all projects.")
    is_auditor = forms.BooleanField(label="Auditor", required=False, help_text="Reads everything, changes nothing.")
    is_administrator = forms.BooleanField(
        label="Administrator", required=False, help_text="Invites people, gives roles."
    )
    is_finance = forms.BooleanField(
        label="Finance", required=False, help_text="Reads all projects and signs the figures of their outcome reports."
    )


class InviteForm(RolesForm):
    """A new person."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    name = forms.CharField(max_length=120, help_text="As they sign.")
    field_order = ["email", "name", "is_manager", "is_auditor", "is_administrator", "is_finance"]


class SignInCodeForm(AuthenticateForm):
    """The code that is asked after the password at sign-in: the library's form, with the check that signing uses."""

    code = code_field()

    def clean_code(self) -> str:
        clear_limit = check_rate_limit(self.user)
        code: str = self.cleaned_data["code"]
        try:
            self.authenticator = confirm_code(actor=self.user, code=code)
        except Refused as refused:
            raise forms.ValidationError(refused.message, code=refused.code) from None
        clear_limit()
        return code


class SetUpFactorForm(forms.Form):
    """The proof that the app knows the secret."""

    code = code_field("Code that your app shows", "Six digits, new every half minute.")
    password = password_field()


class FactorForm(forms.Form):
    """Password and code, for what concerns the second factor itself."""

    password = password_field()
    code = code_field()


class LostFactorForm(forms.Form):
    """An administrator turns off the second factor of somebody who lost it."""

    reason = forms.CharField(
        label="Why",
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="And how you know that it is them who ask. They read it.",
    )
    password = password_field()
