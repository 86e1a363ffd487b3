"""REST of the room: the own notices."""

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

from foundation.notices.models import Notice
from foundation.notices.services import mark_read


class NoticeRow(serializers.ModelSerializer[Notice]):
    """One notice."""

    class Meta:
        model = Notice
        fields = ["id", "kind", "subject", "body", "link", "created_at", "read_at"]
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
