"""Writing in a draft: its text and its rows. What somebody else wrote meanwhile is never lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models, transaction

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.audit.words import phrase_of
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.postmortems.merging import same_line_ends
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.permits import may_edit, standing_of
from lifecycle.postmortems.services.opening import TEXT_LIMIT
from lifecycle.postmortems.services.together import Beside, lock_known, merged_with_meanwhile, remember
from lifecycle.projects.models import Stage

TEXTS = ("title", "summary", "background", "outward_summary", "no_action_reason")
CHOICES = ("kind", "severity", "visibility", "trigger", "detection", "origin_phase")
DATES = ("started_on", "detected_on", "resolved_on")
FIELDS = (*TEXTS, *CHOICES, *DATES, "facilitator")
LABELS = {field.name: str(field.verbose_name) for field in PostMortem._meta.concrete_fields if field.name in FIELDS}


@dataclass(frozen=True)
class Saved:
    """The post-mortem after a save, and what somebody else had changed meanwhile that stands beside it."""

    postmortem: PostMortem
    beside: list[Beside]
    row: models.Model | None = None


def edit_postmortem(*, actor: User, postmortem: PostMortem, lock: int, changes: Mapping[str, Any]) -> PostMortem:
    """As `save_text`, for who does not ask what others changed."""
    return save_text(actor=actor, postmortem=postmortem, lock=lock, changes=changes).postmortem


@transaction.atomic
def save_text(*, actor: User, postmortem: PostMortem, lock: int, changes: Mapping[str, Any]) -> Saved:
    """Change fields of the draft (`FIELDS`).

    `lock`: the number the person read. What others changed since then is merged in. Raises Clashed
    (`edited_meanwhile`), with both texts, where they changed the same lines or the same choice; nothing is written.
    """
    held = hold(postmortem.pk)
    standing = standing_of(actor, held)
    may_edit(actor, held, standing).demand()
    unknown = sorted(set(changes) - set(FIELDS))
    if unknown:
        raise Refused(
            f"{unknown[0]!r} cannot be edited. Use one of: {', '.join(FIELDS)}.",
            code="field_unknown",
            status=400,
            field=unknown[0],
        )
    lock_known(held, lock)
    given = {name: _checked(held, name, value) for name, value in changes.items()}
    now = {name: getattr(held, name) for name in FIELDS}
    merged, beside = merged_with_meanwhile(
        held, "text", lock, now=now, wanted=given, labels=LABELS, details=lines_of_others(held, lock, "text")
    )
    # Two texts that fitted alone may be too long together.
    wanted = {name: _checked(held, name, value) for name, value in merged.items()}
    changed = {name: value for name, value in wanted.items() if getattr(held, name) != value}
    if "visibility" in changed:
        if not standing.is_involved:
            raise Refused(
                "Only its owner or its facilitator decides who sees it. Ask one of them.",
                code="not_permitted",
                status=403,
                field="visibility",
            )
        _nobody_loses_sight(held, changed.get("facilitator", held.facilitator), str(changed["visibility"]))
    dates = {name: changed.get(name, getattr(held, name)) for name in DATES}
    if dates["started_on"] and dates["detected_on"] and dates["detected_on"] < dates["started_on"]:
        raise _dates_refused("It cannot be noticed before it began.", "detected_on")
    if dates["detected_on"] and dates["resolved_on"] and dates["resolved_on"] < dates["detected_on"]:
        raise _dates_refused("It cannot be resolved before it was noticed.", "resolved_on")
    if not changed:
        return Saved(held, beside)
    before = {name: _hash(now[name]) for name in changed}
    for name, value in changed.items():
        setattr(held, name, value)
    held.lock += 1
    held.save(update_fields=[*changed, "lock"])
    remember(held, "text", {name: now[name] for name in changed}, changed)
    note(actor, held, "edit_postmortem", part="text", before=before, after={n: _hash(v) for n, v in changed.items()})
    return Saved(held, beside)


def hold(postmortem_id: int) -> PostMortem:
    """The row under its lock."""
    found: PostMortem = PostMortem.objects.select_for_update().get(pk=postmortem_id)
    return found


def note(
    actor: User,
    postmortem: PostMortem,
    verb: str,
    *,
    part: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """One entry of the trail. It holds fingerprints of texts, not the texts: the trail never forgets, and a
    restricted post-mortem must not be readable there."""
    record(
        actor=actor,
        verb=verb,
        thing=postmortem,
        kind="postmortem",
        name=postmortem.name_in_trail,
        project_id=postmortem.project_id,
        before=before,
        after={**(after or {}), "part": part, "lock": postmortem.lock},
        reason=reason,
    )


def refuse_if_edited(postmortem: PostMortem, lock: int, part: str) -> None:
    """Raise Refused `edited_meanwhile` when `part` was changed after the state that had `lock`."""
    lock_known(postmortem, lock)
    lines = lines_of_others(postmortem, lock, part)
    if lines:
        raise Refused(
            "Somebody else changed this while you were writing. Your text is kept: compare, then save again.",
            code="edited_meanwhile",
            field="lock",
            details=lines,
        )


def lines_of_others(postmortem: PostMortem, lock: int, part: str) -> list[str]:
    """Who changed `part` after the state that had `lock`, and when; newest first."""
    if lock == postmortem.lock:
        return []
    lines: list[str] = []
    for entry in Entry.objects.filter(thing_kind="postmortem", thing_id=str(postmortem.pk)).order_by("-seq"):
        number = entry.after.get("lock", 0)
        if number <= lock:
            break
        if entry.after.get("part") == part:
            lines.append(_what_changed(entry, postmortem))
    return lines


def _what_changed(entry: Entry, postmortem: PostMortem) -> str:
    who = f"{entry.actor_name}, {entry.at:%d %B %H:%M} UTC"
    fields = [name for name in FIELDS if name in entry.after]
    if not fields:
        return f"{who}: {phrase_of(entry.verb)} {postmortem.reference}."
    now = "; ".join(f"{LABELS[name]} is now: {_shown(getattr(postmortem, name))}" for name in fields)
    return f"{who}: {now}"


def _shown(value: Any) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= 300 else f"{text[:300]}…"


def _checked(postmortem: PostMortem, name: str, value: Any) -> Any:
    content = postmortem.taxonomy.content
    known: dict[str, list[str]] = {
        "kind": list(PostMortem.Kind.values),
        "severity": list(PostMortem.Severity.values),
        "visibility": list(PostMortem.Visibility.values),
        "trigger": ["", *content["triggers"]],
        "detection": ["", *content["detection"]],
    }
    if name == "origin_phase":
        stages = Stage.objects.filter(project_id=postmortem.project_id)
        known[name] = ["", postmortem.origin_phase, *stages.values_list("key", flat=True)]
    if name in CHOICES:
        if value not in known[name]:
            raise Refused(
                f"{value!r} is not known as {LABELS[name]}. Choose one of the list.",
                code="choice_unknown",
                status=400,
                field=name,
            )
        return value
    if name in DATES:
        if value is not None and not isinstance(value, date):
            raise Refused("Write the date as YYYY-MM-DD.", code="date_invalid", status=400, field=name)
        return value
    if name == "facilitator":
        if value is not None and (not isinstance(value, User) or not value.is_active):
            raise Refused("Choose an active person.", code="person_unknown", status=400, field=name)
        if value is not None and value.pk == postmortem.owner_id:
            raise Refused(
                "The facilitator is somebody who does not own it. Choose another person.",
                code="facilitator_is_owner",
                status=400,
                field=name,
            )
        return value
    text = same_line_ends(str(value or "")).strip()
    limit = 200 if name == "title" else TEXT_LIMIT
    if len(text) > limit or (name == "title" and not text):
        raise Refused(
            f"Write {'1 to ' if name == 'title' else 'up to '}{limit:,} characters.",
            code="text_invalid",
            status=400,
            field=name,
        )
    return text


def _nobody_loses_sight(postmortem: PostMortem, facilitator: User | None, visibility: str) -> None:
    if visibility != PostMortem.Visibility.RESTRICTED:
        return
    keeps = {postmortem.owner_id, facilitator.pk if facilitator else None}
    owners = (
        ActionItem.objects.filter(postmortem=postmortem, disposition=ActionItem.Disposition.ACCEPTED)
        .exclude(owner=None)
        .exclude(status__in=[ActionItem.Status.VERIFIED, ActionItem.Status.CANCELLED])
        .values_list("owner", flat=True)
    )
    if set(owners) - keeps:
        raise Refused(
            "People who own open actions would no longer see it. Give these actions to its owner or facilitator first.",
            code="owners_would_lose_sight",
            field="visibility",
        )


def _dates_refused(why: str, field: str) -> Refused:
    return Refused(f"{why} Check the dates.", code="dates_out_of_order", status=400, field=field)


def _hash(value: Any) -> str:
    """A short code of a value for the trail."""
    return digest_of(str(value.pk if isinstance(value, models.Model) else value))[:16]
