"""The examples on the page of the calculators are what the calculators say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from explain.outcomes.calculators.command import NAMES, answer

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "calculators.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json ([\w-]+)\n(.+?)```\s+```json answer\n(.+?)```", PAGE, flags=re.DOTALL)


def test_each_calculator_has_an_example_in_its_turn() -> None:
    assert list(dict.fromkeys(name for name, _, _ in EXAMPLES)) == list(NAMES)


@pytest.mark.parametrize(("name", "request_", "shown"), EXAMPLES)
def test_an_example_is_answered_as_shown(name: str, request_: str, shown: str) -> None:
    found, expected = answer(name, request_.encode()), json.loads(shown)
    assert len(expected) >= 4
    assert {key: found[key] for key in expected} == expected
