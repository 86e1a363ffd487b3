"""What goes in and out of the room's REST."""

from __future__ import annotations

from dataclasses import asdict
from html import unescape
from typing import Any, cast

from django.http import Http404
from django.utils.html import strip_tags
from rest_framework import serializers
from rest_framework.request import Request

from foundation.people.models import User
from lifecycle.postmortems import selectors
from lifecycle.postmortems.models import (
    ActionEvent,
    ActionItem,
    ContributingFactor,
    Impact,
    Lesson,
    PostMortem,
    Revision,
    Taxonomy,
    TimelineEvent,
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
            "test_for_done", "external_link", "done_at", "verified_by", "verified_at", "events",
        ]  # fmt: skip


class MyActionRow(serializers.ModelSerializer[ActionItem]):
    """An own action in a list."""

    postmortem = serializers.CharField(source="postmortem.reference", read_only=True)
    project = serializers.CharField(source="postmortem.project.key", read_only=True)

    class Meta:
        model = ActionItem
        fields = ["id", "postmortem", "project", "title", "kind", "status", "due_on", "test_for_done"]


class RevisionRow(serializers.ModelSerializer[Revision]):
    """A published version."""

    author = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = Revision
        fields = ["number", "content_hash", "author", "created_at"]


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
    timeline = EventRow(many=True, read_only=True)
    impacts = ImpactRow(many=True, read_only=True)
    factors = FactorRow(many=True, read_only=True)
    lessons = LessonRow(many=True, read_only=True)
    actions = ActionRow(many=True, read_only=True)
    revisions = RevisionRow(many=True, read_only=True)
    remarks = serializers.SerializerMethodField()

    class Meta(PostMortemRow.Meta):
        fields = [
            *PostMortemRow.Meta.fields, "facilitator", "taxonomy", "summary", "background", "outward_summary", "trigger", "detection",
            "origin_phase", "started_on", "detected_on", "resolved_on", "no_action_reason", "lock", "timeline",
            "impacts", "factors", "lessons", "actions", "revisions", "remarks",
        ]  # fmt: skip

    def get_remarks(self, postmortem: PostMortem) -> list[dict[str, str]]:
        """Words that read like blame, and what to write instead."""
        return [asdict(remark) for remark in selectors.remarks_for(postmortem)]


class PostMortemAsked(serializers.Serializer[PostMortem]):
    """A post-mortem to open."""

    project = serializers.SlugField()
    kind = serializers.ChoiceField(PostMortem.Kind.choices)
    title = serializers.CharField(max_length=200)
    stage = serializers.SlugField(default="", allow_blank=True)
    severity = serializers.ChoiceField(PostMortem.Severity.choices, default=PostMortem.Severity.MEDIUM)
    visibility = serializers.ChoiceField(PostMortem.Visibility.choices, default=PostMortem.Visibility.ORGANISATION)


class PostMortemChanges(serializers.Serializer[PostMortem]):
    """Fields to change; `lock` is the number that was read."""

    lock = serializers.IntegerField(min_value=1)
    title = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(PostMortem.Kind.choices, required=False)
    severity = serializers.ChoiceField(PostMortem.Severity.choices, required=False)
    visibility = serializers.ChoiceField(PostMortem.Visibility.choices, required=False)
    summary = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    background = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    outward_summary = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    trigger = serializers.CharField(max_length=60, required=False, allow_blank=True)
    detection = serializers.CharField(max_length=60, required=False, allow_blank=True)
    origin_phase = serializers.CharField(max_length=60, required=False, allow_blank=True)
    started_on = serializers.DateField(required=False, allow_null=True)
    detected_on = serializers.DateField(required=False, allow_null=True)
    resolved_on = serializers.DateField(required=False, allow_null=True)
    no_action_reason = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    facilitator = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )


class StepAsked(serializers.Serializer[Any]):
    """A step of the workflow: a reason where one is needed, and the lock that a reviewer read."""

    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    lock = serializers.IntegerField(min_value=1, required=False)


class ActionDeedAsked(serializers.Serializer[Any]):
    """A deed on an action."""

    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.filter(is_active=True), required=False
    )
    due_on = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class LockAsked(serializers.Serializer[Any]):
    """The lock that was read."""

    lock = serializers.IntegerField(min_value=1)


class TaxonomyFull(serializers.ModelSerializer[Taxonomy]):
    """The taxonomy in force."""

    class Meta:
        model = Taxonomy
        fields = ["version", "content_hash", "content"]


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
