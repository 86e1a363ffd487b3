"""Taking in model and data files: looked at by content here, opened only in the sandbox of a worker."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePath

from django.core.files.base import File
from django.db import transaction
from django.db.models import Max

from explain.register.folders import Received, received
from explain.register.models import DataSet, ModelVersion
from explain.register.permits import may
from explain.register.reading import reader
from foundation.audit.services import record
from foundation.jobs.services import request_job
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.texts import sound_text
from lifecycle.signoff.services.expiry import fire, trigger_line
from lifecycle.signoff.triggers import NEW_MODEL_VERSION

INSPECTION = "model_inspection"
METRICS = 30


def upload_model(
    *,
    actor: User,
    project: Project,
    file: File[bytes],
    filename: str,
    name: str,
    purpose: str = "",
    format: str = "",
    metrics: Mapping[str, float] | None = None,
    note: str = "",
) -> ModelVersion:
    """A new version of the project's model, waiting for its inspection by a worker.

    `format` empty: found by content. Raises Refused: unsafe_format (a pickle under any name; `details` has the lines
    that export safely), malformed_model, unsupported_model, limit_exceeded, same_file, not_permitted.
    """
    may(actor, "upload_model", project).demand()
    values = _sound_metrics(metrics or {})
    with received(file) as incoming:
        found = reader().sniff(incoming.path, format or None)
        if found not in ModelVersion.Format.values:
            raise Refused(
                "This file holds rows of data, not a model. Upload it as a data set instead.",
                code="malformed_model",
                status=400,
                field="file",
            )
        version = ModelVersion(
            name=sound_text(name, limit=120, field="name", what="The name").strip(),
            purpose=sound_text(
                purpose, limit=200, field="purpose", what="What the model predicts", may_be_empty=True
            ).strip(),
            format=found,
            filename=shown_name(filename),
            size=incoming.size,
            sha256=incoming.sha256,
            metrics=values,
            note=sound_text(note, limit=5000, field="note", what="The note", may_be_empty=True),
            uploaded_by=actor,
        )
        return _add_version(actor, project, version, incoming)


def upload_data(
    *,
    actor: User,
    project: Project,
    file: File[bytes],
    filename: str,
    name: str,
    origin: str = "",
    target_column: str = "",
) -> DataSet:
    """A new data set of the project. Raises Refused: unsafe_format, malformed_data, limit_exceeded, not_permitted."""
    may(actor, "upload_data", project).demand()
    with received(file) as incoming:
        found = _sniffed_data(incoming)
        data_set = DataSet(
            name=sound_text(name, limit=120, field="name", what="The name").strip(),
            origin=sound_text(origin, limit=300, field="origin", what="The origin", may_be_empty=True).strip(),
            format=found,
            filename=shown_name(filename),
            size=incoming.size,
            sha256=incoming.sha256,
            target_column=sound_text(
                target_column, limit=120, field="target_column", what="The outcome's column", may_be_empty=True
            ).strip(),
            uploaded_by=actor,
        )
        return _add_data(actor, project, data_set, incoming)


def _sniffed_data(incoming: Received) -> str:
    try:
        found = reader().sniff(incoming.path, None)
    except Refused as refused:
        if refused.code == "unsafe_format":
            raise
        found = ""
    if found not in DataSet.Format.values:
        raise Refused(
            "This file is neither CSV nor Parquet. Export the rows as one of the two: " + reader().safe_data,
            code="malformed_data",
            status=400,
            field="file",
        )
    return found


@transaction.atomic
def _add_version(actor: User, project: Project, version: ModelVersion, incoming: Received) -> ModelVersion:
    project = lock_project(project.pk)
    may(actor, "upload_model", project).demand()
    versions = ModelVersion.objects.filter(project=project)
    newest = versions.exclude(state=ModelVersion.State.REFUSED).order_by("-number").first()
    if newest is not None and newest.sha256 == version.sha256:
        raise Refused(
            f"This is the very file of version {newest.number}, the newest one. Nothing was changed.",
            code="same_file",
            field="file",
        )
    version.project = project
    version.number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version.file.save(version.filename, incoming.to_store(), save=False)
    try:
        version.save(force_insert=True)
        version.job = request_job(
            kind=INSPECTION,
            args={"model_version": version.pk},
            actor=actor,
            dedup_key=f"model:{version.pk}",
            project_id=project.pk,
        )
        version.save(update_fields=["job"])
        record(
            actor=actor,
            verb="upload_model",
            thing=version,
            kind="model_version",
            project_id=project.pk,
            after={
                "number": version.number,
                "name": version.name,
                "format": version.format,
                "sha256": version.sha256,
                "size": version.size,
                "metrics": {key: repr(value) for key, value in version.metrics.items()},
            },
            reason=version.note,
        )
        line = trigger_line(NEW_MODEL_VERSION, f"{version.name}, version {version.number}.")
        fire(trigger=NEW_MODEL_VERSION, project=project, lines=[line], actor=actor)
    except BaseException:
        version.file.storage.delete(version.file.name or "")
        raise
    return version


@transaction.atomic
def _add_data(actor: User, project: Project, data_set: DataSet, incoming: Received) -> DataSet:
    project = lock_project(project.pk)
    may(actor, "upload_data", project).demand()
    data_set.project = project
    data_set.number = (DataSet.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
    data_set.file.save(data_set.filename, incoming.to_store(), save=False)
    try:
        data_set.save(force_insert=True)
        record(
            actor=actor,
            verb="upload_data",
            thing=data_set,
            kind="data_set",
            project_id=project.pk,
            after={
                "number": data_set.number,
                "name": data_set.name,
                "origin": data_set.origin,
                "format": data_set.format,
                "sha256": data_set.sha256,
                "size": data_set.size,
            },
        )
    except BaseException:
        data_set.file.storage.delete(data_set.file.name or "")
        raise
    return data_set


def _sound_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Names of at most 80 signs with finite numbers. Raises Refused(metrics_unreadable)."""
    if len(metrics) > METRICS:
        raise _bad_metrics(f"There are {len(metrics)} metrics; state at most {METRICS}.")
    found: dict[str, float] = {}
    for name, value in metrics.items():
        label = str(name).strip()
        if not label or len(label) > 80 or "\x00" in label:
            raise _bad_metrics("Each metric has a name of 1 to 80 signs.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise _bad_metrics(f"The metric {label!r} is not a number. Write it like 0.91.")
        found[label] = float(value)
    return found


def _bad_metrics(message: str) -> Refused:
    return Refused(message, code="metrics_unreadable", status=400, field="metrics")


def shown_name(filename: str) -> str:
    """The person's name of a file, for showing only: no folders, no control signs, at most 200 signs."""
    base = PurePath(filename.replace("\\", "/")).name
    return "".join(sign for sign in base if sign.isprintable()).strip()[:200] or "file"
