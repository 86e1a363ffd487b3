"""CSV and Parquet: what is read, and what is refused in which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.crafting.rows import parquet_bomb
from explain.attributions.formats.data_file import fit_schema, read_table
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


def _csv(tmp_path: Path, text: bytes) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(text)
    return path


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"a,b\n1,2\n3,4\n", [[1, 2], [3, 4]]),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", [[1, 2]]),
        (b"a;b\n1,5;2\n3;4\n", [[1.5, 2], [3, 4]]),
        (b"a;b\n1.5;2\n", [[1.5, 2]]),
        (b"a,b\n1,\nNA,nan\n", [[1, np.nan], [np.nan, np.nan]]),
        (b"a,b\nTrue,2\nfalse,3\n", [[1, 2], [0, 3]]),
        (b'a,b\n"1","2"', [[1, 2]]),
    ],
)
def test_usual_csv_is_read(tmp_path: Path, text: bytes, values: list[list[float]]) -> None:
    table = read_table(_csv(tmp_path, text), Limits())
    assert table.columns == ("a", "b")
    np.testing.assert_array_equal(table.values, values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a,b\n1,2\n3\n", "Row 2"),
        (b"a,b\n1,2\n3,4,5\n", "Row 2"),
        (b"a,b\n1,2\n3,high\n", "Row 2, column 'b' holds 'high'"),
        (b"a,b\n1,=1+1\n", "column 'b'"),
        (b"a,b\n1,inf\n", "infinite"),
        (b"a,b\n", "no rows"),
        (b"", "empty"),
        (b"a,a\n1,2\n", "'a' appears twice"),
        (b"a,\n1,2\n", "no name"),
        (b"a" * 200_000 + b",b\n1,2\n", "does not name its columns"),
        (b'"' * 200_001, "does not name its columns"),
        (b"a,b\n1,\xe9\n", "UTF-8"),
        (b"a,b\n1,2\n3,\x004\n", "neither CSV nor Parquet"),
    ],
)
def test_a_bad_csv_is_refused_by_row_and_column(tmp_path: Path, text: bytes, words: str) -> None:
    with pytest.raises(ExplainRefused) as refused:
        read_table(_csv(tmp_path, text), Limits())
    assert refused.value.code == "malformed_data"
    assert words in refused.value.message


@pytest.mark.parametrize("limits", [Limits(data_bytes=5), Limits(rows=2), Limits(columns=1), Limits(cells=3)])
def test_limits_hold_for_csv_and_parquet(tmp_path: Path, limits: Limits) -> None:
    parquet = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3, 4], "b": [1, 2, 3, 4]}), parquet)
    for path in (_csv(tmp_path, b"a,b\n1,2\n3,4\n5,6\n7,8\n"), parquet):
        with pytest.raises(ExplainRefused) as refused:
            read_table(path, limits)
        assert refused.value.code == "limit_exceeded"


def test_parquet_gives_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    columns = {"a": [1.5, None], "b": [True, False], "c": pa.array([2**40, 1], pa.int64())}
    pq.write_table(pa.table(columns), path)
    table = read_table(path, Limits())
    np.testing.assert_array_equal(table.values, [[1.5, 1, 2**40], [np.nan, 0, 1]])
    assert read_table(path, Limits(), rows=1).values.shape == (1, 3)


def test_a_parquet_bomb_text_and_damage_are_refused(tmp_path: Path) -> None:
    bomb, text, damaged = tmp_path / "bomb.parquet", tmp_path / "text.parquet", tmp_path / "damaged.parquet"
    bomb.write_bytes(parquet_bomb())
    assert bomb.stat().st_size < 200_000
    pq.write_table(pa.table({"a": ["x"]}), text)
    damaged.write_bytes(bomb.read_bytes()[:-20])
    for path, code in ((bomb, "limit_exceeded"), (text, "schema_mismatch"), (damaged, "malformed_data")):
        with pytest.raises(ExplainRefused) as refused:
            read_table(path, Limits())
        assert refused.value.code == code


def test_columns_are_held_against_the_model_by_name_and_order(tmp_path: Path) -> None:
    table = read_table(_csv(tmp_path, b"age,income,default\n1,2,0\n"), Limits())
    fitted = fit_schema(table, names=("age", "income"), count=2, target_column="default")
    assert fitted.columns == ("age", "income")
    assert fitted.values.tolist() == [[1, 2]]
    for names, target, words in (
        (("age", "income"), None, "'default' that the model does not know"),
        (("age", "income", "debt"), "default", "lacks the column 'debt'"),
        (("income", "age"), "default", "Column 1 of the data file is 'age', and the model expects 'income'"),
        ((), None, "3 columns, and the model was trained on 2"),
    ):
        with pytest.raises(ExplainRefused) as refused:
            fit_schema(table, names=names, count=2, target_column=target)
        assert refused.value.code == "schema_mismatch"
        assert words in refused.value.message
