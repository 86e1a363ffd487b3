"""Advice on the page of a round: what its section shows, giving it, settling it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.projects.models import Member
from lifecycle.signoff import moves
from lifecycle.signoff.models import Feedback, Round
from lifecycle.signoff.permits.feedback import may_feedback
from lifecycle.signoff.services.feedback import TEXT_LIMIT, advice_on, advisers_of, give_feedback, settle_feedback

_GRADES = [
    (Feedback.Grade.FINE, "Fine: nothing stands against it"),
    (Feedback.Grade.MINOR, "Minor issue: should be mended, stops nothing"),
    (Feedback.Grade.MAJOR, "Major issue: stops an approval until it is settled"),
]


class FeedbackForm(forms.Form):
    """How the evidence looks."""

    grade = forms.ChoiceField(label="How does it look?", choices=_GRADES, widget=forms.RadioSelect)
    text = forms.CharField(
        label="What you saw",
        required=False,
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="An issue needs it, so that the team can mend it.",
    )


class SettleForm(forms.Form):
    """How an issue was settled."""

    note = forms.CharField(label="How it was settled", max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 2}))


def feedback_section(
    request: HttpRequest,
    review: Round,
    *,
    roles: frozenset[str] | None = None,
    members: Sequence[Member] | None = None,
) -> dict[str, Any]:
    """The context of `lifecycle/signoff/feedback.html`: the advice, whose is still to come, and the form.

    `members`: the present ones, where they were read already.
    """
    person = signed_in(request)
    verdict = may_feedback(person, review, roles=roles)
    kept = initial_from_kept(request, f"/rounds/{review.pk}/feedback/") if verdict else {}
    given = advice_on(review, person)
    heard = {advice.given.author_id for advice in given}
    asked = advisers_of(review, members=members) if review.state == moves.IN_FEEDBACK else []
    still_to_speak = [adviser for adviser in asked if adviser.pk not in heard]
    return {
        "feedback": [
            {
                "advice": advice,
                "form": SettleForm(auto_id=f"settle_{advice.given.pk}_%s", initial=_kept_note(request, advice.given))
                if advice.is_open and advice.may_settle
                else None,
            }
            for advice in given
        ],
        "still_to_speak": still_to_speak,
        "advice_is_asked_of_me": bool(verdict) and person in still_to_speak,
        "has_advised": person.pk in heard,
        "may_feedback": verdict,
        "feedback_form": FeedbackForm(auto_id="feedback_%s", initial=kept),
        "feedback_is_open": bool(kept),
    }


def _kept_note(request: HttpRequest, given: Feedback) -> dict[str, Any]:
    return initial_from_kept(request, f"/feedback/{given.pk}/settle/")


@require_POST
def give(request: HttpRequest, round_id: int) -> HttpResponse:
    """Give advice on a round."""
    person = signed_in(request)
    get_object_or_404(Round.objects.visible_to(person).only("pk"), pk=round_id)
    given = give_feedback(
        actor=person, round_id=round_id, grade=request.POST.get("grade", ""), text=request.POST.get("text", "")
    )
    messages.success(request, f"Your advice is noted: {given.get_grade_display()}.")
    return redirect("signoff:round", round_id)


@require_POST
def settle(request: HttpRequest, feedback_id: int) -> HttpResponse:
    """Say that an issue is settled."""
    person = signed_in(request)
    given = get_object_or_404(
        Feedback.objects.only("pk", "round_id"), pk=feedback_id, round__in=Round.objects.visible_to(person).values("pk")
    )
    settle_feedback(actor=person, feedback_id=feedback_id, note=request.POST.get("note", ""))
    messages.success(request, "Settled.")
    return redirect("signoff:round", given.round_id)
