"""The checks that gates ask for: rooms above register how each is judged; this room knows only their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lifecycle.methodologies.checks import CHECKS, limit_of
from lifecycle.projects.models import Stage


@dataclass(frozen=True)
class Judged:
    """What a check found at a stage, as it is now.

    `found`: one sentence with the figures. `todo`: what to do when it is not met, one sentence. `link`: where it is seen.
    """

    met: bool
    found: str
    todo: str = ""
    link: str = ""


@dataclass(frozen=True)
class GateCheck:
    """How a check is judged. `judge(stage, limit)`: the limit is the gate's own, None for a check that takes none.
    `watches`: kinds of audited things whose change can alter the verdict."""

    name: str
    judge: Callable[[Stage, float | None], Judged]
    watches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A check that the gate of a stage asks for, with its verdict. `required`: what must hold, in words."""

    name: str
    required: str
    limit: float | None
    judged: Judged

    @property
    def lacking(self) -> str:
        """What is missing, for the list of those who submit."""
        required = self.required[:1].upper() + self.required[1:]
        return " ".join(filter(None, (f"Required: {required}.", self.judged.found, self.judged.todo)))


_checks: dict[str, GateCheck] = {}
WATCHED: set[str] = set()


def register(check: GateCheck) -> None:
    """Make known how a check is judged, when the app starts."""
    if check.name not in CHECKS:
        raise ValueError(f"No gate can ask for {check.name!r}: name it in lifecycle.methodologies.checks first.")
    if _checks.setdefault(check.name, check) != check:
        raise ValueError(f"The check {check.name!r} is registered twice with different meanings.")
    WATCHED.update(check.watches)


def judged_names() -> frozenset[str]:
    """The checks that somebody judges."""
    return frozenset(_checks)


def findings_at(stage: Stage) -> list[Finding]:
    """The checks of the stage's gate with their verdicts, in the order of the gate; no query where it asks for none."""
    found = []
    for row in stage.gate.get("checks") or []:
        check, limit = _checks.get(row["check"]), limit_of(row)
        judged = (
            check.judge(stage, limit)
            if check is not None
            else Judged(False, "This portal cannot judge it.", "Ask those who run the portal.")
        )
        found.append(Finding(row["check"], CHECKS[row["check"]].said(limit), limit, judged))
    return found
