"""Projects and their members."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from foundation.web.refused import Refused
from lifecycle.methodologies.selectors import offered, version_of
from lifecycle.projects.api.finding import caller, find_project
from lifecycle.projects.api.serializers import (
    ClosingIn,
    MemberIn,
    MemberOut,
    ProjectIn,
    ProjectOut,
    ProjectPatch,
    WhyIn,
)
from lifecycle.projects.models import Member
from lifecycle.projects.permits import may
from lifecycle.projects.selectors import Filters, members_of, projects_for
from lifecycle.projects.services import (
    add_member,
    close_project,
    edit_project,
    person_named,
    remove_member,
    start_project,
    stop_project,
)


class ProjectList(Listing):
    """Projects that the caller may read."""

    @extend_schema(
        operation_id="projects_list",
        parameters=[
            OpenApiParameter("q", str, description="Part of the name, key, question or unit"),
            OpenApiParameter("state", str, enum=["active", "in_use", "stopped", "closed"]),
            OpenApiParameter("methodology", str, description="Key of a methodology"),
            OpenApiParameter("mine", bool, description="Only projects with a role of one's own"),
        ],
        responses=ProjectOut(many=True),
    )
    def get(self, request: Request) -> Response:
        given = request.query_params
        filters = Filters(
            text=given.get("q", "").replace("\x00", ""),
            state=given.get("state", "").replace("\x00", ""),
            methodology=given.get("methodology", "").replace("\x00", ""),
            mine=given.get("mine", "").lower() in ("1", "true"),
        )
        return self.listed(projects_for(caller(request), filters), ProjectOut)

    @extend_schema(operation_id="projects_create", request=ProjectIn, responses={201: ProjectOut})
    def post(self, request: Request) -> Response:
        user = caller(request)
        may(user, "start_project", None).demand()
        given = ProjectIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        named = values.pop("methodology")
        methodology = (
            version_of(named["key"], named["number"])
            if "number" in named
            else offered().filter(key=named["key"]).first()
        )
        if methodology is None:
            raise Refused(
                f"There is no methodology {named['key']!r} in that version. See /api/v1/methodologies/.",
                code="methodology_unknown",
                status=400,
                field="methodology",
            )
        project = start_project(actor=user, methodology=methodology, **values)
        return Response(ProjectOut(project).data, status=status.HTTP_201_CREATED)


class ProjectOne(APIView):
    """One project."""

    @extend_schema(operation_id="projects_retrieve", responses=ProjectOut)
    def get(self, request: Request, key: str) -> Response:
        return Response(ProjectOut(find_project(request, key)).data)

    @extend_schema(operation_id="projects_update", request=ProjectPatch, responses=ProjectOut)
    def patch(self, request: Request, key: str) -> Response:
        project = find_project(request, key)
        given = ProjectPatch(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        expected = values.pop("version", None)
        saved = edit_project(actor=caller(request), project=project, expected_version=expected, **values)
        return Response(ProjectOut(saved).data)


class ProjectStop(APIView):
    """Stopping a project."""

    @extend_schema(operation_id="projects_stop", request=WhyIn, responses=ProjectOut)
    def post(self, request: Request, key: str) -> Response:
        project = find_project(request, key)
        given = WhyIn(data=request.data)
        given.is_valid(raise_exception=True)
        stopped = stop_project(actor=caller(request), project=project, reason=given.validated_data["reason"])
        return Response(ProjectOut(stopped).data)


class ProjectClose(APIView):
    """Closing a project with what came of it."""

    @extend_schema(operation_id="projects_close", request=ClosingIn, responses=ProjectOut)
    def post(self, request: Request, key: str) -> Response:
        project = find_project(request, key)
        given = ClosingIn(data=request.data)
        given.is_valid(raise_exception=True)
        closed = close_project(actor=caller(request), project=project, statement=given.validated_data["statement"])
        return Response(ProjectOut(closed).data)


class MemberList(Listing):
    """Who is in a project."""

    @extend_schema(operation_id="members_list", responses=MemberOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        return self.listed(members_of(find_project(request, key)), MemberOut)

    @extend_schema(operation_id="members_create", request=MemberIn, responses={201: MemberOut})
    def post(self, request: Request, key: str) -> Response:
        user, project = caller(request), find_project(request, key)
        may(user, "manage_members", project).demand()
        given = MemberIn(data=request.data)
        given.is_valid(raise_exception=True)
        member = add_member(
            actor=user,
            project=project,
            user=person_named(given.validated_data["person"]),
            role=given.validated_data["role"],
        )
        return Response(MemberOut(member).data, status=status.HTTP_201_CREATED)


class MemberOne(APIView):
    """One role of one person."""

    @extend_schema(operation_id="members_end", request=None, responses={204: None})
    def delete(self, request: Request, key: str, pk: int) -> Response:
        project = find_project(request, key)
        member = Member.objects.filter(pk=pk, project=project).first()
        if member is None:
            raise Http404
        remove_member(actor=caller(request), member=member)
        return Response(status=status.HTTP_204_NO_CONTENT)
