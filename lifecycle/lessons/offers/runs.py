"""The work of the room's job: look for cases like a project."""

from __future__ import annotations

from foundation.jobs.claims import Claim, work_on
from lifecycle.lessons.offers import services
from lifecycle.projects.models import Project, Stage


def offer_cases(job_id: int) -> str:
    """Work on the job."""
    return work_on(job_id, offer)


def offer(claim: Claim) -> None:
    """Write the offers behind the fence. A stage that is gone meanwhile gets none."""
    with claim.storing():
        project = Project.objects.get(pk=claim.job.args["project"])
        number = claim.job.args["stage"]
        stage = Stage.objects.filter(pk=number).first() if number else None
        if stage is not None or not number:
            services.offer_cases(project=project, stage=stage)
