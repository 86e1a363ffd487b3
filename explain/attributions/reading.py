"""What the register asks of this room: look at a file, inspect a model; refusals in the portal's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from explain.attributions import sandbox
from explain.attributions.formats import sniff as formats
from explain.attributions.formats.advice import SAFE_DATA, SAFE_EXPORT
from explain.attributions.limits import MB, Limits
from explain.attributions.refused import ExplainRefused
from explain.register.reading import Reader
from foundation.web.refused import Refused

INSPECTION_SECONDS: Final = 180


def told(refused: ExplainRefused) -> Refused:
    """The same refusal for pages and API: the first line as the message, the lines after it as details."""
    first, *lines = refused.message.splitlines() or ["The file was refused."]
    return Refused(
        first.strip(),
        code=refused.code,
        status=400,
        field="file",
        details=[line.strip() for line in lines if line.strip()],
    )


def limits() -> Limits:
    """The bounds of a computation in this installation: uploads and a job's time are settings."""
    usual = Limits()
    return replace(
        usual,
        model_bytes=settings.UPLOAD_LIMIT_MB * MB,
        data_bytes=settings.UPLOAD_LIMIT_MB * MB,
        # ends before the worker's own limit does, so that the reason is told
        wall_seconds=min(usual.wall_seconds, 0.9 * settings.JOB_TIME_LIMIT),
        cpu_seconds=min(usual.cpu_seconds, 2 * settings.JOB_TIME_LIMIT),
        # a shard has whole batches, so a batch is not larger than a shard
        batch_rows=min(usual.batch_rows, settings.EXPLAIN_SHARD_ROWS),
    )


def _sniff(path: Path, declared: str | None) -> str:
    try:
        return formats.sniff(path, declared)
    except ExplainRefused as refused:
        raise told(refused) from refused


def _inspect(path: Path, model_format: str, folder: Path, stopped: Callable[[], bool]) -> dict[str, Any]:
    bounds = limits()
    bounds = replace(bounds, wall_seconds=min(INSPECTION_SECONDS, bounds.wall_seconds), cpu_seconds=INSPECTION_SECONDS)
    try:
        return dict(
            sandbox.inspect_model(
                model_path=path, model_format=model_format, folder=folder, limits=bounds, cancelled=stopped
            )
        )
    except ExplainRefused as refused:
        raise told(refused) from refused


READER: Final = Reader(
    sniff=_sniff,
    inspect=_inspect,
    safe_export=tuple(SAFE_EXPORT.items()),
    safe_data=SAFE_DATA,
    model_formats=tuple(formats.MODEL_FORMATS.values()),
    data_formats=tuple(formats.DATA_FORMATS.values()),
)
