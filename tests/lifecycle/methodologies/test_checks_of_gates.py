"""What a gate asks of the evidence: the checks that a methodology lists, with their limits."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.methodologies.checks import check_sentences, faults_in_checks
from lifecycle.methodologies.gates import gate_sentences
from lifecycle.methodologies.reading import read_methodology
from tests.lifecycle.methodologies.conftest import SMALL

GATE = "required_outputs: [paper]"


def faults(value: Any) -> list[str]:
    return [f"{'.'.join(map(str, path))}: {reason}" for path, reason in faults_in_checks(value, ("checks",))]


def test_sound_checks_have_no_fault_and_are_said_with_their_limits() -> None:
    rows = [{"check": "explanation_present"}, {"check": "explanation_stable", "at_least": 0.8}]
    assert faults(rows) == []
    said = check_sentences(rows)
    assert said[1] == ("Required: at least 80 % of the strongest drivers stay the same when the rows are drawn again.")
    assert gate_sentences({"checks": rows})[1:3] == said


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("explanation_present", "checks: must be a list"),
        (["explanation_present"], "checks.0: must be a block"),
        ([{"check": "explanation_stabel", "at_least": 0.8}], "did you mean “explanation_stable”?"),
        ([{}], "checks.0.check: None is no check"),
        ([{"check": "explanation_present"}] * 2, "checks.1.check: 'explanation_present' stands there twice."),
        ([{"check": "explanation_present", "at_least": 0.8}], "“at_least” is unknown here; it takes no limit."),
        ([{"check": "explanation_stable"}], "checks.0.at_least: is missing"),
        ([{"check": "explanation_stable", "at_most": 0.8}], "“at_most” is unknown here; the limit is at_least."),
        ([{"check": "explanation_stable", "at_least": 80}], "must be a share from 0 to 1"),
        ([{"check": "explanation_stable", "at_least": True}], "must be a share from 0 to 1"),
        ([{"check": "explanation_stable", "at_least": float("nan")}], "must be a share from 0 to 1"),
    ],
)
def test_each_fault_has_its_place_and_reason(value: Any, reason: str) -> None:
    assert any(reason in fault for fault in faults(value)), faults(value)


def test_a_fault_in_a_file_is_told_with_its_line() -> None:
    text = SMALL.replace(GATE, GATE + "\n      checks: [{check: explanation_present, at_least: 1}]", 1)
    (fault,) = read_methodology(text).faults
    assert "phases[1].gate.checks[1].at_least" in str(fault)
