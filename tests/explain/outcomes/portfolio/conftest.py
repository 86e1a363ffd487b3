"""More projects with reports, for sums over many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from explain.outcomes.runs import make_report
from explain.outcomes.services import request_report
from foundation.people.models import User
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project
from lifecycle.projects.services import start_project
from tests.explain.outcomes.conftest import MakeLive

END = date(2025, 12, 31)
Another = Callable[..., Project]
Api = Callable[[User], Any]


def text(response: Any) -> str:
    """What a page says, with plain spaces."""
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\u00a0", " ").split())


@pytest.fixture
def another(crisp_dm: Methodology, live: MakeLive, lead: User, sponsor: User) -> Another:
    """another("key", improvement=-5.0, unit="Claims"): one more project with a done report."""

    def make(key: str, improvement: float = 10.0, **fields: object) -> Project:
        name = str(fields.pop("name", key.title()))
        made = start_project(
            actor=lead, key=key, name=name, question="Does it pay?", methodology=crisp_dm,
            started_on=date(2024, 1, 1), currency=str(fields.pop("currency", "EUR")),
        )  # fmt: skip
        live(made, lead, sponsor, improvement=improvement)
        Project.objects.filter(pk=made.pk).update(**fields)
        report = request_report(actor=lead, project=made, as_of=END)
        make_report(report.job_id or 0)
        return made

    return make
