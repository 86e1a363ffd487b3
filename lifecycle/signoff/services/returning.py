"""Going back to an earlier stage: an event with its reason, its cost so far, and the approvals that it ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.nouns import house_noun
from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine
from lifecycle.projects.models import Project, Stage, StageReturn
from lifecycle.projects.services import begin_iteration, lock_stage
from lifecycle.signoff import moves
from lifecycle.signoff.models import Round
from lifecycle.signoff.permits.rounds import deciders_of, may_go_back
from lifecycle.signoff.services.lapsing import make_stale, reason_line
from lifecycle.signoff.services.submitting import close_withdrawn, later_has_begun

REASON_LIMIT = 20_000  # characters


@transaction.atomic
def go_back(*, actor: User, stage: Stage, to_key: str, reason: str, loop_key: str = "") -> StageReturn:
    """Take the project from `stage`, the one it is in, to an earlier one, of which a new iteration opens.

    Open rounds are withdrawn; approvals of that stage and of all later ones become stale. `loop_key`: the way back of
    the methodology that this is, if it knows one.
    Raises Refused: not_permitted, project_closed, stage_state, reason_missing, stage_unknown, loop_unknown.
    """
    stage = lock_stage(stage)
    project = stage.project
    may_go_back(actor, stage).demand()
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(
            f"Say why the project goes back, in at most {REASON_LIMIT} characters: it is read again in the "
            f"{house_noun()}.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    if later_has_begun(stage):
        raise Refused(
            f"A stage after {stage.name} has begun. The project goes back from the stage it is in.", code="stage_state"
        )
    target = Stage.objects.filter(project=project, key=to_key, is_current=True).first()
    if target is None or target.order > stage.order or (target.pk == stage.pk and stage.state != Stage.State.APPROVED):
        raise Refused(
            f"Choose a stage before {stage.name} to go back to.", code="stage_unknown", status=400, field="to"
        )
    if loop_key and not any(
        loop["key"] == loop_key and loop["to"] == to_key for loop in project.methodology.feedback_loops
    ):
        raise Refused(
            f"{project.methodology} knows no way back {loop_key!r} to {target.name}. Leave it empty.",
            code="loop_unknown",
            status=400,
            field="loop",
        )
    rounds = list(
        Round.objects.filter(project=project, stage__is_current=True, stage__order__gte=target.order)
        .filter(state__in=moves.OPEN_STATES | moves.APPROVALS)
        .select_related("stage", "requester")
        .order_by("stage__order")
    )
    ended = _end_rounds(
        actor,
        project,
        rounds,
        f"The project went back to {target.name}",
        then=f"{target.name} begins again, and each stage after it is submitted anew when its turn comes.",
    )
    opened = begin_iteration(project=project, to_key=to_key)
    event = StageReturn.objects.create(
        project=project,
        from_stage=stage,
        to_stage=opened,
        reason=reason,
        loop_key=loop_key,
        cost_so_far=actual_cost(project, until=timezone.localdate()),
        currency=project.currency,
        made_stale=ended,
        by=actor,
    )
    record(
        actor=actor,
        verb="go_back",
        thing=event,
        kind="stage_return",
        name=f"{stage.name} back to {opened.name}, iteration {opened.iteration}",
        project_id=project.pk,
        after={
            "from": stage.key,
            "to": opened.key,
            "iteration": opened.iteration,
            "loop": loop_key,
            "cost_so_far": None if event.cost_so_far is None else str(event.cost_so_far),
            "currency": project.currency,
            "made_stale": ended,
        },
        reason=reason,
    )
    return event


def _end_rounds(
    actor: User, project: Project, rounds: list[Round], line: str, *, then: str
) -> list[dict[str, str | int]]:
    """Withdraw open rounds, make approvals stale; the latter as they go into the event."""
    ended: list[dict[str, str | int]] = []
    for review in rounds:
        review.project = project
        review.stage.project = project
        if review.is_open:
            close_withdrawn(review)
            tell(
                people=deciders_of(review),
                kind="round_withdrawn",
                subject=f"No decision is needed any more: {review.title}",
                body=f"{line}.",
                link=review.get_absolute_url(),
                actor=actor,
                project_id=project.pk,
                event_key=f"round_withdrawn:{review.pk}",
            )
            record(
                actor=actor,
                verb="withdraw_round",
                thing=review,
                kind="round",
                project_id=project.pk,
                after={"state": review.state},
                reason=line,
            )
        elif make_stale(review, [reason_line(line, "returned")], actor=actor, then=then):
            ended.append({"round": review.pk, "stage": review.stage.name, "number": review.number})
    return ended


def actual_cost(project: Project, *, until: date) -> Decimal | None:
    """Actual costs up to and with the month of `until`, in the project's currency; None where currencies mix.

    A recurring line counts once for each month that has begun. Voided lines do not count.
    """
    total = Decimal(0)
    lines = CashLine.objects.filter(
        project=project,
        side=CashLine.Side.COST,
        basis=CashLine.Basis.ACTUAL,
        voided_at__isnull=True,
        month__lte=until,
    )
    for line in lines:
        if line.currency != project.currency:
            return None
        last = min(line.until or line.month, until)
        months = (last.year - line.month.year) * 12 + last.month - line.month.month + 1
        total += line.amount * months
    return total
