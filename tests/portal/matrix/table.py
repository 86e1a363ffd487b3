"""Rows of the matrix as text, and what a call needs beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.portal.matrix.routes import Route
from tests.portal.matrix.world import ROLES, Place

Fill = Callable[[Place], dict[str, Any]]


@dataclass(frozen=True)
class Send:
    """What a deed sends: `body` (a form for pages, JSON for the API; a file makes it multipart;
    GET and DELETE send it as their query).

    `before` brings the place into the state in which the deed can be done; it is rolled back with the call.
    """

    body: Fill = lambda at: {}
    before: Callable[[Place], None] | None = None


@dataclass(frozen=True)
class Row:
    """One method of one route, with a letter for each role on the own project, and one for the foreign project."""

    name: str
    method: str
    letters: str
    foreign: str

    def expected(self, role: str) -> str:
        return self.letters[ROLES.index(role)]


@dataclass(frozen=True)
class Table:
    """All rows with what their calls need."""

    rows: dict[str, Row]
    fill: dict[str, Fill]
    send: dict[str, Send]

    def with_row(self, row: Row) -> Table:
        return Table({**self.rows, f"{row.method} {row.name}": row}, self.fill, self.send)


def read_table() -> Table:
    """Every module of `rows`: its text ROWS, its addresses FILL, its bodies SEND."""
    table = Table({}, {}, {})
    for file in sorted((Path(__file__).parent / "rows").glob("[a-z]*.py")):
        module = import_module(f"tests.portal.matrix.rows.{file.stem}")
        for line in module.ROWS.splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                row = read_row(line)
                key = f"{row.method} {row.name}"
                assert key not in table.rows, f"Two rows speak of {key}."
                table.rows[key] = row
        table.fill.update(getattr(module, "FILL", {}))
        table.send.update(getattr(module, "SEND", {}))
    return table


def read_row(line: str) -> Row:
    """`GET signoff:round  L N RRRRRRR RRR / N`: what stands after the stroke is what a stranger gets, N if absent."""
    told, _, foreign = line.partition(" / ")
    method, name, *letters = told.split()
    joined = "".join(letters)
    assert len(joined) == len(ROLES), f"{name}: {len(ROLES)} letters are needed, one for each of {', '.join(ROLES)}."
    assert set(joined + foreign.strip()) <= set("RrDdFNL"), f"{name}: a letter means nothing. Use R, r, D, d, F, N, L."
    return Row(name, method, joined, foreign.strip() or "N")


def unlike(routes: list[Route], table: Table) -> tuple[list[Route], list[str]]:
    """Routes that no row speaks of, and rows that speak of no route."""
    known = {str(route) for route in routes}
    return [route for route in routes if str(route) not in table.rows], [key for key in table.rows if key not in known]
