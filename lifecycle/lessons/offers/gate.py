"""What a gate may ask: that the team has answered the cases it was offered."""

from __future__ import annotations

from lifecycle.lessons.offers.selectors import at_stage, offers_of, unanswered_at
from lifecycle.projects.gate_checks import GateCheck, Judged
from lifecycle.projects.models import Stage


def judge(stage: Stage, limit: float | None) -> Judged:
    """Whether each offered case is answered; met where none was offered."""
    offered = offers_of(stage.project).filter(at_stage(stage)).count()
    waiting = len(unanswered_at(stage))
    link = f"{stage.get_absolute_url()}#lessons"
    if not offered:
        return Judged(True, "No earlier case was found that is like this project.", link=link)
    if not waiting:
        return Judged(True, "Each case that was offered is answered.", link=link)
    open_ones = (
        "The case that was offered is" if offered == 1 else f"{waiting} of the {offered} cases that were offered are"
    )
    return Judged(False, f"{open_ones} not answered yet.", "Say on the page of the stage what you make of it.", link)


ANSWERED = GateCheck("lessons_answered", judge, watches=("case_offer",))
