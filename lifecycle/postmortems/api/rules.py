"""REST of what opens post-mortems by itself (changed on its page), and of what a reviewer is asked."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.postmortems import services
from lifecycle.postmortems.causes import CAUSES
from lifecycle.postmortems.models import TriggerRule
from lifecycle.postmortems.reviewing import QUESTIONS


class TriggerRuleRow(serializers.ModelSerializer[TriggerRule]):
    """A cause, whether it opens a post-mortem, and how that begins."""

    what = serializers.SerializerMethodField()
    kind = serializers.SerializerMethodField()
    template = serializers.CharField(source="template.key", read_only=True)

    class Meta:
        model = TriggerRule
        fields = ["cause", "what", "kind", "is_on", "severity", "least", "template"]

    def get_what(self, rule: TriggerRule) -> str:
        """What happened, in words."""
        return CAUSES[rule.cause].label

    def get_kind(self, rule: TriggerRule) -> str:
        """The kind of the post-mortem that is opened."""
        return CAUSES[rule.cause].kind


class TriggerRules(GenericAPIView[Any]):
    """What opens post-mortems by itself."""

    serializer_class = TriggerRuleRow
    queryset = TriggerRule.objects.none()

    @extend_schema(operation_id="postmortem_triggers", responses=TriggerRuleRow(many=True))
    def get(self, request: Request) -> Response:
        """Each cause with its rule."""
        rows = self.paginate_queryset(services.rules())
        return self.get_paginated_response(TriggerRuleRow(rows or [], many=True).data)


class ReviewQuestionRow(serializers.Serializer[Any]):
    """A question of the review."""

    key = serializers.CharField()
    question = serializers.CharField()


class ReviewQuestions(GenericAPIView[Any]):
    """What a reviewer is asked before a post-mortem is published."""

    serializer_class = ReviewQuestionRow
    queryset = TriggerRule.objects.none()

    @extend_schema(operation_id="postmortem_review_questions", responses=ReviewQuestionRow(many=True))
    def get(self, request: Request) -> Response:
        """In their order; answers are sent by key with the step."""
        rows = [{"key": key, "question": question} for key, question in QUESTIONS.items()]
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ReviewQuestionRow(page or [], many=True).data)
