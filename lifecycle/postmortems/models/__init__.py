"""Rows of post-mortems: the case, what it tells, and the work that follows."""

from lifecycle.postmortems.models.actions import ActionEvent, ActionItem
from lifecycle.postmortems.models.cases import (
    PostMortem,
    PostMortemQuerySet,
    Review,
    Revision,
    Tag,
    Taxonomy,
    Template,
    TriggerRule,
)
from lifecycle.postmortems.models.drafts import SavedForm, TextVersion, UnsavedText
from lifecycle.postmortems.models.following import Follower
from lifecycle.postmortems.models.story import (
    Attachment,
    ContributingFactor,
    Impact,
    Lesson,
    TimelineEvent,
    WhyNode,
)

__all__ = [
    "ActionEvent",
    "ActionItem",
    "Attachment",
    "ContributingFactor",
    "Follower",
    "Impact",
    "Lesson",
    "PostMortem",
    "PostMortemQuerySet",
    "Review",
    "Revision",
    "SavedForm",
    "Tag",
    "Taxonomy",
    "Template",
    "TextVersion",
    "TimelineEvent",
    "TriggerRule",
    "UnsavedText",
    "WhyNode",
]
