"""Which deliverables of the first stage the parts of a case stand for: the methodology marks them."""

from __future__ import annotations

from explain.cases.content import PARTS
from lifecycle.methodologies.difference import in_order
from lifecycle.methodologies.schema import outputs_of
from lifecycle.projects.models import Deliverable, Project


def structured_deliverables(project: Project) -> dict[str, Deliverable]:
    """Part -> deliverable of the present first stage, where the project's methodology has one. One or two queries."""
    phase = in_order(project.methodology.content)[0]
    keys = {
        str(output["key"]): str(output["structured"])
        for _, output in outputs_of(phase)
        if output.get("structured") in PARTS
    }
    found = (
        Deliverable.objects.filter(
            stage__project=project,
            stage__key=phase["key"],
            stage__is_current=True,
            key__in=keys,
            dropped_at__isnull=True,
        )
        .select_related("stage")
        .order_by("order")
    )
    return {keys[deliverable.key]: deliverable for deliverable in found}
