"""Rows of post-mortems: the case, what it tells, and the work that follows."""

from lifecycle.postmortems.models.actions import ActionEvent, ActionItem
from lifecycle.postmortems.models.cases import PostMortem, PostMortemQuerySet, Revision, Taxonomy
from lifecycle.postmortems.models.story import ContributingFactor, Impact, Lesson, TimelineEvent

__all__ = [
    "ActionEvent",
    "ActionItem",
    "ContributingFactor",
    "Impact",
    "Lesson",
    "PostMortem",
    "PostMortemQuerySet",
    "Revision",
    "Taxonomy",
    "TimelineEvent",
]
