"""The world that the matrix is asked about: two projects of the same kind with teams of their own, built once.

`World.own` and `World.foreign` are `Place`s; a row fills its address and its body from one of them. Add a thing that
your routes need as a field of `Place`, and make it in `build_place` (building.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from explain.attributions.models import Explanation
from explain.outcomes.models import OutcomeReport
from explain.register.models import DataSet, ModelVersion
from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import ApiToken, User
from lifecycle.acceptance.models import Acceptance, CriterionResult
from lifecycle.kpis.models import CashLine, Kpi
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Deliverable, ExitQuestion, Member, Project, Stage, StageTask
from lifecycle.signoff.models import Condition, Round

PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody
ANONYMOUS = "anonymous"
# In the order of the letters of a row: nobody | no role anywhere | roles in the project | roles over all projects.
PROJECT_ROLES = ("viewer", "contributor", "lead", "sponsor", "reviewer", "risk_officer", "customer")
OVER_ALL = ("manager", "auditor", "administrator")
ROLES = (ANONYMOUS, "outsider", *PROJECT_ROLES, *OVER_ALL)
# Asks about the foreign project: somebody who holds every role in the own one. None of them may open a door there.
FOREIGNER = "foreigner"


@dataclass
class Place:
    """A project with one of everything, by those of its team who may make it."""

    key: str
    team: dict[str, User]
    project: Project
    stage: Stage
    last: Stage
    member: Member
    deliverable: Deliverable  # required, one version
    spare: Deliverable  # not required, nothing written
    question: ExitQuestion
    task: StageTask
    round: Round  # awaits the sponsor
    condition: Condition  # open; the sponsor set it, the contributor does it, the reviewer verifies it
    kpi: Kpi
    baseline: Any  # proposed
    other_kpi: Kpi
    control: Any  # a series that the KPI is compared with
    exclusion: Any  # proposed by the contributor
    line: CashLine
    criterion: Any
    acceptance: Acceptance  # being prepared; all results judged
    result: CriterionResult
    postmortem: PostMortem  # a draft of the contributor, complete
    rows: dict[str, Any]  # of the post-mortem, by part
    told: list[PostMortem]  # two published ones that everybody reads
    offer: Any  # of a case of the other kind to this project, not answered
    check: Any  # in force; the project meets it at its first gate
    model: ModelVersion
    data: DataSet
    explanation: Explanation
    report: OutcomeReport
    job: Job  # failed
    notice: Notice  # to the lead
    token: ApiToken  # of the lead
    newcomer: User  # in no project

    @property
    def lock(self) -> int:
        return PostMortem.objects.get(pk=self.postmortem.pk).lock

    def arguments(self) -> dict[str, Any]:
        """What the arguments of an address are where a row says nothing else."""
        return {
            "key": self.key,
            "stage_key": self.stage.key,
            "round_id": self.round.pk,
            "condition_id": self.condition.pk,
            "kpi_key": self.kpi.key,
            "baseline_id": self.baseline.pk,
            "control_id": self.control.pk,
            "exclusion_id": self.exclusion.pk,
            "line_id": self.line.pk,
            "criterion_key": self.criterion.key,
            "result_id": self.result.pk,
            "reference": self.postmortem.reference,
            "job_id": self.job.pk,
            "notice_id": self.notice.pk,
            "token_id": self.token.pk,
            "person_id": self.newcomer.pk,
            "action_id": self.rows["actions"].pk,
            "number": 1,
        }


@dataclass
class World:
    """Both projects, the people, and how each of them asks."""

    own: Place
    foreign: Place
    people: dict[str, User]
    sessions: dict[str, str] = field(default_factory=dict)
    # One for everybody: a client of their own would load the middleware anew with each call.
    client: Client = field(default_factory=Client)
    tokens: dict[str, str] = field(default_factory=dict)


def put_in_last_stage(place: Place) -> None:
    """As if every stage before the last were approved."""
    stages = Stage.objects.filter(project=place.project)
    stages.exclude(pk=place.last.pk).update(state="approved")
    stages.filter(pk=place.last.pk).update(state="open")
