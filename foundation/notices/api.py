"""REST of the room: the own notices, how they are mailed, and what became of each e-mail."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.notices.models import Delivery, Notice
from foundation.notices.selectors import deliveries
from foundation.notices.services import mark_read
from foundation.people.models import MailWish, User
from foundation.people.services import change_profile
from foundation.web.refused import Refused
from foundation.web.views import signed_in


class NoticeRow(serializers.ModelSerializer[Notice]):
    """One notice."""

    class Meta:
        model = Notice
        fields = [
            "id", "kind", "subject", "body", "why", "comment", "comment_by", "link", "created_at", "read_at", "mailed_at",
        ]  # fmt: skip
        read_only_fields = fields


@extend_schema_view(
    get=extend_schema(parameters=[OpenApiParameter("unread", OpenApiTypes.BOOL, description="Only unread ones")])
)
class Notices(ListAPIView[Notice]):
    """The own notices, newest first."""

    serializer_class = NoticeRow
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        own = Notice.objects.filter(user_id=self.request.user.pk or 0)
        only_unread = self.request.query_params.get("unread", "").lower() in ("1", "true", "yes")
        return own.filter(read_at__isnull=True) if only_unread else own


class ReadNotice(APIView):
    """Reading one."""

    @extend_schema(request=None, responses=NoticeRow)
    def post(self, request: Request, notice_id: int) -> Response:
        """Mark it as read."""
        notice = get_object_or_404(Notice.objects.select_related("user"), pk=notice_id, user_id=request.user.pk)
        mark_read(actor=notice.user, notice_ids=[notice.pk])
        notice.refresh_from_db()
        return Response(NoticeRow(notice).data)


class DeliveryRow(serializers.ModelSerializer[Delivery]):
    """One attempt to mail a notice or a digest."""

    kind = serializers.ChoiceField(choices=["notice", "digest"], read_only=True)

    class Meta:
        model = Delivery
        fields = ["id", "kind", "notice", "digest", "address", "subject", "at", "ended_at", "result", "error"]
        read_only_fields = fields


@extend_schema_view(
    get=extend_schema(
        parameters=[
            OpenApiParameter("person", OpenApiTypes.STR, description="Part of a name or an address"),
            OpenApiParameter("result", OpenApiTypes.STR, enum=Delivery.Result.values),
        ]
    )
)
class Deliveries(ListAPIView[Delivery]):
    """What was mailed, newest first: everybody's for administrators, else one's own."""

    serializer_class = DeliveryRow
    queryset = Delivery.objects.none()

    def get_queryset(self) -> QuerySet[Delivery]:
        given = self.request.query_params
        result = given.get("result", "")
        if result and result not in Delivery.Result.values:
            raise Refused(
                f"There is no result {result!r}. Use one of {', '.join(Delivery.Result.values)}.",
                code="invalid",
                status=400,
                field="result",
            )
        return deliveries(signed_in(self.request._request), person=given.get("person", ""), result=result)


class MailWishRow(serializers.ModelSerializer[User]):
    """How the person wants notices by e-mail: at_once, daily (at 07:00 in `time_zone`) or none."""

    mail_wish = serializers.ChoiceField(choices=MailWish.choices)

    class Meta:
        model = User
        fields = ["mail_wish", "time_zone"]
        read_only_fields = ["time_zone"]


class Wish(APIView):
    """How the own notices are mailed."""

    @extend_schema(operation_id="mail_wish", responses=MailWishRow)
    def get(self, request: Request) -> Response:
        """The present wish."""
        return Response(MailWishRow(signed_in(request._request)).data)

    @extend_schema(operation_id="mail_wish_change", request=MailWishRow, responses=MailWishRow)
    def put(self, request: Request) -> Response:
        """Change it; notices in the portal stay as they are."""
        asked = MailWishRow(data=request.data)
        asked.is_valid(raise_exception=True)
        person = signed_in(request._request)
        changed = change_profile(
            actor=person, name=person.name, time_zone=person.time_zone, mail_wish=asked.validated_data["mail_wish"]
        )
        return Response(MailWishRow(changed).data)
