"""The section of the page, its slider by address, the API, and explanations from before."""

from __future__ import annotations

import re
from typing import Any

import pytest

from explain.attributions.models import Explanation
from explain.attributions.runs import content_hash_of
from explain.attributions.services import request_explanation
from explain.register.services import set_features, upload_data
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.explain.conftest import in_memory

NEW = ("performance", "performance_why", "groups_asked")


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def at(done: Explanation, threshold: float) -> tuple[int, int, int]:
    """Rightly flagged, false alarms and missed rows at a threshold."""
    table = done.summary["performance"]["binary"]["thresholds"]
    place = table["at"].index(threshold)
    return table["tp"][place], table["fp"][place], table["fn"][place]


def test_the_first_sentences_need_no_statistics(sign_in: Any, viewer: User, done: Explanation) -> None:
    shown = text_of(sign_in(viewer).get(done.get_absolute_url()))
    tp, fp, fn = at(done, 0.5)
    assert f"Of 100 cases it flags, {round(100 * tp / (tp + fp))} are right." in shown
    assert f"Of 100 cases it should flag, it finds {round(100 * tp / (tp + fn))}." in shown
    assert "If the model was trained on these rows, it looks better here than it is" in shown
    for name in ("cost", "roc", "precision-recall", "calibration", "gains", "groups-age"):
        assert f'id="{name}-chart"' in shown or f'id="{name}"' in shown, name
    assert "Whether groups are treated alike" in shown
    assert "Until somebody says what errors cost, each counts as one" in shown


def test_the_address_chooses_threshold_and_costs(sign_in: Any, viewer: User, done: Explanation) -> None:
    client = sign_in(viewer)
    tp, fp, fn = at(done, 0.3)
    asked = {"threshold": "0.3", "false_alarm": "20", "miss": "500", "row": "7"}
    shown = text_of(client.get(done.get_absolute_url(), asked))
    assert f"{tp + fp} of 300" in shown
    assert f"{20 * fp + 500 * fn:,} €".replace(",", " ") in shown
    assert 'name="false_alarm" min="0" step="any" inputmode="decimal" value="20"' in shown
    assert 'name="row" value="7"' in shown  # the row that is looked at stays
    cheapest = re.search(r"Cheapest at ([\d.]+): ([\d ]+) €|No other is cheaper", shown)
    assert cheapest is not None
    dear = text_of(client.get(done.get_absolute_url(), {"threshold": "1"}))
    assert "At this threshold it flags no case" in dear


@pytest.mark.parametrize("asked", [{"threshold": "2"}, {"miss": "-1"}, {"false_alarm": "much"}, {"threshold": "nan"}])
def test_what_makes_no_sense_is_said_beside_its_field(
    sign_in: Any, viewer: User, done: Explanation, asked: dict[str, str]
) -> None:
    response = sign_in(viewer).get(done.get_absolute_url(), asked)
    assert response.status_code == 200
    assert f'id="answers-{next(iter(asked))}-wrong"' in text_of(response)
    assert "flagged from a chance of" in text_of(response)


def test_an_explanation_from_before_asks_to_be_computed_again(
    sign_in: Any, viewer: User, contributor: User, done: Explanation
) -> None:
    old = _from_before(done)
    shown = text_of(sign_in(contributor).get(old.get_absolute_url()))
    assert "This explanation was computed before the portal held answers against outcomes." in shown
    assert ">Explain again<" in shown
    assert ">Explain again<" not in text_of(sign_in(viewer).get(old.get_absolute_url()))
    again = request_explanation(
        actor=contributor, project=done.project, model_version=done.model_version, data_set=done.data_set, seed=99
    )
    assert again.pk != old.pk
    assert again.state == Explanation.State.WAITING


def test_an_explanation_without_outcomes_is_never_asked_for_again(
    sign_in: Any, contributor: User, done: Explanation, files: Any
) -> None:
    data = upload_data(
        actor=contributor, project=done.project, file=in_memory(files.data.read_bytes() + b"\n", "d.csv"), filename="d.csv",
        name="No target",
    )  # fmt: skip
    explanation = _from_before(done, data_set=data)
    shown = text_of(sign_in(contributor).get(explanation.get_absolute_url()))
    assert "name no column with the outcome" in shown
    assert "Explain again" not in shown
    same = request_explanation(
        actor=contributor, project=done.project, model_version=done.model_version, data_set=data, seed=99
    )
    assert same.pk == explanation.pk


def test_other_sensitive_columns_are_another_question(contributor: User, project: Project, done: Explanation) -> None:
    def ask() -> Explanation:
        return request_explanation(
            actor=contributor, project=project, model_version=done.model_version, data_set=done.data_set
        )

    assert ask().pk == done.pk
    set_features(actor=contributor, project=project, rows=[{"name": "region", "label": "region", "sensitive": True}])
    assert ask().pk != done.pk


def test_the_api_tells_the_figures_or_why_there_are_none(api: Any, viewer: User, done: Explanation) -> None:
    address = f"/api/v1/projects/triage/explanations/{done.pk}/"
    told = api(viewer).get(address).data
    assert told["performance"]["binary"]["auc"]["value"] > 0.9
    assert told["performance_why"] == ""
    told = api(viewer).get(f"/api/v1/projects/triage/explanations/{_from_before(done).pk}/").data
    assert told["performance"] is None
    assert "Explain the same model and rows again" in told["performance_why"]


def test_the_figures_are_bound_by_the_fingerprint(done: Explanation) -> None:
    def fingerprint() -> str:
        return content_hash_of(done.summary, model_sha256="m", data_sha256="d", values_sha256="v")

    before = fingerprint()
    done.summary["performance"]["binary"]["thresholds"]["fn"][50] += 1
    assert fingerprint() != before


def _from_before(done: Explanation, **other: Any) -> Explanation:
    """One that was computed before answers were held against outcomes; seed 99 tells it from the present one."""
    summary = {key: value for key, value in done.summary.items() if key not in NEW}
    told = {"data_set": done.data_set, "seed": 99, "rows": 300, "state": "done", "content_hash": "x"} | other
    return Explanation.objects.create(
        project=done.project, model_version=done.model_version, created_by=done.created_by, samples=done.samples,
        summary=summary, **told,
    )  # fmt: skip
