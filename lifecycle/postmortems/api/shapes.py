"""What goes out of the room's REST, and what all its calls begin with."""

from __future__ import annotations

from dataclasses import asdict
from html import unescape
from typing import Any, cast

from django.http import Http404
from django.utils import timezone
from django.utils.html import strip_tags
from rest_framework import serializers
from rest_framework.request import Request

from foundation.people.models import User
from lifecycle.postmortems import selectors
from lifecycle.postmortems.models import (
    ActionEvent,
    ActionItem,
    Attachment,
    ContributingFactor,
    Impact,
    Lesson,
    PostMortem,
    Review,
    Revision,
    Tag,
    Taxonomy,
    Template,
    TimelineEvent,
    WhyNode,
)


class EventRow(serializers.ModelSerializer[TimelineEvent]):
    """A moment of the timeline."""

    class Meta:
        model = TimelineEvent
        fields = ["id", "moment", "precision", "text", "marker", "role", "evidence", "audit_seq"]
        read_only_fields = ["audit_seq"]


class ImpactRow(serializers.ModelSerializer[Impact]):
    """What it cost or harmed."""

    class Meta:
        model = Impact
        fields = ["id", "dimension", "text", "amount", "unit", "is_estimate"]


class FactorRow(serializers.ModelSerializer[ContributingFactor]):
    """A cause from the taxonomy."""

    class Meta:
        model = ContributingFactor
        fields = ["id", "group", "node", "text", "why_unnoticed", "strength", "confidence"]
        read_only_fields = ["group"]


class WhyRow(serializers.ModelSerializer[WhyNode]):
    """A question and its answer; `parent` is the why whose answer it asks about."""

    class Meta:
        model = WhyNode
        fields = ["id", "parent", "question", "answer", "factor"]


class FileRow(serializers.ModelSerializer[Attachment]):
    """A file; a text shows a picture with `![what is seen](file:<id>)`."""

    class Meta:
        model = Attachment
        fields = ["id", "name", "media_type", "size", "sha256", "at"]


class LessonRow(serializers.ModelSerializer[Lesson]):
    """A lesson."""

    class Meta:
        model = Lesson
        fields = ["id", "kind", "text", "as_check"]


class ActionEventRow(serializers.ModelSerializer[ActionEvent]):
    """A change of an action."""

    by = serializers.CharField(source="by.name", read_only=True)

    class Meta:
        model = ActionEvent
        fields = ["field", "before", "after", "reason", "by", "at"]


class ActionRow(serializers.ModelSerializer[ActionItem]):
    """An action with its history."""

    owner = serializers.EmailField(source="owner.email", read_only=True, default=None)
    verified_by = serializers.EmailField(source="verified_by.email", read_only=True, default=None)
    events = ActionEventRow(many=True, read_only=True)

    class Meta:
        model = ActionItem
        fields = [
            "id", "factor", "title", "kind", "disposition", "disposition_reason", "owner", "due_on", "status",
            "test_for_done", "priority", "external_link", "done_at", "verified_by", "verified_at", "effect_due_on",
            "effect", "effect_note", "effect_at", "events",
        ]  # fmt: skip


class MyActionRow(serializers.ModelSerializer[ActionItem]):
    """An own action in a list."""

    postmortem = serializers.CharField(source="postmortem.reference", read_only=True)
    project = serializers.CharField(source="postmortem.project.key", read_only=True)
    is_overdue = serializers.SerializerMethodField()

    def get_is_overdue(self, action: ActionItem) -> bool:
        """Whether its day has passed; only unfinished ones are listed."""
        return action.due_on is not None and action.due_on < timezone.localdate()

    class Meta:
        model = ActionItem
        fields = [
            "id", "postmortem", "project", "title", "kind", "priority", "status", "due_on", "is_overdue", "test_for_done",
        ]  # fmt: skip


class TagRow(serializers.ModelSerializer[Tag]):
    """A tag: its kind and its words."""

    class Meta:
        model = Tag
        fields = ["kind", "text"]


class RevisionRow(serializers.ModelSerializer[Revision]):
    """A published version."""

    author = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = Revision
        fields = ["number", "content_hash", "author", "created_at"]


class ReviewRow(serializers.ModelSerializer[Review]):
    """What a reviewer answered, with the verdict."""

    reviewer = serializers.CharField(source="reviewer.name", read_only=True)

    class Meta:
        model = Review
        fields = ["number", "verdict", "reviewer", "answers", "comment", "at"]


