"""REST of standing in."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.people.models import User
from foundation.web.listing import Listing
from foundation.web.refused import Refused
from lifecycle.projects.api.finding import caller
from lifecycle.projects.api.serializers import PersonOut
from lifecycle.projects.models import Delegation, Project, Role
from lifecycle.projects.services.delegating import REASON_LIMIT, delegate, end_delegation
from lifecycle.projects.services.members import person_named
from lifecycle.projects.standing_in import delegations_for, hindrances, state_words


class DelegationOut(serializers.ModelSerializer[Delegation]):
    """Who answers for whom. `project` null: in all; `role` empty: in all. `state`: to come, in force, over, ended."""

    from_person = PersonOut()
    to_person = PersonOut()
    made_by = PersonOut()
    project = serializers.CharField(source="project.key", default=None, allow_null=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Delegation
        fields: tuple[str, ...] = (
            "id", "from_person", "to_person", "project", "role", "starts_on", "ends_on", "reason", "made_by", "made_at",
            "ended_at", "state",
        )  # fmt: skip

    def get_state(self, row: Delegation) -> str:
        return state_words(row)[1]


class DelegationMadeOut(DelegationOut):
    """A new one, and where the stand-in could not answer."""

    warnings = serializers.SerializerMethodField()

    class Meta(DelegationOut.Meta):
        fields = (*DelegationOut.Meta.fields, "warnings")

    def get_warnings(self, row: Delegation) -> list[str]:
        return hindrances(from_person=row.from_person, to_person=row.to_person, project=row.project, role=row.role)


class DelegationIn(serializers.Serializer[Any]):
    """People by e-mail address or name; without `from_person` it is the caller. Both days are included."""

    from_person = serializers.CharField(required=False, allow_blank=True, max_length=254)
    to_person = serializers.CharField(max_length=254)
    project = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=60)
    role = serializers.ChoiceField(choices=Role.choices, required=False, allow_blank=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    reason = serializers.CharField(max_length=REASON_LIMIT)


class DelegationList(Listing):
    """Covers that the caller may read, the newest first."""

    @extend_schema(
        operation_id="delegations_list",
        summary="List who stands in for whom",
        parameters=[OpenApiParameter("in_force", bool, description="Only those that hold today or later")],
        responses=DelegationOut(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = list(delegations_for(caller(request)))
        if request.query_params.get("in_force", "").lower() in ("1", "true"):
            rows = [row for row in rows if state_words(row)[1] in ("in force", "to come")]
        return self.listed(rows, DelegationOut)

    @extend_schema(
        operation_id="delegations_create",
        summary="Name a stand-in",
        request=DelegationIn,
        responses={201: DelegationMadeOut},
    )
    def post(self, request: Request) -> Response:
        person = caller(request)
        given = DelegationIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        away = (values.pop("from_person", "") or "").strip()
        made = delegate(
            actor=person,
            from_person=person_named(away) if away else person,
            to_person=person_named(values.pop("to_person")),
            project=_project(person, values.pop("project", "") or ""),
            **values,
        )
        return Response(DelegationMadeOut(made).data, status=201)


class DelegationEnd(APIView):
    """Ending a cover."""

    @extend_schema(operation_id="delegations_end", summary="End a cover", request=None, responses=DelegationOut)
    def post(self, request: Request, pk: int) -> Response:
        person = caller(request)
        found = get_object_or_404(delegations_for(person), pk=pk)
        end_delegation(actor=person, delegation_id=found.pk)
        return Response(DelegationOut(delegations_for(person).get(pk=pk)).data)


def _project(person: User, key: str) -> Project | None:
    """The project with this key; None where none is named, for all."""
    if not key:
        return None
    found: Project | None = Project.objects.visible_to(person).filter(key=key).first()
    if found is None:
        raise Refused(
            f"There is no project {key!r} that you may read.", code="project_unknown", status=400, field="project"
        )
    return found
