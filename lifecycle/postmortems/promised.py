"""What was promised, and what came, as a post-mortem freezes it when it is opened. Floors above tell what they know;
this room does not know what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from lifecycle.projects.models import Project


@dataclass(frozen=True)
class Promised:
    """A line: what was promised and what came, in words. `kept`: whether it was kept, None where that is not known yet or
    not a matter of yes and no. `is_money`: readers outside may be spared it."""

    label: str
    promised: str
    came: str
    note: str = ""
    kept: bool | None = None
    is_money: bool = False


@dataclass(frozen=True)
class Sheet:
    """Lines of one kind, and the page that they were read from (a path of the portal)."""

    name: str
    rows: tuple[Promised, ...]
    link: str = ""


GOALS = "Business goals"  # the sheet whose lines are KPIs, by their names

Maker = Callable[[Project], Sheet | None]
_makers: list[Maker] = []


def register(maker: Maker) -> None:
    """Make a sheet known, when the app starts; `maker` gives None where a project has nothing to show."""
    if maker not in _makers:
        _makers.append(maker)


def sheets_for(project: Project) -> list[Sheet]:
    """The sheets of floors above, in the order in which they were made known."""
    return [sheet for maker in _makers if (sheet := maker(project)) is not None and sheet.rows]


def goals_in(promise: dict[str, Any]) -> list[str]:
    """Names of the KPIs that a frozen promise speaks of, which whoever reads the post-mortem reads too."""
    return [str(row["label"]) for sheet in promise.get("sheets", []) if sheet["name"] == GOALS for row in sheet["rows"]]


def frozen(sheets: list[Sheet], as_of: str) -> dict[str, Any]:
    """The sheets as `PostMortem.promise` keeps them; empty where there is nothing.

    `{"as_of": ISO date, "sheets": [{"name", "link", "rows": [{label, promised, came, note, kept, is_money}]}]}`.
    """
    if not sheets:
        return {}
    return {
        "as_of": as_of,
        "sheets": [{**asdict(sheet), "rows": [asdict(row) for row in sheet.rows]} for sheet in sheets],
    }
