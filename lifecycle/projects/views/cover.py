"""Who stands in for me: naming a cover, and those that one gave and received."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects.cover_permits import may_end_delegation
from lifecycle.projects.models import Delegation, Project, Role
from lifecycle.projects.services.delegating import LONGEST, REASON_LIMIT, delegate, end_delegation
from lifecycle.projects.services.members import person_named
from lifecycle.projects.standing_in import covers_of, delegations_for, hindrances, standing_in_words, state_words
from lifecycle.projects.views.finding import tell


def _day(label: str, **others: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **others)


def _in_two_weeks() -> date:
    return timezone.localdate() + timedelta(days=13)


class CoverForm(forms.Form):
    """Who answers, from when to when, and where."""

    from_person = forms.CharField(
        label="Who is away",
        max_length=254,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
        help_text="E-mail address or name. You name the stand-in as an administrator, which is listed among the exceptions.",
    )
    to_person = forms.CharField(
        label="Who stands in",
        max_length=254,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
        help_text="E-mail address or name of somebody with access.",
    )
    starts_on = _day("From", initial=timezone.localdate)
    ends_on = _day("Until", initial=_in_two_weeks, help_text=f"This day included, {LONGEST} days at most.")
    project = forms.ModelChoiceField(
        queryset=Project.objects.none(), required=False, empty_label="all projects", to_field_name="key"
    )
    role = forms.ChoiceField(required=False, choices=[("", "all roles"), *Role.choices])
    reason = forms.CharField(
        label="Why", max_length=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 2}), help_text="Such as: on leave."
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        project, away = self.fields["project"], self.fields["from_person"]
        if isinstance(project, forms.ModelChoiceField):
            project.queryset = Project.objects.visible_to(actor)
        if actor.is_administrator:
            away.initial = actor.email
        else:
            del self.fields["from_person"]


@require_http_methods(["GET", "POST"])
def cover(request: HttpRequest) -> HttpResponse:
    """The page; a POST names a cover."""
    person = signed_in(request)
    status = 200
    if request.method == "POST":
        form = CoverForm(request.POST, actor=person)
        if form.is_valid():
            try:
                made = _name(person, form)
            except Refused as refused:
                status = tell(form, refused)
            else:
                messages.success(request, f"Noted: {standing_in_words(made)}. Both of you are told.")
                for line in hindrances(
                    from_person=made.from_person, to_person=made.to_person, project=made.project, role=made.role
                ):
                    messages.warning(request, f"{line} Name somebody else for that project.")
                return redirect("projects:cover")
        else:
            status = 400
    else:
        form = CoverForm(initial=initial_from_kept(request), actor=person)
    return render(request, "lifecycle/projects/cover.html", _context(person, form), status=status)


def _name(person: User, form: CoverForm) -> Delegation:
    values = dict(form.cleaned_data)
    away = values.pop("from_person", "")
    return delegate(
        actor=person,
        from_person=_named(away, "from_person") if away else person,
        to_person=_named(values.pop("to_person"), "to_person"),
        **values,
    )


def _named(text: str, field: str) -> User:
    """The person; a refusal speaks of the field that was filled."""
    try:
        return person_named(text)
    except Refused as refused:
        refused.field = field
        raise


def _context(person: User, form: CoverForm) -> dict[str, Any]:
    found = covers_of(person)

    def rows(delegations: list[Delegation]) -> list[dict[str, Any]]:
        return [
            {
                "delegation": row,
                "state": state_words(row),
                "may_end": row.ended_at is None
                and row.ends_on >= timezone.localdate()
                and bool(may_end_delegation(person, row)),
            }
            for row in delegations
        ]

    return {
        "form": form,
        "given": rows(found.given),
        "received": rows(found.received),
        "around": rows(found.around),
        "known": User.objects.filter(is_active=True).exclude(pk=person.pk).values_list("email", "name")[:300],
    }


@require_POST
def end_cover(request: HttpRequest, pk: int) -> HttpResponse:
    """End a cover before its day."""
    person = signed_in(request)
    found = get_object_or_404(delegations_for(person), pk=pk)
    ended = end_delegation(actor=person, delegation_id=found.pk)
    messages.success(request, f"{ended.to_person.name} no longer stands in for {ended.from_person.name}.")
    back = request.headers.get("Referer", "")
    inside = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if inside else "/cover/")
