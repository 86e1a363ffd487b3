"""A story of sign-off written down word for word: what each deed leaves in rows, signatures, trail and inboxes.

A story is compared with its text in `words/`. TOLLGATE_WRITE_WORDS=1 writes the texts anew: read the difference before
you commit it, since it is what people read and what an auditor finds.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db.models import Max, Model

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.web.refused import Refused
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.models import Condition, ConditionEvent, Decision, Feedback, Round, Signature, Waiver

WORDS = Path(__file__).parent / "words"
# What tells one run from another: numbers of rows, and fingerprints over them.
_NUMBERED = re.compile(r"(?<=[a-z]:)\d+\b(?!-)|(?<=[a-z]/)\d+(?=/)")
_SECOND_NUMBER = re.compile(r"(?<=^round_decided:N:)\d+|(?<=^round_asked_again:N:)\d+")
_LONG = re.compile(r"(.)\1{49,}")
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b")
_OWN_NUMBERS = frozenset({"signature", "round", "approval", "id", "revision"})
_KEPT: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (
        Round,
        (
            "state", "title", "comment", "emergency", "requester", "submitted_at", "due_on", "closed_at", "feedback_until",
            "expires_on", "returned_to", "lapsed_at", "difference",
        ),
    ),
    (Stage, ("state",)),
    (
        Decision,
        ("decider", "on_behalf_of", "holder", "role", "verdict", "reason", "override", "stands", "withdrawal"),
    ),
    (Condition, ("state", "text", "severity", "owner", "verifier", "due_on", "grace_days", "closed_at")),
    (Feedback, ("author", "role", "grade", "text", "settled_at", "settled_note")),
    (
        Waiver,
        (
            "stage_key", "what", "role", "person", "reason", "starts_on", "ends_on", "granted_by", "ended_at", "ended_by",
        ),
    ),
    (
        Signature,
        (
            "record_kind", "record_name", "record_version", "meaning", "statement", "comment", "printed_name", "role",
            "on_behalf_of", "authenticated_by",
        ),
    ),
    (ConditionEvent, ("kind", "by", "note", "evidence", "facts")),
)  # fmt: skip


class Story:
    """`deed("Somebody does something", lambda: ...)` for each step; then `is_kept_as("name")`."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.rows: dict[tuple[str, int], dict[str, str]] = self._present_rows()
        self.entry = Entry.objects.aggregate(n=Max("seq"))["n"] or 0
        self.notice = Notice.objects.aggregate(n=Max("pk"))["n"] or 0

    def deed(self, title: str, do: Callable[[], Any]) -> Any:
        """Do it, and write down what it answers and leaves. A refusal is an answer."""
        self.lines += ["", f"# {title}"]
        found = None
        try:
            found = do()
        except Refused as refused:
            field = f", at {refused.field}" if refused.field else ""
            self.lines.append(f"refused {refused.status} {refused.code}{field}: {refused.message}")
            self.lines += [f"  - {detail}" for detail in refused.details]
        if isinstance(found, list) and all(isinstance(line, str) for line in found):
            self.lines += [f"says: {line}" for line in found]
        self._write_rows()
        self._write_trail()
        self._write_notices()
        return found

    def is_kept_as(self, name: str) -> None:
        """Compare with the kept words of that name."""
        text = _LONG.sub(lambda found: f"({len(found[0])} {found[1]})", "\n".join(self.lines).strip() + "\n")
        kept = WORDS / f"{name}.txt"
        if os.environ.get("TOLLGATE_WRITE_WORDS") == "1":
            kept.write_text(text, "utf-8")
        assert text.splitlines() == kept.read_text("utf-8").splitlines()

    def _present_rows(self) -> dict[tuple[str, int], dict[str, str]]:
        found = {}
        for model, names in _KEPT:
            for row in model._default_manager.order_by("pk"):
                found[model.__name__, row.pk] = {name: _said(getattr(row, name)) for name in names}
        return found

    def _write_rows(self) -> None:
        present = self._present_rows()
        for (kind, pk), values in present.items():
            former = self.rows.get((kind, pk), {})
            changed = {name: value for name, value in values.items() if value != former.get(name, "")}
            if changed and not (kind == "Stage" and not former):
                name = Stage.objects.get(pk=pk).key if kind == "Stage" else ""
                self.lines.append(f"{'row' if former else 'new row'} {kind} {name}".rstrip())
                self.lines += [f"  {name}: {value}" for name, value in changed.items()]
        self.rows = present

    def _write_trail(self) -> None:
        for entry in Entry.objects.filter(seq__gt=self.entry).order_by("seq"):
            where = Project.objects.get(pk=entry.project_id).key if entry.project_id else "no project"
            self.lines.append(
                f"trail: {entry.actor_name or 'nobody'} {entry.verb} {entry.thing_kind} “{entry.thing_name}” in {where}"
            )
            self.lines += [
                f"  {name}: {_said(value)}"
                for name, value in (("before", entry.before), ("after", entry.after), ("reason", entry.reason))
                if value
            ]
            self.entry = entry.seq

    def _write_notices(self) -> None:
        told: dict[str, list[str]] = {}
        for notice in Notice.objects.filter(pk__gt=self.notice).select_related("user").order_by("pk"):
            where = Project.objects.get(pk=notice.project_id).key if notice.project_id else "no project"
            text = "\n".join(
                [
                    f"  {notice.subject}",
                    *(f"  | {line}".rstrip() for line in notice.body.splitlines()),
                    f"  {notice.kind}, in {where}, {_said(notice.link)}, key {_said(notice.event_key)}",
                ]
            )
            told.setdefault(text, []).append(notice.user.name)
            self.notice = notice.pk
        for text, people in told.items():
            self.lines += [f"told {', '.join(sorted(people))}", *text.splitlines()]


def _said(value: Any) -> str:
    """A value without the numbers of this run."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, Model):
        return str(getattr(value, "name", type(value).__name__))
    if isinstance(value, dict | list):
        value = json.dumps(_unnumbered(value), sort_keys=True, ensure_ascii=False)
    text = _SECOND_NUMBER.sub("N", _DIGEST.sub("(digest)", _NUMBERED.sub("N", str(value))))
    return text.replace("\n", " ⏎ ")


def _unnumbered(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "N" if key in _OWN_NUMBERS and isinstance(each, int) else _unnumbered(each)
            for key, each in value.items()
        }
    return [_unnumbered(each) for each in value] if isinstance(value, list) else value
