"""Computing an explanation: files into the sandbox, the result into the database behind the fence."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from explain.attributions import parts
from explain.attributions.any_row import rows_place
from explain.attributions.models import Explanation
from explain.attributions.plans import Planned
from explain.attributions.reading import limits
from explain.attributions.refused import ExplainRefused, ExplainStopped
from explain.attributions.sandbox import explain_files
from explain.attributions.selectors import sensitive_columns
from explain.attributions.summary import Summary
from explain.register.folders import attempt_folder
from foundation.audit.services import record
from foundation.jobs.claims import Claim, work_on
from foundation.notices.services import tell
from foundation.web.digest import digest_of

SAMPLES: Final = ("beeswarm", "row_sample", "curves", "cohorts")
# What a run took and where it ran is told on the page, but the same values computed again are the same evidence.
_OF_THE_RUN: Final = ("seconds", "peak_mb", "isolation", "versions")


def compute_explanation(job_id: int) -> str:
    """Do the job of an explanation; returns what became of it."""
    return work_on(job_id, _compute, refused=(ExplainRefused,))


def content_hash_of(summary: dict[str, Any], *, model_sha256: str, data_sha256: str, values_sha256: str) -> str:
    """What an explanation is, in one hash: its facts, the model, the data, and every value."""
    return digest_of(
        bound_content(summary, model_sha256=model_sha256, data_sha256=data_sha256, values_sha256=values_sha256)
    )


def bound_content(
    summary: dict[str, Any], *, model_sha256: str, data_sha256: str, values_sha256: str
) -> dict[str, Any]:
    """What the hash of an explanation covers, as plain JSON."""
    facts = {key: value for key, value in summary.items() if key not in _OF_THE_RUN}
    return {"facts": _exact(facts), "model": model_sha256, "data": data_sha256, "values": values_sha256}


def _exact(value: Any) -> Any:
    """Floats as the shortest text that reads back as the same float, so that the hash needs no rule for numbers."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    return [_exact(inner) for inner in value] if isinstance(value, list) else value


def _compute(claim: Claim) -> None:
    explanation = Explanation.objects.select_related("project", "model_version", "data_set", "created_by").get(
        pk=claim.job.args["explanation"]
    )
    if explanation.state == Explanation.State.DONE:
        return
    try:
        with attempt_folder(claim) as folder:
            found = parts.go_on(claim, explanation, folder) if parts.stand(claim, explanation) else None
            if found is None and not claim.rests:
                found = _begin(claim, explanation, folder)
            if found is not None:
                _refuse_strange_files(explanation, found)
                _store(claim, explanation, found, folder)
    except ExplainStopped:
        claim.progress(0, 0, "stopped")  # raises: the job is no longer ours
        raise
    except ExplainRefused as refused:
        _refuse(claim, explanation, refused)
        raise


def _begin(claim: Claim, explanation: Explanation, folder: Path) -> Summary | None:
    """All rows at once; or, where there are too many, None: they were handed out in parts."""
    version, data = explanation.model_version, explanation.data_set
    try:
        return explain_files(
            model_path=Path(version.file.path),
            data_path=Path(data.file.path),
            model_format=version.format,
            folder=folder,
            method=explanation.method,
            rows=explanation.rows_limit,
            seed=explanation.seed,
            target_column=data.target_column or None,
            groups=sensitive_columns(explanation.project),
            limits=limits(),
            on_progress=claim.progress,
            cancelled=claim.lost.is_set,
            shard_rows=settings.EXPLAIN_SHARD_ROWS,
        )
    except Planned as planned:
        _refuse_strange_files(explanation, planned.bound)
        parts.hand_out(claim, explanation, planned, folder)
        return None


def _refuse_strange_files(explanation: Explanation, found: Mapping[str, object]) -> None:
    bound = (explanation.model_version.sha256, explanation.data_set.sha256)
    if (found["model_sha256"], found["data_sha256"]) != bound:
        raise ExplainRefused(
            "malformed_data",
            "A stored file is not the one that was uploaded: its fingerprint differs. Upload it again.",
        )


def _store(claim: Claim, explanation: Explanation, found: Summary, folder: Path) -> None:
    """Move the values to their place and write the row, or leave no trace of both."""
    everything: dict[str, Any] = {key: value for key, value in found.items() if key != "inline_values"}
    samples = {key: everything.pop(key) for key in SAMPLES if key in everything}
    # how the sample was drawn is a fact of the explanation and small
    everything["beeswarm_sampling"] = samples["beeswarm"]["sampling"]
    everything["sampled_rows"] = len(samples["row_sample"])
    # the rows that pages read are bound like every other fact
    everything["rows_sha256"] = _sha256(folder / "rows.bin")
    values_sha256 = _sha256(folder / "values.parquet")
    name = f"explanations/{explanation.pk}/{claim.job.lease_token}.parquet"
    place = Path(settings.MEDIA_ROOT) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder / "values.parquet", place)
    shutil.move(folder / "rows.bin", rows_place(place))
    try:
        with claim.storing():
            explanation.state = Explanation.State.DONE
            explanation.engine = found["engine"][:80]
            explanation.rows = found["rows"]
            explanation.summary = everything
            explanation.samples = samples
            explanation.values_file = name
            explanation.content_hash = content_hash_of(
                everything,
                model_sha256=explanation.model_version.sha256,
                data_sha256=explanation.data_set.sha256,
                values_sha256=values_sha256,
            )
            explanation.refusal = explanation.refusal_code = ""
            explanation.finished_at = timezone.now()
            explanation.save()
            tell(
                people=[explanation.created_by],
                kind="explanation_done",
                subject=f"{explanation.model_version} is explained",
                body=f"{explanation.rows:,} rows of {explanation.data_set.name} were explained.",
                link=explanation.get_absolute_url(),
                project_id=explanation.project_id,
                event_key=f"explanation_done:{explanation.pk}",
            )
            record(
                actor=None,
                verb="finish_explanation",
                thing=explanation,
                kind="explanation",
                project_id=explanation.project_id,
                after={
                    "hash": explanation.content_hash,
                    "engine": explanation.engine,
                    "rows": explanation.rows,
                    "values_sha256": values_sha256,
                },
            )
    except BaseException:
        place.unlink(missing_ok=True)
        rows_place(place).unlink(missing_ok=True)
        raise
    for other in place.parent.iterdir():  # of an attempt that was killed between moving and storing
        if other not in (place, rows_place(place)) and other.is_file():
            other.unlink(missing_ok=True)
    parts.forget(explanation.pk)


def _refuse(claim: Claim, explanation: Explanation, refused: ExplainRefused) -> None:
    """Keep the reason on the row, if the job is still ours."""
    with transaction.atomic():
        claim.progress(0, 0, "refused")
        explanation.state = Explanation.State.REFUSED
        explanation.refusal_code, explanation.refusal = refused.code, refused.message
        explanation.finished_at = timezone.now()
        explanation.save(update_fields=["state", "refusal_code", "refusal", "finished_at"])
        tell(
            people=[explanation.created_by],
            kind="explanation_refused",
            subject=f"{explanation.model_version} could not be explained",
            body=refused.message,
            link=explanation.get_absolute_url(),
            project_id=explanation.project_id,
            event_key=f"explanation_refused:{explanation.pk}",
        )
        record(
            actor=None,
            verb="refuse_explanation",
            thing=explanation,
            kind="explanation",
            project_id=explanation.project_id,
            after={"code": refused.code},
            reason=refused.message,
        )
    parts.forget(explanation.pk)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
