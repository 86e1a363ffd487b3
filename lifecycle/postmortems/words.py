"""A gentle word check: it points at blame, and never stops anybody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

HINTS = {
    "should have": "Hindsight knows more. Write what was known and seen at that time.",
    "careless": "Write what made the step easy to miss.",
    "fault": "Write what the system, the data or the process allowed.",
    "human error": "Write what made the error likely, and what did not catch it.",
}
NAME_HINT = "Write the role, not the name."
# Parts of a name that are words of this field would be found everywhere.
_ROLE_WORDS = {"lead", "sponsor", "customer", "contributor", "reviewer", "viewer", "officer", "manager", "project"}


@dataclass(frozen=True)
class Remark:
    """A word that was found in a text, and what to write instead."""

    where: str
    word: str
    hint: str


def remarks_on(text: str, names: Iterable[str], where: str = "") -> list[Remark]:
    """Words of blame (in any case) and members' names (whole in any case, single parts as written) in `text`.

    Each word is reported once. Only whole words count: `default` holds no `fault`.
    """
    found: dict[str, Remark] = {}
    for word, hint in HINTS.items():
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            found[word] = Remark(where, word, hint)
    for name in names:
        parts = [part for part in name.split() if len(part) > 2 and part.lower() not in _ROLE_WORDS]
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            found[name] = Remark(where, name, NAME_HINT)
            continue
        for part in parts:
            if re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text):
                found[part] = Remark(where, part, NAME_HINT)
    return list(found.values())
