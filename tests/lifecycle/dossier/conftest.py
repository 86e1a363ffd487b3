"""A project in which something of everything has happened, and its dossier, unpacked."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.people.models import User
from foundation.web.digest import canonical_json, digest_of
from lifecycle.acceptance.services import (
    decide_acceptance,
    judge_criterion,
    offer_acceptance,
    open_acceptance,
    set_criterion,
)
from lifecycle.dossier.build import build
from lifecycle.kpis.models import Measurement
from lifecycle.kpis.services import add_cash_line, approve_baseline, define_kpi, propose_baseline, set_target
from lifecycle.postmortems.services import open_postmortem
from lifecycle.projects.models import Deliverable, Project, Stage
from lifecycle.projects.services import answer_question, write_version
from lifecycle.signoff.services import decide, submit_round
from tests.conftest import PASSWORD

AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    """Uploaded files of a test are its own."""
    settings.MEDIA_ROOT = tmp_path / "stored"


def complete(stage: Stage, by: User) -> None:
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED, latest_number=0):
        write_version(actor=by, deliverable=deliverable, expected_number=0, text=f"{deliverable.name}: written.")
    for question in stage.questions.filter(answers__isnull=True):
        answer_question(actor=by, question=question, text=f"Answer to {question.key}.", expected_number=0)


def submit(stage: Stage, lead: User) -> Any:
    stage.refresh_from_db()
    return submit_round(actor=lead, stage=stage, title=f"May we go on after {stage.name}?", comment="All is written.")


def answer(person: User, review: Any, verdict: str = "approve", reason: str = "") -> Any:
    return decide(
        actor=person, round_id=review.pk, verdict=verdict, reason=reason, password=PASSWORD, digest=review.digest
    )


@pytest.fixture
def told(project: Project, lead: User, sponsor: User, contributor: User, customer: User) -> Project:
    """Two stages decided (one after a no), a KPI with a frozen baseline, a file, costs, an acceptance, a post-mortem."""
    kpi = define_kpi(
        actor=lead, project=project, name="Waiting time", unit="d", direction="decrease", kind="level",
        frequency="week", is_primary=True,
    )  # fmt: skip
    for week in range(9):
        Measurement.objects.create(
            kpi=kpi, period=date(2025, 1, 6) + timedelta(weeks=week), value=11.5 + week / 10, source="form",
            recorded_by=lead,
        )  # fmt: skip
    baseline = propose_baseline(actor=lead, kpi=kpi, starts_on=date(2025, 1, 6), ends_on=date(2025, 3, 31))
    approve_baseline(actor=sponsor, baseline_id=baseline.pk)
    set_target(actor=lead, kpi=kpi, value=9.5, due_on=date(2027, 12, 31))
    add_cash_line(
        actor=lead, project=project, side="cost", basis="actual", category="people", month=date(2026, 1, 1),
        amount=Decimal("1200.50"), currency="EUR",
    )  # fmt: skip
    set_criterion(actor=lead, project=project, measure="Waiting time", threshold="below 9.5 days", baseline="11.6 days")
    first = project.stages.get(order=1)
    upload = SimpleUploadedFile("Plan of Ann.pdf", b"%PDF-1.4 a plan")
    deliverable = first.deliverables.filter(need=Deliverable.Need.REQUIRED).first()
    assert deliverable is not None
    write_version(actor=contributor, deliverable=deliverable, expected_number=0, file=upload, filename=upload.name)
    complete(first, contributor)
    answer(sponsor, submit(first, lead), "request_changes", "The risks are not priced.")
    answer(sponsor, submit(first, lead))
    second = project.stages.get(order=2)
    complete(second, contributor)
    answer(sponsor, submit(second, lead), reason="Go on, #strong[quickly] $x$ <label>.")
    open_postmortem(actor=contributor, project=project, kind="near_miss", title="Labels changed upstream")
    return project


@pytest.fixture
def accepted(told: Project, lead: User, contributor: User, customer: User) -> Project:
    """The same project with the customer's verdict, as if the stages between were approved."""
    stages = list(Stage.objects.filter(project=told).order_by("order"))
    Stage.objects.filter(pk__in=[stage.pk for stage in stages[:-1]]).update(state="approved")
    Stage.objects.filter(pk=stages[-1].pk).update(state="open")
    acceptance = open_acceptance(actor=lead, project=told)
    for result in acceptance.results.all():
        judge_criterion(actor=contributor, result_id=result.pk, verdict="met", observed="9.0 days", evidence="Report")
    acceptance = offer_acceptance(actor=lead, acceptance_id=acceptance.pk, approved_use="Order of samples.")
    decide_acceptance(
        actor=customer, acceptance_id=acceptance.pk, verdict="accepted_with_conditions", password=PASSWORD,
        digest=acceptance.digest, conditions=[{"text": "Train the ward", "due_on": date(2030, 1, 1), "owner": "Lea"}],
    )  # fmt: skip
    return told


@dataclass(frozen=True)
class Dossier:
    """An unpacked dossier in a folder of its own."""

    place: Path

    def verify(self) -> subprocess.CompletedProcess[str]:
        """What a stranger does: the script alone, isolated from everything."""
        return subprocess.run(
            [sys.executable, "-I", "verify.py"], cwd=self.place, capture_output=True, text=True, check=False
        )

    def files(self) -> list[str]:
        return sorted(path.relative_to(self.place).as_posix() for path in self.place.rglob("*") if path.is_file())

    def table(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.place / f"records/{name}.json").read_text("utf-8"))
        return found

    def forge(self, name: str, table: dict[str, Any]) -> None:
        """Rewrite a table and the list of files, as somebody would who knows how the list is made."""
        (self.place / f"records/{name}.json").write_text(json.dumps(table), "utf-8")
        self.seal()

    def seal(self) -> None:
        """Make manifest.json fit the files as they are now."""
        place = self.place / "manifest.json"
        content = json.loads(place.read_text("utf-8"))["content"]
        for file in content["files"]:
            raw = (self.place / file["path"]).read_bytes()
            file["sha256"], file["size"] = hashlib.sha256(raw).hexdigest(), len(raw)
        place.write_text(f"{canonical_json({'content': content, 'seal': digest_of(content)})}\n", "utf-8")


Unpack = Callable[..., Dossier]


@pytest.fixture
def unpack(tmp_path: Path) -> Unpack:
    """unpack(project, reader=person): its dossier, built and unpacked."""

    def make(project: Project, reader: User | None = None) -> Dossier:
        packed, place = tmp_path / "dossier.zip", tmp_path / "dossier"
        shutil.rmtree(place, ignore_errors=True)
        with packed.open("w+b") as target:
            build(project, reader=reader, at=AT, target=target)
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(place)
        return Dossier(place)

    return make
