"""The portal's addresses, with the references beside them: plain views on the same rows, in the same frame."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from rest_framework.generics import ListAPIView

from lifecycle.kpis.api.serializers import MeasurementOut
from lifecycle.kpis.models import Measurement
from lifecycle.projects.api.serializers import ProjectOut
from lifecycle.projects.models import Project
from portal.urls import urlpatterns as portal_pages


class PlainProjects(ListAPIView[Project]):
    """All projects, with no question who may see them."""

    queryset = Project.objects.select_related("methodology").order_by("name", "pk")
    serializer_class = ProjectOut
    permission_classes = []
    throttle_classes = []


class PlainMeasurements(ListAPIView[Measurement]):
    """All readings of one KPI."""

    serializer_class = MeasurementOut
    permission_classes = []
    throttle_classes = []

    def get_queryset(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        rows = Measurement.objects.filter(kpi=self.kwargs["kpi"]).select_related("recorded_by")
        return rows.order_by("-period", "-revision")


def bare_page(request: HttpRequest) -> HttpResponse:
    """The frame and nothing in it; the frame's own counts are given, so that it asks the database nothing."""
    return render(request, "base.html", {"waiting_count": 0, "unread_notices": 0})


urlpatterns = [
    path("bench/projects/", PlainProjects.as_view()),
    path("bench/measurements/<int:kpi>/", PlainMeasurements.as_view()),
    path("bench/page/", bare_page),
    *portal_pages,
]
