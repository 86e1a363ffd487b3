"""Forms of sign-off."""

from __future__ import annotations

from typing import Any

from django import forms

from lifecycle.signoff.models import Decision
from lifecycle.signoff.services.submitting import COMMENT_LIMIT, TITLE_LIMIT


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
        help_text="Empty: five working days from today.",
    )


class DecisionForm(forms.Form):
    """One answer; each choice on the page has a form of its own."""

    verdict = forms.CharField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(label="Reason", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    password = forms.CharField(
        label="Your password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verdict = self.initial.get("verdict")
        if verdict:
            self.auto_id = f"id_{verdict}_%s"
            self.fields["reason"].required = verdict != Decision.Verdict.APPROVE
            if verdict == Decision.Verdict.APPROVE:
                self.fields["reason"].label = "Comment"


class WithdrawForm(forms.Form):
    """Taking a request back."""

    reason = forms.CharField(label="Reason", required=False, max_length=2000)


class GoBackForm(forms.Form):
    """Where to, and why. A choice is a stage, or a stage and a way back that the methodology knows."""

    to = forms.ChoiceField(label="Go back to", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It stands in the trail and is read again in the post-mortem.",
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
