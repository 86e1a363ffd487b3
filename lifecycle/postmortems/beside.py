"""What rooms above show on the page of a post-mortem, and what they do when it is opened; this room does not know what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest

from foundation.people.models import User
from lifecycle.postmortems.models import PostMortem

Place = Literal["main", "aside"]


@dataclass(frozen=True)
class Section:
    """A sheet: a template of the room above and its context, in the wide or in the narrow column."""

    template: str
    context: dict[str, Any]
    place: Place = "main"


Maker = Callable[[HttpRequest, User, PostMortem], Section | None]
Opened = Callable[[User, PostMortem], None]
_makers: list[Maker] = []
_told: list[Opened] = []


def register(maker: Maker) -> None:
    """Make a section known, when the app starts; `maker` gives None where there is nothing to show."""
    if maker not in _makers:
        _makers.append(maker)


def when_opened(told: Opened) -> None:
    """Call `told(user, postmortem)` whenever somebody reads a post-mortem, on its page or over the API."""
    if told not in _told:
        _told.append(told)


def sections_for(request: HttpRequest, user: User, postmortem: PostMortem) -> list[Section]:
    """The sections of a post-mortem, in the order in which they were made known."""
    return [section for maker in _makers if (section := maker(request, user, postmortem)) is not None]


def opened(user: User, postmortem: PostMortem) -> None:
    """Somebody reads it."""
    for told in _told:
        told(user, postmortem)
