"""The gate for machines: may this model version go there? Each question and its answer are kept."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from django.db.models import Q

from explain.register.gate import (
    ENVIRONMENTS,
    Approval,
    Facts,
    Pinned,
    reasons_against,
    stages_for,
)
from explain.register.models import GateAsk, ModelVersion
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance.models import Acceptance
from lifecycle.projects import moves
from lifecycle.projects.models import Project
from lifecycle.projects.selectors import present_stages
from lifecycle.signoff.standing import Standing, standing_of


@transaction.atomic
def ask_gate(*, actor: User, version: ModelVersion, environment: str, asked_with: str = "") -> GateAsk:
    """The answer as of now, recorded in the same transaction.

    `asked_with`: name of the token that was used. Whoever sees the project may ask; the caller has looked.
    Raises Refused: environment_unknown.
    """
    if environment not in ENVIRONMENTS:
        raise Refused(
            f"{environment[:60]!r} is no environment. Use one of: {', '.join(ENVIRONMENTS)}.",
            code="environment_unknown",
            status=400,
            field="environment",
        )
    standings = _standings(version.project, environment)
    against = reasons_against(_facts(version, environment, standings))
    return GateAsk.objects.create(
        project=version.project,
        model_version=version,
        sha256=version.sha256,
        environment=environment,
        allowed=not against,
        reasons=[asdict(reason) for reason in against],
        approvals=[_shown(standing) for standing in standings],
        asked_by=actor,
        asked_with=asked_with,
    )


def _standings(project: Project, environment: str) -> list[Standing]:
    found = []
    for stage in stages_for(environment, present_stages(project)):
        stage.project = project
        found.append(standing_of(stage))
    return found


def _shown(standing: Standing) -> dict[str, str | int | None]:
    review = standing.review
    return {
        "stage": standing.stage.key,
        "name": standing.stage.name,
        "round": review.pk if review else None,
        "state": review.state if review else "",
        "digest": review.digest if review else "",
    }


def _facts(version: ModelVersion, environment: str, standings: list[Standing]) -> Facts:
    project = version.project
    # One that was taken back before the customer answered says nothing; a verdict that was taken back is no yes.
    unanswered = Q(state=Acceptance.State.WITHDRAWN, signature__isnull=True)
    acceptance = Acceptance.objects.filter(project=project).exclude(unanswered).order_by("-number").first()
    own_key = f"model:{project.pk}"
    pinned = [item for item in standings[-1].items if item.key == own_key] if standings else []
    # What the portal collected stands after what people wrote into the same list, so the last entry of the key counts.
    accepted = [
        entry for entry in (acceptance.manifest.get("models", []) if acceptance else []) if entry.get("key") == own_key
    ]
    return Facts(
        environment=environment,
        project_state=project.get_state_display(),
        project_works=project.state in (moves.ACTIVE, moves.IN_USE),
        model=str(version),
        sha256=version.sha256,
        model_state=version.get_state_display(),
        model_accepted=version.state == ModelVersion.State.ACCEPTED,
        approvals=[Approval(standing.stage.name, standing.code, standing.why) for standing in standings],
        pinned=Pinned(pinned[-1].hash, str(pinned[-1].facts.get("version", pinned[-1].label))) if pinned else None,
        # Rows of the room above, reached through the version's own relation.
        explained=version.explanations.filter(state="done", method="shap").exclude(content_hash="").exists(),
        acceptance=acceptance.state if acceptance else "",
        acceptance_words=acceptance.get_state_display() if acceptance else "",
        accepts=Pinned(str(accepted[-1].get("hash", "")), str(accepted[-1].get("name", ""))) if accepted else None,
    )
