"""Forms of the room."""

from __future__ import annotations

import zoneinfo

from django import forms

from foundation.people.models import MailWish
from foundation.people.services import TOKEN_DAYS


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
    """The three roles that hold over all projects. None of them may decide in a project."""

    is_manager = forms.BooleanField(label="Manager", required=False, help_text="Sees the value of all projects.")
    is_auditor = forms.BooleanField(label="Auditor", required=False, help_text="Reads everything, changes nothing.")
    is_administrator = forms.BooleanField(
        label="Administrator", required=False, help_text="Invites people, gives roles."
    )


class InviteForm(RolesForm):
    """A new person."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    name = forms.CharField(max_length=120, help_text="As they sign.")
    field_order = ["email", "name", "is_manager", "is_auditor", "is_administrator"]
