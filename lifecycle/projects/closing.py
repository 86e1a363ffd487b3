"""What must be settled before a project is closed. Rooms above say what they wait for; this room does not know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from foundation.people.models import User
from lifecycle.projects import moves
from lifecycle.projects.models import Project, Stage


@dataclass(frozen=True)
class Unsettled:
    """One thing that is still open. `code`: stable, for machines. `text`: what it is and what to do, in sentences.
    `way`, `link`: the words on a button and where it leads, for those who may go there."""

    code: str
    text: str
    way: str = ""
    link: str = ""


Asker = Callable[[User, Project], Unsettled | None]
_askers: list[Asker] = []


def register(asker: Asker) -> None:
    """Make known what has to be settled, when the app starts. `asker` is told who asks: what it answers names nothing
    that this person may not see. None where nothing is open."""
    if asker not in _askers:
        _askers.append(asker)


def unsettled(user: User, project: Project) -> list[Unsettled]:
    """What keeps the project from being closed now; empty when nothing does."""
    return [found for asker in (undecided_round, *_askers) if (found := asker(user, project)) is not None]


def undecided_round(user: User, project: Project) -> Unsettled | None:
    """A round of sign-off that waits for people: their answer is not cut off. A stop withdrew those of a stopped project."""
    if project.state == moves.STOPPED:
        return None
    stage = Stage.objects.filter(
        project=project, is_current=True, rounds__isnull=False, rounds__closed_at__isnull=True
    ).first()
    if stage is None:
        return None
    return Unsettled(
        "round_open",
        f"A decision on {stage.name} is asked for. Wait for it, or withdraw the request.",
        f"Open {stage.name}",
        stage.get_absolute_url(),
    )
