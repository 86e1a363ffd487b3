"""Reading settings from the environment: each bad value becomes a problem that `manage.py check` explains."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dj_database_url


@dataclass(frozen=True)
class Problem:
    """One bad value: which setting, what is wrong with it, and what to do."""

    name: str
    message: str
    hint: str


@dataclass
class Environment:
    """Typed look-ups in `source`; a bad value gives the default and one entry in `problems`."""

    source: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    problems: list[Problem] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, default: str, help_text: str) -> str:
        """The value as it stands, or the default where it is absent or empty."""
        self.known[name] = help_text
        return self.source.get(name, "") or default

    def flag(self, name: str, default: bool, help_text: str) -> bool:
        """1/true/yes/on or 0/false/no/off."""
        raw = self.text(name, "", help_text).strip().lower()
        if raw in {"1", "true", "yes", "on"}:
            return True
        if raw in {"0", "false", "no", "off"}:
            return False
        if raw:
            self._bad(name, f"{name} is {raw!r}, which is neither yes nor no.", "Use 1 or 0.")
        return default

    def number(self, name: str, default: int, help_text: str, *, low: int = 0, high: int = 10**12) -> int:
        """A whole number within [low, high]."""
        raw = self.text(name, "", help_text).strip()
        if not raw:
            return default
        try:
            value = int(raw)
        except ValueError:
            self._bad(name, f"{name} is {raw!r}, which is not a whole number.", f"Use {low} to {high}.")
            return default
        if not low <= value <= high:
            self._bad(name, f"{name} is {value}, outside {low} to {high}.", f"Use {low} to {high}.")
            return default
        return value

    def names(self, name: str, default: list[str], help_text: str) -> list[str]:
        """A list separated by commas."""
        raw = self.text(name, "", help_text)
        return [part.strip() for part in raw.split(",") if part.strip()] or default

    def choice(self, name: str, default: str, options: tuple[str, ...], help_text: str) -> str:
        """One of the options."""
        raw = self.text(name, default, help_text).strip()
        if raw not in options:
            self._bad(name, f"{name} is {raw!r}.", f"Use one of: {', '.join(options)}.")
            return default
        return raw

    def folder(self, name: str, default: Path, help_text: str) -> Path:
        """A folder that exists or can be made; it is made here."""
        path = Path(self.text(name, str(default), help_text)).expanduser().absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._bad(
                name,
                f"{name} names {path}, which cannot be made: {error.strerror}.",
                "Name a folder you may write to.",
            )
        return path

    def database(self, name: str, default: str, help_text: str) -> dict[str, Any]:
        """A database URL: sqlite:///file or postgres://user:password@host:port/name."""
        raw = self.text(name, default, help_text)
        try:
            parsed = dict(dj_database_url.parse(raw, conn_max_age=60, conn_health_checks=True))
        except ValueError:  # dj_database_url's own errors derive from it
            parsed = {}
        engine = str(parsed.get("ENGINE", ""))
        if not engine.endswith(("sqlite3", "postgresql")):
            # The value may hold a password: only its scheme is repeated.
            scheme = raw.split("://", 1)[0]
            self._bad(
                name,
                f"{name} begins with {scheme!r}, which is no database that Tollgate knows.",
                "Use sqlite:///path/to/file or postgres://user:password@host:5432/name.",
            )
            return dict(dj_database_url.parse(default, conn_max_age=60))
        return parsed

    def _bad(self, name: str, message: str, hint: str) -> None:
        self.problems.append(Problem(name, message, hint))
