"""What comes into the room's REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from foundation.people.models import User
from lifecycle.postmortems import reviewing
from lifecycle.postmortems.api.shapes import TagRow
from lifecycle.postmortems.models import ActionItem, PostMortem


class TagsAsked(serializers.Serializer[Any]):
    """All tags from now on; `lock` is the number that was read."""

    lock = serializers.IntegerField(min_value=1)
    tags = TagRow(many=True)


class PostMortemAsked(serializers.Serializer[PostMortem]):
    """A post-mortem to open."""

    project = serializers.SlugField()
    kind = serializers.ChoiceField(PostMortem.Kind.choices)
    title = serializers.CharField(max_length=200)
    stage = serializers.SlugField(default="", allow_blank=True)
    template = serializers.SlugField(default="full")
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


class AnswerAsked(serializers.Serializer[Any]):
    """What a reviewer answers to one question: yes, no or does_not_apply; a no says why."""

    answer = serializers.ChoiceField(list(reviewing.ANSWERS.items()))
    comment = serializers.CharField(max_length=reviewing.COMMENT, default="", allow_blank=True)


class StepAsked(serializers.Serializer[Any]):
    """A step of the workflow: a reason where one is needed, the lock that a reviewer read, and for publishing the answers
    to the questions of the review, by their keys (`post-mortem-review-questions/`)."""

    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    lock = serializers.IntegerField(min_value=1, required=False)
    answers = serializers.DictField(child=AnswerAsked(), required=False)


class ActionDeedAsked(serializers.Serializer[Any]):
    """A deed on an action."""

    owner = serializers.SlugRelatedField(
        slug_field="email", queryset=User.objects.filter(is_active=True), required=False
    )
    due_on = serializers.DateField(required=False)
    effect = serializers.ChoiceField(ActionItem.Effect.choices, default="", allow_blank=True)
    reason = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class LockAsked(serializers.Serializer[Any]):
    """The lock that was read."""

    lock = serializers.IntegerField(min_value=1)


class RemovalAsked(LockAsked):
    """The lock that was read; of a why also how many hang under it, since they go with it."""

    with_below = serializers.IntegerField(min_value=0, default=0)
