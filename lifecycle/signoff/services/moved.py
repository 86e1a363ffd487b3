"""A project moved to another version of its methodology: approvals of stages that are judged by other things now end."""

from __future__ import annotations

from foundation.audit.models import Entry
from lifecycle.signoff import moves
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.lapsing import make_stale


def on_move(entry: Entry) -> None:
    """Listener on the trail, in the transaction of the move. The entry names the stages whose approval ends, and why."""
    if entry.thing_kind != "methodology_move" or entry.project_id is None:
        return
    ended = {each["stage"]: each["lines"] for each in entry.after.get("ended", [])}
    if not ended:
        return
    rounds = Round.objects.filter(
        project_id=entry.project_id, stage__in=list(ended), state__in=moves.APPROVALS
    ).select_related("stage__project", "project")
    for review in rounds:
        title = f"The project moved to {entry.after['methodology']}."
        lines: list[Line] = [
            {"label": said, "was": "", "now": "", "kind": "returned"} for said in (title, *ended[review.stage_id])
        ]
        make_stale(review, lines, actor=entry.actor)
