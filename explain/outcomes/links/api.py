"""REST of links from metrics of models to KPIs."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.outcomes.api.finding import person_of, project_of
from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.selectors import links_of
from explain.outcomes.links.services import HYPOTHESIS, REASON, end_link, tie_metric
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi


class LinkOut(serializers.ModelSerializer[MetricLink]):
    """A link; `expected` is the change of the KPI, in its unit, for each `point` more of the metric."""

    kpi = serializers.CharField(source="kpi.key", read_only=True)
    unit = serializers.CharField(source="kpi.unit", read_only=True)
    created_by = serializers.CharField(source="created_by.name", read_only=True)
    ended_by = serializers.CharField(source="ended_by.name", read_only=True, default=None, allow_null=True)

    class Meta:
        model = MetricLink
        fields = [
            "id", "model_name", "metric", "better", "point", "kpi", "kpi_version", "unit", "expected", "against",
            "hypothesis", "created_by", "created_at", "ended_by", "ended_at", "end_reason",
        ]  # fmt: skip
        read_only_fields = fields


class LinkIn(serializers.Serializer[Any]):
    """A link to make. `model_name` and `metric` as an accepted version states them, `kpi` by its key."""

    model_name = serializers.CharField(max_length=120)
    metric = serializers.CharField(max_length=80)
    kpi = serializers.CharField(max_length=60)
    hypothesis = serializers.CharField(max_length=HYPOTHESIS)
    expected = serializers.FloatField(help_text="Change of the KPI, in its unit, for each point more of the metric")
    better = serializers.ChoiceField(MetricLink.Better.choices, required=False)
    point = serializers.FloatField(
        required=False, help_text="Size of a point, in the metric's own unit; 0.01 if absent"
    )
    against = serializers.BooleanField(required=False, help_text="A better model is expected to make the KPI worse")


class EndIn(serializers.Serializer[Any]):
    """Why a link is ended."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=REASON)


class MetricLinks(APIView):
    """Links of a project."""

    @extend_schema(operation_id="metric_links_list", responses=LinkOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All links, ended ones too. What reports say of them stands in `links` of a report's result."""
        return Response(LinkOut(links_of(project_of(request, key)), many=True).data)

    @extend_schema(operation_id="metric_links_tie", request=LinkIn, responses={201: LinkOut})
    def post(self, request: Request, key: str) -> Response:
        """Tie a metric to a KPI."""
        project = project_of(request, key)
        body = LinkIn(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        named = given.pop("kpi")
        kpi = Kpi.objects.filter(project=project, key=named).first()
        if kpi is None:
            raise Refused(
                f"The project has no KPI {named!r}. Name one of its own.", code="kpi_unknown", status=400, field="kpi"
            )
        link = tie_metric(actor=person_of(request), project=project, kpi=kpi, **given)
        return Response(LinkOut(link).data, status=201)


class MetricLinkEnd(APIView):
    """The end of a link."""

    @extend_schema(operation_id="metric_links_end", request=EndIn, responses=LinkOut)
    def post(self, request: Request, key: str, link_id: int) -> Response:
        """End the link: later reports leave it out, those that are there keep it."""
        found = get_object_or_404(MetricLink, project=project_of(request, key), pk=link_id)
        body = EndIn(data=request.data)
        body.is_valid(raise_exception=True)
        link = end_link(actor=person_of(request), link_id=found.pk, reason=body.validated_data.get("reason", ""))
        return Response(LinkOut(link).data)
