"""REST of the room. Money, shares and volumes are text; what a part holds: `docs/cases.md`."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.cases import services
from explain.cases.content.flows import Terms, levers_of
from explain.cases.content.parts import WORTH
from explain.cases.counting import CALCULATOR, request_of
from explain.cases.models import CaseVersion, Promise, Scenario
from explain.cases.selectors import case_numbered, compared, latest_case, promises_of, scenarios_of
from explain.cases.selectors.comparison import Comparison
from explain.outcomes.calculators.api import answered
from explain.outcomes.calculators.shapes import Awaited
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project

_MONEY: dict[str, Any] = {"max_digits": 26, "decimal_places": 4, "allow_null": True, "read_only": True}


class CaseRow(serializers.ModelSerializer[CaseVersion]):
    """One version of the business case."""

    author = serializers.CharField(source="author.name", read_only=True)
    missing = serializers.ListField(child=serializers.CharField(), read_only=True)
    content = serializers.JSONField(read_only=True)
    terms = serializers.JSONField(read_only=True)
    result = serializers.JSONField(read_only=True)

    class Meta:
        model = CaseVersion
        fields = [
            "number", "content", "terms", "result", "content_hash", "note", "author", "created_at", "put_forward_at",
            "missing",
        ]  # fmt: skip
        read_only_fields = fields


class CaseBody(serializers.Serializer[Any]):
    """Parts to be replaced; those that are left out stay as they are."""

    parts = serializers.DictField(
        child=serializers.JSONField(), help_text="feasibility, implementation_plan, stakeholder_map, cost_benefit"
    )
    expected_number = serializers.IntegerField(min_value=0, help_text="The version on which this one builds; 0: none")
    note = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class NumberBody(serializers.Serializer[Any]):
    """A version by its number."""

    number = serializers.IntegerField(min_value=1)


class LeversBody(serializers.Serializer[Any]):
    """What is changed: percent of the plan; `delay` in months; `rate` in percent a year."""

    version = serializers.IntegerField(required=False, min_value=1, help_text="The newest if absent")
    uplift = serializers.DecimalField(6, 2, required=False, min_value=0, max_value=1000)
    value = serializers.DecimalField(6, 2, required=False, min_value=0, max_value=1000)
    volume = serializers.DecimalField(6, 2, required=False, min_value=0, max_value=1000)
    cost = serializers.DecimalField(6, 2, required=False, min_value=0, max_value=1000)
    delay = serializers.IntegerField(required=False, min_value=0, max_value=120)
    rate = serializers.DecimalField(7, 4, required=False, min_value=0, max_value=100)


class ScenarioBody(LeversBody):
    """A what-if with a name."""

    name = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(choices=Scenario.Kind.choices, required=False, default=Scenario.Kind.OTHER)


class ScenarioRow(serializers.ModelSerializer[Scenario]):
    """A scenario with the figures it gives."""

    version = serializers.IntegerField(source="version.number", read_only=True)
    author = serializers.CharField(source="author.name", read_only=True)
    levers = serializers.JSONField(read_only=True)
    result = serializers.JSONField(read_only=True)

    class Meta:
        model = Scenario
        fields = ["id", "version", "name", "kind", "levers", "result", "author", "created_at"]
        read_only_fields = fields


class ComparedRow(serializers.Serializer[Any]):
    """One measure."""

    measure = serializers.CharField(source="label")
    promised = serializers.DecimalField(**_MONEY)
    planned = serializers.DecimalField(**_MONEY)
    realised = serializers.DecimalField(**_MONEY)


class ComparedKpi(serializers.Serializer[Any]):
    """A promised uplift and the measured effect; positive is better."""

    name = serializers.CharField()
    kpi = serializers.CharField(allow_blank=True)
    unit = serializers.CharField(allow_blank=True)
    low = serializers.CharField()
    mode = serializers.CharField()
    high = serializers.CharField()
    measured = serializers.FloatField(allow_null=True)
    interval = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    status = serializers.CharField(allow_blank=True)


class PromiseBody(serializers.Serializer[Any]):
    """What was promised at the gate, and what came of it."""

    version = serializers.IntegerField(source="promise.version.number")
    round = serializers.IntegerField(source="promise.round_id")
    digest = serializers.CharField(source="promise.round_digest")
    content_hash = serializers.CharField(source="promise.content_hash")
    content = serializers.JSONField(source="promise.content")
    decided_at = serializers.DateTimeField(source="promise.round.closed_at")
    currency = serializers.CharField()
    as_of = serializers.DateField(allow_null=True)
    to_date = ComparedRow(many=True)
    whole = ComparedRow(many=True)
    kpis = ComparedKpi(many=True)


class PlannedLines(serializers.Serializer[Any]):
    """How many planned lines were written."""

    lines = serializers.IntegerField()


class Case(APIView):
    """The business case of a project."""

    @extend_schema(responses=CaseRow)
    def get(self, request: Request, key: str) -> Response:
        """The newest version; 404 while there is none."""
        found = latest_case(_project(request, key))
        if found is None:
            raise Http404
        return Response(CaseRow(found).data)

    @extend_schema(request=CaseBody, responses={201: CaseRow})
    def post(self, request: Request, key: str) -> Response:
        """A new version; the same content again answers the one that is there."""
        project = _project(request, key)
        body = CaseBody(data=request.data)
        body.is_valid(raise_exception=True)
        version = services.write_case(actor=_person(request), project=project, **body.validated_data)
        return Response(CaseRow(version).data, status=201)


class CaseOfNumber(APIView):
    """One version."""

    @extend_schema(responses=CaseRow)
    def get(self, request: Request, key: str, number: int) -> Response:
        """The version."""
        return Response(CaseRow(_version(_project(request, key), number)).data)


class PutForward(APIView):
    """Before the deciders."""

    @extend_schema(request=NumberBody, responses=CaseRow)
    def post(self, request: Request, key: str) -> Response:
        """The newest version becomes the deliverables of the first stage."""
        project = _project(request, key)
        body = NumberBody(data=request.data)
        body.is_valid(raise_exception=True)
        version = services.put_forward(actor=_person(request), project=project, number=body.validated_data["number"])
        return Response(CaseRow(version).data)


class WhatIf(APIView):
    """Other figures; nothing is stored."""

    @extend_schema(request=LeversBody, responses={200: dict[str, Any], 202: Awaited})
    def post(self, request: Request, key: str) -> Response:
        """The calculator's answer for the changed figures; 202 with its address where a worker has to draw."""
        project = _project(request, key)
        body = LeversBody(data=request.data)
        body.is_valid(raise_exception=True)
        version = _version(project, body.validated_data.pop("version", None))
        if not version.result:
            raise Refused(
                "There is nothing to count yet. Write the cost-benefit analysis first.", code="nothing_to_count"
            )
        levers = levers_of(body.validated_data)
        return answered(
            _person(request), CALCULATOR, request_of(version.content[WORTH], Terms.of(version.terms), levers)
        )


