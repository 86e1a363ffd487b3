"""Pictures in a file that is taken away: those that its texts name, inside the file itself, while there is room.

Room is counted as the pictures are named, each time anew, in the order of the text: bytes for the file, points for whoever
sets it. What has no room, or is no picture, is said with its name and its size.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.defaultfilters import filesizeformat

from foundation.web.markdown import OwnFile, pictures_in
from lifecycle.postmortems.exports.sections import Paper
from lifecycle.postmortems.pictures import Broken, TooLarge, size_of, without_notes
from lifecycle.postmortems.services.files import FileData
from lifecycle.postmortems.sniffing import FileKind, kind_named, kind_of_file

BYTES_LIMIT: Final = 5 * 1024 * 1024  # of all pictures in one file
POINTS_LIMIT: Final = 50_000_000

Read = Callable[[Iterable[int]], Mapping[int, FileData]]


@dataclass(frozen=True)
class Picture:
    """A picture that is shown: its kind and its bytes."""

    kind: FileKind
    content: bytes

    @property
    def as_data(self) -> str:
        """As an address that holds the picture itself."""
        return f"data:{self.kind.media_type};base64,{b64encode(self.content).decode()}"


def pictures_for(paper: Paper, listed: list[dict[str, Any]], read: Read) -> dict[int, Picture]:
    """The pictures that the paper shows, by number. `listed`: its files as the content names them; `read`: their bytes."""
    sizes = {row["id"]: row["size"] for row in listed if _is_picture(row["media_type"])}
    named = Counter(number for text in paper.texts for number in pictures_in(text) if number in sizes)
    room, wanted = BYTES_LIMIT, []
    for number, times in named.items():
        if sizes[number] * times <= room:
            room -= sizes[number] * times
            wanted.append(number)
    shown: dict[int, Picture] = {}
    points = POINTS_LIMIT
    found = read(wanted)
    for number in wanted:
        picture = _sound(found.get(number))
        if picture is None:
            continue
        width, height = size_of(picture.content, picture.kind)
        if width * height <= points:
            points -= width * height
            shown[number] = picture
    return shown


def files_of(listed: list[dict[str, Any]], shown: Mapping[int, str]) -> dict[int, OwnFile]:
    """What the texts may show, by number. `shown`: the addresses of those that the file holds."""
    return {
        row["id"]: OwnFile(
            shown.get(row["id"], ""),
            is_picture=row["id"] in shown,
            instead=f"{row['name']}, {filesizeformat(row['size'])}, not in this file",
        )
        for row in listed
    }


def _is_picture(media_type: str) -> bool:
    kind = kind_named(media_type)
    return kind is not None and kind.is_picture


def _sound(data: FileData | None) -> Picture | None:
    """What was kept, looked at anew: only what is a picture by its bytes, and without its notes."""
    kind = kind_of_file(data.content) if data else None
    if data is None or kind is None or not kind.is_picture:
        return None
    try:
        return Picture(kind, without_notes(data.content, kind))
    except (Broken, TooLarge):
        return None
