"""A post-mortem in sections that every format sets: headings, facts, Markdown texts and lists, in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.content import facts_of


@dataclass(frozen=True)
class Entry:
    """A line of a list: what it is about, and a Markdown text; `aside` is small."""

    head: str
    text: str = ""
    aside: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with a Markdown text, entries, or both."""

    title: str
    text: str = ""
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and not self.entries


@dataclass(frozen=True)
class Paper:
    """What a file says, whatever its format."""

    title: str
    under: str
    facts: list[tuple[str, str]]
    sections: list[Section]

    @property
    def texts(self) -> list[str]:
        """All its Markdown, in order."""
        return [text for one in self.sections for text in (one.text, *(entry.text for entry in one.entries))]


def paper_of(content: dict[str, Any]) -> Paper:
    """The whole post-mortem from `content_of`, or from a revision."""
    sections = [
        Section("Summary", content["summary"]),
        Section("Background", content["background"]),
        *(_promised(sheet, content["promise"]["as_of"]) for sheet in content.get("promise", {}).get("sheets", [])),
        Section("Impact", entries=[_impact(row) for row in content["impacts"]]),
        Section("Timeline", entries=[_event(row) for row in content["timeline"]]),
        Section("Factors", entries=[_factor(row) for row in content["factors"]]),
        Section("Why, and why that", entries=[_why(row) for row in content.get("whys", [])]),
        Section("Lessons", entries=[Entry(row["kind"].capitalize(), row["text"]) for row in content["lessons"]]),
        Section("Actions", entries=[_action(row) for row in content["actions"]]),
        Section("Files", entries=[Entry(row["name"], "", row["sha256"]) for row in content.get("files", [])]),
        Section("Why no action", content["no_action_reason"]),
        Section("Summary for readers outside", content.get("outward_summary", "")),
    ]
    return Paper(
        content["title"],
        content["reference"],
        facts_of(content),
        [section for section in sections if not section.is_empty],
    )


def outward_paper_of(shown: dict[str, Any]) -> Paper:
    """The outward version, as `outward.shown` gives it."""
    sections = [
        Section("Summary", shown["summary"]),
        Section("What was promised", entries=[Entry(text) for text in shown["promise"]]),
        Section("Factors", entries=[Entry(row["name"], "", row["label"]) for row in shown["factors"]]),
        Section("Lessons", entries=[Entry(row["kind"].capitalize(), row["text"]) for row in shown["lessons"]]),
        Section("Actions", entries=[Entry(row["title"], "", row["state"]) for row in shown["actions"]]),
    ]
    version = f"version {shown['version']}" if shown["version"] else "not published"
    return Paper(
        shown["title"],
        f"{shown['reference']}, {version}",
        [("Kind", shown["kind"])],
        [section for section in sections if not section.is_empty],
    )


def _promised(sheet: dict[str, Any], as_of: str) -> Section:
    entries = [
        Entry(row["label"], f"Promised: {row['promised']}. Came: {row['came']}.", row["note"]) for row in sheet["rows"]
    ]
    return Section(f"{sheet['name']}: what was promised, and what came (as known on {as_of})", entries=entries)


def _why(row: dict[str, Any]) -> Entry:
    """A question with the depth of its chain as a number, since a list of entries has one level."""
    ends = f"ends in: {causes.title(row['ends_in'])}" if row["ends_in"] else ""
    return Entry(f"{row['depth']}. {row['question']}", row["answer"], ends)


def _impact(row: dict[str, Any]) -> Entry:
    size = f"{row['amount']} {row['unit']}".strip() if row["amount"] is not None else ""
    return Entry(
        row["dimension"].capitalize(), row["text"], ", ".join(x for x in (size, row["is_estimate"] and "estimate") if x)
    )


def _event(row: dict[str, Any]) -> Entry:
    length = {"minute": 16, "day": 10, "month": 7}[row["precision"]]
    aside = " · ".join(part for part in (causes.words(row["marker"]), row["role"]) if part)
    return Entry(row["moment"][:length].replace("T", " "), row["text"], aside)


def _factor(row: dict[str, Any]) -> Entry:
    text = row["text"].strip()
    if row["why_unnoticed"].strip():
        text += f"\n\nWhy it escaped notice: {row['why_unnoticed'].strip()}"
    return Entry(causes.title(row["node"]), text, f"{row['label']} ({row['strength']}, {row['confidence']})")


def _action(row: dict[str, Any]) -> Entry:
    state = row["status"] if row["disposition"] == "accepted" else row["disposition"]
    due = f", due {row['due_on']}" if row["due_on"] else ""
    done = f"Done when: {row['test_for_done']}" if row["test_for_done"] else ""
    return Entry(row["title"], done, f"{causes.words(state)}{due}")
