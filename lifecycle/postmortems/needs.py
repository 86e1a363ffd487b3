"""What a post-mortem still needs before somebody reviews it, and before it is published."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.web.nouns import Noun
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.templates import ONE_OF, SECTIONS, needed


@dataclass(frozen=True)
class Need:
    """One section: how much is `there`, and how much is `asked`. `add`: where on the page it is written."""

    key: str
    there: int
    asked: int

    @property
    def is_met(self) -> bool:
        return self.there >= self.asked

    @property
    def heading(self) -> str:
        """As on the page."""
        return SECTIONS[self.key][0]

    @property
    def words(self) -> str:
        """`2 of 3 moments`, `4 moments`, `a factor`."""
        noun = Noun(ONE_OF[self.key])
        if self.asked > 1 and not self.is_met:
            return f"{self.there} of {self.asked} {noun.many}"
        return f"{self.there} {noun.many}" if self.there > 1 else noun.a

    @property
    def add(self) -> str:
        return "?edit=story#story" if SECTIONS[self.key][1] else f"?add={self.key}#{self.key}"

    @property
    def missing(self) -> str:
        """In a sentence that lists what is missing."""
        if self.key == "timeline":
            return f"the timeline has {self.there} of at least {self.asked} events"
        noun = Noun(ONE_OF[self.key])
        if self.asked == 1:
            return f"{noun.a} is missing"
        return f"{self.there} of at least {self.asked} {noun.many} are there"


def needs_of(postmortem: PostMortem) -> list[Need]:
    """What its template asks of each section, in the order of the page."""
    found = []
    for key, asked in needed(postmortem.template.sections if postmortem.template else None).items():
        is_text = SECTIONS[key][1]
        # of rows that were fetched with the post-mortem, no query is made
        there = int(bool(getattr(postmortem, key).strip())) if is_text else len(getattr(postmortem, key).all())
        found.append(Need(key, there, asked))
    return found


def missing_for_review(postmortem: PostMortem) -> list[str]:
    """What a reviewer would miss, in words; empty when it is ready."""
    return [need.missing for need in needs_of(postmortem) if not need.is_met]


def missing_for_publication(postmortem: PostMortem) -> list[str]:
    """What keeps it from being published, apart from the text."""
    accepted = [each for each in postmortem.actions.all() if each.disposition == ActionItem.Disposition.ACCEPTED]
    missing = [f"the action {action.title!r} has no owner" for action in accepted if action.owner_id is None]
    missing += [f"the action {action.title!r} has no due date" for action in accepted if action.due_on is None]
    if not accepted and not postmortem.no_action_reason.strip():
        missing.append("there is no accepted action, and no reason why none is needed")
    return missing
