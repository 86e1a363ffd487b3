"""Forms of the room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from explain.outcomes.forms import FilterForm
from explain.outcomes.selectors.portfolio import Asked
from explain.steering.compute import CONTINUE, EXPAND, STOP
from explain.steering.services.deciding import COMMENT_LIMIT
from explain.steering.services.proposing import REASONS_LIMIT
from foundation.people.signing_fields import password_field
from lifecycle.kpis.forms import AmountField
from lifecycle.projects.currencies import currency_choices

WHAT_CHOICES = [
    (STOP, "Stop: end the project and keep what was learnt"),
    (CONTINUE, "Continue: go on as planned"),
    (EXPAND, "Expand: put more into it"),
]


class ProposeForm(forms.Form):
    """Put a course before the sponsors."""

    report_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    what = forms.ChoiceField(label="Course", choices=WHAT_CHOICES, widget=forms.RadioSelect)
    reasons = forms.CharField(
        label="Why",
        max_length=REASONS_LIMIT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What the figures do not say: risks, other uses of the money, what the users tell.",
    )
    amount = AmountField(label="Amount asked for", required=False, help_text="Only to expand, such as 25 000.")
    currency = forms.ChoiceField(label="Currency", choices=currency_choices, required=False)

    def clean(self) -> dict[str, Any]:
        """A currency by itself asks for nothing."""
        given = super().clean() or {}
        if given.get("what") == EXPAND and given.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "An expansion asks for money. Write how much it needs.")
        if given.get("what") in (STOP, CONTINUE) and given.get("amount") is not None:
            self.add_error("amount", "Only an expansion asks for money. Leave this empty, or choose to expand.")
        return given


class OpenForm(forms.Form):
    """What the list of open proposals is narrowed to: the projects as on the portfolio, the course, and whose turn it is.
    The fields of the portfolio are read by `asked`, and only shown here.
    """

    what = forms.ChoiceField(
        label="Course", required=False, choices=[("", "all"), *((what, what) for what in (STOP, CONTINUE, EXPAND))]
    )
    mine = forms.BooleanField(label="Only those that I may sign", required=False)

    def __init__(self, data: Any, *, asked: Asked) -> None:
        super().__init__(data)
        self.portfolio = FilterForm(asked)
        for name in ("from", "to", "currency", "grade"):  # they narrow figures, and no figure is shown
            self.portfolio.fields.pop(name, None)


class DecideForm(forms.Form):
    """Answer and sign, bound to what was read. `seats`: (holder id, words) that the person may take; asked only where
    there are several.
    """

    content_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    on_behalf_of = forms.TypedChoiceField(label="You answer as", coerce=int, empty_value=None, required=False)
    verdict = forms.ChoiceField(
        label="Answer", choices=[("approve", "Approve"), ("reject", "Reject")], widget=forms.RadioSelect
    )
    comment = forms.CharField(
        required=False,
        max_length=COMMENT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A rejection says why.",
    )
    password = password_field()

    def __init__(self, *args: Any, seats: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.fields["on_behalf_of"]
        assert isinstance(asked, forms.TypedChoiceField)
        if len(seats) > 1:
            asked.choices = list(seats)
        else:
            del self.fields["on_behalf_of"]

    def clean(self) -> dict[str, Any]:
        """A rejection says why."""
        given = super().clean() or {}
        if given.get("verdict") == "reject" and not (given.get("comment") or "").strip():
            self.add_error("comment", "A rejection says why: those who proposed it want to know.")
        return given


class WithdrawForm(forms.Form):
    """Take a proposal back."""

    reason = forms.CharField(max_length=COMMENT_LIMIT, widget=forms.Textarea(attrs={"rows": 3}))


class StopForm(forms.Form):
    """The reason of the project's own deed, filled in from the proposal that was approved."""

    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 4}))
