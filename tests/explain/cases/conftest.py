"""A business case that is small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from explain.cases.models import CaseVersion, Promise
from explain.cases.services import put_forward, write_case
from foundation.people.models import User
from lifecycle.projects.models import Deliverable, Project, Stage
from lifecycle.projects.services import answer_question, write_version
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import decide, submit_round
from tests.conftest import PASSWORD

PARTS: dict[str, Any] = {
    "feasibility": {
        "criteria": [
            {"area": "data", "rating": 4, "reason": "Two years of samples.", "risk": "One laboratory.", "response": "Add one."},
            {"area": "legal", "rating": 2, "reason": "Consent is old.", "risk": "", "response": ""},
        ],
        "conclusion": "Feasible if consent is renewed.",
    },
    "implementation_plan": {
        "milestones": [
            {"name": "Data are in", "on": "2026-03-01", "owner": "Cora", "depends_on": "", "done_when": "All are read"}
        ],
        "resources": [{"what": "A pathologist", "amount": "2 days a month", "source": "Laboratory"}],
        "approach": "",
    },
    "stakeholder_map": {
        "stakeholders": [
            {"who": "Pathologists", "role": "users", "influence": 5, "interest": 4, "needs": "Quiet", "engagement": "Weekly"},
            {"who": "Patients", "role": "", "influence": 1, "interest": 5, "needs": "", "engagement": ""},
        ]
    },
    # 100 a month for ten months after two of build at 300: no ranges, so every figure can be worked out by hand.
    "cost_benefit": {
        "costs": [
            {"name": "Build", "category": "build", "month": "2026-01", "until": "2026-02", "amount": "300", "low": "", "high": ""}
        ],
        "benefits": [
            {
                "name": "Minutes saved", "kpi": "", "unit": "minutes", "uplift": "2", "uplift_low": "1", "uplift_high": "3",
                "volume": "100", "value": "0.50", "value_low": "", "value_high": "", "month": "2026-03",
                "until": "2026-12", "ramp": "", "share": "",
            }
        ],
        "assumptions": "",
    },
}  # fmt: skip


@pytest.fixture
def parts() -> dict[str, Any]:
    return deepcopy(PARTS)


@pytest.fixture
def case(project: Project, lead: User, parts: dict[str, Any]) -> CaseVersion:
    """All four parts of `project`, at no discount."""
    Project.objects.filter(pk=project.pk).update(discount_rate=0)
    project.refresh_from_db()
    return write_case(actor=lead, project=project, parts=parts, expected_number=0)


Approve = Callable[[], Round]


@pytest.fixture
def submitted(project: Project, lead: User, contributor: User) -> Approve:
    """submitted(): the first stage with all that it asks for, put to its decision."""

    def make() -> Round:
        stage = Stage.objects.get(project=project, order=1)
        for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED, latest_number=0):
            write_version(actor=contributor, deliverable=deliverable, expected_number=0, text="Written.")
        for question in stage.questions.filter(answers__isnull=True):
            answer_question(actor=contributor, question=question, text="Answered.", expected_number=0)
        stage.refresh_from_db()
        return submit_round(actor=lead, stage=stage, title="May we begin?", comment="")

    return make


@pytest.fixture
def approve(submitted: Approve, sponsor: User) -> Approve:
    """approve(): the same, and the sponsor says yes."""

    def make() -> Round:
        review = submitted()
        decide(actor=sponsor, round_id=review.pk, verdict="approve", reason="", password=PASSWORD, digest=review.digest)
        return Round.objects.get(pk=review.pk)

    return make


@pytest.fixture
def promise(case: CaseVersion, lead: User, approve: Approve) -> Promise:
    """What was promised when the first stage of `project` was approved."""
    put_forward(actor=lead, project=case.project, number=case.number)
    return Promise.objects.get(round=approve())
