"""Business cases, what-ifs and promises."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from explain.cases.content.flows import Levers
from explain.cases.models import CaseVersion, Promise, Scenario
from explain.cases.services import save_scenario, write_case
from explain.cases.services.promising import promise_content
from foundation.web.digest import digest_of
from tests.explain.cases.conftest import PARTS
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import Place

ROWS = """
#                                nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
POST   api:api-calculator-business-case  L D DDDDDDD DDD / D
GET    cases:case                L N RRRRRRR RRR
GET    cases:part                L N FRRFFFF FFF
POST   cases:part                L N FDDFFFF FFF
POST   cases:put_forward         L N FDDFFFF FFF
GET    cases:what_if             L N RRRRRRR RRR
POST   cases:scenarios           L N FDDFFFF FFF
POST   cases:drop_scenario       L N FDDFFFF FFF
GET    cases:promise             L N RRRRRRR RRR
POST   cases:take_over           L N FDDFFFF FFF
GET    api:api-case              L N RRRRRRR RRR
POST   api:api-case              L N FDDFFFF FFF
GET    api:api-case-version      L N RRRRRRR RRR
POST   api:api-case-put-forward  L N FDDFFFF FFF
POST   api:api-case-what-if      L N DDDDDDD DDD
GET    api:api-case-scenarios    L N RRRRRRR RRR
POST   api:api-case-scenarios    L N FDDFFFF FFF
DELETE api:api-case-scenario     L N FDDFFFF FFF
GET    api:api-case-promise      L N RRRRRRR RRR
POST   api:api-case-plan         L N FDDFFFF FFF
"""


def _scenario_id(at: Place) -> dict[str, Any]:
    return {"scenario_id": Scenario.objects.get(version__project=at.project).pk}


FILL = {
    "cases:part": lambda at: {"name": "stakeholder-map"},
    "cases:drop_scenario": _scenario_id,
    "api:api-case-scenario": _scenario_id,
}


def _written(at: Place) -> None:
    write_case(actor=at.team["lead"], project=at.project, parts=deepcopy(PARTS), expected_number=0)


def _with_a_scenario(at: Place) -> None:
    _written(at)
    version = CaseVersion.objects.select_related("project").get(project=at.project)
    save_scenario(actor=at.team["lead"], version=version, name="Late", levers=Levers(delay=2))


def _promised(at: Place) -> None:
    _written(at)
    content = promise_content(version := CaseVersion.objects.get(project=at.project), at.round)
    Promise.objects.create(
        project=at.project,
        version=version,
        round=at.round,
        round_digest=at.round.digest,
        content=content,
        content_hash=digest_of(content),
    )


_people = {
    "stakeholders-count": "1", "stakeholders-0-who": "Nurses", "stakeholders-0-influence": "3",
    "stakeholders-0-interest": "4", "expected_number": "0",
}  # fmt: skip
_plan = {
    "costs": [{"name": "Build", "months": ["300", "300"]}],
    "benefits": [{"name": "Minutes", "uplift": "2", "value": "0.5", "volumes": ["0", "100"]}],
    "draws": 100,
}

SEND = {
    "POST api:api-calculator-business-case": Send(lambda at: _plan),
    "GET cases:case": Send(before=_promised),
    "POST cases:part": Send(lambda at: _people),
    "POST cases:put_forward": Send(lambda at: {"number": "1"}, before=_written),
    "GET cases:what_if": Send(lambda at: {"uplift": "80"}, before=_written),
    "POST cases:scenarios": Send(
        lambda at: {"version": "1", "name": "Slow", "kind": "other", "delay": "3"}, before=_written
    ),
    "POST cases:drop_scenario": Send(before=_with_a_scenario),
    "GET cases:promise": Send(before=_promised),
    "POST cases:take_over": Send(before=_promised),
    "GET api:api-case": Send(before=_written),
    "POST api:api-case": Send(
        lambda at: {"parts": {"stakeholder_map": PARTS["stakeholder_map"]}, "expected_number": 0, "note": "First"}
    ),
    "GET api:api-case-version": Send(before=_written),
    "POST api:api-case-put-forward": Send(lambda at: {"number": 1}, before=_written),
    "POST api:api-case-what-if": Send(lambda at: {"cost": "120"}, before=_written),
    "GET api:api-case-scenarios": Send(before=_with_a_scenario),
    "POST api:api-case-scenarios": Send(lambda at: {"name": "Dear", "cost": "130"}, before=_written),
    "DELETE api:api-case-scenario": Send(before=_with_a_scenario),
    "GET api:api-case-promise": Send(before=_promised),
    "POST api:api-case-plan": Send(before=_promised),
}
