"""Pages and REST of models and explanations, for each role."""

from __future__ import annotations

import json
import pickle
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import CaptureQueriesContext

from explain.attributions import page, selectors, telling
from explain.attributions.models import Explanation
from explain.attributions.services import request_explanation
from explain.register.models import DataSet, Feature, ModelVersion
from foundation.people.models import User
from lifecycle.projects.models import Project

PAGES = ["models/", "models/1/", "data/", "features/", "explanations/new/"]


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("who", ["lead", "contributor", "sponsor", "viewer", "manager"])
def test_every_page_opens_for_whoever_sees_the_project(
    request: pytest.FixtureRequest, sign_in: Any, done: Explanation, who: str
) -> None:
    client = sign_in(request.getfixturevalue(who))
    for address in [*PAGES, f"explanations/{done.pk}/"]:
        response = client.get(f"/projects/triage/{address}")
        assert response.status_code == 200, address
        allowed = who in ("lead", "contributor")
        if address in ("models/", "data/"):
            assert ('type="file"' in text_of(response)) is allowed
            assert ("Only the project&#x27;s team" in text_of(response)) is not allowed


def test_outsiders_find_nothing(sign_in: Any, api: Any, outsider: User, done: Explanation) -> None:
    client, scripts = sign_in(outsider), api(outsider)
    for address in [*PAGES, "features.csv", f"explanations/{done.pk}/"]:
        assert client.get(f"/projects/triage/{address}").status_code == 404, address
    for address in ["models/", "models/1/", "data-sets/", "data-sets/1/", "features/", "explanations/",
                    f"explanations/{done.pk}/", f"explanations/{done.pk}/rows/1/"]:  # fmt: skip
        assert scripts.get(f"/api/v1/projects/triage/{address}").status_code == 404, address
    assert scripts.post("/api/v1/projects/triage/explanations/", {}).status_code == 404


def test_an_empty_project_says_what_comes_first(sign_in: Any, contributor: User, project: Project) -> None:
    client = sign_in(contributor)
    assert "No model yet. Upload the first version on this page." in text_of(client.get("/projects/triage/models/"))
    assert "XGBoost JSON, LightGBM text, a skops archive and ONNX." in text_of(client.get("/projects/triage/models/"))
    assert "No data set yet." in text_of(client.get("/projects/triage/data/"))
    assert "No version of the model is accepted yet." in text_of(client.get("/projects/triage/explanations/new/"))


def test_a_refused_pickle_shows_the_lines_that_export_safely_and_keeps_what_was_typed(
    sign_in: Any, contributor: User, project: Project
) -> None:
    file = SimpleUploadedFile("model.json", pickle.dumps([1]))
    response = sign_in(contributor).post("/projects/triage/models/", {"name": "My triage", "file": file})
    shown = text_of(response)
    assert response.status_code == 400
    assert "never opened here" in shown
    assert "skops.io.dump(model" in shown
    assert "model.booster_.save_model(" in shown
    assert 'value="My triage"' in shown
    assert not ModelVersion.objects.exists()


def test_a_lightgbm_file_is_taken_with_its_format_declared_or_not(
    sign_in: Any, contributor: User, project: Project, lightgbm_cases: Any
) -> None:
    client = sign_in(contributor)
    for place, (name, declared) in enumerate((("binary", "lightgbm-text"), ("regression", "")), start=1):
        file = SimpleUploadedFile("model.txt", lightgbm_cases[name].path.read_bytes())
        form = {"name": "By LightGBM", "file": file, "format": declared}
        assert client.post("/projects/triage/models/", form).status_code == 302
        version = ModelVersion.objects.get(number=place)
        assert (version.format, version.state) == ("lightgbm-text", "inspecting")
        assert "LightGBM text" in text_of(client.get("/projects/triage/models/"))


def test_upload_and_request_work_with_plain_forms(
    sign_in: Any, contributor: User, accepted: ModelVersion, files: Any
) -> None:
    client = sign_in(contributor)
    data = SimpleUploadedFile("late.csv", files.data.read_bytes())
    assert client.post("/projects/triage/data/", {"name": "Rows", "file": data}).status_code == 302
    data_set = DataSet.objects.get()
    assert client.get(f"/projects/triage/explanations/new/?data={data_set.pk}").status_code == 200
    sent = {"model_version": accepted.pk, "data_set": data_set.pk, "rows_limit": "", "seed": ""}
    response = client.post("/projects/triage/explanations/new/", sent)
    explanation = Explanation.objects.get()
    assert response["Location"] == explanation.get_absolute_url()
    waiting = text_of(client.get(explanation.get_absolute_url()))
    assert f'id="job-{explanation.job_id}"' in waiting
    other = client.post("/projects/triage/models/", {
        "name": "Late", "file": SimpleUploadedFile("m.json", files.model.read_bytes()), "metrics": "AUC 0.9"
    })  # fmt: skip
    assert other.status_code == 400
    assert "is not a name and a number" in text_of(other)


