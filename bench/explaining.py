"""A project with an accepted XGBoost model of twenty features, data sets for it, and explanations asked for."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import pyarrow
import pyarrow.parquet
import xgboost
from django.core.files.base import File

from bench.surroundings import DATA
from explain.attributions.models import Explanation
from explain.attributions.services import request_explanation
from explain.register.models import DataSet, ModelVersion
from explain.register.runs import inspect_model
from explain.register.services import upload_data, upload_model
from foundation.people.models import User
from lifecycle.kpis.periods import organisation_today
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.services import start_project

FEATURES: Final = tuple(f"feature_{place}" for place in range(20))
TRAINED_ON: Final = 5_000


class Explaining:
    """Its `lead` asks; each explanation has a seed of its own, so that none is there already."""

    def __init__(self, key: str, *, trees: int, depth: int) -> None:
        self.folder = DATA / key
        self.folder.mkdir()
        self.seeds = itertools.count(1)
        self.lead = User.objects.create_user(f"lead-of-{key}@example.org", name="Sia Lead", mail_notices=False)
        self.project = start_project(
            actor=self.lead, key=key, name=key.capitalize(), question="Which first?",
            methodology=Methodology.objects.filter(retired_at__isnull=True).order_by("key")[0],
            started_on=organisation_today(),
        )  # fmt: skip
        self.version = self._model(trees, depth)

    def _model(self, trees: int, depth: int) -> ModelVersion:
        random = np.random.default_rng(3)
        values = random.normal(size=(TRAINED_ON, len(FEATURES)))
        late = (values[:, 0] + values[:, 1] * values[:, 2] + random.normal(size=TRAINED_ON) > 0).astype(int)
        booster = xgboost.XGBClassifier(n_estimators=trees, max_depth=depth, n_jobs=2).fit(values, late).get_booster()
        booster.feature_names = list(FEATURES)
        booster.save_model(self.folder / "model.json")
        with (self.folder / "model.json").open("rb") as file:
            version = upload_model(
                actor=self.lead, project=self.project, file=File(file), filename="model.json", name="Late", purpose="Late?"
            )  # fmt: skip
        if version.job is None or inspect_model(version.job.pk) != "done":
            raise RuntimeError("The model was not accepted.")
        version.refresh_from_db()
        return version

    def rows(self, count: int) -> DataSet:
        """A data set of so many rows."""
        values = np.random.default_rng(count).normal(size=(count, len(FEATURES)))
        path = self.folder / f"{count}.parquet"
        pyarrow.parquet.write_table(pyarrow.table(dict(zip(FEATURES, values.T, strict=True))), path)
        with path.open("rb") as file:
            return upload_data(
                actor=self.lead, project=self.project, file=File(file), filename=path.name, name=f"{count:,} rows",
                target_column="",
            )  # fmt: skip

    def ask(self, data: DataSet) -> Explanation:
        """An explanation that waits for a worker."""
        return request_explanation(
            actor=self.lead, project=self.project, model_version=self.version, data_set=data, seed=next(self.seeds)
        )
