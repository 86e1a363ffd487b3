"""Forms of exceptions: granting one, and narrowing the report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from foundation.people.models import User
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff import policy
from lifecycle.signoff.exceptions import KINDS, Wanted
from lifecycle.signoff.models import Waiver
from lifecycle.signoff.policy_words import ROLE_NAMES
from lifecycle.signoff.services.waivers import LONGEST, REASON_LIMIT


def _day(label: str, **others: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **others)


def _in_four_weeks() -> date:
    return timezone.localdate() + timedelta(days=27)


class WaiverForm(forms.Form):
    """A signed exception for one project."""

    what = forms.ChoiceField(
        label="What is allowed", choices=Waiver.What.choices, widget=forms.RadioSelect, initial=Waiver.What.ROLE
    )
    role = forms.ChoiceField(
        label="The role that need not answer",
        required=False,
        choices=[("", "–"), *((role, ROLE_NAMES[role]) for role in policy.DECIDING_ROLES)],
    )
    person = forms.ModelChoiceField(
        label="Or the person who may decide on their own work",
        required=False,
        queryset=User.objects.none(),
        empty_label="–",
    )
    stage = forms.ChoiceField(label="Where", required=False)
    starts_on = _day("From", initial=timezone.localdate)
    ends_on = _day("Until", initial=_in_four_weeks, help_text=f"At most {LONGEST} days.")
    reason = forms.CharField(
        label="Why",
        max_length=REASON_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is shown in the report.",
    )
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person, stage = self.fields["person"], self.fields["stage"]
        if isinstance(person, forms.ModelChoiceField):
            person.queryset = User.objects.filter(
                is_active=True,
                pk__in=project.members.filter(left_at__isnull=True, role__in=policy.DECIDING_ROLES).values("user_id"),
            )
        if isinstance(stage, forms.ChoiceField):
            stages = Stage.objects.filter(project=project, is_current=True).order_by("order").values_list("key", "name")
            stage.choices = [("", "all stages"), *stages]

    def facts(self) -> dict[str, Any]:
        """Cleaned values under the names that the service uses."""
        values = dict(self.cleaned_data)
        values["stage_key"] = values.pop("stage")
        return values


class ReportFilter(forms.Form):
    """What the report is narrowed to."""

    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "any"), *KINDS.items()])
    project = forms.CharField(
        label="Project",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"list": "projects", "placeholder": "name or key"}),
    )
    since = _day("From", required=False)
    until = _day("To", required=False)
    in_force = forms.BooleanField(label="Only what holds now", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", "This day lies before the first one. Change one of the two.")
        return cleaned

    def wanted(self) -> Wanted:
        """The filter as the report reads it."""
        return Wanted(**self.cleaned_data)