class Scenarios(APIView):
    """Scenarios of the newest version."""

    @extend_schema(responses=ScenarioRow(many=True))
    def get(self, request: Request, key: str) -> Response:
        """In the order in which they were kept."""
        found = latest_case(_project(request, key))
        return Response(ScenarioRow(scenarios_of(found) if found else [], many=True).data)

    @extend_schema(request=ScenarioBody, responses={201: ScenarioRow})
    def post(self, request: Request, key: str) -> Response:
        """Keep a what-if under a name."""
        project = _project(request, key)
        body = ScenarioBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        scenario = services.save_scenario(
            actor=_person(request),
            version=_version(project, given.pop("version", None)),
            name=given.pop("name"),
            kind=given.pop("kind"),
            levers=levers_of(given),
        )
        return Response(ScenarioRow(scenario).data, status=201)


class OneScenario(APIView):
    """One scenario."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key: str, scenario_id: int) -> Response:
        """Remove it."""
        project = _project(request, key)
        found = get_object_or_404(
            Scenario.objects.select_related("version__project"), pk=scenario_id, version__project=project
        )
        services.drop_scenario(actor=_person(request), scenario=found)
        return Response(status=204)


class PromiseView(APIView):
    """The promise."""

    @extend_schema(responses=PromiseBody)
    def get(self, request: Request, key: str) -> Response:
        """The newest promise beside plan and realised; 404 while nothing was promised."""
        found: list[Promise] = promises_of(_project(request, key))
        if not found:
            raise Http404
        comparison: Comparison = compared(found[0])
        return Response(PromiseBody(comparison).data)


class TakeOver(APIView):
    """The promise as plan."""

    @extend_schema(request=None, responses={201: PlannedLines})
    def post(self, request: Request, key: str) -> Response:
        """Write the promised costs and benefits as planned lines, once."""
        lines = services.take_over(actor=_person(request), project=_project(request, key))
        return Response({"lines": len(lines)}, status=201)


def _version(project: Project, number: int | None) -> CaseVersion:
    found = latest_case(project) if number is None else case_numbered(project, number)
    if found is None:
        raise Http404
    found.project = project
    return found


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _project(request: Request, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user).select_related("methodology"), key=key)
    return found
