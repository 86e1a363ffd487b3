"""The manifest: exactly what is put forward, its fingerprint, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from foundation.web.digest import digest_of
from foundation.web.formats import plain_text
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import EvidenceKind, Item, all_kinds

VERSION = 1
Line = dict[str, str]
# Facts that are shown but are no part of what a change is: who wrote it, and readings as they stood.
_ASIDE = frozenset({"author", "author_id", "author_ids", "text", "last_value", "last_period"})


def collect(stage: Stage) -> list[Item]:
    """What each kind puts forward for the stage now, sorted by kind and key."""
    found = [item for kind in all_kinds() for item in kind.collect(stage)]
    return sorted(found, key=lambda item: (item.kind, item.key))


def manifest_of(stage: Stage, *, missing: Sequence[str] = ()) -> tuple[dict[str, Any], str]:
    """The canonical manifest of a stage and its hex SHA-256. `missing`: what an emergency puts forward without."""
    methodology = stage.project.methodology
    manifest: dict[str, Any] = {
        "version": VERSION,
        "project": stage.project.key,
        "stage": stage.key,
        "iteration": stage.iteration,
        "methodology": {
            "key": methodology.key,
            "number": methodology.number,
            "hash": methodology.content_hash,
        },
        "items": [asdict(item) for item in collect(stage)],
    }
    if missing:
        manifest["missing"] = list(missing)
    return manifest, digest_of(manifest)


def items_of(manifest: Mapping[str, Any]) -> list[Item]:
    """The items of a stored manifest."""
    return [Item(**item) for item in manifest.get("items", [])]


def authors_of(manifest: Mapping[str, Any]) -> frozenset[int]:
    """Ids of the people who wrote what is pinned, in whatever version (facts `author_id`, `author_ids` of any kind)."""
    facts = [item["facts"] for item in manifest.get("items", [])]
    newest = {each["author_id"] for each in facts if each.get("author_id") is not None}
    return frozenset(newest.union(*(each.get("author_ids", []) for each in facts)))


def present_hashes(
    project: Project, items: Iterable[Item], kinds: Sequence[EvidenceKind] | None = None
) -> dict[str, str | None]:
    """The hash that each pinned key has now; None where the thing is gone. One recheck per kind.

    With `kinds`, only these are looked at. A kind that no longer exists counts as gone.
    """
    keys: dict[str, list[str]] = {}
    for item in items:
        keys.setdefault(item.kind, []).append(item.key)
    found: dict[str, str | None] = {}
    for kind in all_kinds() if kinds is None else kinds:
        pinned = keys.pop(kind.name, [])
        if pinned:
            present = kind.recheck(project, pinned)
            found.update({key: present.get(key) for key in pinned})
    if kinds is None:
        found.update({key: None for pinned in keys.values() for key in pinned})
    return found


def lapsed_items(items: Iterable[Item], present: Mapping[str, str | None]) -> list[Item]:
    """Pinned items whose content is no longer what it was (only those that `present` speaks of)."""
    return [item for item in items if item.key in present and present[item.key] != item.hash]


def lines_for(stage: Stage, lapsed: Sequence[Item], present: Mapping[str, str | None]) -> list[Line]:
    """A readable difference for pinned items that changed or went; the present facts are collected anew."""
    names = {item.kind for item in lapsed}
    now = {item.key: item for kind in all_kinds() if kind.name in names for item in kind.collect(stage)}
    lines = []
    for item in lapsed:
        found = now.get(item.key)
        if present.get(item.key) is None:
            lines.append(_line(item, None))
        else:
            lines.append(_line(item, found or Item(item.kind, item.key, item.label, present[item.key] or "")))
    return lines


def difference(old: Sequence[Item], new: Sequence[Item]) -> list[Line]:
    """What changed between two manifests: lines of {label, was, now, kind: changed|gone|added}.

    Things are matched by key, and where a new iteration made new rows by kind and label.
    """
    by_key = {item.key: item for item in new}
    rest = {item.key: item for item in new}
    pairs: list[tuple[Item, Item | None]] = []
    unmatched: list[Item] = []
    for item in old:
        if item.key in by_key:
            pairs.append((item, rest.pop(item.key)))
        else:
            unmatched.append(item)
    by_label = {(item.kind, item.label): item for item in rest.values()}
    for item in unmatched:
        twin = by_label.pop((item.kind, item.label), None)
        if twin is not None:
            rest.pop(twin.key)
        pairs.append((item, twin))
    changed = [_line(was, now) for was, now in pairs if now is None or was.hash != now.hash]
    return changed + [
        {"label": item.label, "was": "", "now": _said(item, item.facts), "kind": "added"} for item in rest.values()
    ]


def _line(was: Item, now: Item | None) -> Line:
    if now is None:
        return {"label": was.label, "was": _said(was, was.facts), "now": "", "kind": "gone"}
    names = [name for name in {**was.facts, **now.facts} if was.facts.get(name) != now.facts.get(name)]
    shown = [name for name in names if name not in _ASIDE]
    return {
        "label": was.label,
        "was": _said(was, {name: was.facts.get(name) for name in shown}),
        "now": _said(now, {name: now.facts.get(name) for name in shown}),
        "kind": "changed",
    }


def _said(item: Item, facts: Mapping[str, Any]) -> str:
    say = next((kind.say for kind in all_kinds() if kind.name == item.kind and kind.say), said_by_name)
    parts = [say(name, value) for name, value in facts.items() if name not in _ASIDE and value not in ("", None)]
    return ", ".join(parts) or f"fingerprint {item.hash[:8]}"


def said_by_name(name: str, value: Any) -> str:
    """A fact of which its kind says nothing else: `as of 3 March 2026`."""
    return f"{name.replace('_', ' ')} {plain_text(value)}"