def test_the_words_of_the_explanation_are_on_its_page(sign_in: Any, viewer: User, done: Explanation) -> None:
    shown = text_of(sign_in(viewer).get(done.get_absolute_url()))
    assert "The risk of a late payment rests mostly on" in shown
    assert "acts against what the business expects" in shown
    assert "More payment delay goes with a higher risk of a late payment, as expected." in shown
    assert "The model uses sensitive information: age" in shown
    assert "It does not show what causes what" in shown
    for fact in ("300 rows", "seed 0", "largest additivity error", done.content_hash, done.summary["chosen_because"]):
        assert fact in shown.replace("&#x27;", "'"), fact
    for chart in ("importance-chart", "swarm-chart", "row-chart"):
        assert f'id="{chart}"' in shown
    assert shown.count("all facts") == 4


def test_a_row_is_chosen_by_its_number_with_and_without_a_script(sign_in: Any, viewer: User, done: Explanation) -> None:
    client = sign_in(viewer)
    whole = text_of(client.get(done.get_absolute_url(), {"row": 7}))
    part = text_of(client.get(done.get_absolute_url(), {"row": 7}, headers={"HX-Request": "true"}))
    assert 'name="row" min="1" value="7"' in whole
    assert 'name="row" min="1" value="7"' in part
    assert "<html" not in part
    assert "importance-chart" not in part
    assert "Row 999999 is not there to show; row 300 is the nearest." in text_of(
        client.get(done.get_absolute_url(), {"row": 999999})
    )
    assert client.get(done.get_absolute_url(), {"row": "x", "output": "99"}).status_code == 200


def test_the_dots_of_the_swarm_stay_light() -> None:
    swarm: Any = {
        "class_name": None,
        "rows": 1000,
        "of": 5000,
        "sampling": "",
        "features": [
            {"feature": f"f{n}", "x": [(k - 500) / 3971 for k in range(1000)], "v": [k / 1000 for k in range(1000)],
             "low": 0.0, "high": 1.0}
            for n in range(15)
        ],
    }  # fmt: skip
    (dots,) = page._light(swarm, {}, "log-odds").figure["data"]
    assert len(json.dumps(dots)) < 200_000
    assert len(dots["x"]) == 8 * 500
    assert dots["x"][:5] == pytest.approx([(k - 500) / 3971 for k in range(5)], rel=1e-2)
    assert dots["x"][495:500] == pytest.approx([(k - 500) / 3971 for k in range(995, 1000)], rel=1e-2)


