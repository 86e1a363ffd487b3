"""What is found in many rows, and how a test looks at the jobs and the files of an explanation in parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from explain.attributions.models import Explanation
from explain.attributions.planned import PartFacts, PlanFacts
from foundation.jobs.models import Job

ROWS, SHARD = 11_000, 5_000


@dataclass(frozen=True)
class Found:
    """What is found in many rows, step by step and at once."""

    data: Path
    folder: Path
    plan: PlanFacts
    bound: dict[str, Any]
    facts: list[PartFacts]
    joined: dict[str, Any]
    at_once: dict[str, Any]


def made(explanation: Explanation) -> list[Job]:
    return list(Job.objects.filter(parent=explanation.job_id).order_by("pk"))


def left(explanation: Explanation) -> list[Path]:
    """Files of the explanation and of attempts, wherever they may be."""
    media = Path(settings.MEDIA_ROOT)
    places = (media / "explanations" / str(explanation.pk), media / "jobs")
    return [path for place in places if place.exists() for path in place.rglob("*")]


def seen(explanation: Explanation) -> Explanation:
    return Explanation.objects.select_related("job").get(pk=explanation.pk)


def hurry(job: Job) -> None:
    Job.objects.filter(pk=job.pk, state="queued").update(run_after=timezone.now())
