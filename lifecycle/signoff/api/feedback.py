"""REST of advice on rounds."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.people.models import User
from foundation.web.listing import Listing
from lifecycle.projects.api.finding import caller
from lifecycle.signoff.models import Feedback, Round
from lifecycle.signoff.services.feedback import TEXT_LIMIT, give_feedback, settle_feedback


class FeedbackOut(serializers.ModelSerializer[Feedback]):
    """Advice on a round; of several by one person the newest counts. `blocks`: a major issue that nobody settled."""

    author = serializers.CharField(source="author.name", read_only=True)
    blocks = serializers.SerializerMethodField()

    class Meta:
        model = Feedback
        fields = ["id", "round", "author", "role", "grade", "text", "given_at", "settled_at", "settled_note", "blocks"]
        read_only_fields = fields

    def get_blocks(self, given: Feedback) -> bool:
        newest = self.context.get("newest")
        return given.blocks and (newest is None or newest.get(given.author_id) == given.pk)


class FeedbackIn(serializers.Serializer[Any]):
    """Advice: an issue is described."""

    grade = serializers.ChoiceField(choices=Feedback.Grade.choices)
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=TEXT_LIMIT)


class FeedbackSettleIn(serializers.Serializer[Any]):
    """How an issue was settled."""

    note = serializers.CharField(max_length=TEXT_LIMIT)


def _round(person: User, round_id: int) -> Round:
    review: Round = get_object_or_404(Round.objects.visible_to(person).only("pk"), pk=round_id)
    return review


class RoundFeedback(Listing):
    """Advice on a round."""

    @extend_schema(operation_id="feedback_list", summary="List advice on a round", responses=FeedbackOut(many=True))
    def get(self, request: Request, round_id: int) -> Response:
        review = _round(caller(request), round_id)
        self.newest = dict(Feedback.objects.filter(round=review).order_by("pk").values_list("author_id", "pk"))
        return self.listed(Feedback.objects.filter(round=review).select_related("author").order_by("-pk"), FeedbackOut)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "newest": getattr(self, "newest", None)}

    @extend_schema(
        operation_id="feedback_give", summary="Give advice", request=FeedbackIn, responses={201: FeedbackOut}
    )
    def post(self, request: Request, round_id: int) -> Response:
        person = caller(request)
        _round(person, round_id)
        given = FeedbackIn(data=request.data)
        given.is_valid(raise_exception=True)
        feedback = give_feedback(actor=person, round_id=round_id, **given.validated_data)
        return Response(FeedbackOut(feedback).data, status=201)


class FeedbackSettlement(APIView):
    """Settling an issue."""

    @extend_schema(
        operation_id="feedback_settle", summary="Settle an issue", request=FeedbackSettleIn, responses=FeedbackOut
    )
    def post(self, request: Request, feedback_id: int) -> Response:
        person = caller(request)
        get_object_or_404(
            Feedback.objects.only("pk"), pk=feedback_id, round__in=Round.objects.visible_to(person).values("pk")
        )
        given = FeedbackSettleIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            FeedbackOut(settle_feedback(actor=person, feedback_id=feedback_id, **given.validated_data)).data
        )
