"""The contract of the calculators: JSON in and out, by command line and REST, refusals by code and field."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from explain.outcomes.calculators import child
from explain.outcomes.calculators.command import answer, main
from explain.outcomes.compute.refusal import CalculationRefused
from foundation.people.models import ApiToken, User

ROOT = Path(__file__).resolve().parents[3]
STEP = {"values": [10.0, 12, 11, 13] * 8 + [8.0, 9, 7, 9] * 8, "go_live": 32, "direction": "decrease"}
FLOWS = {"flows": ["-10000", "3000", "4200", "6800"], "rate": "0.10", "first_flow": "end_of_period"}
SURE = {
    "effect": -2.0,
    "interval": [-3.0, -1.0],
    "direction": "decrease",
    "value_per_unit": {"low": "0.50", "mode": "0.65", "high": "0.90"},
    "volumes": [0, 4000, 4000],
    "planned_costs": [None, ["100", "200", "400"], "200"],
    "actual_costs": ["5000"],
    "rate": "0.10",
    "currency": "EUR",
    "draws": 2000,
}


def said(name: str, text: str | bytes) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    code = main([name], io.BytesIO(text if isinstance(text, bytes) else text.encode()), out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    return code, json.loads(lines[0], parse_constant=pytest.fail)


def refused(name: str, request: dict[str, Any] | str) -> dict[str, str]:
    code, found = said(name, request if isinstance(request, str) else json.dumps(request))
    assert code == 2
    assert set(found) == {"error"}
    assert set(found["error"]) == {"code", "message", "field"}
    error: dict[str, str] = found["error"]
    assert error["message"]
    return error


def test_a_shell_gets_one_line_of_json_and_nothing_else() -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    for name, request, code in (("effect", STEP, 0), ("cash-flow", {"flows": [0.1]}, 2)):
        done = subprocess.run(
            [sys.executable, "manage.py", "calculate", name],
            input=json.dumps(request), capture_output=True, text=True, cwd=ROOT, env=environment, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (code, "")
        assert json.loads(done.stdout) == said(name, json.dumps(request))[1]


def test_code_may_call_the_command_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(FLOWS)))
    out = io.StringIO()
    call_command("calculate", "cash-flow", stdout=out)
    assert json.loads(out.getvalue())["npv"] == "1188.4434123352"
    monkeypatch.setattr(sys, "stdin", io.StringIO("no"))
    with pytest.raises(SystemExit) as ended:
        call_command("calculate", "cash-flow", stdout=out)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("[" * 100_000, "not_json"),
        ("[1]", "not_an_object"),
        ("null", "not_an_object"),
        ('{"values": [1, NaN]}', "not_finite"),
        ('{"values": [-Infinity]}', "not_finite"),
        ('{"go_live": 1, "go_live": 2}', "duplicate_field"),
        ('{"go_live": ' + "9" * 401 + "}", "number_out_of_range"),
        (" " * 8_000_001, "too_large"),
    ],
)
def test_what_is_no_sound_json_is_refused(text: str, code: str) -> None:
    assert refused("effect", text)["code"] == code


def test_bytes_that_are_no_text_and_names_of_no_calculator_are_refused() -> None:
    assert said("effect", b"\xff\xfe{}")[1]["error"]["code"] == "not_json"
    assert refused("roi", {})["code"] == "unknown_calculator"
    out = io.StringIO()
    assert main([], io.BytesIO(b"{}"), out) == 2
    assert json.loads(out.getvalue())["error"]["code"] == "unknown_calculator"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"values": None}, "missing", "values"),
        ({"values": []}, "missing", "values"),
        ({"values": "1,2"}, "not_a_list", "values"),
        ({"values": [1, "2"]}, "not_a_number", "values[1]"),
        ({"values": [True]}, "not_a_number", "values[0]"),
        ({"values": [1, 1e308]}, "number_out_of_range", "values[1]"),
        ({"values": [1, 10**200]}, "number_out_of_range", "values[1]"),
        ({"values": [1.0] * 10_001}, "too_many", "values"),
        ({"go_live": None}, "missing", "go_live"),
        ({"go_live": 1.5}, "not_a_whole_number", "go_live"),
        ({"go_live": True}, "not_a_whole_number", "go_live"),
        ({"go_live": -1}, "out_of_range", "go_live"),
        ({"go_live": 65}, "out_of_range", "go_live"),
        ({"go_live": "2026-01-01"}, "go_live_without_dates", "go_live"),
        ({"go_live": "soon"}, "not_a_date", "go_live"),
        ({"dates": ["2026-01-01"]}, "unlike_lengths", "dates"),
        ({"values": [1, 2], "go_live": 1, "dates": ["2026-01-01", "2026-01-01"]}, "duplicate_date", "dates[1]"),
        ({"values": [1, 2], "go_live": 1, "dates": ["2026-01-02", "2026-01-01"]}, "dates_not_in_order", "dates[1]"),
        ({"values": [1, 2], "go_live": 1, "dates": ["2026-01-02", 3]}, "not_a_date", "dates[1]"),
        ({"values": [1, 2, 3], "go_live": 1, "dates": ["1700-01-01", "1700-01-02", "2026-01-01"]}, "too_many", "dates"),
        ({"ramp": -1}, "out_of_range", "ramp"),
        ({"direction": "up"}, "unknown_choice", "direction"),
        ({"direction": ["increase"]}, "unknown_choice", "direction"),
        ({"season": 5}, "unknown_choice", "season"),
        ({"controls": [[1.0, 2]]}, "unlike_lengths", "controls[0]"),
        ({"controls": 7}, "not_a_list", "controls"),
        ({"controls": [[1.0] * 64] * 101}, "too_many", "controls"),
        ({"method": "magic"}, "unknown_choice", "method"),
        ({"method": "did"}, "missing", "controls"),
        ({"counts": "yes"}, "not_a_flag", "counts"),
        ({"counts": True, "values": [-1.0] + [1] * 63}, "not_a_count", "values"),
        ({"counts": True, "method": "structural"}, "method_without_counts", "method"),
        ({"exposure": [1.0] * 64}, "exposure_without_counts", "exposure"),
        ({"counts": True, "exposure": [0.0] + [1] * 63}, "exposure_not_positive", "exposure"),
        ({"confidence": 1}, "out_of_range", "confidence"),
        ({"seed": -1}, "out_of_range", "seed"),
        ({"unit": 3}, "not_text", "unit"),
    ],
)
def test_an_effect_is_refused_by_the_field_at_fault(change: dict[str, Any], code: str, field: str) -> None:
    error = refused("effect", STEP | change)
    assert (error["code"], error["field"]) == (code, field)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"effect": None}, "missing", "effect"),
        ({"effect": "2"}, "not_a_number", "effect"),
        ({"interval": None}, "missing", "interval"),
        ({"interval": [-3.0]}, "not_a_pair", "interval"),
        ({"interval": [-1.0, 3.0]}, "interval_without_effect", "interval"),
        ({"standard_error": -1}, "out_of_range", "standard_error"),
        ({"degrees_of_freedom": 0}, "out_of_range", "degrees_of_freedom"),
        ({"value_per_unit": None}, "missing", "value_per_unit"),
        ({"value_per_unit": 0.1}, "not_a_number", "value_per_unit"),
        ({"value_per_unit": {"low": "1"}}, "missing", "value_per_unit.mode"),
        ({"value_per_unit": ["3", "2", "4"]}, "range_not_in_order", "value_per_unit"),
        ({"volumes": []}, "missing", "volumes"),
        ({"volumes": [-1]}, "out_of_range", "volumes"),
        ({"planned_costs": [["1", "2"]]}, "not_a_range", "planned_costs[0]"),
        ({"planned_costs": [0.5]}, "not_a_number", "planned_costs[0]"),
        ({"planned_costs": ["-5"]}, "negative_cost", "planned_costs[0]"),
        ({"planned_costs": [{"name": "", "months": ["1"]}]}, "not_text", "planned_costs[0].name"),
        ({"actual_costs": [100]}, "not_a_number", "actual_costs[0]"),
        ({"actual_costs": ["-100"]}, "negative_cost", "actual_costs[0]"),
        ({"share": "1.2"}, "out_of_range", "share"),
        ({"draws": 10}, "out_of_range", "draws"),
        ({"volumes": [1] * 600, "draws": 200_000}, "too_many", "draws"),
        ({"rate": "-1"}, "rate_out_of_range", "rate"),
        ({"currency": "euro"}, "unknown_currency", "currency"),
        ({"effect": 1e90, "interval": [0, 1e100]}, "number_out_of_range", ""),
    ],
)  # fmt: skip
def test_an_uncertainty_is_refused_by_the_field_at_fault(change: dict[str, Any], code: str, field: str) -> None:
    error = refused("uncertainty", SURE | change)
    assert (error["code"], error["field"]) == (code, field)


@pytest.mark.parametrize("amount", [0.1, 3, True, None, "NaN", "1e308", "ten", "0x1"])
def test_money_in_a_flow_is_text_of_a_sound_size(amount: object) -> None:
    assert refused("cash-flow", {"flows": ["-10", amount]})["field"] == "flows[1]"


def test_a_field_that_nobody_knows_is_named_and_not_taken_for_another() -> None:
    code, found = said("effect", json.dumps(STEP | {"golive": 3, "seson": 12}))
    assert code == 0
    assert found["ignored"] == ["golive", "seson"]
    assert "ignored" not in said("effect", json.dumps(STEP))[1]


def test_uncertainty_says_percentiles_chance_and_drivers_in_money() -> None:
    found = said("uncertainty", json.dumps(SURE))[1]
    npv = [float(found["npv"][name]) for name in ("p10", "p50", "p90")]
    assert npv == sorted(npv)
    assert all("." in text and len(text.split(".")[1]) == 2 for text in found["npv"].values())
    assert [bar["driver"] for bar in found["tornado"]] == ["effect", "value per unit", "planned costs"]
    assert 0.5 < found["probability_positive"] < 1
    assert found["statement"].startswith(f"The project is {found['likelihood']} to pay: in ")
    assert "proved" not in found["statement"]
    same = said("uncertainty", json.dumps(SURE))[1]
    assert same == found
    assert said("uncertainty", json.dumps(SURE | {"seed": 1}))[1]["npv"] != found["npv"]


_ONE = {name: SURE[name] for name in ("effect", "interval", "direction", "value_per_unit", "volumes")}
_REST = {name: SURE[name] for name in SURE if name not in _ONE}


def test_one_of_several_kpis_alone_is_drawn_as_a_single_one() -> None:
    single = said("uncertainty", json.dumps(SURE))[1]
    found = said("uncertainty", json.dumps(_REST | {"kpis": [_ONE | {"name": "Minutes"}]}))[1]
    for name in ("npv", "roi_percent", "probability_positive", "band", "months", "statement"):
        assert found[name] == single[name]
    assert [bar["driver"] for bar in found["tornado"]] == [
        "Minutes: effect",
        "Minutes: value per unit",
        "planned costs",
    ]
    assert (single["improvement"], single["kpis"]) == (2.0, None)
    assert (found["improvement"], found["kpis"]) == (None, [{"name": "Minutes", "improvement": 2.0}])


def test_several_kpis_add_up_and_their_errors_partly_even_out() -> None:
    def width(found: dict[str, Any]) -> float:
        return float(found["npv"]["p90"]) - float(found["npv"]["p10"])

    one = _ONE | {"value_per_unit": "0.65"}
    free = {name: _REST[name] for name in ("currency", "draws")}
    single = said("uncertainty", json.dumps(free | {"kpis": [one]}))[1]
    four = said("uncertainty", json.dumps(free | {"kpis": [one] * 4}))[1]
    assert [each["name"] for each in four["kpis"]] == ["KPI 1", "KPI 2", "KPI 3", "KPI 4"]
    assert float(four["npv"]["mean"]) == pytest.approx(4 * float(single["npv"]["mean"]), rel=0.05)
    assert width(four) == pytest.approx(2 * width(single), rel=0.1)


@pytest.mark.parametrize(
    ("kpis", "code", "field"),
    [
        ([], "not_a_list", "kpis"),
        ("Minutes", "not_a_list", "kpis"),
        ([1], "not_an_object", "kpis[0]"),
        ([_ONE] * 21, "too_many", "kpis"),
        ([_ONE, _ONE | {"name": "KPI 1"}], "name_twice", "kpis[1].name"),
        ([_ONE | {"name": ""}], "not_text", "kpis[0].name"),
        ([_ONE | {"rate": "0.1"}], "unknown_field", "kpis[0].rate"),
        ([_ONE, {"name": "B"}], "missing", "kpis[1].effect"),
        ([_ONE | {"volumes": [1, -1]}], "out_of_range", "kpis[0].volumes"),
        ([_ONE | {"share": "2"}], "out_of_range", "kpis[0].share"),
    ],
)
def test_one_of_several_kpis_is_refused_by_its_field(kpis: object, code: str, field: str) -> None:
    error = refused("uncertainty", _REST | {"kpis": kpis})
    assert (error["code"], error["field"]) == (code, field)


def test_kpis_and_the_fields_of_one_do_not_go_together() -> None:
    error = refused("uncertainty", SURE | {"kpis": [_ONE]})
    assert (error["code"], error["field"]) == ("kpis_and_one", "effect")


def test_an_interval_gives_the_error_that_it_was_made_of() -> None:
    by_error = said("uncertainty", json.dumps({**SURE, "standard_error": 0.5 / 0.979982, "interval": None}))[1]
    assert float(by_error["npv"]["p10"]) == pytest.approx(
        float(said("uncertainty", json.dumps(SURE))[1]["npv"]["p10"]), abs=1
    )


def test_an_effect_feeds_the_uncertainty_and_worsening_is_kept() -> None:
    effect = said("effect", json.dumps(STEP))[1]
    taken = {name: effect[name] for name in ("effect", "interval", "degrees_of_freedom")}
    better = said("uncertainty", json.dumps(SURE | taken))[1]
    worse = said("uncertainty", json.dumps(SURE | taken | {"direction": "increase"}))[1]
    assert float(better["npv"]["p50"]) > 0 > float(worse["npv"]["p90"])
    assert worse["likelihood"] == "not shown"
    assert worse["statement"].startswith("The project is not shown to pay")


def test_without_cost_the_return_is_undefined() -> None:
    free = {key: value for key, value in SURE.items() if key not in ("planned_costs", "actual_costs")}
    found = said("uncertainty", json.dumps(free))[1]
    assert found["roi_percent"]["p50"] is None
    assert found["undefined"]["roi_percent"] == "zero cost in some draws"
    assert float(found["npv"]["p50"]) > 0


@pytest.fixture
def token(db: None) -> str:
    person = User.objects.create_user("ada@example.org", "a long password of a test", name="Ada")
    return ApiToken.make(user=person, name="Sheet")[1]


def post(path: str, body: str, token: str, kind: str = "application/json") -> Any:
    return Client().post(
        f"/api/v1/calculators/{path}/", body, content_type=kind, headers={"authorization": f"Bearer {token}"}
    )


@pytest.mark.parametrize(("name", "request_"), [("cash-flow", FLOWS), ("effect", STEP), ("uncertainty", SURE)])
def test_rest_answers_what_the_command_answers(name: str, request_: dict[str, Any], token: str) -> None:
    found = post(name, json.dumps(request_), token)
    assert found.status_code == 200
    assert found.json() == answer(name, json.dumps(request_).encode())


def test_rest_refuses_with_the_same_object(token: str) -> None:
    for body in ('{"values": [1, NaN]}', json.dumps(STEP | {"season": 5}), "", "[]"):
        found = post("effect", body, token)
        assert found.status_code == 400
        assert found.json() == said("effect", body)[1]
    huge = post("effect", " " * 9_000_000, token)
    assert (huge.status_code, huge.json()["error"]["code"]) == (400, "too_large")
    assert post("effect", "values=1", token, "text/plain").status_code == 415
    assert Client().post("/api/v1/calculators/effect/", "{}", content_type="application/json").status_code == 401


def test_the_structural_method_answers_from_its_own_process(token: str) -> None:
    found = post("effect", json.dumps(STEP | {"method": "structural"}), token)
    assert found.status_code == 200
    assert found.json()["method"] == "structural"
    assert found.json()["effect"] < 0


def test_what_takes_too_long_is_ended_and_said() -> None:
    slow = {"values": [float(k % 7) for k in range(4000)], "go_live": 3000, "method": "structural"}
    with pytest.raises(CalculationRefused) as raised:
        child.computed("effect", json.dumps(slow).encode(), seconds=0.3)
    assert raised.value.code == "took_too_long"
    assert "manage.py calculate" in raised.value.message


def test_more_than_the_places_there_are_wait_and_are_told(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "WAIT", 0.01)
    for _ in range(child.AT_ONCE):
        child._room.acquire()
    try:
        found = post("effect", json.dumps(STEP), token)
    finally:
        for _ in range(child.AT_ONCE):
            child._room.release()
    assert (found.status_code, found.json()["error"]["code"]) == (503, "too_busy")
