"""What changed between two versions of a post-mortem, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from foundation.web.differences import Line, lines_between
from lifecycle.postmortems.exports.sections import Entry, Paper, paper_of


@dataclass(frozen=True)
class Change:
    """A section that differs. `lines` is None where a text is too long to compare."""

    title: str
    lines: list[Line] | None


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Sections that differ, in the order of the page; empty when both say the same."""
    old, new = _texts(paper_of(before)), _texts(paper_of(after))
    found = []
    for title in [*new, *(title for title in old if title not in new)]:
        lines = lines_between(old.get(title, ""), new.get(title, ""))
        if lines is None or lines:
            found.append(Change(title, lines))
    return found


def _texts(paper: Paper) -> dict[str, str]:
    """Each section as lines: a sentence a line, so that a change of one word does not take a paragraph with it."""
    facts = "\n".join(f"{name}: {value}" for name, value in paper.facts if name != "Version")
    texts = {"Title": paper.title, "Facts": facts}
    for section in paper.sections:
        texts[section.title] = "\n".join([*_sentences(section.text), *(_entry(entry) for entry in section.entries)])
    return texts


def _sentences(text: str) -> list[str]:
    return [line for row in text.splitlines() for line in row.replace(". ", ".\n").split("\n")]


def _entry(entry: Entry) -> str:
    aside = f" ({entry.aside})" if entry.aside else ""
    return f"{entry.head}{aside}" + (f"\n{entry.text}" if entry.text else "")
