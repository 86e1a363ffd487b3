"""Pages for people from outside: `/sign/TOKEN/`. No account, no session of the portal; a GET changes nothing.

The token in the address opens the page; a code that is mailed to the invited address opens the record, for an hour,
by a signed cookie that names the code. All else is asked again by the services, under their locks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from foundation.web.digest import digest_of
from foundation.web.kept import initial_from_kept, keep_posted
from foundation.web.refused import Refused
from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.forms import CodeForm, NameForm, OutsideDecisionForm
from lifecycle.acceptance.models import ExitReport, Invitation, SignatoryCode
from lifecycle.acceptance.services.codes import SESSION, session_of
from lifecycle.acceptance.throttle import count_look, count_post
from lifecycle.acceptance.views.finding import demand_valid
from lifecycle.acceptance.views.report import pdf_answer
from lifecycle.signoff.signing import signature_state

_SALT = "lifecycle.acceptance.signing"
# Where the form of each purpose is posted to; its words are kept under that path when the hour is over.
_DEEDS: dict[str, str] = {
    Invitation.Purpose.VERDICT: "verdict/",
    Invitation.Purpose.WITHDRAWAL: "withdrawal/",
    Invitation.Purpose.RECEIPT: "receipt/",
}
View = Callable[..., HttpResponse]


def _outside(view: View) -> View:
    """A page without sign-in that is never stored, never indexed, and shows refusals in place."""

    @login_not_required
    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, token: str) -> HttpResponse:
        try:
            count_look()
            invitation = selectors.invitation_by_token(token)
        except Refused as refusal:
            answer = _closed(request, refusal.message, refusal.status)
        else:
            answer = _answer(view, request, token, invitation)
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        answer.headers["Referrer-Policy"] = "same-origin"
        return answer

    return shown


def _answer(view: View, request: HttpRequest, token: str, invitation: Invitation | None) -> HttpResponse:
    if invitation is None:
        return _closed(request, "This link is not known. Open it exactly as it stands in the mail.", 404)
    try:
        if request.method == "POST":
            count_post(invitation.token_digest or "")
        return view(request, token, invitation)
    except Refused as refusal:
        if refusal.code == "session_over":
            keep_posted(request)
        fresh = selectors.invitation_by_token(token)
        return _page(request, token, fresh or invitation, refusal=refusal)


@_outside
@require_GET
def sign(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """What is asked; with an open session the record and the form."""
    return _page(request, token, invitation)


@_outside
@require_POST
def send_code(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """Mail a one-time code to the invited address."""
    services.request_code(invitation_id=invitation.pk)
    return redirect("acceptance:sign", token=token)


@_outside
@require_POST
def open_session(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """Take the code; the session is a signed cookie of this page only."""
    given = demand_valid(CodeForm(request.POST))
    code = services.open_signing(invitation_id=invitation.pk, code=given["code"])
    answer = redirect("acceptance:sign", token=token)
    answer.set_signed_cookie(
        f"signing_{invitation.pk}",
        str(code.pk),
        salt=_SALT,
        max_age=int(SESSION.total_seconds()),
        path="/sign/",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
    return answer


@_outside
@require_POST
def give_verdict(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """Sign the verdict."""
    form = OutsideDecisionForm(request.POST)
    given = demand_valid(form)
    services.decide_outside(
        invitation_id=invitation.pk,
        code_id=_code_id(request, invitation),
        verdict=str(request.POST.get("verdict", "")),
        printed_name=given["printed_name"],
        digest=given["digest"],
        comment=given["comment"],
        conditions=form.conditions(),
    )
    return redirect("acceptance:sign", token=token)


@_outside
@require_POST
def take_back(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """Sign the withdrawal of the verdict."""
    given = demand_valid(NameForm(request.POST))
    services.withdraw_outside(
        invitation_id=invitation.pk,
        code_id=_code_id(request, invitation),
        printed_name=given["printed_name"],
        reason=given["comment"],
    )
    return redirect("acceptance:sign", token=token)


@_outside
@require_POST
def give_receipt(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """Counter-sign the hand-off record, or send it back with what is missing."""
    answer = request.POST.get("answer", "received")
    given = demand_valid(NameForm(request.POST))
    if answer == "sent_back":
        services.send_back_outside(
            invitation_id=invitation.pk,
            code_id=_code_id(request, invitation),
            printed_name=given["printed_name"],
            digest=given["digest"],
            reason=given["comment"],
        )
    elif answer == "received":
        services.receive_outside(
            invitation_id=invitation.pk,
            code_id=_code_id(request, invitation),
            printed_name=given["printed_name"],
            digest=given["digest"],
            comment=given["comment"],
        )
    else:
        raise Refused("Receive it or send it back.", code="answer_unknown", status=400, field="answer")
    return redirect("acceptance:sign", token=token)


@_outside
@require_GET
def report_file(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """The exit report that was offered, without internal parts, as PDF."""
    report = _report(invitation)
    if _session(request, invitation) is None or report is None:
        raise Http404
    return pdf_answer(report, for_customer=True)


def _page(request: HttpRequest, token: str, invitation: Invitation, *, refusal: Refused | None = None) -> HttpResponse:
    status = refusal.status if refusal else 200
    if invitation.state != "sent":
        return _closed(
            request, _why_closed(invitation), 410 if refusal or invitation.state != "used" else 200, invitation
        )
    context: dict[str, Any] = {"invitation": invitation, "token": token, "refusal": refusal, "code_form": CodeForm()}
    session = _session(request, invitation)
    if session is None:
        asked = invitation.codes.first()
        context["code_asked"] = asked is not None and asked.opened_at is None and asked.tries < 5
        return render(request, "lifecycle/acceptance/sign_code.html", context, status=status)
    context["until"] = session.opened_at + SESSION if session.opened_at else None
    deed = _DEEDS[invitation.purpose]
    if invitation.handoff is not None:
        context |= {
            "handoff": invitation.handoff,
            "form": _form(NameForm, request, refusal, invitation.handoff.digest, deed),
        }
        return render(request, "lifecycle/acceptance/sign_receipt.html", context, status=status)
    context |= _dossier(invitation)
    digest = invitation.acceptance.digest if invitation.acceptance else ""
    kind = OutsideDecisionForm if invitation.purpose == Invitation.Purpose.VERDICT else NameForm
    context["form"] = _form(kind, request, refusal, digest, deed)
    return render(request, "lifecycle/acceptance/sign_verdict.html", context, status=status)


def _dossier(invitation: Invitation) -> dict[str, Any]:
    """What an outside person reads of an acceptance: as it was offered, with nothing that is internal."""
    acceptance = invitation.acceptance
    if acceptance is None:
        return {}
    report = _report(invitation)
    found: dict[str, Any] = {
        "acceptance": acceptance,
        "manifest": acceptance.manifest,
        "report": report,
        "parts": report.parts(for_customer=True) if report else [],
    }
    if acceptance.signature is not None:
        state = signature_state(acceptance.signature, digest_of(acceptance.manifest))
        found |= {"signature": acceptance.signature, "state": state, "mark": selectors.MARKS[state]}
    return found


def _report(invitation: Invitation) -> ExitReport | None:
    if invitation.acceptance is None:
        return None
    number = (invitation.acceptance.manifest.get("exit_report") or {}).get("number")
    if number is None:
        return None
    return selectors.reports_of(invitation.project).filter(number=number, state=ExitReport.State.ISSUED).first()


def _form(kind: type[Any], request: HttpRequest, refusal: Refused | None, digest: str, deed: str) -> Any:
    """Empty, or with what was typed where it was refused; the fingerprint is always the one shown now."""
    if refusal and request.method == "POST":
        typed: dict[str, Any] = {name: request.POST[name] for name in request.POST}
    else:
        typed = initial_from_kept(request, f"{request.path}{deed}")
    return kind(initial={**typed, "digest": digest})


def _session(request: HttpRequest, invitation: Invitation) -> SignatoryCode | None:
    code_id = _code_id(request, invitation)
    return session_of(invitation, code_id) if code_id else None


def _code_id(request: HttpRequest, invitation: Invitation) -> int:
    """The code that the cookie names; 0 without a good cookie."""
    name = f"signing_{invitation.pk}"
    text = request.get_signed_cookie(name, default="", salt=_SALT, max_age=int(SESSION.total_seconds()))
    return int(text) if text and text.isdecimal() else 0


def _why_closed(invitation: Invitation) -> str:
    if invitation.sent_it_back:
        return (
            "You have sent the hand-off back, and the team was told why. Thank you. This link opens nothing any more; "
            "for the next version you get another one."
        )
    if invitation.state == "used":
        return "You have signed. Thank you. This link has done its work and opens nothing any more."
    if invitation.state == "ended":
        return "This link was ended: the matter was decided or taken back, or a newer link was sent to you."
    return f"This link has expired. Ask {invitation.created_by.name} for a new one."


def _closed(request: HttpRequest, why: str, status: int, invitation: Invitation | None = None) -> HttpResponse:
    context: dict[str, Any] = {"why": why, "invitation": invitation}
    return render(request, "lifecycle/acceptance/sign_closed.html", context, status=status)
