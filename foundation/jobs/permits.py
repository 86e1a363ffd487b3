"""Who may see a job, and who may start it again or cancel it."""

from __future__ import annotations

from collections.abc import Callable

from foundation.jobs.models import Job
from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied

# The ground floor knows no projects: the floor above says whose project a job belongs to.
ProjectRule = Callable[[User, int], bool]
_sees_project: list[ProjectRule] = []
_works_in_project: list[ProjectRule] = []


def join_projects(*, sees: ProjectRule, works: ProjectRule) -> None:
    """`sees(user, project_id)`: may read the project; `works(user, project_id)`: belongs to its team."""
    if sees not in _sees_project:
        _sees_project.append(sees)
        _works_in_project.append(works)


def may_see(user: User, job: Job) -> bool:
    """One's own jobs, those of projects one sees, and all for managers, auditors and administrators."""
    if not user.is_active:
        return False
    if user.sees_all or (job.created_by_id is not None and job.created_by_id == user.pk):
        return True
    return _sees_project_of(user, job)


def may_see_result(user: User, job: Job) -> bool:
    """Whoever asked for a job keeps seeing it; what came of it belongs to the project."""
    return user.is_active and (user.sees_all or _sees_project_of(user, job))


def may_steer(user: User, job: Job) -> Verdict:
    """Retry and cancel: whoever asked for the job, the project's team, managers and administrators."""
    if user.is_active and (
        user.is_manager
        or user.is_administrator
        or (job.created_by_id is not None and job.created_by_id == user.pk)
        or (job.project_id is not None and any(rule(user, job.project_id) for rule in _works_in_project))
    ):
        return ALLOWED
    return denied(
        "Only the person who asked for this job, the project's team, a manager or an administrator may start it "
        "again or cancel it. Ask one of them.",
        code="job_not_yours",
    )


def _sees_project_of(user: User, job: Job) -> bool:
    project_id = job.project_id
    return project_id is not None and any(rule(user, project_id) for rule in _sees_project)


def may_see_all(user: User) -> bool:
    """The list of jobs in trouble is for those who see everything."""
    return user.sees_all
