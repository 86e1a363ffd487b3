"""REST of offers."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from lifecycle.lessons.offers.selectors import Offered, offered, offered_to, offers_of
from lifecycle.lessons.offers.services import ANSWERS, answer_offer
from lifecycle.projects.api.finding import caller, find_project


class OfferOut(serializers.Serializer[Offered]):
    """A case that was offered to a project, and the answer. `stage` is empty for those of the start."""

    id = serializers.IntegerField(source="offer.pk")
    postmortem = serializers.CharField(source="offer.postmortem.reference")
    title = serializers.CharField(source="offer.postmortem.title")
    stage = serializers.CharField(source="offer.stage.key", default="")
    failed_on = serializers.CharField()
    why = serializers.ListField(child=serializers.CharField(), source="offer.shared")
    state = serializers.CharField(source="offer.state")
    reason = serializers.CharField(source="offer.reason")
    by = serializers.CharField(source="offer.by.name", default=None, allow_null=True)
    at = serializers.DateTimeField(source="offer.at", allow_null=True)


class OfferAnswerAsked(serializers.Serializer[Any]):
    """What the team makes of a case, with its reason."""

    answer = serializers.ChoiceField([(name, name) for name in ANSWERS])
    reason = serializers.CharField(max_length=2_000, allow_blank=True)


class Offers(Listing):
    """Cases that were offered to a project."""

    @extend_schema(operation_id="case_offers_list", responses=OfferOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """Those of the start first, then stage by stage."""
        return self.listed(offered_to(find_project(request, key)), OfferOut)


class OfferAnswer(APIView):
    """The answer to an offer."""

    @extend_schema(operation_id="case_offers_answer", request=OfferAnswerAsked, responses=OfferOut)
    def post(self, request: Request, key: str, offer_id: int) -> Response:
        """Say taken, dismissed or not_similar, with what you do about it or why it does not apply."""
        project = find_project(request, key)
        offer = offers_of(project).filter(pk=offer_id).first()
        if offer is None:
            raise Http404
        asked = OfferAnswerAsked(data=request.data)
        asked.is_valid(raise_exception=True)
        answer_offer(actor=caller(request), offer=offer, **asked.validated_data)
        return Response(OfferOut(offered(offers_of(project).get(pk=offer_id))).data)
