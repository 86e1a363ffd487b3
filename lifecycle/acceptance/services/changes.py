"""Changes of criteria after the first stage: proposed by one, consented to by a sponsor who did not write them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance.models import Criterion, CriterionChange
from lifecycle.acceptance.permits import may_answer_change, may_propose_criteria, may_take_back_change
from lifecycle.acceptance.services.criteria import (
    checked_texts,
    current_criterion,
    demand_newest,
    demand_own_kpi,
    facts_of,
    next_version,
    refuse_while_offered,
    withdrawn_version,
)
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project, Role, people_in
from lifecycle.projects.services import lock_project
from lifecycle.projects.services.texts import sound_text

REASON_LIMIT = 20_000  # characters


@transaction.atomic
def propose_change(
    *,
    actor: User,
    project: Project,
    measure: str,
    threshold: str,
    reason: str,
    baseline: str = "",
    how_measured: str = "",
    judge: str = "",
    kpi: Kpi | None = None,
    key: str = "",
    version: int | None = None,
) -> CriterionChange:
    """New words for the criterion with this `key`, or a new criterion; the former version counts until the consent.

    Raises Refused: not_permitted, no_consent_needed, no_other_sponsor, edited_meanwhile, change_waits, nothing_changed.
    """
    project = lock_project(project.pk)
    may_propose_criteria(actor, project).demand()
    texts = checked_texts(
        measure=measure, threshold=threshold, baseline=baseline, how_measured=how_measured, judge=judge
    )
    demand_own_kpi(project, kpi)
    former = current_criterion(project, key) if key else None
    if key and former is None:
        raise Refused("This criterion is not in force. Load the page again.", code="criterion_gone")
    demand_newest(former, version)
    if former is not None and not former.withdrawn and facts_of(former) == texts and former.kpi == kpi:
        raise Refused("These are the words in force already. Nothing was proposed.", code="nothing_changed", status=400)
    change = CriterionChange(project=project, kind=CriterionChange.Kind.SET, key=former.key if former else "", kpi=kpi)
    for field, text in texts.items():
        setattr(change, field, text)
    return _put_forward(actor, change, former, reason)


@transaction.atomic
def propose_withdrawal(*, actor: User, project: Project, key: str, reason: str) -> CriterionChange:
    """That a criterion is taken out; it counts until a sponsor consents."""
    project = lock_project(project.pk)
    may_propose_criteria(actor, project).demand()
    former = current_criterion(project, key)
    if former is None or former.withdrawn:
        raise Refused("This criterion is not in force. Load the page again.", code="criterion_gone")
    change = CriterionChange(
        project=project,
        kind=CriterionChange.Kind.WITHDRAW,
        key=key,
        kpi=former.kpi,
        measure=former.measure,
        threshold=former.threshold,
        baseline=former.baseline,
        how_measured=former.how_measured,
        judge=former.judge,
    )
    return _put_forward(actor, change, former, reason)


def _put_forward(actor: User, change: CriterionChange, former: Criterion | None, reason: str) -> CriterionChange:
    change.reason = sound_text(reason, limit=REASON_LIMIT, field="reason", what="The reason").strip()
    if (
        former is not None
        and CriterionChange.objects.filter(
            project=change.project, key=former.key, state=CriterionChange.State.WAITING
        ).exists()
    ):
        raise Refused(
            "A change of this criterion waits for consent already. Wait for the answer, or take that one back.",
            code="change_waits",
        )
    change.author, change.former = actor, former
    change.save(force_insert=True)
    tell(
        people=people_in(change.project, Role.SPONSOR),
        kind="criterion_change",
        subject=f"{change.project.name}: a changed criterion waits for your consent",
        body=f"{change.measure}: accepted when {change.threshold}. Why: {change.reason}",
        link=f"/projects/{change.project.key}/acceptance/criteria/#change-{change.pk}",
        actor=actor,
        project_id=change.project_id,
    )
    record(
        actor=actor,
        verb="propose_criterion",
        thing=change,
        kind="criterion_change",
        project_id=change.project_id,
        before={"version": former.version, **facts_of(former)} if former else {},
        after={"kind": change.kind, "key": change.key, "measure": change.measure, "threshold": change.threshold},
        reason=change.reason,
    )
    return change


@transaction.atomic
def consent_to_change(*, actor: User, change_id: int) -> CriterionChange:
    """The sponsor agrees: the change becomes the version in force.

    Raises Refused: not_permitted, author_cannot_consent, change_answered, acceptance_offered, edited_meanwhile.
    """
    change = _hold(change_id)
    may_answer_change(actor, change).demand()
    refuse_while_offered(change.project)
    present = current_criterion(change.project, change.key) if change.key else None
    if (present.pk if present else None) != change.former_id:
        raise Refused(
            "The criterion has another version by now. Ask for a new proposal on top of it.", code="edited_meanwhile"
        )
    if change.kind == CriterionChange.Kind.WITHDRAW and present is not None:
        made = withdrawn_version(change.project, present, author=change.author)
    else:
        texts = {
            field: getattr(change, field) for field in ("measure", "threshold", "baseline", "how_measured", "judge")
        }
        made = next_version(
            change.project, present, texts, kpi=change.kpi, author=change.author, key=change.key or change.measure
        )
    change.made = made
    _answer(actor, change, CriterionChange.State.CONSENTED, "")
    tell(
        people=[change.author, *people_in(change.project, Role.CUSTOMER, Role.LEAD)],
        kind="criterion",
        subject=f"{change.project.name}: a changed criterion is in force",
        body=f"{change.measure}: accepted when {change.threshold}. {actor.name} consented.",
        link=f"/projects/{change.project.key}/acceptance/criteria/",
        actor=actor,
        project_id=change.project_id,
    )
    record(
        actor=actor,
        verb="consent_to_criterion",
        thing=change,
        kind="criterion_change",
        project_id=change.project_id,
        before={"state": CriterionChange.State.WAITING},
        after={"state": change.state, "key": made.key, "version": made.version, **facts_of(made)},
    )
    return change


@transaction.atomic
def refuse_change(*, actor: User, change_id: int, reason: str) -> CriterionChange:
    """The sponsor does not agree, with the reason; the former version goes on counting."""
    change = _hold(change_id)
    may_answer_change(actor, change).demand()
    words = sound_text(reason, limit=REASON_LIMIT, field="reason", what="The reason").strip()
    _answer(actor, change, CriterionChange.State.REFUSED, words)
    tell(
        people=[change.author],
        kind="criterion_change",
        subject=f"{change.project.name}: the changed criterion was refused",
        body=f"{change.measure}: {words}",
        link=f"/projects/{change.project.key}/acceptance/criteria/",
        actor=actor,
        project_id=change.project_id,
    )
    record(
        actor=actor,
        verb="refuse_criterion",
        thing=change,
        kind="criterion_change",
        project_id=change.project_id,
        before={"state": CriterionChange.State.WAITING},
        after={"state": change.state},
        reason=words,
    )
    return change


@transaction.atomic
def take_back_change(*, actor: User, change_id: int) -> CriterionChange:
    """Its author takes the proposal back."""
    change = _hold(change_id)
    may_take_back_change(actor, change).demand()
    _answer(actor, change, CriterionChange.State.TAKEN_BACK, "")
    record(
        actor=actor,
        verb="take_back_criterion",
        thing=change,
        kind="criterion_change",
        project_id=change.project_id,
        before={"state": CriterionChange.State.WAITING},
        after={"state": change.state},
    )
    return change


def _answer(actor: User, change: CriterionChange, state: str, words: str) -> None:
    change.state, change.answer = state, words
    change.decided_by, change.decided_at = actor, timezone.now()
    change.save(update_fields=["state", "answer", "decided_by", "decided_at", "made"])


def _hold(change_id: int) -> CriterionChange:
    project_id = CriterionChange.objects.filter(pk=change_id).values_list("project", flat=True).first()
    if project_id is None:
        raise Refused("There is no such change. Load the page again.", code="change_gone")
    project = lock_project(project_id)
    change = CriterionChange.objects.select_for_update(of=("self",)).select_related("author", "kpi").get(pk=change_id)
    change.project = project
    return change
