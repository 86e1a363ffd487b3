"""The sections of a post-mortem and what its templates ask for: plain data, no database."""

from __future__ import annotations

from typing import Any, Final, TypedDict

from foundation.web.nouns import USUAL, Noun, house_noun

# In the order of the page: key, heading, whether it is a text (else rows).
SECTIONS: Final[dict[str, tuple[str, bool]]] = {
    "summary": ("What happened", True),
    "background": ("Background", True),
    "impacts": ("What it meant", False),
    "timeline": ("Timeline", False),
    "factors": ("Causes", False),
    "whys": ("Why, and why that", False),
    "lessons": ("What we learned", False),
    "actions": ("What we do", False),
}
# What every post-mortem needs before somebody reviews it, whatever its template.
LEAST: Final[dict[str, int]] = {"summary": 1, "lessons": 1}


# What one piece of a section is called.
ONE_OF: Final[dict[str, str]] = {
    "summary": "summary",
    "background": "background",
    "impacts": "impact",
    "timeline": "moment",
    "factors": "factor",
    "whys": "question",
    "lessons": "lesson",
    "actions": "action",
}


class Section(TypedDict):
    """A section as a template wants it: help beside it, text to start from, and how much a reviewer needs."""

    key: str
    help: str
    starter: str
    needed: int


def _section(key: str, needed: int = 0, help_text: str = "", starter: str = "") -> Section:
    return Section(key=key, help=help_text, starter=starter, needed=needed)


FULL: Final[list[Section]] = [
    _section("summary", 1),
    _section("background"),
    _section("impacts", 1),
    _section("timeline", 3),
    _section("factors", 1),
    _section("whys"),
    _section("lessons", 1),
    _section("actions"),
]
LIGHT: Final[list[Section]] = [
    _section("summary", 1, "Three sentences are enough: what was to be, what came, what the next project should know."),
    _section("factors", 1),
    _section("lessons", 1),
    _section("actions"),
]
_TITLES: Final = {"full": "Full {}", "light": "Light {}"}
BUILT_IN: Final[list[dict[str, Any]]] = [
    {
        "key": "full",
        "name": _TITLES["full"].format(USUAL),
        "purpose": "Harm, money or trust was lost, or the project was stopped.",
        "sections": FULL,
    },
    {
        "key": "light",
        "name": _TITLES["light"].format(USUAL),
        "purpose": "A project ended as planned, or a near miss that one page tells.",
        "sections": LIGHT,
    },
]


def title_of(key: str, name: str) -> str:
    """The name of a template; those that come with the portal say what the organisation calls it."""
    return _TITLES[key].format(house_noun()) if key in _TITLES else name


def sections_of(template_sections: list[Section] | None) -> list[Section]:
    """The sections of a template, in the order of the page; all of the full one for a post-mortem without one."""
    known = {section["key"]: section for section in template_sections or FULL}
    return [known[key] for key in SECTIONS if key in known]


def needed(template_sections: list[Section] | None) -> dict[str, int]:
    """How much of each section a reviewer needs, never less than LEAST."""
    asked = {section["key"]: section["needed"] for section in sections_of(template_sections) if section["needed"]}
    return asked | {key: max(least, asked.get(key, 0)) for key, least in LEAST.items()}


def needed_in_words(template_sections: list[Section] | None) -> str:
    """What a reviewer needs, for the button: `a summary, 3 moments, a lesson`."""
    words = []
    for key, asked in needed(template_sections).items():
        noun = Noun(ONE_OF[key])
        words.append(noun.a if asked == 1 else f"{asked} {noun.many}")
    return ", ".join(words)
