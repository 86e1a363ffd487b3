"""Judging a criterion: what was observed, on which pieces of evidence, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance.evidence import Piece, piece_of, shelves_of
from lifecycle.acceptance.models import Acceptance, CriterionResult
from lifecycle.acceptance.permits import may_judge
from lifecycle.acceptance.services.holding import hold

TEXT_LIMIT = 20_000  # characters
MAX_PIECES = 20


@transaction.atomic
def judge_criterion(
    *,
    actor: User,
    result_id: int,
    verdict: str,
    observed: str = "",
    evidence: str = "",
    reason: str = "",
    pieces: Sequence[str] = (),
) -> CriterionResult:
    """Say what was observed for one criterion and whether it is met. A waiver needs a reason.

    `pieces`: keys of what the project has (`shelves_of`), pinned by their present hash. Raises Refused:
    verdict_unknown, reason_missing, observed_missing, piece_unknown, tester_is_author, not_permitted, wrong_state.
    """
    acceptance = hold(CriterionResult.objects.filter(pk=result_id).values_list("acceptance", flat=True).first())
    may_judge(actor, acceptance).demand()
    result = CriterionResult.objects.select_for_update(of=("self",)).select_related("criterion").get(pk=result_id)
    if verdict not in (CriterionResult.Verdict.MET, CriterionResult.Verdict.NOT_MET, CriterionResult.Verdict.WAIVED):
        raise Refused("Judge it as met, not met or waived.", code="verdict_unknown", status=400, field="verdict")
    observed, evidence, reason = observed.strip(), evidence.strip(), reason.strip()
    if verdict == CriterionResult.Verdict.WAIVED and not reason:
        raise Refused("Say why it is waived.", code="reason_missing", status=400, field="reason")
    if verdict != CriterionResult.Verdict.WAIVED and not observed:
        raise Refused("Write what was observed.", code="observed_missing", status=400, field="observed")
    for field, text, limit in (
        ("observed", observed, 300),
        ("evidence", evidence, TEXT_LIMIT),
        ("reason", reason, TEXT_LIMIT),
    ):
        if len(text) > limit:
            raise Refused(f"Write up to {limit:,} characters.", code=f"{field}_too_long", status=400, field=field)
    result.pieces = _chosen(actor, acceptance, pieces)
    before = {"verdict": result.verdict, "observed": result.observed}
    result.observed, result.evidence, result.verdict, result.reason = observed, evidence, verdict, reason
    result.tester, result.judged_at = actor, timezone.now()
    result.save()
    record(
        actor=actor,
        verb="judge_criterion",
        thing=acceptance,
        kind="acceptance",
        project_id=acceptance.project_id,
        before=before,
        after={
            "criterion": result.criterion.key,
            "verdict": verdict,
            "observed": observed,
            "pieces": [[piece["key"], piece["hash"]] for piece in result.pieces],
        },
        reason=reason,
    )
    return result


def _chosen(actor: User, acceptance: Acceptance, keys: Sequence[str]) -> list[Piece]:
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return []
    if len(wanted) > MAX_PIECES:
        raise Refused(f"Choose up to {MAX_PIECES} pieces.", code="too_many_pieces", status=400, field="pieces")
    known = {item.key: item for shelf in shelves_of(acceptance) for item in shelf.items}
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise Refused(
            "A piece of evidence that you chose is not there any more. Load the page again and choose anew.",
            code="piece_unknown",
            status=400,
            field="pieces",
            details=unknown,
        )
    own = [known[key].label for key in wanted if known[key].facts.get("author_id") == actor.pk]
    if own:
        raise Refused(
            f"You wrote {own[0]} yourself. Who wrote the evidence does not test by it: ask somebody else to judge.",
            code="tester_is_author",
            field="pieces",
            details=own,
        )
    return [piece_of(known[key]) for key in wanted]
