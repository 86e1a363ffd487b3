"""Templates of post-mortems: those that come with the portal, and own ones made from a copy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.nouns import USUAL, house_noun
from foundation.web.refused import Refused
from lifecycle.postmortems.models import Template
from lifecycle.postmortems.permits import may_write_templates
from lifecycle.postmortems.templates import BUILT_IN, LEAST, SECTIONS, sections_of

MOST_NEEDED = 20  # rows that a template may ask for in one section
_LENGTHS = {"name": 120, "noun": 40, "purpose": 300, "help": 1_000, "starter": 10_000}
FIELDS = ("name", "noun", "purpose", "sections", "owner", "review_by")


def template_of(key: str) -> Template:
    """The template with this key; a built-in one is made when it is first asked for. Refused: `template_unknown`."""
    found = Template.objects.filter(key=key).first()
    if found is not None:
        return found
    built_in = next((one for one in BUILT_IN if one["key"] == key), None)
    if built_in is None:
        raise Refused("There is no template with this key. Choose another one.", code="template_unknown", status=400)
    made, _ = Template.objects.get_or_create(key=key, defaults={name: built_in[name] for name in built_in})
    return made


def templates_on_offer() -> list[Template]:
    """All that a new post-mortem may use, the built-in ones first."""
    for one in BUILT_IN:
        template_of(one["key"])
    return list(Template.objects.filter(retired_at=None).select_related("owner").order_by("pk"))


def is_built_in(template: Template) -> bool:
    """Whether it comes with the portal and is not edited."""
    return template.key in {one["key"] for one in BUILT_IN}


@transaction.atomic
def copy_template(*, actor: User, template: Template, values: Mapping[str, Any]) -> Template:
    """An own template that begins as a copy. Raises Refused: not_permitted, or the code of the field at fault."""
    may_write_templates(actor).demand()
    start = {name: getattr(template, name) for name in FIELDS}
    sound = _sound({**start, "owner": actor, **values})
    if sound["name"] in (template.name, template.title):
        raise Refused("Give the copy a name of its own.", code="name_taken", status=400, field="name")
    made = Template.objects.create(key=_free_key(sound["name"]), **sound)
    _note(actor, made, "add_template")
    return made


@transaction.atomic
def change_template(*, actor: User, template: Template, version: int, values: Mapping[str, Any]) -> Template:
    """Change an own template; post-mortems that use it follow it. `version`: the one that was read.

    Raises Refused: not_permitted, template_built_in, edited_meanwhile, or the code of the field at fault.
    """
    may_write_templates(actor).demand()
    held: Template = Template.objects.select_for_update().get(pk=template.pk)
    _demand_own(held)
    if held.version != version:
        raise Refused(
            "Somebody else changed this template while you were writing. Compare, then save again.",
            code="edited_meanwhile",
            field="version",
        )
    sound = _sound({**{name: getattr(held, name) for name in FIELDS}, **values})
    changed = [name for name, value in sound.items() if getattr(held, name) != value]
    if not changed:
        return held
    for name in changed:
        setattr(held, name, sound[name])
    held.version += 1
    held.save(update_fields=[*changed, "version"])
    _note(actor, held, "change_template")
    return held


@transaction.atomic
def retire_template(*, actor: User, template: Template) -> Template:
    """No longer offered; post-mortems that use it keep it. Done a second time, it is offered again."""
    may_write_templates(actor).demand()
    held: Template = Template.objects.select_for_update().get(pk=template.pk)
    _demand_own(held)
    held.retired_at = None if held.retired_at else timezone.now()
    held.save(update_fields=["retired_at"])
    _note(actor, held, "retire_template" if held.retired_at else "offer_template_again")
    return held


def _demand_own(template: Template) -> None:
    if is_built_in(template):
        raise Refused(
            "This template comes with the portal and stays as it is. Make a copy and change that.",
            code="template_built_in",
        )


def _sound(values: Mapping[str, Any]) -> dict[str, Any]:
    sound = {name: values[name] for name in FIELDS}
    for name in ("name", "noun", "purpose"):
        sound[name] = _line(name, values[name], needed=name != "purpose")
    if sound["noun"].lower() == house_noun().one.lower():
        sound["noun"] = USUAL  # it follows the organisation, also when that finds another word
    if sound["owner"] is not None and not (isinstance(sound["owner"], User) and sound["owner"].is_active):
        raise _wrong("owner", "Choose an active person.")
    if sound["review_by"] is not None and not isinstance(sound["review_by"], date):
        raise _wrong("review_by", "Write the date as YYYY-MM-DD.")
    sound["sections"] = _sound_sections(values["sections"])
    return sound


def _sound_sections(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(one, dict) and one.get("key") in SECTIONS for one in given):
        raise _wrong("sections", f"Give sections by their keys: {', '.join(SECTIONS)}.")
    sections = []
    for one in sections_of(given):
        key, needed = one["key"], one.get("needed", 0)
        most = 1 if SECTIONS[key][1] else MOST_NEEDED
        if not isinstance(needed, int) or not 0 <= needed <= most:
            raise _wrong("sections", f"{SECTIONS[key][0]}: ask for 0 to {most}.")
        sections.append(
            {
                "key": key,
                "help": _text("help", one.get("help", "")),
                "starter": _text("starter", one.get("starter", "")),
                "needed": max(needed, LEAST.get(key, 0)),
            }
        )
    left_out = [SECTIONS[key][0] for key in LEAST if key not in {one["key"] for one in sections}]
    if left_out:
        raise _wrong("sections", f"“{left_out[0]}” stays: without it there is nothing to learn from.")
    return sections


def _line(name: str, value: Any, *, needed: bool) -> str:
    text = " ".join(str(value or "").split())
    if (needed and not text) or len(text) > _LENGTHS[name]:
        raise _wrong(name, f"Write {'1' if needed else '0'} to {_LENGTHS[name]} characters.")
    return text


def _text(name: str, value: Any) -> str:
    text = str(value or "").replace("\r\n", "\n").strip()
    if len(text) > _LENGTHS[name]:
        raise _wrong("sections", f"Write up to {_LENGTHS[name]:,} characters.")
    return text


def _free_key(name: str) -> str:
    stem = slugify(name)[:50] or "own"
    taken = set(Template.objects.filter(key__startswith=stem).values_list("key", flat=True))
    taken |= {"new", *(one["key"] for one in BUILT_IN)}
    return stem if stem not in taken else next(f"{stem}-{n}" for n in range(2, 10_000) if f"{stem}-{n}" not in taken)


def _note(actor: User, template: Template, verb: str) -> None:
    record(
        actor=actor,
        verb=verb,
        thing=template,
        kind="postmortem_template",
        name=template.name,
        after={"version": template.version, "hash": digest_of(template.sections)},
    )


def _wrong(field: str, why: str) -> Refused:
    return Refused(why, code=f"{field}_invalid", status=400, field=field)
