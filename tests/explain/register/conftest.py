"""A project of which every stage up to the deployment is approved, with an explained model in its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone

from explain.attributions.models import Explanation
from explain.register.models import DataSet, ModelVersion
from foundation.people.models import User
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.manifest import manifest_of
from lifecycle.signoff.models import Round

MakeVersion = Callable[..., ModelVersion]
Approve = Callable[..., Round]


@dataclass
class Released:
    """What the gate lets through to production."""

    project: Project
    version: ModelVersion
    deployment: Stage
    rounds: dict[str, Round]


@pytest.fixture
def make_version(project: Project, contributor: User) -> MakeVersion:
    """make_version(2): a version as the sandbox left it; each number has a file of its own."""

    def make(number: int = 1, explained: bool = True, **others: object) -> ModelVersion:
        values = {"sha256": f"{number:064x}", "state": "accepted", "name": "Late payment", "project": project} | others
        version = ModelVersion.objects.create(
            number=number,
            format="xgboost-json",
            file=f"models/1/{number}.bin",
            filename="late.json",
            size=1,
            uploaded_by=contributor,
            **values,
        )
        if explained:
            data = DataSet.objects.create(
                project=version.project, number=number, name="Invoices", format="csv", file="data/1/1.bin",
                filename="late.csv", size=1, sha256="b" * 64, uploaded_by=contributor,
            )  # fmt: skip
            Explanation.objects.create(
                project=version.project,
                model_version=version,
                data_set=data,
                state="done",
                content_hash="c" * 64,
                summary={"drivers": [], "seed_spread": None, "max_additivity_error": 0.0},
                engine="trees",
                rows=1,
                created_by=contributor,
            )
        return version

    return make


@pytest.fixture
def approve(lead: User) -> Approve:
    """approve(stage): a decided round of it with the evidence as it is now, as a row (deciding has its own tests)."""

    def make(stage: Stage, state: str = "approved", number: int = 1) -> Round:
        manifest, digest = manifest_of(stage)
        return Round.objects.create(
            stage=stage,
            project=stage.project,
            number=number,
            state=state,
            title="May it go on?",
            requester=lead,
            manifest=manifest,
            digest=digest,
            closed_at=timezone.now(),
        )

    return make


@pytest.fixture
def released(project: Project, make_version: MakeVersion, approve: Approve) -> Released:
    Stage.objects.filter(project=project).update(state="approved")
    # The model appears in the stage of modelling, so that one and all later ones put it forward.
    Stage.objects.filter(project=project, order__lte=4).update(opened_at=timezone.now())
    version = make_version()
    stages = list(Stage.objects.filter(project=project).select_related("project__methodology").order_by("order"))
    rounds = {stage.key: approve(stage) for stage in stages}
    return Released(project, version, stages[-1], rounds)
