"""Forms of the room."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.calendar.days import MONDAY_TO_SUNDAY
from foundation.calendar.public import countries, subdivisions
from foundation.calendar.services import NAME_LENGTH

WEEKDAYS = [(str(number), name.capitalize()) for number, name in enumerate(MONDAY_TO_SUNDAY)]


class CalendarForm(forms.Form):
    """Weekend, country and region. The regions offered are those of `shown_country`, for which the page was made."""

    weekend = forms.MultipleChoiceField(
        label="Free each week", choices=WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    country = forms.ChoiceField(label="Public holidays of", required=False)
    subdivision = forms.ChoiceField(label="Region", required=False)
    shown_country = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown_country"].initial = country
        of = self.data.get("shown_country", country) if self.is_bound else country
        self._offer("country", [("", "no country"), *countries().items()])
        regions = subdivisions(of)
        if regions:
            self._offer("subdivision", [("", "the whole country"), *regions.items()])
            self.fields["subdivision"].help_text = f"Regions of {countries()[of]} with holidays of their own."
        else:
            del self.fields["subdivision"]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_weekend(self) -> list[int]:
        """Numbers of weekdays, 0 is Monday."""
        return [int(number) for number in self.cleaned_data["weekend"]]

    def deed(self) -> dict[str, Any]:
        """What the service takes. A region of the former country is no region of the new one, even by the same code."""
        given = self.cleaned_data
        same = given["country"] == given["shown_country"]
        return {
            "weekend": given["weekend"],
            "country": given["country"],
            "subdivision": given.get("subdivision", "") if same else "",
        }


class OwnDayForm(forms.Form):
    """A day of the organisation's own."""

    day = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "This is no day. Write it as 2026-12-24."},
    )
    name = forms.CharField(max_length=NAME_LENGTH, help_text="Such as: company holiday, stock-taking.")
    works = forms.ChoiceField(
        label="On this day",
        choices=[("closed", "we are closed"), ("works", "we work, although it would be free")],
        widget=forms.RadioSelect,
        initial="closed",
    )

    def clean_works(self) -> bool:
        return bool(self.cleaned_data["works"] == "works")
