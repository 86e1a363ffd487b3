"""LIME as a second method: asked for, computed in the sandbox, told with how well its lines fit; never evidence by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from explain.attributions import command, comparing, page, runs, selectors, telling
from explain.attributions.models import Explanation
from explain.attributions.sandbox import explain_files
from explain.attributions.services import request_explanation
from explain.register.models import DataSet, ModelVersion
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project
from tests.explain.attributions.test_pages_and_api import text_of


@pytest.fixture(scope="module")
def told(cases: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the real sandbox says of the binary model by LIME."""
    case = cases["xgb_binary"]
    summary = explain_files(
        model_path=case.path, data_path=case.csv, model_format=case.model_format, method="lime", rows=12,
        folder=tmp_path_factory.mktemp("lime"), seed=3,
    )  # fmt: skip
    return dict(summary)


def test_each_row_has_its_own_base_and_its_fit(told: dict[str, Any]) -> None:
    assert (told["method"], told["engine"], told["rows"], told["row_numbers"]) == ("lime", "lime", 12, 0)
    assert told["background"].startswith("569 rows")  # not only the twelve that were asked for
    rows = told["row_sample"]
    assert len({row["base_values"][0] for row in rows}) > 1
    assert all(len(row["fit"]) == 1 and row["fit"][0] <= 1 for row in rows)
    assert told["local_fit"]["q10"] <= told["local_fit"]["median"] <= told["local_fit"]["q90"]
    assert told["local_fit"]["median"] == pytest.approx(np.median([row["fit"][0] for row in rows]), abs=1e-3)
    assert told["seed_spread"] > 0


def test_the_words_say_how_well_the_lines_fit(told: dict[str, Any]) -> None:
    cautions = " ".join(telling.cautions(told, {}))
    assert "straight lines around single rows (LIME), not shares of the answer" in cautions
    assert f"R² of the local models {told['local_fit']['median']:.2f}" in cautions
    poor = told | {"local_fit": {"q10": 0.0, "median": 0.13, "q90": 0.2}}
    assert "They fit the model poorly" in " ".join(telling.cautions(poor, {}))
    assert any("R² of the local models" in fact for fact in telling.facts_line(told))
    assert "LIME" in " ".join(comparing.reservations(told, told | {"method": "shap"}))


@pytest.mark.parametrize("name", ["mlp", "boosting", "logistic"])
def test_any_family_can_be_asked(cases: Any, tmp_path: Path, name: str) -> None:
    case = cases[name]
    summary = explain_files(
        model_path=case.path, data_path=case.csv, model_format=case.model_format, method="lime", rows=3,
        folder=tmp_path, inline_rows=10,
    )  # fmt: skip
    values = np.asarray(summary["inline_values"])
    assert values.shape[:2] == (3, case.frame.shape[1])
    assert np.isfinite(values).all()


def test_without_a_number_of_rows_the_first_hundred_are_explained(cases: Any, tmp_path: Path) -> None:
    case = cases["logistic"]
    data = tmp_path / "rows.csv"
    pd.concat([case.frame] * 2).to_csv(data, index=False)
    summary = explain_files(
        model_path=case.path, data_path=data, model_format=case.model_format, method="lime", folder=tmp_path / "work",
        shard_rows=500,
    )  # fmt: skip
    assert (summary["rows"], summary["rows_in_file"]) == (100, 2 * len(case.frame))
    assert "Only the first 100, since" in summary["chosen_because"]


def test_the_command_line_answers_by_lime(cases: Any, tmp_path: Path, capsys: Any) -> None:
    case = cases["logistic"]
    out = tmp_path / "answer.json"
    arguments = [
        str(case.path),
        str(case.csv),
        "--format",
        "skops",
        "--method",
        "lime",
        "--rows",
        "4",
        "--out",
        str(out),
    ]
    assert command.main(arguments) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["method"], len(answer["values"])) == ("lime", 4)


@pytest.fixture
def by_lime(
    project: Project, contributor: User, accepted: ModelVersion, rows_of_late: DataSet, recorded: Any, files: Any,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> Explanation:  # fmt: skip
    """A finished explanation by LIME; the sandbox is the real one."""
    monkeypatch.setattr(runs, "explain_files", explain_files)
    asked = request_explanation(
        actor=contributor, project=project, model_version=accepted, data_set=rows_of_late, rows_limit=8, method="lime"
    )
    assert asked.job is not None
    assert runs.compute_explanation(asked.job.pk) == "done"
    asked.refresh_from_db()
    return asked


@pytest.mark.django_db
def test_lime_never_stands_in_for_the_evidence(by_lime: Explanation, accepted: ModelVersion) -> None:
    assert by_lime.state == Explanation.State.DONE
    assert selectors.newest_done(accepted) is None


@pytest.mark.django_db
def test_the_page_tells_the_line_around_a_row(by_lime: Explanation, sign_in: Any, viewer: User) -> None:
    shown = text_of(sign_in(viewer).get(by_lime.get_absolute_url()))
    assert "The straight line around it starts at" in shown
    assert "R² of the local models" in shown
    assert page.chosen_output(by_lime.summary, None) == 0
    assert sign_in(viewer).get(f"{by_lime.get_absolute_url()}charts/").status_code == 200


@pytest.mark.django_db
def test_rest_asks_by_method_and_refuses_another(
    api: Any, contributor: User, project: Project, accepted: ModelVersion, rows_of_late: DataSet
) -> None:
    address = f"/api/v1/projects/{project.key}/explanations/"
    asked = {"model_version": accepted.number, "data_set": rows_of_late.number}
    first = api(contributor).post(address, asked, format="json")
    second = api(contributor).post(address, asked | {"method": "lime"}, format="json")
    assert (first.json()["method"], second.json()["method"]) == ("shap", "lime")
    assert first.json()["id"] != second.json()["id"]
    assert first.json()["job"] != second.json()["job"]
    refused = api(contributor).post(address, asked | {"method": "guess"}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "bad_method")


@pytest.mark.django_db
def test_a_method_that_does_not_exist_is_refused(
    project: Project, contributor: User, accepted: ModelVersion, rows_of_late: DataSet
) -> None:
    with pytest.raises(Refused) as refused:
        request_explanation(
            actor=contributor, project=project, model_version=accepted, data_set=rows_of_late, method="guess"
        )
    assert refused.value.code == "bad_method"
