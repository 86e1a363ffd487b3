"""Criteria: entered from the first stage on, edited as new versions."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance.models import Acceptance, Criterion, CriterionResult
from lifecycle.acceptance.permits import may_set_criteria
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project, Role, people_in
from lifecycle.projects.services import lock_project

_LIMITS = {"measure": 200, "threshold": 200, "baseline": 120, "judge": 120, "how_measured": 20_000}
_NEEDED = {"measure": "what is judged", "threshold": "when it is accepted"}


@transaction.atomic
def set_criterion(
    *,
    actor: User,
    project: Project,
    measure: str,
    threshold: str,
    baseline: str = "",
    how_measured: str = "",
    judge: str = "",
    kpi: Kpi | None = None,
    key: str = "",
    version: int | None = None,
) -> Criterion:
    """A new criterion, or a new version of the one with this `key`; the same values give the present version.

    `version`: the one that was edited; refused (`edited_meanwhile`) when there is a newer one. An acceptance that is
    being prepared takes the new version over, and it has to be judged again.
    """
    project = lock_project(project.pk)
    may_set_criteria(actor, project).demand()
    refuse_while_offered(project)
    texts = checked_texts(
        measure=measure, threshold=threshold, baseline=baseline, how_measured=how_measured, judge=judge
    )
    demand_own_kpi(project, kpi)
    former = current_criterion(project, key) if key else None
    demand_newest(former, version)
    if former is not None and not former.withdrawn and facts_of(former) == texts and former.kpi == kpi:
        return former
    criterion = next_version(project, former, texts, kpi=kpi, author=actor, key=key)
    tell(
        people=people_in(project, Role.CUSTOMER, Role.SPONSOR),
        kind="criterion",
        subject=f"{'Changed' if former else 'New'} acceptance criterion: {criterion.measure}",
        body=f"Accepted when: {criterion.threshold}.",
        link=f"/projects/{project.key}/acceptance/criteria/",
        actor=actor,
        project_id=project.pk,
    )
    record(
        actor=actor,
        verb="set_criterion",
        thing=criterion,
        kind="criterion",
        project_id=project.pk,
        before={"version": former.version, **facts_of(former)} if former else {},
        after={"key": criterion.key, "version": criterion.version, **facts_of(criterion)},
    )
    return criterion


@transaction.atomic
def withdraw_criterion(*, actor: User, project: Project, key: str, reason: str) -> Criterion:
    """Take a criterion out, as a version of its own; what was judged by it stays readable."""
    project = lock_project(project.pk)
    may_set_criteria(actor, project).demand()
    refuse_while_offered(project)
    former = current_criterion(project, key)
    if former is None or former.withdrawn:
        raise Refused("This criterion is not in force. Load the page again.", code="criterion_gone")
    if not reason.strip():
        raise Refused("Say why it is withdrawn.", code="reason_missing", status=400, field="reason")
    criterion = withdrawn_version(project, former, author=actor)
    record(
        actor=actor,
        verb="withdraw_criterion",
        thing=criterion,
        kind="criterion",
        project_id=project.pk,
        before={"version": former.version, **facts_of(former)},
        after={"key": key, "version": criterion.version, "withdrawn": True},
        reason=reason.strip(),
    )
    return criterion


def facts_of(criterion: Criterion) -> dict[str, str]:
    """Its words, for the trail."""
    return {field: getattr(criterion, field) for field in _LIMITS}


def checked_texts(*, measure: str, threshold: str, baseline: str, how_measured: str, judge: str) -> dict[str, str]:
    """The words of a criterion without blanks around them. Raises Refused: FIELD_missing, FIELD_too_long."""
    texts = {
        "measure": measure.strip(),
        "threshold": threshold.strip(),
        "baseline": baseline.strip(),
        "how_measured": how_measured.strip(),
        "judge": judge.strip(),
    }
    for field, text in texts.items():
        if field in _NEEDED and not text:
            raise Refused(f"Write {_NEEDED[field]}.", code=f"{field}_missing", status=400, field=field)
        if len(text) > _LIMITS[field]:
            raise Refused(
                f"Write up to {_LIMITS[field]:,} characters.", code=f"{field}_too_long", status=400, field=field
            )
    return texts


def demand_own_kpi(project: Project, kpi: Kpi | None) -> None:
    """Refuse a KPI of another project (`kpi_elsewhere`)."""
    if kpi is not None and kpi.project_id != project.pk:
        raise Refused(
            "This KPI belongs to another project. Choose one of this project.",
            code="kpi_elsewhere",
            status=400,
            field="kpi",
        )


def demand_newest(former: Criterion | None, version: int | None) -> None:
    """Refuse an edit of a version that is no longer the newest (`edited_meanwhile`)."""
    if former is not None and version is not None and version != former.version:
        raise Refused(
            "Somebody else changed this criterion while you were writing. Your text is kept: compare, then save again.",
            code="edited_meanwhile",
            field="version",
            details=[f"{former.author.name}: {former.measure}. Accepted when: {former.threshold}."],
        )


def next_version(
    project: Project, former: Criterion | None, texts: dict[str, str], *, kpi: Kpi | None, author: User, key: str
) -> Criterion:
    """The version that counts from now on; an acceptance that is being prepared takes it over. Under the lock."""
    made_key = former.key if former else _free_key(project, key or texts["measure"])
    if former is not None:
        former.is_current = False
        former.save(update_fields=["is_current"])
    criterion = Criterion.objects.create(
        project=project,
        key=made_key,
        version=(former.version if former else 0) + 1,
        kpi=kpi,
        author=author,
        measure=texts["measure"],
        threshold=texts["threshold"],
        baseline=texts["baseline"],
        how_measured=texts["how_measured"],
        judge=texts["judge"],
    )
    _hand_to_open_acceptance(criterion)
    return criterion


def withdrawn_version(project: Project, former: Criterion, *, author: User) -> Criterion:
    """The version that says it is withdrawn; what is being prepared drops it. Under the lock."""
    former.is_current = False
    former.save(update_fields=["is_current"])
    criterion = Criterion.objects.create(
        project=project,
        key=former.key,
        version=former.version + 1,
        withdrawn=True,
        author=author,
        measure=former.measure,
        threshold=former.threshold,
        baseline=former.baseline,
        how_measured=former.how_measured,
        judge=former.judge,
        kpi=former.kpi,
    )
    CriterionResult.objects.filter(
        acceptance__project=project, acceptance__state=Acceptance.State.OPEN, criterion__key=former.key
    ).delete()
    return criterion


def current_criterion(project: Project, key: str) -> Criterion | None:
    """The newest version with this key, withdrawn or not."""
    return Criterion.objects.select_related("author", "kpi").filter(project=project, key=key, is_current=True).first()


def _free_key(project: Project, text: str) -> str:
    """A key from the words, with a number where it is taken."""
    base = slugify(text)[:50].strip("-") or "criterion"
    taken = set(Criterion.objects.filter(project=project, key__startswith=base).values_list("key", flat=True))
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


def refuse_while_offered(project: Project) -> None:
    """Criteria stay as they are while the customer reads them (`acceptance_offered`)."""
    if Acceptance.objects.filter(project=project, state=Acceptance.State.OFFERED).exists():
        raise Refused(
            "An acceptance waits for the customer, with the criteria as they are. Withdraw it first.",
            code="acceptance_offered",
        )


def _hand_to_open_acceptance(criterion: Criterion) -> None:
    acceptance = Acceptance.objects.filter(project=criterion.project, state=Acceptance.State.OPEN).first()
    if acceptance is None:
        return
    CriterionResult.objects.filter(acceptance=acceptance, criterion__key=criterion.key).delete()
    CriterionResult.objects.create(acceptance=acceptance, criterion=criterion)


def next_number(project: Project) -> int:
    """The number of the project's next acceptance."""
    last: int | None = Acceptance.objects.filter(project=project).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
