"""What submitting would put forward, and what going back would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused, Verdict
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.selectors import missing_for_submission, present_stages, stage_of
from lifecycle.signoff import moves, policy
from lifecycle.signoff.evidence import Figure, Item
from lifecycle.signoff.manifest import items_of, manifest_of
from lifecycle.signoff.models import Round
from lifecycle.signoff.permits.rounds import may_go_back, may_submit, people_at
from lifecycle.signoff.selectors.evidence import Shown, figures_of, shown
from lifecycle.signoff.services.rules import rules_and_seats, rules_for


@dataclass(frozen=True)
class SubmitPage:
    """What a person sees before they submit a stage."""

    stage: Stage
    verdict: Verdict
    missing: list[str]
    evidence: list[Shown]
    items: list[Item]
    digest: str
    people: list[User]
    nobody: str
    open_round: Round | None
    last: Round | None
    rules: dict[str, Any]
    is_emergency: bool

    @property
    def figures(self) -> list[Figure]:
        """The numbers that those who decide will see first."""
        return figures_of(self.evidence)

    @property
    def quorum(self) -> str:
        """Who must say yes, in words."""
        return policy.in_words(policy.quorum_of(self.rules), dict(Role.choices))


@dataclass(frozen=True)
class GoBackPage:
    """What going back would do."""

    stage: Stage
    verdict: Verdict
    targets: list[Stage]
    loops: list[dict[str, Any]]
    approvals: list[Round]


def submit_page(project: Project, stage_key: str, user: User, *, emergency: bool = False) -> SubmitPage | None:
    """What submitting the present iteration of a stage would put forward; None when there is no such stage."""
    stage = stage_of(project, stage_key)
    if stage is None:
        return None
    stage.project = project
    last = stage.rounds.order_by("-number").first()
    missing = missing_for_submission(stage)
    manifest, digest = manifest_of(stage, missing=missing if emergency else ())
    items = items_of(manifest)
    today = timezone.localdate()
    nobody = ""
    people: list[User] = []
    rules = rules_for(stage, today=today, emergency=emergency)
    try:
        rules, seats = rules_and_seats(stage, user, manifest, today=today, emergency=emergency)
        people = people_at(seats)
    except Refused as refusal:
        nobody = refusal.message
    return SubmitPage(
        stage=stage,
        verdict=may_submit(user, stage, last=last),
        missing=missing,
        evidence=shown(project, items),
        items=items,
        digest=digest,
        people=people,
        nobody=nobody,
        open_round=last if last is not None and last.is_open else None,
        last=last,
        rules=rules,
        is_emergency=emergency,
    )


def go_back_page(project: Project, stage_key: str, user: User) -> GoBackPage | None:
    """Where the project could go back to from a stage, and which approvals that would end."""
    stages = present_stages(project)
    stage = next((stage for stage in stages if stage.key == stage_key), None)
    if stage is None:
        return None
    stage.project = project
    approved = stage.state == Stage.State.APPROVED
    targets = [other for other in stages if other.order < stage.order or (approved and other.pk == stage.pk)]
    reachable = {target.key for target in targets}
    return GoBackPage(
        stage=stage,
        verdict=may_go_back(user, stage),
        targets=targets,
        loops=[
            loop for loop in project.methodology.feedback_loops if loop["from"] == stage.key and loop["to"] in reachable
        ],
        approvals=list(
            Round.objects.filter(project=project, stage__is_current=True, state__in=moves.APPROVALS)
            .select_related("stage")
            .defer("manifest")
            .order_by("stage__order")
        ),
    )