def test_queries_do_not_grow_with_versions_and_lists_leave_samples_alone(
    sign_in: Any, contributor: User, project: Project, done: Explanation, accepted: ModelVersion,
    rows_of_late: DataSet, django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = sign_in(contributor)
    for seed in range(1, 6):
        request_explanation(
            actor=contributor, project=project, model_version=accepted, data_set=rows_of_late, seed=seed
        )
    with django_assert_max_num_queries(10) as asked:
        client.get("/projects/triage/models/")
    assert not any('"samples"' in query["sql"] for query in asked)
    with django_assert_max_num_queries(10):
        client.get("/projects/triage/models/1/")
    with django_assert_max_num_queries(8):  # two of them because it contradicts the dictionary
        client.get(done.get_absolute_url())
    with CaptureQueriesContext(_connection()) as seen:
        assert selectors.newest_done(accepted) == done
    assert '"samples"' not in seen[0]["sql"]


def _connection() -> Any:
    from django.db import connection

    return connection


def test_the_dictionary_is_edited_as_a_table(
    sign_in: Any, contributor: User, viewer: User, accepted: ModelVersion
) -> None:
    client = sign_in(contributor)
    shown = text_of(client.get("/projects/triage/features/"))
    assert 'name="name-0" value="delay"' in shown
    sent = {
        "count": "6", "name-0": "delay", "label-0": "payment delay", "expected-0": "up", "name-1": "income",
        "name-4": "season", "label-4": "season", "sensitive-4": "on",
    }  # fmt: skip
    assert client.post("/projects/triage/features/", sent).status_code == 302
    assert set(Feature.objects.values_list("name", "expected", "sensitive")) == {
        ("delay", "up", False), ("season", "", True),
    }  # fmt: skip
    bad = client.post("/projects/triage/features/", sent | {"expected-0": "sideways"})
    assert bad.status_code == 400
    assert "use up, down" in text_of(bad)
    file = SimpleUploadedFile("d.csv", b"name,label,expected\nincome,net income,down\n")
    assert client.post("/projects/triage/features/", {"import": "1", "file": file}).status_code == 302
    assert Feature.objects.get(name="income").label == "net income"
    assert b"payment delay" in client.get("/projects/triage/features.csv").content
    refused = sign_in(viewer).post("/projects/triage/features/", sent)
    assert refused.status_code == 403


def test_rest_goes_from_upload_to_a_row(
    api: Any, contributor: User, project: Project, files: Any, done: Explanation
) -> None:
    scripts, root = api(contributor), "/api/v1/projects/triage/"
    other = json.loads(files.model.read_text())
    other["learner"]["attributes"]["note"] = "second"
    model = SimpleUploadedFile("m.json", json.dumps(other).encode())
    made = scripts.post(
        f"{root}models/", {"file": model, "name": "Late", "metrics": '{"AUC": 0.9}'}, format="multipart"
    )
    assert made.status_code == 201
    assert (made.data["number"], made.data["state"], made.data["metrics"]) == (2, "inspecting", {"AUC": 0.9})
    assert made.data["job"]
    assert scripts.get(f"{root}models/").data["count"] == 2
    assert scripts.get(f"{root}models/1/").data["facts"]["feature_count"] == 4
    assert scripts.get(f"{root}models/9/").status_code == 404
    rows = SimpleUploadedFile("d.csv", files.data.read_bytes())
    assert scripts.post(f"{root}data-sets/", {"file": rows, "name": "Rows"}, format="multipart").data["number"] == 2
    asked = scripts.post(f"{root}explanations/", {"model_version": 1, "data_set": 2, "rows_limit": 50})
    assert (asked.status_code, asked.data["state"]) == (202, "waiting")
    again = scripts.post(f"{root}explanations/", {"model_version": 1, "data_set": 1})
    assert (again.status_code, again.data["id"]) == (200, done.pk)
    early = scripts.post(f"{root}explanations/", {"model_version": 2, "data_set": 1})
    assert (early.status_code, early.data["error"]["code"]) == (409, "model_not_accepted")
    wrong = scripts.post(f"{root}explanations/", {"model_version": 7, "data_set": 1})
    assert (wrong.status_code, wrong.data["error"]["field"]) == (400, "model_version")
    whole = scripts.get(f"{root}explanations/{done.pk}/").data
    assert whole["words"]["opening"][0].startswith("The risk of a late payment")
    assert "samples" not in whole["summary"]
    row = scripts.get(f"{root}explanations/{done.pk}/rows/5/").data
    parts = sum(feature["attribution"] for feature in row["features"])
    assert row["base_value"] + parts == pytest.approx(row["prediction"], abs=1e-3)
    assert row["features"][0]["label"] == "payment delay"
    assert scripts.get(f"{root}explanations/{done.pk}/rows/5000/").status_code == 404
    closer = scripts.get(f"{root}explanations/{done.pk}/closer/").data
    assert closer["curves"]["unit"] == "chance"
    assert {curve["feature"] for curve in closer["curves"]["curves"]} <= set(done.summary["features"])
    assert all(len(curve["mean"][0]) == len(curve["at"]) for curve in closer["curves"]["curves"])
    assert {found["column"] for found in closer["cohorts"]} <= set(done.summary["features"])


def test_rest_refuses_with_codes(api: Any, contributor: User, viewer: User, project: Project) -> None:
    root = "/api/v1/projects/triage/"
    spoilt = SimpleUploadedFile("m.skops", pickle.dumps([1]))
    refused = api(contributor).post(f"{root}models/", {"file": spoilt, "name": "x"}, format="multipart")
    assert (refused.status_code, refused.data["error"]["code"]) == (400, "unsafe_format")
    assert any("skops.io.dump" in line for line in refused.data["error"]["details"])
    bad = api(contributor).post(
        f"{root}models/", {"file": SimpleUploadedFile("m", b"{"), "name": "x", "metrics": "{"}, format="multipart"
    )
    assert (bad.status_code, bad.data["error"]["field"]) == (400, "metrics")
    entries = [{"name": "delay", "label": "days late", "expected": "up"}]
    assert api(viewer).put(f"{root}features/", entries).status_code == 403
    assert api(contributor).put(f"{root}features/", entries).data[0]["label"] == "days late"
    assert api(viewer).get(f"{root}features/").data[0]["expected"] == "up"


def test_outcomes_are_named_in_plain_words() -> None:
    binary: Any = {"focus": "1", "kind": "binary"}
    classes: Any = {"focus": "virginica", "kind": "multiclass"}
    assert telling.outcome_of("The Risk of default.", binary) == "risk of default"
    assert telling.outcome_of("AUC", binary) == "AUC"
    assert telling.outcome_of("", binary) == "chance of 1"
    assert telling.outcome_of("", classes, "setosa") == "chance of setosa"
    assert telling.outcome_of("", {"focus": "", "kind": "regression"}) == "result"
