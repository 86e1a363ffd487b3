"""Pieces of a check of plain data: keys, texts, lists. Each fault has its place and one reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]  # keys and places from 0, as in the data

KEY = re.compile(r"[a-z][a-z0-9_]{1,59}", re.ASCII)
KEY_RULE = "begins with a small letter, and has 2 to 60 small letters, digits and underscores"
LONG = 4_000  # characters of one description or question


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `path`: keys and places from 0, as in the data."""

    path: Path
    reason: str

    @property
    def place(self) -> str:
        """The path as a person counts: `phases[2].gate.required_outputs[1]`."""
        said = ""
        for step in self.path:
            said += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if said else step
        return said or "the file"

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass
class Pieces:
    """Collects faults, with one question for each shape that a value can have."""

    faults: list[Fault] = field(default_factory=list)

    def say(self, path: Path, reason: str) -> None:
        self.faults.append(Fault(path, reason))

    def mapping(self, value: Any, path: Path, known: tuple[str, ...], example: str) -> dict[str, Any] | None:
        """The value if it is a mapping; what it holds beyond the known keys is said."""
        if not isinstance(value, dict):
            self.say(path, f"must be a block of entries such as “{example}: …”.")
            return None
        for name in value:
            if name not in known and not (not path and str(name).endswith("_mapping")):
                near = get_close_matches(str(name), known, n=1)
                hint = f"did you mean “{near[0]}”?" if near else f"known here: {', '.join(known)}."
                self.say((*path, name), f"“{name}” is unknown; {hint}")
        return value

    def text(
        self, block: dict[str, Any], name: str, path: Path, *, limit: int = LONG, required: bool = False
    ) -> str | None:
        """The text under `name`, if it is a sound one."""
        if name not in block or block[name] is None:
            if required:
                self.say((*path, name), "is missing.")
            return None
        value = block[name]
        if not isinstance(value, str):
            self.say((*path, name), "must be a text; put it in quotes.")
            return None
        if required and not value.strip():
            self.say((*path, name), "is empty; write something.")
            return None
        if len(value) > limit:
            self.say((*path, name), f"has {len(value)} characters; the limit is {limit}.")
        return value

    def key(self, block: dict[str, Any], path: Path, seen: dict[str, str], what: str) -> str | None:
        """The key of a block, new among its neighbours."""
        key = self.text(block, "key", path, required=True)
        if key is None:
            return None
        if not KEY.fullmatch(key):
            self.say((*path, "key"), f"{key!r} cannot be a key: it {KEY_RULE}; use small letters.")
            return None
        if key in seen:
            self.say((*path, "key"), f"{key!r} is the key of the {what} at {seen[key]} already.")
        else:
            seen[key] = Fault(path, "").place
        return key

    def flag(self, block: dict[str, Any], name: str, path: Path) -> None:
        if not isinstance(block.get(name, False), bool):
            self.say((*path, name), "must be true or false.")

    def texts(self, block: dict[str, Any], name: str, path: Path) -> list[tuple[int, str]]:
        """(place, text) of a list of texts; an absent list is an empty one."""
        value = block.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.say((*path, name), "must be a list.")
            return []
        for number, text in enumerate(value):
            if not isinstance(text, str) or not text.strip():
                self.say((*path, name, number), "must be a text; put it in quotes.")
        return [(number, text) for number, text in enumerate(value) if isinstance(text, str)]

    def rows(
        self, block: dict[str, Any], name: str, path: Path, known: tuple[str, ...], example: str
    ) -> Iterator[tuple[Path, dict[str, Any]]]:
        """(path, block) of a list of blocks; an absent list is an empty one."""
        value = block.get(name)
        if value is None:
            return
        if not isinstance(value, list):
            self.say((*path, name), "must be a list.")
            return
        for number, row in enumerate(value):
            place = (*path, name, number)
            found = self.mapping(row, place, known, example)
            if found is not None:
                yield place, found
