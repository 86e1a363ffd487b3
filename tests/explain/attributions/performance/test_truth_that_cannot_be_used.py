"""Without a usable truth the explanation goes on, and one sentence says why it is silent about the answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from explain.attributions.formats.data_file import fit_schema, open_source, read_table
from explain.attributions.limits import Limits
from explain.attributions.performance.measured import Answerer, measure
from explain.attributions.performance.truth import Column
from explain.attributions.refused import ExplainRefused
from explain.attributions.sandbox import explain_files
from explain.attributions.worker.answers import beside_of

TWO = Answerer("binary", ("no", "yes"), "probability")
NUMBER = Answerer("regression", (), "value")
CHANCES = np.array([[0.1], [0.4], [0.6], [0.9]])
NAN = float("nan")


@pytest.mark.parametrize(
    ("answerer", "truth", "words"),
    [
        (TWO, None, "name no column with the outcome"),
        (TWO, Column("late", np.full(4, NAN)), "'late' is empty in every row"),
        (TWO, Column("late", np.array([0, 1, 2, 0.0]), ("no", "perhaps", "yes")), "holds 'perhaps', which is none of"),
        (TWO, Column("late", np.array([0, 1, 7, 0.0])), "none of the model's classes (no, yes)"),
        (TWO, Column("late", np.zeros(4), ("no",)), "All 4 rows with a known outcome are of the class 'no'"),
        (
            Answerer("binary", ("0", "1"), "value"),
            Column("late", np.array([0, 1, 1, 0.0])),
            "scores and not with chances",
        ),
        (NUMBER, Column("late", np.zeros(4), ("much",)), "holds words, 'much' for example, and this model answers"),
        (NUMBER, Column("late", np.array([1, NAN, NAN, NAN])), "Only one row has a known outcome"),
    ],
)
def test_each_case_says_what_is_wrong(answerer: Answerer, truth: Column | None, words: str) -> None:
    found, why = measure(answerer, CHANCES, truth)
    assert found is None
    assert words in why
    assert why.endswith(".")
    assert "pload" in why


def test_answers_that_are_no_numbers_are_not_judged() -> None:
    found, why = measure(TWO, np.array([[0.1], [np.inf]]), Column("late", np.array([0.0, 1.0]), ("no", "yes")))
    assert found is None
    assert "no numbers" in why


@pytest.mark.parametrize(
    ("classes", "truth"),
    [
        (("no", "yes"), Column("late", np.array([0, 1, 1, NAN]), ("no", "yes"))),
        (("0", "1"), Column("late", np.array([0, 1, 1, NAN]))),
        (("0", "1"), Column("late", np.array([0, 1, 1, NAN]), ("0.0", "1.0"))),
        (("False", "True"), Column("late", np.array([0, 1, 1, NAN]))),
    ],
)
def test_labels_are_matched_as_words_and_as_numbers_and_empty_ones_are_counted(
    classes: tuple[str, ...], truth: Column
) -> None:
    found, why = measure(Answerer("binary", classes, "probability"), CHANCES, truth)
    assert why == ""
    assert found is not None
    assert (found["n"], found["left_out"]) == (3, 1)
    assert found["binary"] is not None
    assert found["binary"]["positives"] == 2


def held(path: Path, names: set[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[list[float], list[str]]]:
    """The columns of `names` as they are held beside the rows: their numbers and words."""
    monkeypatch.chdir(path.parent)
    source = open_source(path, Limits(), aside=lambda columns: names)
    beside = beside_of(source.columns, None, sorted(names))
    for block in source.blocks:
        beside.add(source.columns, block)
    told = beside.write(source.points)
    with np.load("beside.npz") as file:
        return {
            name: (file[f"column{at}"].tolist(), words)
            for at, (name, words) in enumerate(zip(told["columns"], told["words"], strict=True))
        }


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_words_are_read_only_where_the_model_does_not_look(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"rows.{ending}"
    if ending == "csv":
        path.write_text("age,sex,late\n1,f,no\n2,m,yes\n3,,\n")
    else:
        pq.write_table(
            pa.table(
                {"age": [1, 2, 3], "sex": pa.array(["f", "m", None]).dictionary_encode(), "late": ["no", "yes", None]}
            ),
            path,
        )
    with pytest.raises(ExplainRefused):
        read_table(path, Limits())
    found = held(path, {"sex", "late"}, monkeypatch)
    assert [words for _, words in found.values()] == [["no", "yes"], ["f", "m"]]
    np.testing.assert_array_equal([numbers for numbers, _ in found.values()], [[0, 1, np.nan], [0, 1, np.nan]])
    table = read_table(path, Limits(), aside=lambda columns: {"sex", "late"})
    for names in (("age",), ()):
        fitted = fit_schema(table, names=names, count=1, target_column="late", groups=["sex"])
        assert fitted.columns == ("age",)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_model_without_names_that_takes_the_words_is_told_so(cases: Any, tmp_path: Path, ending: str) -> None:
    """Two features are wanted and there are two columns beside the target, so the group's column is one of them."""
    model = LogisticRegression().fit(np.array([[0.0, 1.0], [1.0, 0.0]] * 5), [0, 1] * 5)
    path, data = tmp_path / "model.skops", tmp_path / f"rows.{ending}"
    skops.io.dump(model, path)
    frame = pd.DataFrame({"age": [1.0, 2.0], "sex": ["f", "m"], "late": [0, 1]})
    if ending == "csv":
        frame.to_csv(data, index=False)
    else:
        frame.to_parquet(data, index=False)
    with pytest.raises(ExplainRefused) as refused:
        explain_files(
            model_path=path, data_path=data, model_format="skops", folder=tmp_path / "work", target_column="late",
            groups=["sex"],
        )  # fmt: skip
    assert "column 'sex' holds" in refused.value.message
    assert "Encode" in refused.value.message


