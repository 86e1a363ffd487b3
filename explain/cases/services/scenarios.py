"""What-ifs that are kept under a name."""

from __future__ import annotations

from django.db import transaction

from explain.cases.content.flows import Levers, Terms
from explain.cases.content.parts import WORTH
from explain.cases.counting import counted
from explain.cases.models import CaseVersion, Scenario
from explain.cases.permits import DROP_SCENARIO, SAVE_SCENARIO, may
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.texts import sound_text

MOST = 12  # scenarios of one version
KIND = "case_scenario"


def save_scenario(
    *, actor: User, version: CaseVersion, name: str, levers: Levers, kind: str = Scenario.Kind.OTHER
) -> Scenario:
    """Keep a what-if on a version, with the figures it gives. The version itself is not changed.

    Raises Refused: not_permitted, nothing_to_count, scenario_kind_unknown, name_taken, too_many, too_busy.
    """
    may(actor, SAVE_SCENARIO, version.project).demand()
    name = sound_text(" ".join(name.split()), limit=80, field="name", what="The name")
    if kind not in Scenario.Kind.values:
        raise Refused(
            f"{kind!r} is no kind of scenario. Use one of {', '.join(Scenario.Kind.values)}.",
            code="scenario_kind_unknown",
            status=400,
            field="kind",
        )
    if not version.result:
        raise Refused("There is nothing to count yet. Write the cost-benefit analysis first.", code="nothing_to_count")
    result = counted(version.content[WORTH], Terms.of(version.terms), levers)
    return _store(actor, version, name, levers, kind, result)


@transaction.atomic
def _store(
    actor: User, version: CaseVersion, name: str, levers: Levers, kind: str, result: dict[str, object]
) -> Scenario:
    project = lock_project(version.project_id)
    may(actor, SAVE_SCENARIO, project).demand()
    names = list(Scenario.objects.filter(version=version).values_list("name", flat=True))
    if name in names:
        raise Refused(
            f"A scenario “{name}” is there already. Choose another name, or remove that one first.",
            code="name_taken",
            field="name",
        )
    if len(names) >= MOST:
        raise Refused(f"At most {MOST} scenarios are kept for a version. Remove one first.", code="too_many")
    scenario = Scenario.objects.create(
        version=version, name=name, kind=kind, levers=levers.plain(), result=result, author=actor
    )
    record(
        actor=actor,
        verb="save_scenario",
        thing=scenario,
        kind=KIND,
        project_id=project.pk,
        after={"version": version.number, "kind": str(kind), "levers": levers.plain()},
    )
    return scenario


@transaction.atomic
def drop_scenario(*, actor: User, scenario: Scenario) -> None:
    """Remove a scenario; the trail keeps that it was there."""
    project = lock_project(scenario.version.project_id)
    may(actor, DROP_SCENARIO, project).demand()
    found = Scenario.objects.select_for_update().filter(pk=scenario.pk).first()
    if found is None:
        return
    key = found.pk
    found.delete()
    found.pk = key
    record(
        actor=actor,
        verb="drop_scenario",
        thing=found,
        kind=KIND,
        project_id=project.pk,
        before={"version": scenario.version.number, "levers": found.levers},
    )
