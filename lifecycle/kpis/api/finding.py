"""What every view of the room does: find the thing, read the body, page the list."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project

Row = TypeVar("Row", bound=Model)


class RoomView(GenericAPIView[Any]):
    """Finds things that the caller may see; anything else is 404."""

    def caller(self) -> User:
        user = self.request.user
        if not isinstance(user, User):
            raise NotAuthenticated
        return user

    def visible(self) -> QuerySet[Project]:
        found: QuerySet[Project] = Project.objects.visible_to(self.request.user)
        return found

    def project(self) -> Project:
        return get_object_or_404(self.visible(), key=self.kwargs["key"])

    def kpi(self) -> Kpi:
        kpis = Kpi.objects.select_related("project", "volume_kpi", "derived_from")
        return get_object_or_404(
            kpis.filter(project__in=self.visible()), project__key=self.kwargs["key"], key=self.kwargs["kpi_key"]
        )

    def read(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The checked body."""
        reader = shape(data=self.request.data)
        reader.is_valid(raise_exception=True)
        checked: dict[str, Any] = reader.validated_data
        return checked

    def pages(self, rows: QuerySet[Row], shape: type[serializers.Serializer[Any]]) -> Response:
        """One page of a list."""
        return self.get_paginated_response(shape(self.paginate_queryset(rows), many=True).data)

    def named_kpi(self, project: Project, key: str | None, field: str) -> Kpi | None:
        """A KPI of the project by key; None for none."""
        if not key:
            return None
        found = Kpi.objects.filter(project=project, key=key).first()
        if found is None:
            raise Refused(
                f"The project has no KPI {key!r}. Name one of its own.", code="kpi_unknown", status=400, field=field
            )
        return found
