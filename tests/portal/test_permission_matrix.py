"""Who is let in where: the table of tests/portal/matrix against the portal itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.urls import path

from tests.portal.matrix.asking import ask, watched
from tests.portal.matrix.building import build
from tests.portal.matrix.routes import Route, all_routes, routes_of
from tests.portal.matrix.table import read_row, read_table, unlike
from tests.portal.matrix.world import FOREIGNER, ROLES, World

ROUTES = all_routes()
TABLE = read_table()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once; what the calls do is rolled back one by one, and this at the end."""
    quick = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    with django_db_blocker.unblock(), transaction.atomic():
        with quick:
            made = build()
        yield made
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in ROUTES if str(route) in TABLE.rows], ids=str)
def test_each_role_gets_what_its_row_says(route: Route, world: World) -> None:
    with watched() as refusals:
        own = ask(world, TABLE, route, ROLES, world.own, refusals)
        foreign = ask(world, TABLE, route, [FOREIGNER], world.foreign, refusals)[FOREIGNER]
    row = TABLE.rows[str(route)]
    surprises = [f"{role}: {told}" for role, (letter, told) in own.items() if letter != row.expected(role)]
    if foreign[0] != row.foreign:
        surprises.append(f"stranger: {foreign[1]}")
    found = written(route, "".join(letter for letter, _ in own.values()), foreign[0])
    assert not surprises, f"The portal answers\n{found}\n" + "\n".join(surprises)


@pytest.mark.django_db
def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    without, beyond = unlike(ROUTES, TABLE)
    found = []
    with watched() as refusals:
        for route in without:
            own = ask(world, TABLE, route, ROLES, world.own, refusals)
            foreign = ask(world, TABLE, route, [FOREIGNER], world.foreign, refusals)
            found.append(written(route, "".join(letter for letter, _ in own.values()), foreign[FOREIGNER][0]))
    assert not found, "Routes without a row (see tests/portal/matrix/__init__.py); they answer now:\n" + "\n".join(
        found
    )
    assert not beyond, f"Rows without a route: {', '.join(beyond)}"


def test_a_new_route_and_a_row_of_no_route_are_both_noticed() -> None:
    fresh = routes_of([path("new/", lambda request: None, name="fresh")])
    gone = TABLE.with_row(read_row("GET gone:page L N RRRRRRR RRR"))
    assert [str(route) for route in unlike([*ROUTES, *fresh], TABLE)[0]][-2:] == ["GET fresh", "POST fresh"]
    assert unlike(ROUTES, gone)[1][-1:] == ["GET gone:page"]


@pytest.mark.parametrize("row", TABLE.rows.values(), ids=lambda row: f"{row.method} {row.name}")
def test_no_row_grants_what_no_role_may_ever_have(row: Any) -> None:
    """What holds for all rows, whatever they say one by one."""
    open_to_all = not OPEN_TO_ALL.isdisjoint({row.name, f"{row.method} {row.name}"})
    assert (row.expected("anonymous") == "L") != open_to_all, "Nobody gets in without signing in"
    if row.foreign == "N" and not open_to_all:
        assert row.expected("outsider") == "N", "What is hidden from strangers is hidden from outsiders"
    if row.method != "GET" and row.foreign == "N" and row.name not in CHANGE_NOTHING:
        assert row.expected("auditor") in "FN", "An auditor changes nothing in a project"
        assert row.name in A_VIEWER_ALSO or row.expected("viewer") in "FN", "A viewer changes nothing in a project"


OPEN_TO_ALL = {
    "account_login", "account_inactive", "account_signup", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "healthz", "/favicon.ico",
    "POST api:api-tokens",  # takes a password
    # The link of an outside signatory is the key; what signs asks for the mailed code besides.
    "acceptance:sign", "acceptance:sign_code", "acceptance:sign_open", "acceptance:sign_verdict",
    "acceptance:sign_withdrawal", "acceptance:sign_receipt", "acceptance:sign_report",
}  # fmt: skip
# Pages that answer a POST as they answer a GET; and handing out a dossier, which only the trail notes.
CHANGE_NOTHING = {
    "projects:stages", "projects:stage", "projects:preview", "projects:version", "projects:download",
    "dossier:dossier", "api:api-dossiers",
    "api:api-case-what-if",  # counted and forgotten
}  # fmt: skip
A_VIEWER_ALSO = {
    "postmortems:new", "api:api-postmortems",
    "signoff:give_feedback", "api:api-feedback",  # advice on a round comes from any member who stands apart
    "projects:cover", "api:api-delegations",  # somebody reads in their place
}  # fmt: skip


def written(route: Route, letters: str, foreign: str) -> str:
    """A row as the table has it."""
    row = f"{route.method:6} {route.name}  {letters[0]} {letters[1]} {letters[2:9]} {letters[9:]}"
    return row if foreign == "N" else f"{row} / {foreign}"
