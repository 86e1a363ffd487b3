"""One call of a route by a person, as one letter: what counts is whether they were let in."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import File
from django.db import transaction
from django.shortcuts import resolve_url
from django.urls import reverse
from rest_framework.response import Response

from explain.outcomes.calculators.command import answer as calculated
from foundation.web.refused import Refused
from tests.portal.matrix.routes import Route
from tests.portal.matrix.table import Send, Table
from tests.portal.matrix.world import ANONYMOUS, Place, World

LOGIN = resolve_url(settings.LOGIN_URL)


@contextmanager
def watched() -> Iterator[list[int]]:
    """Statuses of refusals in the order in which they are made: a page may answer one with a redirect.

    Templates are not rendered meanwhile: who is let in is decided before, and pages have tests of their own.
    """
    made: list[int] = []
    tell = Refused.__init__

    def noted(self: Refused, message: str, **others: Any) -> None:
        made.append(others.get("status", 409))
        tell(self, message, **others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refused, "__init__", noted)
        patch.setattr("django.template.backends.django.Template.render", lambda *_, **__: "")
        patch.setattr("portal.api.views.Schema._get_schema_response", lambda *_, **__: Response({}))
        # Calculators answer here in place of a process for each call.
        patch.setattr("explain.outcomes.calculators.child._run", lambda name, text, seconds: calculated(name, text))
        logging.disable(logging.CRITICAL)  # thousands of refusals are meant
        try:
            yield made
        finally:
            logging.disable(logging.NOTSET)


def ask(
    world: World, table: Table, route: Route, roles: Sequence[str], place: Place, made: list[int]
) -> dict[str, tuple[str, str]]:
    """For each role the letter, and the answer in words for whom it surprises. Nothing of the calls stays."""
    send = table.send.get(str(route), Send())
    found = {}
    with transaction.atomic():
        if send.before is not None:
            send.before(place)
        path, body = _path(table, route, place), send.body
        for role in roles:
            with transaction.atomic():
                made.clear()
                answer = _call(world, route, role, path, body(place))
                transaction.set_rollback(True)
            found[role] = (_letter(route, answer, made), f"{answer.status_code} {_words(answer)}")
        transaction.set_rollback(True)
    return found


def _path(table: Table, route: Route, place: Place) -> str:
    if route.name.startswith("/"):
        return route.name
    given = {**place.arguments(), **table.fill.get(route.name, lambda at: {})(place)}
    missing = [name for name in route.arguments if name not in given]
    assert not missing, f"{route.name}: say in FILL what {', '.join(missing)} is."
    return reverse(route.name, kwargs={name: given[name] for name in route.arguments})


def _call(world: World, route: Route, role: str, path: str, body: dict[str, Any]) -> Any:
    client = world.client
    client.cookies.clear()
    client.defaults.pop("HTTP_AUTHORIZATION", None)
    cache.clear()  # counts of tries, which would sooner or later bar everybody
    if not route.is_api or route.name == "api:docs":
        if role != ANONYMOUS:
            client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[role]
        return (
            client.generic("PUT", path) if route.method == "PUT" else getattr(client, route.method.lower())(path, body)
        )
    if role != ANONYMOUS:
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {world.tokens[role]}"
    if any(isinstance(value, File) for value in body.values()):
        return client.post(path, body)
    if route.method == "GET":
        return client.get(path, body)
    if route.method == "DELETE":
        return client.delete(f"{path}?{urlencode(body)}" if body else path)
    return client.generic(route.method, path, _json(body), content_type="application/json")


def _json(body: dict[str, Any]) -> str:
    """A body that is no object is given as `*`."""
    return json.dumps(body.get("*", body))


def _letter(route: Route, answer: Any, made: list[int]) -> str:
    status = answer.status_code
    if status == 401 or (status in (301, 302) and answer["Location"].split("?")[0] == LOGIN):
        return "L"
    if status == 404:
        return "N"
    if status == 403 or 403 in made:
        return "F"
    assert status < 500, f"{route}: {status}"
    letter = "R" if route.method == "GET" else "D"
    return letter if status < 400 else letter.lower()


def _words(answer: Any) -> str:
    if "json" in answer.get("Content-Type", ""):
        return answer.content.decode()[:160]
    return answer.get("Location", "")