class PostMortemRow(serializers.ModelSerializer[PostMortem]):
    """A post-mortem in a list."""

    project = serializers.CharField(source="project.key", read_only=True)
    stage = serializers.CharField(source="stage.key", read_only=True, default=None)
    owner = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = PostMortem
        fields = [
            "reference", "project", "stage", "title", "kind", "state", "visibility", "severity", "owner", "number",
            "published_at", "created_at",
        ]  # fmt: skip


class PostMortemFound(PostMortemRow):
    """A post-mortem in a list, and where the words that were searched for stand in it."""

    snippet = serializers.SerializerMethodField()

    class Meta(PostMortemRow.Meta):
        fields = [*PostMortemRow.Meta.fields, "snippet"]

    def get_snippet(self, postmortem: PostMortem) -> str:
        """Plain text; empty where nothing was searched for."""
        return unescape(strip_tags(self.context.get("snippets", {}).get(postmortem.pk, "")))


class RemarkRow(serializers.Serializer[Any]):
    """A word that the gentle check found; it warns and never blocks."""

    where = serializers.CharField()
    word = serializers.CharField()
    hint = serializers.CharField()


class PostMortemFull(PostMortemRow):
    """A post-mortem with all its parts."""

    facilitator = serializers.EmailField(source="facilitator.email", read_only=True, default=None)
    taxonomy = serializers.IntegerField(source="taxonomy.version", read_only=True)
    template = serializers.CharField(source="template.key", read_only=True, default="full")
    timeline = EventRow(many=True, read_only=True)
    impacts = ImpactRow(many=True, read_only=True)
    factors = FactorRow(many=True, read_only=True)
    whys = WhyRow(many=True, read_only=True)
    files = FileRow(source="attachments", many=True, read_only=True)
    lessons = LessonRow(many=True, read_only=True)
    actions = ActionRow(many=True, read_only=True)
    revisions = RevisionRow(many=True, read_only=True)
    reviews = ReviewRow(many=True, read_only=True)
    tags = TagRow(many=True, read_only=True)
    remarks = serializers.SerializerMethodField()

    class Meta(PostMortemRow.Meta):
        fields = [
            *PostMortemRow.Meta.fields, "facilitator", "taxonomy", "template", "summary", "background", "outward_summary", "cause", "promise",
            "trigger", "detection", "origin_phase", "started_on", "detected_on", "resolved_on", "no_action_reason", "lock",
            "timeline", "impacts", "factors", "whys", "files", "lessons", "actions", "tags", "revisions", "reviews", "remarks",
        ]  # fmt: skip

    def get_remarks(self, postmortem: PostMortem) -> list[dict[str, str]]:
        """Words that read like blame, and what to write instead."""
        return [asdict(remark) for remark in selectors.remarks_for(postmortem)]


class BesideRow(serializers.Serializer[Any]):
    """A field that somebody else changed since the lock that was sent; it stands in the text as well."""

    field = serializers.CharField()
    before = serializers.CharField()
    theirs = serializers.CharField()


class PostMortemSaved(PostMortemFull):
    """A post-mortem after a change, with what was merged into it."""

    merged = BesideRow(many=True, read_only=True)

    class Meta(PostMortemFull.Meta):
        fields = [*PostMortemFull.Meta.fields, "merged"]


class TaxonomyFull(serializers.ModelSerializer[Taxonomy]):
    """The taxonomy in force."""

    class Meta:
        model = Taxonomy
        fields = ["version", "content_hash", "content"]


class TemplateFull(serializers.ModelSerializer[Template]):
    """Which sections a post-mortem has, and how much of each a reviewer needs."""

    name = serializers.CharField(source="title", read_only=True)
    noun = serializers.CharField(source="called", read_only=True)

    class Meta:
        model = Template
        fields = ["key", "name", "noun", "purpose", "version", "review_by", "sections"]


def person(request: Request) -> User:
    """Who asks."""
    return cast(User, request.user)


def found_or_404(request: Request, reference: str) -> PostMortem:
    """The post-mortem, or 404 when it is not there or not to be seen."""
    found = selectors.find(person(request), reference)
    if found is None:
        raise Http404
    return found


def given(asked: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """Checked input."""
    asked.is_valid(raise_exception=True)
    return cast("dict[str, Any]", asked.validated_data)


def shown(request: Request, reference: str) -> dict[str, Any]:
    """The whole post-mortem as it is now."""
    return dict(PostMortemFull(selectors.with_parts(found_or_404(request, reference))).data)