def test_numbers_with_decimal_commas_stay_numbers_beside_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("age;sex;paid\n1;f;2,5\n2;m;3\n")
    assert held(path, {"sex", "paid"}, monkeypatch) == {"paid": ([2.5, 3], []), "sex": ([0, 1], ["f", "m"])}
    path.write_text("age,flag,late\nTrue,True,yes\nFalse,false,no\n")
    assert held(path, {"late", "flag"}, monkeypatch) == {"flag": ([1, 0], []), "late": ([1, 0], ["no", "yes"])}


def test_the_sandbox_explains_on_and_tells_why(cases: Any, tmp_path: Path) -> None:
    case = cases["logistic"]
    data = tmp_path / "rows.csv"
    for target, content, words in (
        ("outcome", ["good"] * len(case.frame), "holds 'good', which is none of the model's classes (0, 1)"),
        ("elsewhere", None, "has no column 'elsewhere', which was named as the target"),
        ("mean radius", None, "takes the target column 'mean radius' as a feature"),
    ):
        frame = case.frame if content is None else case.frame.assign(outcome=content)
        frame.to_csv(data, index=False)
        summary = explain_files(
            model_path=case.path, data_path=data, model_format="skops", folder=tmp_path / "job", target_column=target
        )
        assert summary["rows"] == len(case.frame)
        assert summary["performance"] is None
        assert words in summary["performance_why"]


def test_the_sandbox_holds_answers_against_words_and_groups(cases: Any, tmp_path: Path) -> None:
    case = cases["forest"]
    truth = cases["forest"].model.predict(case.frame)
    data = tmp_path / "rows.csv"
    columns = {
        "outcome": [f"{label}" if place > 3 else "" for place, label in enumerate(truth)],
        "sex": ["f", "m"] * 300,
    }
    case.frame.assign(**{name: cells[: len(truth)] for name, cells in columns.items()}).to_csv(data, index=False)
    summary = explain_files(
        model_path=case.path,
        data_path=data,
        model_format="skops",
        folder=tmp_path / "job",
        target_column="outcome",
        groups=["sex", "nation"],
    )
    found = summary["performance"]
    assert found is not None
    assert found["binary"] is not None
    place = found["binary"]["thresholds"]["at"].index(0.5)
    assert (found["n"], found["left_out"]) == (len(truth) - 4, 4)
    assert found["binary"]["thresholds"]["fn"][place] == 0  # the truth was the model's own answer
    assert [group["name"] for group in found["groupings"][0]["groups"]] == ["f", "m"]
    assert found["groupings_why"] == ["nation is marked as sensitive, but the data file has no column of that name."]
    assert summary["groups_asked"] == ["sex", "nation"]
