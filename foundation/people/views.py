"""Pages on people: the own profile, and everybody for administrators."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from foundation.people import selectors, services
from foundation.people.forms import InviteForm, LostFactorForm, ProfileForm, RolesForm, TokenForm
from foundation.people.models import ApiToken, User
from foundation.people.signing_fields import ask_for_code
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in


def _administrator(request: HttpRequest) -> User:
    person = signed_in(request)
    if not person.is_administrator:
        raise PermissionDenied
    return person


@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Name, time zone, notices by e-mail, tokens."""
    person = signed_in(request)
    form = ProfileForm(
        request.POST or None,
        initial={
            "name": person.name,
            "time_zone": person.time_zone,
            "mail_wish": person.mail_wish,
        }
        | initial_from_kept(request),
    )
    if request.method == "POST" and form.is_valid():
        services.change_profile(actor=person, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("people:profile")
    return render(
        request,
        "foundation/people/profile.html",
        {"form": form, "token_form": TokenForm(prefix="token"), "tokens": selectors.tokens_of(person)},
    )


@never_cache
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token; its text stands on the answer and nowhere else."""
    person = signed_in(request)
    form = TokenForm(request.POST, prefix="token")
    text = ""
    if form.is_valid():
        _, text = services.make_token(actor=person, name=form.cleaned_data["name"], days=form.cleaned_data["days"])
        form = TokenForm(prefix="token")
    initial = {"name": person.name, "time_zone": person.time_zone, "mail_wish": person.mail_wish}
    return render(
        request,
        "foundation/people/profile.html",
        {
            "form": ProfileForm(initial=initial),
            "token_form": form,
            "token_text": text,
            "tokens": selectors.tokens_of(person),
        },
    )


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of the own tokens."""
    person = signed_in(request)
    token = get_object_or_404(ApiToken, pk=token_id, user=person)
    services.revoke_token(actor=person, token=token)
    messages.success(request, f"{token.name} is revoked: whatever used it is refused from now on.")
    return redirect("people:profile")


@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, and the form to invite."""
    actor = _administrator(request)
    form = InviteForm(request.POST or None, initial=initial_from_kept(request))
    if request.method == "POST" and form.is_valid():
        person = services.invite(actor=actor, **form.cleaned_data)
        messages.success(request, f"{person.name} is invited: a link to set a password goes to {person.email}.")
        return redirect("people:people")
    search = request.GET.get("q", "").strip()
    page = Paginator(selectors.everybody(search), 50).get_page(request.GET.get("page"))
    return render(request, "foundation/people/people.html", {"form": form, "page": page, "search": search})


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: roles and access."""
    actor = _administrator(request)
    shown = get_object_or_404(User, pk=person_id)
    form = RolesForm(request.POST or None, initial={field: getattr(shown, field) for field in services.ROLES})
    if request.method == "POST" and form.is_valid():
        services.set_roles(actor=actor, person=shown, **form.cleaned_data)
        messages.success(request, f"The roles of {shown.name} are saved.")
        return redirect("people:person", person_id)
    factor = selectors.second_factor_of(shown)
    context: dict[str, object] = {"form": form, "person": shown, "factor": factor}
    if factor:
        lost_form = LostFactorForm(initial=initial_from_kept(request, _lost_url(shown)), auto_id="id_lost_%s")
        ask_for_code(actor, lost_form)
        context["lost_form"] = lost_form
    return render(request, "foundation/people/person.html", context)


def _lost_url(person: User) -> str:
    return reverse("people:turn_off_lost_factor", args=[person.pk])


@require_POST
def access(request: HttpRequest, person_id: int, deed: str) -> HttpResponse:
    """Take access, give it back, or mail the invitation again."""
    actor = _administrator(request)
    shown = get_object_or_404(User, pk=person_id)
    if deed == "deactivate":
        services.deactivate(actor=actor, person=shown, reason=request.POST.get("reason", "").strip())
        messages.success(request, f"{shown.name} has no access any more. What they did is kept.")
    elif deed == "reactivate":
        services.reactivate(actor=actor, person=shown)
        messages.success(request, f"{shown.name} has access again.")
    else:
        services.invite_again(actor=actor, person=shown)
        messages.success(request, f"The link goes to {shown.email} again.")
    return redirect("people:person", person_id)
