"""Inspection of an uploaded model: the sandbox looks, this side stores what it found."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from explain.register.folders import attempt_folder
from explain.register.models import ModelVersion
from explain.register.reading import reader
from foundation.audit.services import record
from foundation.jobs.claims import Claim, work_on
from foundation.notices.services import tell
from foundation.web.refused import Refused


def inspect_model(job_id: int) -> str:
    """Do the job of an inspection; returns what became of it."""
    return work_on(job_id, _inspect)


def _inspect(claim: Claim) -> None:
    version = ModelVersion.objects.select_related("project", "uploaded_by").get(pk=claim.job.args["model_version"])
    if version.state == ModelVersion.State.ACCEPTED:
        return
    claim.progress(0, 1, "looking at the model in the sandbox")
    try:
        with attempt_folder(claim) as folder:
            facts = reader().inspect(Path(version.file.path), version.format, folder, claim.lost.is_set)
            if facts["model_sha256"] != version.sha256:
                raise Refused(
                    "The stored file is not the one that was uploaded: its fingerprint differs. Upload it again.",
                    code="file_changed",
                )
    except Refused as refused:
        _refuse(claim, version, refused)
        raise
    claim.progress(1, 1, "storing what was found")
    with claim.storing():
        version.facts = facts
        version.state, version.refusal, version.refusal_code = ModelVersion.State.ACCEPTED, "", ""
        version.save(update_fields=["facts", "state", "refusal", "refusal_code"])
        tell(
            people=[version.uploaded_by],
            kind="model_accepted",
            subject=f"{version} can be explained",
            body="The file was checked and is readable. Ask for an explanation on a data set of the project.",
            link=version.get_absolute_url(),
            project_id=version.project_id,
            event_key=f"model_accepted:{version.pk}",
        )
        record(
            actor=None,
            verb="accept_model",
            thing=version,
            kind="model_version",
            project_id=version.project_id,
            before={"state": "inspecting"},
            after={"state": "accepted", "sha256": version.sha256, "number": version.number},
        )


def _refuse(claim: Claim, version: ModelVersion, refused: Refused) -> None:
    """Keep the reason on the version, if the job is still ours."""
    text = "\n".join([refused.message, *refused.details])
    with transaction.atomic():
        claim.progress(0, 0, "refused")
        if version.state == ModelVersion.State.REFUSED and version.refusal == text:
            return
        version.state, version.refusal_code, version.refusal = ModelVersion.State.REFUSED, refused.code, text
        version.save(update_fields=["state", "refusal_code", "refusal"])
        tell(
            people=[version.uploaded_by],
            kind="model_refused",
            subject=f"{version} was refused",
            body=text,
            link=version.get_absolute_url(),
            project_id=version.project_id,
            event_key=f"model_refused:{version.pk}",
        )
        record(
            actor=None,
            verb="refuse_model",
            thing=version,
            kind="model_version",
            project_id=version.project_id,
            before={"state": "inspecting"},
            after={"state": "refused", "code": refused.code, "number": version.number},
            reason=refused.message,
        )
