"""The project, its people, its stages and their decisions."""

from __future__ import annotations

from datetime import date, timedelta

from demo.cast import PASSWORD
from demo.narrator.teller import Teller
from lifecycle.acceptance.services import set_criterion
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.services import add_member, answer_question, start_project, tick_task, write_version
from lifecycle.signoff import policy
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import decide, submit_round


class TellsStages(Teller):
    """From the charter to the last gate."""

    def begin(self, started_on: date, methodology: Methodology | None = None) -> Project:
        """The project, its people and its acceptance criteria; under `methodology`, else the one that is told."""
        facts = self.told["project"]
        offered = Methodology.objects.filter(key=facts["methodology"], retired_at__isnull=True)
        self.project = start_project(
            actor=self.people["lead"],
            key=facts["key"],
            name=facts["name"],
            question=facts["question"],
            description=facts["description"],
            unit=facts["unit"],
            risk=facts["risk"],
            currency=facts["currency"],
            methodology=methodology or offered.latest("number"),
            started_on=started_on,
            is_demo=True,
        )
        for key, role in (
            ("sponsor", Role.SPONSOR),
            ("customer", Role.CUSTOMER),
            ("scientist", Role.CONTRIBUTOR),
            ("reviewer", Role.REVIEWER),
            ("risk", Role.RISK),
        ):
            add_member(actor=self.people["lead"], project=self.project, user=self.people[key], role=role)
        for criterion in self.told["criteria"]:
            set_criterion(actor=self.people["lead"], project=self.project, **criterion)
        return self.project

    def fill(self, key: str) -> Stage:
        """Hand in the deliverables, answer the exit questions and tick the tasks of the stage in work."""
        stage = Stage.objects.get(project=self.project, key=key, is_current=True)
        told = self.told["stages"][key]
        for deliverable in stage.deliverables.filter(key__in=told["deliverables"]):
            write_version(
                actor=self.people["scientist"],
                deliverable=deliverable,
                expected_number=deliverable.latest_number,
                text=told["deliverables"][deliverable.key],
            )
        for question in stage.questions.all():
            answer_question(
                actor=self.people["lead"], question=question, text=told["answers"][question.key], expected_number=0
            )
        for task in stage.tasks.all():
            tick_task(actor=self.people["scientist"], task=task)
        return stage

    def submit(self, key: str) -> Round:
        """Put the stage to its decision."""
        stage = Stage.objects.get(project=self.project, key=key, is_current=True)
        told = self.told["stages"][key]
        return submit_round(actor=self.people["lead"], stage=stage, title=told["title"], comment=told["comment"])

    def approve(self, key: str, *, weeks_ago: int, reason: str = "") -> None:
        """Submit, and have all who are asked approve. The stage's dates tell the story; the trail keeps the real ones.

        The sponsor speaks last, with the `reason`.
        """
        asked = self.submit(key)
        judges = {Role.RISK: "risk", Role.REVIEWER: "reviewer", Role.SPONSOR: "sponsor"}
        asked_roles = policy.approver_roles(asked.policy)
        for role, person in judges.items():
            if role in asked_roles:
                decide(
                    actor=self.people[person],
                    round_id=asked.pk,
                    verdict="approve",
                    reason=reason if role == Role.SPONSOR else "",
                    password=PASSWORD,
                    digest=asked.digest,
                )
        closed = self.moment(weeks_ago)
        Stage.objects.filter(pk=asked.stage_id).update(closed_at=closed)
        Round.objects.filter(pk=asked.pk).update(closed_at=closed, submitted_at=closed - timedelta(days=3))
        Stage.objects.filter(project=self.project, is_current=True, state=Stage.State.OPEN).update(opened_at=closed)
