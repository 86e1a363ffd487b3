"""Middleware: facts for the trail, sign-in for every page, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from foundation.web.afterwards import collecting
from foundation.web.kept import keep_posted
from foundation.web.refused import Refused
from foundation.web.request_facts import Facts, current

Respond = Callable[[HttpRequest], HttpResponse]


class RequestFacts:
    """Sets the id of the request and the peer's address for the audit trail; runs what is left for afterwards."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        facts = Facts(request_id=uuid4().hex, source_address=request.META.get("REMOTE_ADDR", "") or "")
        token = current.set(facts)
        try:
            with collecting():
                response = self.respond(request)
            response.headers["X-Request-Id"] = facts.request_id
            return response
        finally:
            current.reset(token)


class SignInRequired(LoginRequiredMiddleware):
    """Every page asks for sign-in unless it says otherwise; what was typed before a session ended is kept."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST":
            keep_posted(request)
            back = request.headers.get("Referer", "")
            allowed = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
            path = "/" + back.split("/", 3)[3] if allowed and back.count("/") >= 3 else request.path
            # The login address may be the name of a route, and the path may hold a query of its own.
            return redirect_to_login(path, resolve_url(self.get_login_url(view_func)))
        return super().handle_no_permission(request, view_func)


class Refusals:
    """A refused deed on a page: back to where the person was, with the reason; nothing typed is lost."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused) or request.path.startswith("/api/"):
            return None
        back = request.headers.get("Referer", "")
        if (
            request.method == "POST"
            and back
            and url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
            and not request.headers.get("HX-Request")
        ):
            keep_posted(request)
            messages.error(request, " ".join([exception.message, *exception.details[:20]]))
            return redirect(back)
        return render(request, "foundation/web/refused.html", {"refused": exception}, status=exception.status)
