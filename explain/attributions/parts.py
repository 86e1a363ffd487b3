"""Many rows: a plan that is kept, parts that several workers compute, and the parts joined.

What lies between the steps is below MEDIA_ROOT/explanations/<pk>/parts/: a folder for each plan, named by the lease under
which it was made, so that a worker who lost the job cannot disturb the plan of another; in it a folder for each part. It
goes when the explanation is done, refused or cancelled, and stays when it was given up, since it can be tried again then
(see sweeping.py for how long).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from functools import partial
from pathlib import Path
from typing import Final, cast

from django.conf import settings
from django.db import transaction

from explain.attributions.models import Explanation
from explain.attributions.planned import PLAN_FILES, PartFacts, PlanFacts
from explain.attributions.plans import Planned, Shard, shards_of
from explain.attributions.reading import limits
from explain.attributions.refused import CODES, Code, ExplainRefused, ExplainStopped
from explain.attributions.sharding import Damaged, explain_shard, join_parts
from explain.attributions.summary import Summary
from explain.register.folders import attempt_folder
from foundation.jobs.claims import Claim, GivenUp, work_on
from foundation.jobs.models import Job
from foundation.jobs.parts import Part, bad_end

KIND: Final = "explanation_part"
STEP: Final = "explaining rows"
_BOUND: Final = "bound.json"


def parts_folder(explanation_id: int) -> Path:
    """Where plans and parts of an explanation lie while it is computed."""
    return Path(settings.MEDIA_ROOT) / "explanations" / str(explanation_id) / "parts"


def hand_out(claim: Claim, explanation: Explanation, planned: Planned, folder: Path) -> None:
    """Keep the plan that lies in `folder`, and split the job into a part for each shard."""
    plans = parts_folder(explanation.pk)
    place = plans / claim.job.lease_token
    place.mkdir(parents=True)
    try:
        for name in PLAN_FILES:
            if (folder / name).exists():
                (folder / name).replace(place / name)
        (place / _BOUND).write_text(json.dumps(planned.bound))
        asked = [
            Part(
                {
                    "explanation": explanation.pk,
                    "plan": place.name,
                    "number": shard.number,
                    "first": shard.first,
                    "rows": shard.rows,
                    "sha256": shard.sha256,
                },
                shard.rows,
            )
            for shard in shards_of(planned.plan, place)
        ]
        claim.hand_out(kind=KIND, parts=asked, step=STEP)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    for other in plans.iterdir():
        if other != place:
            shutil.rmtree(other, ignore_errors=True)


def compute_part(job_id: int) -> str:
    """Do the job of one part; returns what became of it."""
    return work_on(job_id, _compute_part, refused=(ExplainRefused,))


def _compute_part(claim: Claim) -> None:
    args = claim.job.args
    explanation = Explanation.objects.select_related("model_version").get(pk=args["explanation"])
    version, place = explanation.model_version, parts_folder(explanation.pk) / args["plan"]
    shard = Shard(args["number"], args["first"], args["rows"], args["sha256"])
    try:
        with attempt_folder(claim) as folder:
            found = explain_shard(
                plan=_plan(place),
                shard=shard,
                plan_folder=place,
                model_path=Path(version.file.path),
                model_format=version.format,
                model_sha256=version.sha256,
                folder=folder,
                limits=limits(),
                on_progress=lambda done, of, step: claim.progress(done, shard.rows, step),
                cancelled=claim.lost.is_set,
            )
            _keep_part(claim, found, folder, place)
    except ExplainStopped:
        claim.progress(0, shard.rows, "stopped")  # raises: the job is no longer ours
        raise


def _keep_part(claim: Claim, found: PartFacts, folder: Path, place: Path) -> None:
    """Move the part's files to the plan and mark the job done, or leave no trace of both."""
    hashes = {file.name: _sha256(file) for file in folder.iterdir()}
    kept = place / f"{found['number']:05}-{claim.job.lease_token}"
    kept.mkdir()
    try:
        for name in hashes:
            (folder / name).replace(kept / name)
        claim.progress(found["rows"], found["rows"], STEP)
        with claim.storing({"folder": kept.name, "files": hashes, "facts": found}):
            pass
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        raise


def go_on(claim: Claim, explanation: Explanation, folder: Path) -> Summary | None:
    """What to do with the parts of an earlier claim: the joined result, or None while parts are still to do.

    Raises ExplainRefused or GivenUp as a part ended, and Damaged when what was kept is gone.
    """
    bad = bad_end(claim.job)
    if bad is not None:
        if bad.state == Job.State.DEAD:
            raise GivenUp(f"A part of the rows was given up. {bad.error}")
        raise ExplainRefused(cast(Code, bad.error_code if bad.error_code in CODES else "model_crashed"), bad.error)
    parts = list(claim.job.parts.order_by("pk"))
    if any(part.state != Job.State.DONE for part in parts):
        claim.resume(STEP)
        return None
    place, version = parts_folder(explanation.pk) / parts[0].args["plan"], explanation.model_version
    return join_parts(
        plan=_plan(place),
        bound=json.loads((place / _BOUND).read_text()),
        plan_folder=place,
        model_path=Path(version.file.path),
        model_format=version.format,
        parts=[
            (cast(PartFacts, part.answer["facts"]), place / part.answer["folder"], part.answer["files"])
            for part in parts
        ],
        folder=folder,
        limits=limits(),
        on_progress=claim.progress,
        cancelled=claim.lost.is_set,
    )


def stand(claim: Claim, explanation: Explanation) -> bool:
    """Whether the job has parts, and the files of plan and finished parts are there."""
    parts = list(claim.job.parts.order_by("pk"))
    if not parts:
        return False
    place = parts_folder(explanation.pk) / parts[0].args["plan"]
    kept = [place / part.answer["folder"] for part in parts if part.state == Job.State.DONE]
    return bad_end(claim.job) is not None or all(one.is_dir() for one in (place, *kept))


def forget(explanation_id: int) -> None:
    """Remove what lies between the steps."""
    shutil.rmtree(parts_folder(explanation_id), ignore_errors=True)


def forget_cancelled(job: Job) -> None:
    """The same, once it is certain that the job of an explanation is cancelled."""
    transaction.on_commit(partial(forget, job.args["explanation"]), robust=True)


def _plan(place: Path) -> PlanFacts:
    try:
        return cast(PlanFacts, json.loads((place / "plan.json").read_text()))
    except (OSError, ValueError) as error:
        raise Damaged("The plan of this explanation is gone.") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
