"""Pages of the second factor: the own one, and turning off somebody's lost one."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.utils import decrypt, encrypt
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from foundation.people import selectors, services
from foundation.people.forms import FactorForm, LostFactorForm, SetUpFactorForm
from foundation.people.models import User
from foundation.web.refused import Refused
from foundation.web.views import signed_in

_SECRET = "second_factor_to_be"  # nosec B105


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The own second factor; POST sets it up, and its answer is the only one that shows the recovery codes."""
    person = signed_in(request)
    if request.method == "POST":
        given = _given(SetUpFactorForm(request.POST))
        codes = services.set_up_second_factor(
            actor=person, password=given["password"], secret=_secret_kept(request), code=given["code"]
        )
        request.session.pop(_SECRET, None)
        return _page(request, person, codes=codes)
    return _page(request, person)


@never_cache
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown on this answer only."""
    person = signed_in(request)
    given = _given(FactorForm(request.POST))
    codes = services.renew_recovery_codes(actor=person, password=given["password"], code=given["code"])
    return _page(request, person, codes=codes)


@require_POST
def turn_off(request: HttpRequest) -> HttpResponse:
    """The password alone from now on."""
    person = signed_in(request)
    given = _given(FactorForm(request.POST))
    services.turn_off_second_factor(actor=person, password=given["password"], code=given["code"])
    messages.success(request, "Your second factor is turned off: the password alone is asked from now on.")
    return redirect("people:second_factor")


@require_POST
def turn_off_lost(request: HttpRequest, person_id: int) -> HttpResponse:
    """An administrator turns off the second factor of somebody else."""
    actor = signed_in(request)
    if not actor.is_administrator:
        raise PermissionDenied
    person = get_object_or_404(User, pk=person_id)
    given = _given(LostFactorForm(request.POST))
    services.turn_off_lost_factor(
        actor=actor,
        person=person,
        reason=given["reason"],
        password=given["password"],
        code=request.POST.get("code", ""),
    )
    messages.success(request, f"The second factor of {person.name} is turned off, and they are told.")
    return redirect("people:person", person_id)


def _page(request: HttpRequest, person: User, codes: list[str] | None = None) -> HttpResponse:
    factor = selectors.second_factor_of(person)
    context: dict[str, object] = {"factor": factor, "codes": codes}
    if factor is None:
        secret = _secret_to_be(request)
        context |= {
            "form": SetUpFactorForm(),
            "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
            "picture": _picture(person, secret),
        }
    else:
        context |= {
            "renew_form": FactorForm(auto_id="id_renew_%s"),
            "off_form": FactorForm(auto_id="id_off_%s"),
        }
    return render(request, "foundation/people/second_factor.html", context)


def _secret_to_be(request: HttpRequest) -> str:
    """The secret that is offered, the same until it is set up: kept encrypted in the session, as later in its row."""
    try:
        return _secret_kept(request)
    except Refused:
        secret = services.new_secret()
        request.session[_SECRET] = encrypt(secret)
        return secret


def _secret_kept(request: HttpRequest) -> str:
    kept = request.session.get(_SECRET)
    if kept is None:
        raise Refused(
            "The page was open for too long, or this was done already. Load it again and read the picture anew.",
            code="factor_unknown",
        )
    return str(decrypt(kept))


def _picture(person: User, secret: str) -> SafeString:
    """The secret as a QR code, without the head that only a file of its own needs."""
    adapter = get_adapter()
    svg: str = adapter.build_totp_svg(adapter.build_totp_url(person, secret))
    # Made by the library from an address that is quoted: nothing that a person wrote stands in it as mark-up.
    return mark_safe(svg[svg.index("<svg") :])  # nosec B308 B703


def _given(form: forms.Form) -> dict[str, str]:
    if form.is_valid():
        return {name: str(value) for name, value in form.cleaned_data.items()}
    name, errors = next(iter(form.errors.items()))
    raise Refused(f"{form.fields[name].label}: {errors[0]}", code="invalid", status=400, field=name)
