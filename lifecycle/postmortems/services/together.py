"""Two who write at once: what was there when somebody began, and both texts in one.

Of every field that was ever edited the former texts are kept by their lock, until it is published: the trail holds
fingerprints only, and what two people wrote cannot be merged without what both began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from foundation.audit.models import Entry
from foundation.web.refused import Refused
from lifecycle.postmortems.merging import Clash, merge, merge_value
from lifecycle.postmortems.models import PostMortem, TextVersion
from lifecycle.postmortems.naming import noun_of

# Fields that people write in lines; all others are taken as a whole.
WRITTEN = frozenset({"summary", "background", "outward_summary", "no_action_reason", "text", "why_unnoticed", "answer"})


class Clashed(Refused):
    """Two people changed the same lines. `merged`: fields with both texts in them, for the form that is shown next;
    `clashes`: `{"field", "label", "base", "mine", "theirs"}` of each place; `lock`: what a new save builds on."""

    def __init__(self, merged: dict[str, Any], clashes: list[dict[str, str]], lock: int, details: list[str]) -> None:
        super().__init__(
            "Somebody else changed the same lines while you were writing. Both versions are kept: settle it, "
            "then save again.",
            code="edited_meanwhile",
            field=clashes[0]["field"],
            details=details,
            rows=[
                {**clash, "merged": plain(merged.get(clash["field"], "")), "lock": lock, "code": "edited_meanwhile"}
                for clash in clashes
            ],
        )
        self.merged, self.clashes, self.lock = merged, clashes, lock


@dataclass(frozen=True)
class Beside:
    """A field that somebody else changed meanwhile; it stands in the text together with one's own change."""

    field: str
    label: str
    before: str
    theirs: str


def plain(value: Any) -> str:
    """A value as text, the same for the same value, to be compared and merged."""
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case models.Model():
            return str(value.pk)
        case Decimal():
            return format(value.normalize(), "f")
        case datetime() | date():
            return value.isoformat()
    return str(value)


def lock_known(postmortem: PostMortem, lock: int) -> None:
    """Raise Refused `lock_unknown` for a state that never was."""
    if lock > postmortem.lock or lock < 1:
        raise Refused(
            f"This form does not fit the {noun_of(postmortem)}. Load the page again.", code="lock_unknown", field="lock"
        )


def merged_with_meanwhile(
    postmortem: PostMortem,
    part: str,
    lock: int,
    *,
    now: Mapping[str, Any],
    wanted: Mapping[str, Any],
    labels: Mapping[str, str],
    details: list[str],
) -> tuple[dict[str, Any], list[Beside]]:
    """The wanted values of a part together with what others changed in it since `lock`, and those changes.

    `now`: the present values of all its fields. Raises Clashed where both changed the same lines or the same choice.
    """
    if lock == postmortem.lock:
        return dict(wanted), []
    former = changed_since(postmortem, part, lock)
    beside = [
        Beside(name, labels.get(name, name), base or "", plain(now[name]))
        for name, base in former.items()
        if name in now and base != plain(now[name])
    ]
    values, clashes = dict(wanted), []
    for name in (name for name in wanted if name in former):
        mine, theirs, base = plain(wanted[name]), plain(now[name]), former[name]
        if name in WRITTEN:
            found = merge(base, mine, theirs)
            values[name] = found.text
            clashes += [_clash(name, labels, clash) for clash in found.clashes]
        else:
            stands, is_clash = merge_value(base, mine, theirs)
            values[name] = wanted[name] if stands == mine else now[name]
            clashes += [_clash(name, labels, Clash(base or "", mine, theirs))] if is_clash else []
    if clashes:
        raise Clashed(values, clashes, postmortem.lock, details)
    return values, beside


def changed_since(postmortem: PostMortem, part: str, lock: int) -> dict[str, str | None]:
    """What each field of a part held at `lock`, of those that were changed since; None: nobody knows any more."""
    held: dict[str, str] = {}
    changed: set[str] = set()
    for version in TextVersion.objects.filter(postmortem=postmortem, part=part).order_by("lock", "pk"):
        if version.lock <= lock:
            held[version.field] = version.text
        else:
            changed.add(version.field)
    return {name: held.get(name) for name in sorted(changed)}


def remember(postmortem: PostMortem, part: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Keep what the fields held and what they hold from now (`postmortem.lock`) on."""
    known = set(
        TextVersion.objects.filter(postmortem=postmortem, part=part, field__in=before).values_list("field", flat=True)
    )
    rows = []
    unknown = [name for name in before if name not in known]
    if unknown:
        since = _written_at(postmortem, part)
        rows += [_version(postmortem, part, name, since, before[name]) for name in unknown]
    rows += [_version(postmortem, part, name, postmortem.lock, value) for name, value in after.items()]
    TextVersion.objects.bulk_create(rows)


def forget_texts(postmortem: PostMortem) -> None:
    """Published: what was struck out on the way is nobody's any more."""
    TextVersion.objects.filter(postmortem=postmortem).delete()


def _version(postmortem: PostMortem, part: str, name: str, lock: int, value: Any) -> TextVersion:
    return TextVersion(postmortem=postmortem, part=part, field=name, lock=lock, text=plain(value))


def _written_at(postmortem: PostMortem, part: str) -> int:
    """The lock since which a part holds what it holds, from the trail."""
    locks = [
        entry.after["lock"]
        for entry in Entry.objects.filter(thing_kind="postmortem", thing_id=str(postmortem.pk)).only("after")
        if entry.after.get("part") == part and entry.after.get("lock")
    ]
    return max(locks, default=1)


def _clash(name: str, labels: Mapping[str, str], clash: Clash) -> dict[str, str]:
    return {
        "field": name,
        "label": labels.get(name, name.replace("_", " ")),
        "base": clash.base,
        "mine": clash.mine,
        "theirs": clash.theirs,
    }
