"""The promise: what the case said when the first gate was approved, bound to that decision."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from explain.cases.content.parts import WORTH
from explain.cases.models import CaseVersion, Promise
from explain.cases.services.writing import KIND
from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.web.digest import digest_of
from lifecycle.projects.models import Role
from lifecycle.signoff import moves, policy
from lifecycle.signoff.manifest import items_of
from lifecycle.signoff.models import Round


def on_decision(entry: Entry) -> None:
    """Listener on the trail: freezes the promise in the transaction of the decision that approves its round."""
    if entry.thing_kind != "round" or entry.verb != "decide_round" or entry.after.get("state") not in moves.APPROVALS:
        return
    review = Round.objects.select_related("stage", "project").get(pk=int(entry.thing_id))
    ids = [int(item.key.rpartition(":")[2]) for item in items_of(review.manifest) if item.kind == KIND]
    version = CaseVersion.objects.filter(project=review.project, pk__in=ids).first()
    if version is None or Promise.objects.filter(round=review).exists():
        return
    content = promise_content(version, review)
    promise = Promise.objects.create(
        project=review.project,
        version=version,
        round=review,
        round_digest=review.digest,
        content=content,
        content_hash=digest_of(content),
    )
    record(
        actor=None,
        verb="freeze_promise",
        thing=promise,
        kind="promise",
        project_id=review.project_id,
        after={
            "version": version.number,
            "hash": promise.content_hash,
            "round": review.number,
            "digest": review.digest,
        },
    )


def promise_content(version: CaseVersion, review: Round) -> dict[str, Any]:
    """All that is promised, as plain JSON: terms, months, benefits with their KPIs, figures, and who approved."""
    worth, result = version.content[WORTH], version.result
    totals = {row["name"]: row for row in result["benefits"]}
    yes = review.decisions.filter(Q(verdict__in=policy.YES), stands=True).select_related("decider").order_by("pk")
    return {
        "case": {"number": version.number, "hash": version.content_hash},
        "round": {"id": review.pk, "number": review.number, "digest": review.digest, "stage": review.stage.name},
        "approved_by": [
            {"id": each.decider_id, "name": each.decider.name, "role": str(Role(each.role).label)} for each in yes
        ],
        "terms": version.terms,
        "months": result["months"],
        "benefits": [
            {
                **{name: row[name] for name in row if name != "ramp"},
                "months": totals[row["name"]]["months"],
                "total": totals[row["name"]]["total"],
            }
            for row in worth["benefits"]
        ],
        "figures": {
            name: result[name] for name in ("cash_flow", "uncertainty", "totals", "statement", "formula_version")
        },
    }
