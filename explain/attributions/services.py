"""Asking for explanations."""

from __future__ import annotations

from django.db import transaction

from explain.attributions.models import Explanation
from explain.attributions.permits import may
from explain.attributions.selectors import sensitive_columns
from explain.register.models import DataSet, ModelVersion
from foundation.audit.services import record
from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project
from lifecycle.projects.services.locks import lock_project

EXPLANATION = "explanation"
LARGEST_SEED = 2**31 - 1


@transaction.atomic
def request_explanation(
    *,
    actor: User,
    project: Project,
    model_version: ModelVersion,
    data_set: DataSet,
    seed: int = 0,
    rows_limit: int | None = None,
    method: str = Explanation.Method.SHAP,
) -> Explanation:
    """SHAP values, or local models by LIME, of the model on the first `rows_limit` rows of the data (None: all), computed by
    a worker.

    The same model, data, seed, rows and method give the explanation that is done or on its way already; one whose
    computation was given up is started again. One that an earlier version of the portal computed and that tells less, or whose groups were
    others than those that are sensitive now, is left as it is, and a new one asked for. Raises Refused:
    model_not_accepted, other_project, bad_rows, bad_seed, bad_method, not_permitted.
    """
    project = lock_project(project.pk)
    may(actor, "request_explanation", project).demand()
    model_version = ModelVersion.objects.select_for_update(of=("self",)).get(pk=model_version.pk)
    if model_version.project_id != project.pk or data_set.project_id != project.pk:
        raise Refused(
            "Model and data are of different projects. Choose both from this project.",
            code="other_project",
            status=400,
            field="model_version",
        )
    if model_version.state != ModelVersion.State.ACCEPTED:
        raise Refused(
            f"{model_version} is {model_version.get_state_display()}. Only an accepted version can be explained: "
            "wait for its inspection, or upload a file that passes it.",
            code="model_not_accepted",
            field="model_version",
        )
    if rows_limit is not None and rows_limit < 1:
        raise Refused("Ask for at least one row.", code="bad_rows", status=400, field="rows_limit")
    if not 0 <= seed <= LARGEST_SEED:
        raise Refused(
            f"The seed is a whole number from 0 to {LARGEST_SEED}.", code="bad_seed", status=400, field="seed"
        )
    if method not in Explanation.Method.values:
        raise Refused(
            f"There is no method {method!r}. Choose one of {', '.join(Explanation.Method.values)}.",
            code="bad_method",
            status=400,
            field="method",
        )
    same = (
        Explanation.objects.filter(
            model_version=model_version, data_set=data_set, seed=seed, rows_limit=rows_limit, method=method
        )
        .exclude(state=Explanation.State.REFUSED)
        .select_related("job")
        .defer("samples")
        .order_by("-pk")
        .first()
    )
    if same is not None and same.state == Explanation.State.DONE and not _is_current(same, data_set, project):
        same = None
    if same is not None and (same.state == Explanation.State.DONE or (same.job is not None and same.job.is_open)):
        return same
    explanation = same or Explanation.objects.create(
        project=project,
        model_version=model_version,
        data_set=data_set,
        seed=seed,
        rows_limit=rows_limit,
        method=method,
        created_by=actor,
    )
    explanation.job = _job(actor, explanation)
    explanation.save(update_fields=["job"])
    record(
        actor=actor,
        verb="request_explanation",
        thing=explanation,
        kind="explanation",
        project_id=project.pk,
        after={
            "model": model_version.number,
            "model_sha256": model_version.sha256,
            "data": data_set.number,
            "data_sha256": data_set.sha256,
            "seed": seed,
            "rows_limit": rows_limit,
            "method": method,
        },
    )
    return explanation


def _is_current(explanation: Explanation, data_set: DataSet, project: Project) -> bool:
    """Whether computing it again would tell the same: explanations of earlier versions of the portal tell less; without
    outcomes, nothing depends on groups."""
    if "interplay_why" not in explanation.summary:
        return False
    if not data_set.target_column:
        return True
    return bool(explanation.summary.get("groups_asked") == sensitive_columns(project))


def _job(actor: User, explanation: Explanation) -> Job:
    rows = "all" if explanation.rows_limit is None else explanation.rows_limit
    asked = f"{explanation.model_version_id}:{explanation.data_set_id}:{explanation.seed}:{rows}:{explanation.method}"
    return request_job(
        kind=EXPLANATION,
        args={"explanation": explanation.pk},
        actor=actor,
        dedup_key=f"explain:{asked}",
        project_id=explanation.project_id,
    )
