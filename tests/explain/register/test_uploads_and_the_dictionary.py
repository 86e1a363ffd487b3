"""Uploads are looked at by content, inspected in the sandbox, and harm nobody."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string

from explain.register import evidence
from explain.register.models import DataSet, Feature, ModelVersion
from explain.register.runs import inspect_model
from explain.register.services import import_features, set_features, upload_data
from explain.register.services.dictionary import as_csv, read_csv
from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import Item, all_kinds

PICKLE = pickle.dumps({"weights": [1, 2, 3]})


def refusal(deed: Any, **options: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        deed(**options)
    return caught.value


def test_a_model_is_stored_under_a_name_of_ours_and_waits_for_its_inspection(
    upload: Any, published: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        version = upload(filename="../../etc/passwd\n.json", metrics={"AUC": 0.91})
    assert (version.number, version.state, version.format) == (1, "inspecting", "xgboost-json")
    assert version.filename == "passwd.json"
    assert Path(version.file.path).is_relative_to(settings.MEDIA_ROOT)
    assert "passwd" not in version.file.name
    assert published == [("register.inspect_model", [version.job_id])]
    entry = Entry.objects.get(verb="upload_model")
    assert (entry.thing_kind, entry.after["sha256"]) == ("model_version", version.sha256)
    assert not list((Path(settings.MEDIA_ROOT) / "incoming").iterdir())


@pytest.mark.parametrize("name", ["model.pkl", "model.json", "model.skops", "data.csv"])
def test_a_pickle_is_refused_at_once_under_any_name_with_the_lines_that_export_safely(upload: Any, name: str) -> None:
    refused = refusal(upload, content=PICKLE, filename=name)
    assert (refused.code, refused.status) == ("unsafe_format", 400)
    assert any("save_model" in line for line in refused.details)
    assert any("skops.io.dump" in line for line in refused.details)
    assert not ModelVersion.objects.exists()
    assert not Job.objects.exists()


def test_a_declared_format_must_be_that_of_the_content(upload: Any) -> None:
    assert refusal(upload, format="skops").code == "malformed_model"
    assert refusal(upload, format="pickle").code == "unsupported_model"
    assert refusal(upload, content=b"a,b\n1,2\n", filename="rows.csv").code == "malformed_model"
    assert refusal(upload, content=b"").code == "malformed_model"
    assert upload(format="xgboost-json").format == "xgboost-json"


def test_a_file_that_is_too_large_is_refused_before_it_is_stored(upload: Any, settings: Any) -> None:
    settings.UPLOAD_LIMIT_MB = 1
    refused = refusal(upload, content=b"{" + b" " * 1_100_000)
    assert (refused.code, refused.field) == ("limit_exceeded", "file")
    assert not list((Path(settings.MEDIA_ROOT) / "incoming").iterdir())


def test_the_newest_file_again_is_no_new_version_but_an_older_one_is(upload: Any, files: Any) -> None:
    upload()
    assert refusal(upload).code == "same_file"
    other = json.loads(files.model.read_text())
    other["learner"]["attributes"]["note"] = "second"
    upload(content=json.dumps(other).encode())
    assert upload().number == 3


@pytest.mark.parametrize("metrics", [{"AUC": float("nan")}, {"AUC": "high"}, {"": 1.0}, {"AUC": True}])
def test_metrics_are_names_with_finite_numbers(upload: Any, metrics: dict[str, Any]) -> None:
    assert refusal(upload, metrics=metrics).code == "metrics_unreadable"


@pytest.mark.parametrize("who", ["sponsor", "customer", "reviewer", "viewer", "outsider", "manager", "administrator"])
def test_only_the_team_uploads(request: pytest.FixtureRequest, upload: Any, who: str) -> None:
    assert refusal(upload, actor=request.getfixturevalue(who)).status == 403


def test_a_stopped_project_takes_no_model(upload: Any, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(state="stopped", stopped_reason="No budget")
    project.refresh_from_db()
    assert refusal(upload).code == "project_closed"


def test_data_is_csv_or_parquet_and_nothing_else(
    project: Project, contributor: User, rows_of_late: DataSet, files: Any
) -> None:
    assert (rows_of_late.number, rows_of_late.format) == (1, "csv")

    def send(content: bytes, name: str) -> DataSet:
        return upload_data(
            actor=contributor, project=project, file=SimpleUploadedFile(name, content), filename=name, name="Rows"
        )

    assert refusal(send, content=PICKLE, name="rows.csv").code == "unsafe_format"
    assert refusal(send, content=files.model.read_bytes(), name="rows.csv").code == "malformed_data"
    assert refusal(send, content=b"", name="rows.csv").code == "malformed_data"
    assert Entry.objects.filter(thing_kind="data_set").count() == 1


def test_the_worker_inspects_in_the_real_sandbox_and_a_second_delivery_does_nothing(upload: Any, files: Any) -> None:
    version = upload()
    assert inspect_model(version.job_id) == "done"
    version.refresh_from_db()
    assert version.state == "accepted"
    assert version.facts["features"] == list(files.frame.columns)
    assert version.facts["kind"] == "binary"
    assert version.facts["isolation"]["process"]
    assert inspect_model(version.job_id) == "not_ours"
    assert Entry.objects.filter(verb="accept_model").count() == 1
    assert Notice.objects.get(kind="model_accepted").user == version.uploaded_by
    assert not list((Path(settings.MEDIA_ROOT) / "jobs").iterdir())


def test_a_hostile_model_is_refused_with_its_reason_and_the_worker_goes_on(upload: Any, files: Any) -> None:
    hostile = json.loads(files.model.read_text())
    hostile["learner"]["gradient_booster"]["model"]["trees"][0]["left_children"][0] = 2_000_000
    version = upload(content=json.dumps(hostile).encode())
    assert inspect_model(version.job_id) == "failed"
    version.refresh_from_db()
    assert (version.state, version.refusal_code) == ("refused", "malformed_model")
    assert version.refusal
    job = Job.objects.get(pk=version.job_id)
    assert (job.state, job.error_code) == ("failed", "malformed_model")
    assert Entry.objects.get(verb="refuse_model").reason in version.refusal
    assert Notice.objects.get(kind="model_refused").body == version.refusal
    assert not list((Path(settings.MEDIA_ROOT) / "jobs").iterdir())
    fine = upload()
    assert inspect_model(fine.job_id) == "done"


def test_a_file_exchanged_in_the_store_is_noticed(upload: Any, quick_sandbox: None) -> None:
    version = upload()
    Path(version.file.path).write_bytes(b'{"learner": {}}')
    assert inspect_model(version.job_id) == "failed"
    version.refresh_from_db()
    assert version.refusal_code == "file_changed"


def test_what_a_killed_attempt_left_behind_is_removed(upload: Any, quick_sandbox: None) -> None:
    version = upload()
    left = Path(settings.MEDIA_ROOT) / "jobs" / f"{version.job_id}-deadbeef"
    left.mkdir(parents=True)
    (left / "half").write_text("half")
    assert inspect_model(version.job_id) == "done"
    assert not left.exists()


def test_a_newer_accepted_version_makes_the_pinned_model_stale(
    project: Project, accepted: ModelVersion, upload: Any, files: Any
) -> None:
    stage = Stage.objects.get(project=project, state="open")
    (item,) = evidence.collect(stage)
    assert (item.key, item.hash, item.facts["AUC"]) == (f"model:{project.pk}", accepted.sha256, "0.9100")
    assert evidence.recheck(project, [item.key, "model:0"]) == {item.key: item.hash, "model:0": None}
    other = json.loads(files.model.read_text())
    other["learner"]["attributes"]["note"] = "second"
    second = upload(content=json.dumps(other).encode())
    assert evidence.recheck(project, [item.key]) == {item.key: item.hash}
    assert inspect_model(second.job_id) == "done"
    assert evidence.recheck(project, [item.key]) == {item.key: second.sha256}
    assert [kind.watches for kind in all_kinds() if kind.name == "model"] == [("model_version",)]


def test_a_stage_before_the_first_model_shows_none(project: Project, accepted: ModelVersion) -> None:
    first, second, *_ = Stage.objects.filter(project=project).order_by("order")
    Stage.objects.filter(pk=first.pk).update(state="approved")
    Stage.objects.filter(pk=second.pk).update(opened_at=first.opened_at, state="open")
    assert evidence.collect(Stage.objects.get(pk=second.pk))
    assert evidence.collect(Stage.objects.get(pk=first.pk)) == []


def test_the_dictionary_is_written_as_a_whole_with_one_entry_in_the_trail(
    project: Project, contributor: User, dictionary: None
) -> None:
    assert Entry.objects.filter(thing_kind="feature").count() == 1
    rows = [{"name": "delay", "label": "delay", "unit": "days", "expected": "up"}, {"name": "region"}]
    found = set_features(actor=contributor, project=project, rows=rows)
    assert [(feature.name, feature.label) for feature in found] == [("delay", "delay"), ("region", "region")]
    entry = Entry.objects.filter(thing_kind="feature").latest("seq")
    assert entry.after["age"] is None
    assert entry.before["delay"]["label"] == "payment delay"
    set_features(actor=contributor, project=project, rows=rows)
    assert Entry.objects.filter(thing_kind="feature").count() == 2


def test_bad_entries_are_told_line_by_line_and_nothing_is_changed(
    project: Project, contributor: User, viewer: User, dictionary: None
) -> None:
    rows = [{"name": "a", "expected": "sideways"}, {"name": "a"}, {"name": "", "label": "x"}, {"name": "b" * 121}]
    refused = refusal(set_features, actor=contributor, project=project, rows=rows)
    assert (refused.code, refused.status, len(refused.details)) == ("malformed_dictionary", 400, 4)
    assert refusal(set_features, actor=viewer, project=project, rows=[]).status == 403
    assert Feature.objects.count() == 3


def test_a_dictionary_goes_out_as_csv_and_comes_back(project: Project, contributor: User, dictionary: None) -> None:
    content = "\ufeffColumn;Label;Expected;Sensitive\r\ndelay;days late;down;no\r\nregion;=1+1;;yes\r\n"
    found = {f.name: f for f in import_features(actor=contributor, project=project, content=content.encode())}
    assert set(found) == {"delay", "income", "age", "region"}
    assert (found["delay"].expected, found["region"].sensitive) == ("down", True)
    rows = read_csv(content.encode())
    text = as_csv(rows)
    assert ",'=1+1," in text
    assert read_csv(text.encode()) == rows
    bad = refusal(read_csv, content=b"name,sensitive\na,maybe\n")
    assert bad.details == ["Line 2: sensitive is 'maybe'; write yes or no."]
    assert refusal(read_csv, content=b"\xff\xfe").code == "malformed_dictionary"
    assert refusal(read_csv, content=b"label\nx\n").code == "malformed_dictionary"


def test_the_decision_page_names_the_model_once_with_its_file() -> None:
    facts = {"version": "Visits v1", "predicts": "visits", "format": "XGBoost JSON", "family": "xgboost", "features": 9}
    item = Item("model", "model:1", "Model Visits v1", "ab" * 32, facts | {"mean absolute error": "2.4745"}, "/m/1/")
    kind = next(kind for kind in all_kinds() if kind.name == "model")
    assert kind.summarise is not None
    summary = kind.summarise(Project(pk=1), [item])
    assert summary is not None
    shown = render_to_string(summary.template, summary.context)
    assert "Model" not in shown
    assert shown.count("Visits v1") == 1
    assert "abababab" in shown
    assert "xgboost, XGBoost JSON, 9 features · mean absolute error 2.4745" in shown
    assert kind.summarise(Project(pk=1), []) is None
