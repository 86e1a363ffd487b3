"""What a person typed is kept when a form could not be taken: an expired session, a refusal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

_KEY = "kept_forms"
_LIMIT = 200_000  # characters of one form that are kept
_FORMS = 5
_SECRET = {"csrfmiddlewaretoken", "password", "code", "token"}


def keep_posted(request: HttpRequest) -> None:
    """Keep the text fields of this POST in the session under its path; never passwords, codes or files."""
    fields = {name: values for name, values in request.POST.lists() if name not in _SECRET and "password" not in name}
    if not fields or sum(len(value) for values in fields.values() for value in values) > _LIMIT:
        return
    kept: dict[str, Any] = request.session.get(_KEY, {})
    kept.pop(request.path, None)
    kept[request.path] = fields
    request.session[_KEY] = dict(list(kept.items())[-_FORMS:])


def take_kept(request: HttpRequest, path: str) -> dict[str, list[str]]:
    """The kept fields of the form that posts to `path`, once; empty when there are none."""
    kept: dict[str, Any] = request.session.get(_KEY, {})
    fields: dict[str, list[str]] = kept.pop(path, {})
    if fields:
        request.session[_KEY] = kept
    return fields


def initial_from_kept(request: HttpRequest, path: str | None = None) -> dict[str, Any]:
    """Kept fields as a form's `initial`: one value, or a list where several were posted."""
    fields = take_kept(request, path or request.path)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
