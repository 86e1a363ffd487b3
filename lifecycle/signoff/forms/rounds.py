"""Forms of sign-off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from foundation.web.nouns import house_noun
from lifecycle.signoff import policy
from lifecycle.signoff.models import Condition
from lifecycle.signoff.services.submitting import COMMENT_LIMIT, EMERGENCY_LIMIT, TITLE_LIMIT


class SubmitForm(forms.Form):
    """What is asked, and by when."""

    title = forms.CharField(
        label="What do you ask?",
        max_length=TITLE_LIMIT,
        help_text="One question that can be answered with yes or no, such as: May it go live in three regions?",
    )
    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=COMMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What the decider should know. It stands beside the request and in the notice.",
    )
    due_on = forms.DateField(
        label="Decide by",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: as many working days as the policy gives.",
    )
    emergency = forms.CharField(
        label="Why can it not wait?",
        required=False,
        max_length=EMERGENCY_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands in the record and in the report of exceptions.",
    )

    def __init__(self, *args: Any, is_emergency: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_emergency:
            self.fields["emergency"].required = True
        else:
            del self.fields["emergency"]


class DecisionForm(forms.Form):
    """One answer; each choice on the page has a form of its own.

    `seats`: (holder id, words) that the person may take; asked only where there are several. `team`: (id, name) of those
    to whom a no may send the work. `has_major`: an open major issue, which a yes overrides in writing.
    """

    verdict = forms.CharField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput, required=False)
    on_behalf_of = forms.ChoiceField(label="You answer as", required=False)
    reason = forms.CharField(label="Reason", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    override = forms.CharField(
        label="Why does the open major issue not stop it?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    returned_to = forms.ChoiceField(label="Goes back to", required=False)
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(
        self,
        *args: Any,
        seats: Sequence[tuple[int, str]] = (),
        team: Sequence[tuple[int, str]] = (),
        has_major: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        verdict = self.initial.get("verdict")
        says_yes = verdict in policy.YES
        if verdict:
            self.auto_id = f"id_{verdict}_%s"
        self.fields["reason"].required = not says_yes
        if says_yes:
            self.fields["reason"].label = "Comment"
        self._choose("on_behalf_of", seats if len(seats) > 1 else ())
        self._choose("returned_to", () if says_yes else team)
        if not (has_major and says_yes):
            del self.fields["override"]
        else:
            self.fields["override"].required = True

    def _choose(self, name: str, choices: Sequence[tuple[int, str]]) -> None:
        field = self.fields[name]
        if not choices:
            del self.fields[name]
        elif isinstance(field, forms.ChoiceField):
            field.choices = list(choices)


class ConditionForm(forms.Form):
    """One row of an approval with conditions: what, by whom, until when, and who looks at it.

    The first row is filled; a further one that is empty is none.
    """

    text = forms.CharField(label="What must be done", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    severity = forms.ChoiceField(label="Severity", choices=Condition.Severity.choices, required=False)
    owner_id = forms.ChoiceField(label="Done by", required=False)
    verifier_id = forms.ChoiceField(label="Verified by", required=False)
    due_on = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self, *args: Any, people: Sequence[tuple[int, str]] = (), is_first: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = is_first
        for name in ("owner_id", "verifier_id"):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", "choose"), *people]


class TakeBackForm(forms.Form):
    """Taking one's own signature back."""

    reason = forms.CharField(label="Why?", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )


class WithdrawForm(forms.Form):
    """Taking a request back."""

    reason = forms.CharField(label="Reason", required=False, max_length=2000)


class GoBackForm(forms.Form):
    """Where to, and why. A choice is a stage, or a stage and a way back that the methodology knows."""

    to = forms.ChoiceField(label="Go back to", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = f"It stands in the trail and is read again in the {house_noun()}."
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
