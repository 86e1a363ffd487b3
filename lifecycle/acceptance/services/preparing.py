"""Preparing an acceptance: open it, judge each criterion, offer it with everything frozen, or take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, Criterion, CriterionResult, ExitReport, Invitation
from lifecycle.acceptance.permits import may_offer, may_open, may_withdraw
from lifecycle.acceptance.services.criteria import next_number
from lifecycle.acceptance.services.holding import hold
from lifecycle.acceptance.services.links import end_links, mail_link
from lifecycle.projects.models import Project, Role, Stage, people_in
from lifecycle.projects.services import lock_project
from lifecycle.signoff.evidence import all_kinds

TEXT_LIMIT = 20_000  # characters


@transaction.atomic
def open_acceptance(*, actor: User, project: Project) -> Acceptance:
    """Begin to prepare the next acceptance, with one result to be judged for each criterion in force.

    Raises Refused: not_permitted, stage_too_early, no_criteria, acceptance_open.
    """
    project = lock_project(project.pk)
    may_open(actor, project).demand()
    stage = closing_stage(project)
    if Acceptance.objects.filter(project=project, state__in=[moves.OPEN, moves.OFFERED]).exists():
        raise Refused("An acceptance is open already. Go on with that one.", code="acceptance_open")
    criteria = list(Criterion.objects.filter(project=project, is_current=True, withdrawn=False))
    if not criteria:
        raise Refused(
            "There are no criteria to accept by. Agree on them with the customer and enter them first.",
            code="no_criteria",
        )
    acceptance = Acceptance.objects.create(project=project, stage=stage, number=next_number(project), created_by=actor)
    CriterionResult.objects.bulk_create(
        CriterionResult(acceptance=acceptance, criterion=criterion) for criterion in criteria
    )
    record(
        actor=actor,
        verb="open_acceptance",
        thing=acceptance,
        kind="acceptance",
        project_id=project.pk,
        after={"number": acceptance.number, "stage": stage.key, "criteria": len(criteria)},
    )
    return acceptance


def closing_stage(project: Project) -> Stage:
    """The stage in work, if the customer can accept in it: the last one, or one whose gate closes the project."""
    stages = list(Stage.objects.filter(project=project, is_current=True).order_by("order"))
    in_work = [stage for stage in stages if stage.state in (Stage.State.OPEN, Stage.State.IN_REVIEW)]
    stage = in_work[0] if in_work else stages[-1]
    if stage != stages[-1] and not stage.gate.get("closes_project"):
        raise Refused(
            f"The project is in {stage.name}. The customer accepts in {stages[-1].name}; finish the stages before it.",
            code="stage_too_early",
        )
    return stage


@transaction.atomic
def offer_acceptance(
    *,
    actor: User,
    acceptance_id: int,
    approved_use: str,
    limits: str = "",
    models: Sequence[dict[str, str]] = (),
) -> Acceptance:
    """Freeze criteria, results, approved use, limits and model versions, and ask the customer.

    `models`: plain facts of model versions (name, version, hash); those that the stage puts forward as evidence are
    added. Raises Refused: not_permitted, wrong_state, not_judged, approved_use_missing, no_customer.
    """
    acceptance = hold(acceptance_id)
    may_offer(actor, acceptance).demand()
    if not approved_use.strip():
        raise Refused(
            "Say what the customer may use it for.", code="approved_use_missing", status=400, field="approved_use"
        )
    if len(approved_use) > TEXT_LIMIT or len(limits) > TEXT_LIMIT:
        raise Refused(f"Write up to {TEXT_LIMIT:,} characters.", code="text_too_long", status=400)
    results = list(acceptance.results.select_related("criterion", "tester"))
    if not results:
        raise Refused("There are no criteria to accept by. Enter them first.", code="no_criteria")
    open_ones = [result.criterion.measure for result in results if not result.verdict]
    if open_ones:
        raise Refused(
            f"{len(open_ones)} criteria are not judged yet: {'; '.join(open_ones[:5])}. Judge them first.",
            code="not_judged",
            details=open_ones,
        )
    customers = [person for person in people_in(acceptance.project, Role.CUSTOMER) if person.pk != actor.pk]
    prepared = list(
        acceptance.invitations.filter(
            purpose=Invitation.Purpose.VERDICT, mailed_at__isnull=True, revoked_at__isnull=True
        )
    )
    if not customers and not prepared:
        raise Refused(
            "The project has no customer who could accept it. Name one, or invite a signatory from outside first.",
            code="no_customer",
        )
    acceptance.approved_use, acceptance.limits = approved_use.strip(), limits.strip()
    acceptance.manifest = _manifest(acceptance, results, models)
    acceptance.digest = digest_of(acceptance.manifest)
    acceptance.offered_by, acceptance.offered_at = actor, timezone.now()
    acceptance.state = moves.ACCEPTANCE_MOVES["offer"].target
    acceptance.save()
    for invitation in prepared:
        mail_link(actor, invitation)
    tell(
        people=customers,
        kind="acceptance_offered",
        subject=f"{acceptance.project.name} waits for your acceptance",
        body=f"{len(results)} criteria were judged. Approved use: {acceptance.approved_use[:500]}",
        link=acceptance.get_absolute_url(),
        actor=actor,
        project_id=acceptance.project_id,
    )
    record(
        actor=actor,
        verb="offer_acceptance",
        thing=acceptance,
        kind="acceptance",
        project_id=acceptance.project_id,
        before={"state": moves.OPEN},
        after={"state": acceptance.state, "digest": acceptance.digest},
    )
    return acceptance


@transaction.atomic
def withdraw_acceptance(*, actor: User, acceptance_id: int, reason: str) -> Acceptance:
    """Take it back before the customer has decided; it stays readable."""
    acceptance = hold(acceptance_id)
    may_withdraw(actor, acceptance).demand()
    if not reason.strip():
        raise Refused("Say why it is taken back.", code="reason_missing", status=400, field="reason")
    before = acceptance.state
    acceptance.state = moves.ACCEPTANCE_MOVES["withdraw"].target
    acceptance.comment = reason.strip()
    acceptance.save(update_fields=["state", "comment"])
    end_links(acceptance, by=actor)
    if before == moves.OFFERED:
        tell(
            people=people_in(acceptance.project, Role.CUSTOMER),
            kind="acceptance_withdrawn",
            subject=f"{acceptance.project.name}: the acceptance was taken back",
            body=reason.strip(),
            link=acceptance.get_absolute_url(),
            actor=actor,
            project_id=acceptance.project_id,
        )
    record(
        actor=actor,
        verb="withdraw_acceptance",
        thing=acceptance,
        kind="acceptance",
        project_id=acceptance.project_id,
        before={"state": before},
        after={"state": acceptance.state},
        reason=reason.strip(),
    )
    return acceptance


def _manifest(
    acceptance: Acceptance, results: list[CriterionResult], models: Sequence[dict[str, str]]
) -> dict[str, Any]:
    evidence = [
        {"name": item.label, "kind": item.kind, "key": item.key, "hash": item.hash}
        for kind in all_kinds()
        if kind.name.startswith("model")
        for item in kind.collect(acceptance.stage)
    ]
    report = ExitReport.objects.filter(project=acceptance.project, state=ExitReport.State.ISSUED).first()
    return {
        "project": acceptance.project.key,
        "acceptance": acceptance.number,
        "stage": {"key": acceptance.stage.key, "iteration": acceptance.stage.iteration},
        "approved_use": acceptance.approved_use,
        "limits": acceptance.limits,
        "exit_report": {"number": report.number, "hash": report.customer_digest} if report else {},
        "models": [dict(model) for model in models] + evidence,
        "criteria": [
            {
                "key": result.criterion.key,
                "version": result.criterion.version,
                "measure": result.criterion.measure,
                "baseline": result.criterion.baseline,
                "threshold": result.criterion.threshold,
                "how_measured": result.criterion.how_measured,
                "observed": result.observed,
                "evidence": result.evidence,
                "pieces": [{name: piece[name] for name in ("kind", "key", "label", "hash")} for piece in result.pieces],
                "verdict": result.verdict,
                "reason": result.reason,
                "tester": result.tester.name if result.tester else "",
            }
            for result in results
        ],
    }
