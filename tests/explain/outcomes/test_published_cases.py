"""Effects on public series against what was published about them; the series lie beside the project."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explain.outcomes.compute.answer import effect
from explain.outcomes.compute.methods.did import did
from explain.outcomes.compute.methods.series import Series

pytestmark = pytest.mark.shared
SERIES = Path(__file__).resolve().parents[4] / "shared" / "data" / "series"


def columns(name: str, delimiter: str = ",") -> dict[str, list[str]]:
    with (SERIES / name).open() as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    return {key: [row[key] for row in rows] for key in rows[0]}


def floats(texts: list[str]) -> list[float]:
    return [float(text) for text in texts]


def test_admissions_in_sicily_fell_by_the_published_rate_ratios() -> None:
    """Lopez Bernal, Cummins and Gasparrini 2017: 0.894 by step and trend, 0.885 (0.839 to 0.933) with the season."""
    table = columns("sicily.csv")
    dates = [f"{year}-{int(month):02d}-01" for year, month in zip(table["year"], table["month"], strict=True)]
    request: dict[str, Any] = {
        "values": floats(table["aces"]),
        "exposure": floats(table["stdpop"]),
        "counts": True,
        "dates": dates,
        "go_live": "2005-01-01",
        "direction": "decrease",
    }
    plain = effect(request)
    assert (plain["method"], plain["status"]) == ("its", "measured")
    assert plain["rate_ratio"] == pytest.approx(0.894, abs=0.001)
    seasonal = effect(request | {"season": 12})
    assert seasonal["rate_ratio"] == pytest.approx(0.885, abs=0.001)
    assert seasonal["rate_ratio_interval"] == pytest.approx([0.839, 0.933], abs=0.002)
    assert seasonal["verdict"] == "improved"


@pytest.mark.parametrize(("seat", "published"), [("drivers", -0.23), ("front", -0.30), ("rear", 0.03)])
def test_the_seat_belt_law_saved_those_in_front_and_not_those_behind(seat: str, published: float) -> None:
    """Harvey and Durbin 1986, from the whole series; what a model of the years before foretells holds their figures."""
    table = columns("Seatbelts.csv")
    found = effect(
        {
            "values": np.log(floats(table[seat])).tolist(),
            "controls": [np.log(floats(table[name])).tolist() for name in ("kms", "PetrolPrice")],
            "go_live": table["law"].index("1"),
            "season": 12,
            "method": "structural",
            "direction": "decrease",
        }
    )
    low, high = np.exp(found["interval"]) - 1
    assert low < published < high
    assert np.exp(found["effect"]) - 1 == pytest.approx(published, abs=0.06)
    assert (found["verdict"] == "improved") == (seat != "rear")


def test_tobacco_sales_in_california_fell_by_the_published_difference_in_differences() -> None:
    """Arkhangelsky et al. 2021: -27.3 packs. Of so few years that resemble each other no figure is shown to people."""
    table = columns("california_prop99.csv", ";")
    by_state: dict[str, list[float]] = {}
    for state, packs in zip(table["State"], table["PacksPerCapita"], strict=True):
        by_state.setdefault(state, []).append(float(packs))
    california = by_state.pop("California")
    controls = np.array(list(by_state.values()))
    found = did(Series(y=np.array(california), go_live=19, controls=controls))
    assert found is not None
    assert found.effect == pytest.approx(-27.3, abs=0.1)
    shown = effect({"values": california, "controls": controls.tolist(), "go_live": 19, "method": "did"})
    assert (shown["status"], shown["effect"]) == ("not_enough_data", None)
    assert "too_little_information_before" in shown["reasons"]


def test_the_structural_model_lies_within_one_deviation_of_what_other_programs_draw() -> None:
    """Standard deviations of the mean effect by R's CausalImpact: 0.30, 4.5 and 736."""
    arma, google, shop = columns("impact_arma.csv"), columns("impact_google.csv"), columns("impact_comparison.csv")
    after = next(place for place, day in enumerate(shop["DATE"]) if day > "2019-07-14")
    cases = [
        (arma["y"], [arma["X"]], 70, 0.30),
        (google["y"], [google["x1"], google["x2"]], 60, 4.5),
        (shop["CHANGED"], [shop[f"NOT_CHANGED_{k}"] for k in (1, 2, 3)], after, 736),
    ]
    for values, controls, go_live, deviation in cases:
        found = effect(
            {
                "values": floats(values),
                "controls": [floats(row) for row in controls],
                "go_live": go_live,
                "method": "structural",
            }
        )
        assert found["status"] == "measured"
        assert 0.6 < found["standard_error"] / deviation < 1.6
