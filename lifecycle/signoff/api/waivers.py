"""REST of exceptions."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.digest import digest_of
from foundation.web.listing import Listing
from foundation.web.refused import Refused
from lifecycle.projects.api.finding import caller, find_project
from lifecycle.projects.models import Project
from lifecycle.projects.services import person_named
from lifecycle.signoff import policy
from lifecycle.signoff.api.serializers import second_factor_code
from lifecycle.signoff.exceptions import KINDS, deviations
from lifecycle.signoff.forms.exceptions import ReportFilter
from lifecycle.signoff.models import Waiver
from lifecycle.signoff.permits.policies import may_read_all
from lifecycle.signoff.services.waivers import REASON_LIMIT, content_of, end_waiver, grant_waiver
from lifecycle.signoff.signing import signature_json, signature_state


class WaiverOut(serializers.ModelSerializer[Waiver]):
    """A signed exception. `person`: who may decide on their own work; `signature`: the block, with its present state."""

    project = serializers.CharField(source="project.key", read_only=True)
    stage = serializers.CharField(source="stage_key", read_only=True)
    person = serializers.CharField(source="person.name", read_only=True, default="")
    granted_by = serializers.CharField(source="granted_by.name", read_only=True)
    signature = serializers.SerializerMethodField()

    class Meta:
        model = Waiver
        fields = [
            "id", "project", "stage", "what", "role", "person", "reason", "starts_on", "ends_on", "granted_by",
            "granted_at", "ended_at", "signature",
        ]  # fmt: skip

    def get_signature(self, waiver: Waiver) -> dict[str, Any]:
        state = signature_state(waiver.signature, digest_of(content_of(waiver)), superseded=waiver.ended_at is not None)
        return dict(signature_json(waiver.signature, state))


class WaiverIn(serializers.Serializer[Any]):
    """A new exception: `role`, or a `person` by e-mail address or name. `stage`: its key, empty for all."""

    what = serializers.ChoiceField(choices=Waiver.What.choices)
    role = serializers.CharField(
        required=False, allow_blank=True, max_length=12, help_text=f"One of {', '.join(policy.DECIDING_ROLES)}"
    )
    person = serializers.CharField(required=False, allow_blank=True, max_length=254)
    stage = serializers.CharField(required=False, allow_blank=True, max_length=60)
    reason = serializers.CharField(max_length=REASON_LIMIT)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    password = serializers.CharField(trim_whitespace=False, max_length=4096, write_only=True)
    code = second_factor_code()


class WaiverEndIn(serializers.Serializer[Any]):
    """Why it ends."""

    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class DeviationOut(serializers.Serializer[Any]):
    """A line of the report. `project` is empty for a cover in all projects."""

    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in KINDS])
    id = serializers.IntegerField()
    project = serializers.SerializerMethodField()
    what = serializers.CharField()
    who = serializers.CharField()
    by = serializers.CharField()
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True)
    state = serializers.CharField(source="word")
    in_force = serializers.BooleanField()
    reason = serializers.CharField()
    link = serializers.CharField()

    def get_project(self, row: Any) -> str:
        return row.project.key if row.project else ""


class ProjectWaivers(Listing):
    """Signed exceptions of a project."""

    @extend_schema(operation_id="waivers_list", summary="List exceptions of a project", responses=WaiverOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        rows = Waiver.objects.filter(project=find_project(request, key))
        return self.listed(rows.select_related("project", "person", "granted_by", "signature"), WaiverOut)

    @extend_schema(
        operation_id="waivers_grant", summary="Grant an exception", request=WaiverIn, responses={201: WaiverOut}
    )
    def post(self, request: Request, key: str) -> Response:
        project = find_project(request, key)
        given = WaiverIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        named = values.pop("person", "").strip()
        waiver = grant_waiver(
            actor=caller(request),
            project=project,
            person=person_named(named) if named else None,
            stage_key=values.pop("stage", ""),
            **values,
        )
        return Response(WaiverOut(waiver).data, status=201)


class WaiverEnd(APIView):
    """Ending an exception."""

    @extend_schema(operation_id="waivers_end", summary="End an exception", request=WaiverEndIn, responses=WaiverOut)
    def post(self, request: Request, waiver_id: int) -> Response:
        person = caller(request)
        waiver = get_object_or_404(
            Waiver.objects.only("pk"), pk=waiver_id, project__in=Project.objects.visible_to(person)
        )
        given = WaiverEndIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(WaiverOut(end_waiver(actor=person, waiver_id=waiver.pk, **given.validated_data)).data)


class DeviationList(Listing):
    """Exceptions, emergencies, decisions on own work and covers by others, over all projects."""

    @extend_schema(
        operation_id="exceptions_list",
        summary="Report of exceptions over all projects",
        parameters=[
            OpenApiParameter("kind", str, enum=list(KINDS)),
            OpenApiParameter("project", str, description="Key of a project"),
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
            OpenApiParameter("in_force", bool, description="Only what holds now"),
        ],
        responses=DeviationOut(many=True),
    )
    def get(self, request: Request) -> Response:
        person = caller(request)
        may_read_all(person).demand()
        form = ReportFilter(request.query_params)
        if not form.is_valid():
            field, lines = next(iter(form.errors.items()))
            raise Refused(f"{field}: {lines[0]}", code="invalid", status=400, field=field)
        rows = deviations(Project.objects.visible_to(person), form.wanted())
        return self.listed(rows, DeviationOut)
