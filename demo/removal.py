"""Taking the demo story out again; the audit trail keeps that it was there and who removed it."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from demo.cast import DOMAIN
from explain.attributions.models import Explanation
from explain.cases.models import CaseVersion, Promise
from explain.outcomes.models import OutcomeReport
from explain.register.models import DataSet, ModelVersion
from foundation.audit.services import record
from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import ApiToken, User
from lifecycle.acceptance.models import Acceptance, Criterion, CriterionChange, CriterionResult, HandOff, Invitation
from lifecycle.kpis.models import CashLine, Kpi, KpiControl
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.lessons.models import Catch, LessonCheck
from lifecycle.lessons.similar.services import COMPARE
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Deliverable, Project, StageReturn
from lifecycle.signoff.models import Condition, Decision, Round, Signature, Waiver


@transaction.atomic
def remove_story(*, actor: User | None, actor_name: str = "") -> list[str]:
    """Delete all demo projects with everything in them, and end the demo people's access. Returns the projects' keys."""
    projects = list(Project.objects.filter(is_demo=True).order_by("pk"))
    keys = [project.key for project in projects]
    ids = [project.pk for project in projects]
    folders = _folders(ids)
    # What points at protected rows goes first.
    cases = list(PostMortem.objects.filter(project__in=ids).values_list("pk", flat=True))
    Catch.objects.filter(check_asked__postmortem__project__in=ids).delete()
    LessonCheck.objects.filter(postmortem__project__in=ids).delete()
    PostMortem.objects.filter(project__in=ids).delete()
    Promise.objects.filter(project__in=ids).delete()
    CaseVersion.objects.filter(project__in=ids).delete()
    OutcomeReport.objects.filter(project__in=ids).delete()
    Explanation.objects.filter(project__in=ids).delete()
    ModelVersion.objects.filter(project__in=ids).delete()
    DataSet.objects.filter(project__in=ids).delete()
    Invitation.objects.filter(project__in=ids).delete()
    HandOff.objects.filter(project__in=ids).delete()
    CriterionChange.objects.filter(project__in=ids).delete()
    CriterionResult.objects.filter(acceptance__project__in=ids).delete()
    Acceptance.objects.filter(project__in=ids).delete()
    Criterion.objects.filter(project__in=ids).delete()
    Condition.objects.filter(project__in=ids).delete()
    Waiver.objects.filter(project__in=ids).delete()
    Decision.objects.filter(round__project__in=ids).delete()
    Round.objects.filter(project__in=ids).delete()
    Signature.objects.filter(project__in=ids).delete()
    StageReturn.objects.filter(project__in=ids).delete()
    CashLine.objects.filter(project__in=ids).delete()
    KpiControl.objects.filter(kpi__project__in=ids).delete()
    Kpi.objects.filter(project__in=ids, volume_kpi__isnull=False).delete()
    Kpi.objects.filter(project__in=ids).delete()
    ExchangeRate.objects.filter(is_demo=True).delete()
    # Cases are compared with those of other projects, so that job belongs to none.
    theirs = Q(project_id__in=ids) | Q(kind=COMPARE, args__postmortem__in=cases)
    jobs = list(Job.objects.filter(theirs).values_list("pk", flat=True))
    Job.objects.filter(pk__in=jobs).delete()
    Notice.objects.filter(project_id__in=ids).delete()
    people: QuerySet[User] = User.objects.filter(email__endswith=f"@{DOMAIN}")
    for project in projects:
        record(
            actor=actor,
            actor_name=actor_name,
            verb="remove_demo",
            thing=project,
            kind="demo",
            project_id=project.pk,
            before={"key": project.key, "name": project.name},
        )
    Project.objects.filter(pk__in=ids).delete()
    _retire_methodologies(people, actor, actor_name)
    # The trail names them, so their rows stay; they can no longer sign in, and a later load revives no old token.
    people.update(is_active=False)
    ApiToken.objects.filter(user__in=people, revoked_at__isnull=True).update(revoked_at=timezone.now())
    transaction.on_commit(lambda: _remove(folders, jobs))
    return keys


def _retire_methodologies(people: QuerySet[User], actor: User | None, actor_name: str) -> None:
    """Versions of methodologies are never deleted; those of the demo people are no longer offered."""
    for version in Methodology.objects.filter(published_by__in=people, retired_at__isnull=True).order_by("pk"):
        version.retired_at, version.retired_reason = timezone.now(), "The demo story was taken out."
        version.save(update_fields=["retired_at", "retired_reason"])
        record(
            actor=actor,
            actor_name=actor_name,
            verb="retire_methodology",
            thing=version,
            kind="methodology",
            after={"retired": True},
            reason=version.retired_reason,
        )


def _folders(ids: list[int]) -> list[str]:
    """Folders below the store that hold files of these projects and of nothing else."""
    deliverables = Deliverable.objects.filter(stage__project__in=ids).values_list("pk", flat=True)
    explanations = Explanation.objects.filter(project__in=ids).values_list("pk", flat=True)
    return [
        *(f"{kind}/{pk}" for pk in ids for kind in ("models", "data")),
        *(f"deliverables/{pk}" for pk in deliverables),
        *(f"explanations/{pk}" for pk in explanations),
    ]


def _remove(folders: list[str], jobs: list[int]) -> None:
    """Remove the folders, and what attempts at the jobs left behind; a worker that is at one of them stops by itself."""
    root = Path(settings.MEDIA_ROOT)
    attempts = (left for job in jobs for left in (root / "jobs").glob(f"{job}-*"))
    for folder in (*(root / name for name in folders), *attempts):
        shutil.rmtree(folder, ignore_errors=True)
