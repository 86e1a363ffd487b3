"""The filter of what was mailed."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.notices.models import Delivery


class MailFilter(forms.Form):
    """What to look for; what is left empty narrows nothing."""

    person = forms.CharField(
        required=False, max_length=120, widget=forms.TextInput(attrs={"placeholder": "part of a name or address"})
    )
    result = forms.ChoiceField(
        required=False,
        choices=[("", "any"), *Delivery.Result.choices],
        error_messages={"invalid_choice": "There is no result “%(value)s”. Choose one of the list."},
    )

    def __init__(self, *args: Any, with_person: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_person:
            del self.fields["person"]
