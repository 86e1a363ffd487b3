"""What all views of the room's API begin with: who asks, what they may see, what was given."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance import selectors
from lifecycle.acceptance.api.serializers import AcceptanceRow
from lifecycle.acceptance.models import Acceptance
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project


def person(request: Request) -> User:
    """Who asks: every route of the room asks for sign-in."""
    return cast(User, request.user)


def project_of(request: Request, key: str) -> Project:
    """The project, or 404 where it is not visible."""
    found: Project | None = Project.objects.visible_to(person(request)).filter(key=key).first()
    if found is None:
        raise Http404
    return found


def acceptance_of(request: Request, pk: int) -> Acceptance:
    """The acceptance, or 404 where its project is not visible."""
    found = selectors.acceptances_visible_to(person(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def given_by(asked: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """The valid values; DRF's error otherwise."""
    asked.is_valid(raise_exception=True)
    return cast("dict[str, Any]", asked.validated_data)


def kpi_named(project: Project, key: str) -> Kpi | None:
    """The KPI with this key; None for an empty key."""
    if not key:
        return None
    kpi = Kpi.objects.filter(project=project, key=key).first()
    if kpi is None:
        raise Refused("The project has no KPI with this key.", code="kpi_elsewhere", status=400, field="kpi")
    return kpi


def shown(acceptance: Acceptance) -> dict[str, Any]:
    """The acceptance as it is now."""
    rows = selectors.acceptances_of(acceptance.project).select_related("project")
    fresh = rows.get(pk=acceptance.pk)
    return dict(AcceptanceRow(fresh, context=states_of(acceptance.project, [fresh])).data)


def states_of(project: Project, rows: list[Acceptance]) -> dict[str, Any]:
    """What a serializer needs to say how signatures stand: one query, and one for each kind of pinned evidence."""
    verdicts = Acceptance.objects.filter(project=project, signature__isnull=False, withdrawal__isnull=True)
    newest = verdicts.order_by("-number").values_list("number", flat=True).first() or 0
    return {"changed": selectors.changed_since(project, rows), "newest": newest}
