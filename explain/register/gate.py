"""Which approvals let a model go where, and what stands against it: plain rules, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

TEST, STAGING, PRODUCTION = "test", "staging", "production"
ENVIRONMENTS = (TEST, STAGING, PRODUCTION)
DEPLOYMENT = "deployment"  # the stage of this key in a methodology; where there is none, its last stage


class Ordered(Protocol):
    """What the rule reads of a stage."""

    key: str


S = TypeVar("S", bound=Ordered)


def stages_for(environment: str, stages: Sequence[S]) -> list[S]:
    """The stages whose approvals open an environment, out of a project's present stages in their order.

    test: the first one, so that somebody has said yes to the question at all. staging: all before the deployment.
    production: all up to and with the deployment. Raises KeyError for another environment.
    """
    keys = [stage.key for stage in stages]
    place = keys.index(DEPLOYMENT) if DEPLOYMENT in keys else max(len(keys) - 1, 0)
    return list(stages[: {TEST: 1, STAGING: max(place, 1), PRODUCTION: place + 1}[environment]])


@dataclass(frozen=True)
class Reason:
    """One thing that stands against it: a stable code, and a sentence."""

    code: str
    message: str


@dataclass(frozen=True)
class Approval:
    """A stage that must be approved: `code` and `why` say what is wrong, empty while the approval is in force."""

    stage: str
    code: str = ""
    why: str = ""


@dataclass(frozen=True)
class Pinned:
    """The model that an approval or an acceptance speaks of: hex SHA-256 of its file, and its name."""

    sha256: str
    name: str


@dataclass(frozen=True)
class Facts:
    """What the answer rests on. `acceptance`: state of the customer's newest acceptance, empty where there is none."""

    environment: str
    project_state: str
    project_works: bool
    model: str
    sha256: str
    model_state: str
    model_accepted: bool
    approvals: Sequence[Approval]
    pinned: Pinned | None
    explained: bool
    acceptance: str = ""
    acceptance_words: str = ""
    accepts: Pinned | None = None


def reasons_against(facts: Facts) -> list[Reason]:
    """All that stands against it, the broadest first; empty means that the model may go there."""
    found = []
    if not facts.project_works:
        found.append(Reason("project_not_working", f"The project is {facts.project_state}."))
    if not facts.model_accepted:
        found.append(Reason("model_not_accepted", f"The file of {facts.model} is {facts.model_state}, not accepted."))
    if not facts.approvals:
        found.append(Reason("stage_not_approved", "The project has no stage that could be approved."))
    found += [Reason(each.code, f"{each.stage}: {each.why}.") for each in facts.approvals if each.code]
    if facts.environment == TEST:
        # A model is tried before anybody has approved it, so nothing pins it yet.
        return found
    found += _pinned_model(facts)
    if not facts.explained:
        found.append(
            Reason("explanation_missing", f"Nobody has explained {facts.model}: there is no finished explanation.")
        )
    if facts.environment == PRODUCTION:
        found += _acceptance(facts)
    return found


def _pinned_model(facts: Facts) -> list[Reason]:
    if not facts.approvals or facts.approvals[-1].code == "stage_not_approved":
        return []  # said already: there is no approval that could speak of a model
    stage = facts.approvals[-1].stage
    if facts.pinned is None:
        return [Reason("model_not_pinned", f"{stage} was approved without a model in its evidence.")]
    if facts.pinned.sha256 != facts.sha256:
        return [Reason("model_differs", f"{stage} was approved with {facts.pinned.name}, not with {facts.model}.")]
    return []


def _acceptance(facts: Facts) -> list[Reason]:
    if not facts.acceptance:
        return []
    if facts.acceptance not in ("accepted", "accepted_with_conditions"):
        return [Reason("acceptance_not_given", f"The customer's acceptance is {facts.acceptance_words}.")]
    if facts.accepts is not None and facts.accepts.sha256 != facts.sha256:
        return [Reason("acceptance_differs", f"The customer accepted {facts.accepts.name}, not {facts.model}.")]
    return []
