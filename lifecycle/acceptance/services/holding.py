"""Locks of the room: the project first, then its thing, so that two deeds wait and never for each other."""

from __future__ import annotations

from foundation.web.refused import Refused
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition, HandOff
from lifecycle.projects.services import lock_project


def hold(acceptance_id: int | None) -> Acceptance:
    """The acceptance under its lock, after its project's: every deed of this room takes them in this order."""
    project_id = Acceptance.objects.filter(pk=acceptance_id or 0).values_list("project", flat=True).first()
    if project_id is None or acceptance_id is None:
        raise Refused("There is no such acceptance. Load the page again.", code="acceptance_gone")
    project = lock_project(project_id)
    acceptance = Acceptance.objects.select_for_update(of=("self",)).select_related("stage").get(pk=acceptance_id)
    acceptance.project = project
    return acceptance


def hold_condition(condition_id: int) -> AcceptanceCondition:
    """A condition under the lock of its acceptance."""
    found = AcceptanceCondition.objects.filter(pk=condition_id).values_list("acceptance", flat=True).first()
    if found is None:
        raise Refused("There is no such condition. Load the page again.", code="condition_gone")
    acceptance = hold(found)
    condition = AcceptanceCondition.objects.select_for_update(of=("self",)).select_related("owner").get(pk=condition_id)
    condition.acceptance = acceptance
    return condition


def hold_handoff(handoff_id: int | None) -> HandOff:
    """A version of the hand-off record under its lock, after its project's."""
    project_id = HandOff.objects.filter(pk=handoff_id or 0).values_list("project", flat=True).first()
    if project_id is None or handoff_id is None:
        raise Refused("There is no such hand-off record. Load the page again.", code="handoff_gone")
    project = lock_project(project_id)
    handoff = HandOff.objects.select_for_update(of=("self",)).get(pk=handoff_id)
    handoff.project = project
    return handoff
