"""The check of a methodology: every fault with its line, its column, its place and a plain reason."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import lifecycle.methodologies
from lifecycle.methodologies import reading
from lifecycle.methodologies.gates import gate_sentences
from lifecycle.methodologies.reading import LIMIT, SHOWN, read_methodology
from lifecycle.methodologies.schema import faults_in
from lifecycle.methodologies.wording import named, renamed, skeleton
from tests.lifecycle.methodologies.conftest import SMALL

SHIPPED = Path(lifecycle.methodologies.__file__).parent
GATE = "required_outputs: [paper]"


def faults(text: str) -> list[str]:
    return [str(fault) for fault in read_methodology(text).faults]


def changed(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new, 1)


@pytest.mark.parametrize("name", ["crisp_dm", "tdsp"])
def test_the_shipped_methodologies_have_no_fault(name: str) -> None:
    assert faults((SHIPPED / f"{name}.yaml").read_text("utf-8")) == []


def test_what_new_authors_begin_with_has_no_fault() -> None:
    assert faults(skeleton()) == []
    assert faults(SMALL) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "path", "reason"),
    [
        ("    name: First\n", "    name: First: it\n", "Line 9, column 16", "the text", "colon stands where none can be"),
        ("    name: First\n", "\tname: First\n", "Line 9, column 1", "the text", "a tab"),
        ("name: Paper}", "name: Paper", "Line 13, column 43", "the text", "a closing bracket is missing"),
        ("    name: First\n", "    nam: First\n", "Line 9, column 5", "phases[1].nam", "did you mean “name”?"),
        ("    name: First\n", "    nam: First\n", "Line 7, column 5", "phases[1].name", "is missing"),
        ("    name: First\n", "    name: 7\n", "Line 9, column 5", "phases[1].name", "put it in quotes"),
        ("    name: First\n", "    name: yes\n", "Line 9, column 5", "phases[1].name", "put it in quotes"),
        ("    name: First\n", "    name: ''\n", "Line 9, column 5", "phases[1].name", "is empty"),
        ("    name: First\n", "    name: 2026-01-01\n", "Line 9, column 11", "phases[1].name", "dates"),
        ("    order: 1\n", "    order: 1\n    order: 1\n", "Line 9, column 5", "phases[1].order", "already"),
        ("    order: 2\n", "    order: 3\n", "Line 6, column 1", "phases", "must run from 1 to 2"),
        ("    order: 2\n", "    order: two\n", "Line 18, column 5", "phases[2].order", "whole number"),
        ("- key: last", "- key: first", "Line 17, column 5", "phases[2].key", "is the key of the phase at phases[1]"),
        ("- key: last", "- key: Last One", "Line 17, column 5", "phases[2].key", "small letters"),
        ("to: first}", "to: nowhere}", "Line 26, column 29", "feedback_loops[1].to", "no phase of this file"),
        ("from: last, to: first", "from: first, to: last", "Line 26, column 30", "feedback_loops[1].to", "earlier phase"),
        ("    exit_questions: [{key: q1, text: 'Is it done?'}]\n", "", "Line 7, column 5", "phases[1].exit_questions", "no exit"),
        ("[{key: q1, text: 'Is it done?'}]", "[]", "Line 14, column 5", "phases[1].exit_questions", "no exit question"),
        ("[{key: q1, text: 'Is it done?'}]", "[{key: q1}]", "Line 14, column 22", "phases[1].exit_questions[1].text", "missing"),
        ("[{key: q1, text: 'Is it done?'}]", "yes", "Line 14, column 5", "phases[1].exit_questions", "must be a list"),
        ("    gate:\n      required_outputs: [paper]\n", "", "Line 7, column 5", "phases[1].gate", "is missing"),
        (GATE, "required_outputs: [papper]", "Line 16, column 26", "phases[1].gate.required_outputs[1]", "no deliverable"),
        (GATE, f"{GATE}\n      closes_project: true", "Line 17, column 7", "phases[1].gate.closes_project", "last phase"),
        (GATE, f"{GATE}\n      closes_project: ja", "Line 17, column 7", "phases[1].gate.closes_project", "true or false"),
        (GATE, f"{GATE}\n      recommended_outputs: [paper]", "Line 17", "phases[1].gate.recommended_outputs[1]", "once"),
        (GATE, f"{GATE}\n      signatory_roles: [king]", "Line 17", "phases[1].gate.signatory_roles[1]", "no role"),
        (GATE, f"{GATE}\n      roles: [lead]", "Line 17", "phases[1].gate.roles[1]", "the project lead asks"),
        (GATE, f"{GATE}\n      roles: []", "Line 17", "phases[1].gate.roles", "nobody could decide"),
        (GATE, f"{GATE}\n      quorum: {{any: []}}", "Line 17", "phases[1].gate.quorum.any", "nobody could decide"),
        (GATE, f"{GATE}\n      quorum: {{all: [sponsor], any: [sponsor]}}", "Line 17", "phases[1].gate.quorum", "mixes"),
        (GATE, f"{GATE}\n      quorum: {{at_least: 0, of: [sponsor]}}", "Line 17", "phases[1].gate.quorum.at_least", "1 to 20"),
        (GATE, f"{GATE}\n      quorum: {{and: [{{any: [sponsor]}}]}}", "Line 17", "phases[1].gate.quorum.and", "two rules"),
        ("long_name: A small one", "long_name: *it", "Line 5, column 14", "*it", "references"),
        ("long_name: A small one", "long_name: !!python/name:os.system x", "Line 5, column 14", "os.system", "types"),
        ("feedback_loops:", "---\nfeedback_loops:", "Line 25, column 1", "---", "one methodology"),
        ("  long_name: A small one\n", "", "Line 2, column 1", "framework.long_name", "is missing"),
        ("[{key: paper, name: Paper}]", "[{key: paper, name: P}, {key: paper, name: Q}]", "Line 13", "outputs[2].key", "already"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place_and_its_reason(old: str, new: str, place: str, path: str, reason: str) -> None:
    told = [fault for fault in faults(changed(old, new)) if fault.startswith(place) and path in fault]
    assert any(reason in fault for fault in told), faults(changed(old, new))


FOUR = "[sponsor, customer, reviewer, risk_officer]"
TWENTY = f"{{at_least: 20, of: {FOUR}}}"


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        (f"{{at_least: 5, of: {FOUR}}}", False),  # 56 ways
        (f"{{at_least: 6, of: {FOUR}}}", True),  # 84
        (f"{{and: [{{any: {FOUR}}}, {{or: [{{any: {FOUR}}}, {{at_least: 3, of: [sponsor, reviewer]}}, {{any: {FOUR}}}, {{any: {FOUR}}}]}}]}}", False),  # 4 times 16
        (f"{{and: [{{any: {FOUR}}}, {{or: [{{any: {FOUR}}}, {{at_least: 4, of: [sponsor, reviewer]}}, {{any: {FOUR}}}, {{any: {FOUR}}}]}}]}}", True),  # 4 times 17
        (f"{{and: [{TWENTY}, {TWENTY}]}}", True),  # 3 136 441
        (f"{{and: [{', '.join([TWENTY] * 200)}]}}", True),  # a number of 650 digits
    ],
    ids=["56", "84", "64", "68", "millions", "no end"],
)  # fmt: skip
def test_a_rule_that_nobody_can_follow_is_refused_with_its_line_and_at_once(rule: str, refused: bool) -> None:
    text = changed(GATE, f"{GATE}\n      quorum: {rule}")
    content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    started = time.process_time()
    found = faults_in(content)
    # A few milliseconds for three million ways, with room for a slow machine.
    assert time.process_time() - started < 0.5
    assert bool(found) == refused
    told = faults(text)
    assert bool(told) == refused
    assert all(one.startswith("Line 17, column 7") and "in more than 64 ways" in one for one in told)


def test_all_faults_are_told_at_once_in_the_order_of_the_text() -> None:
    text = (
        changed("name: Think", "nam: Think").replace("closes_project", "close_project").replace("to: first}", "to: x}")
    )
    lines = [fault.line for fault in read_methodology(text).faults]
    assert len(lines) == 4
    assert lines == sorted(lines)


def test_a_flood_of_faults_is_cut_and_a_huge_text_is_refused_without_reading_it() -> None:
    assert len(read_methodology("x: 1\n" + "".join(f"k{n}: 1\n" for n in range(500))).faults) == SHOWN
    started = time.monotonic()
    assert "limit" in faults("a" * (LIMIT + 1))[0]
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(99))
    assert "references" in faults(bomb)[0]
    assert "inside each other" in faults("[" * 100_000)[0]
    assert time.monotonic() - started < 5


@given(st.text(max_size=200))
def test_any_text_at_all_gives_content_or_faults_and_never_fails(text: str) -> None:
    reading = read_methodology(text)
    assert (reading.content is None) == bool(reading.faults)


@given(st.integers(0, len(SMALL) - 1), st.sampled_from(["", ":", "[", "'", "\t", "- ", "\x00", "{", "é", "\n"]))
def test_one_slip_of_the_pen_is_read_or_told_with_a_line_of_the_text(place: int, slip: str) -> None:
    text = SMALL[:place] + slip + SMALL[place + 1 :]
    for fault in read_methodology(text).faults:
        assert 1 <= fault.line <= text.count("\n") + 2
        assert fault.column >= 1
        assert fault.reason


def test_another_key_than_the_one_it_is_kept_under_is_a_fault() -> None:
    assert "must be 'other'" in str(read_methodology(SMALL, key="other").faults[0])


def test_a_copy_gets_its_own_key_and_name_and_keeps_every_comment() -> None:
    text = renamed(SMALL, key="mine", name='The "best": mine')
    assert named(text) == ("mine", 'The "best": mine')
    assert text.startswith("# Kept by the methods office.")
    assert len(text.splitlines()) == len(SMALL.splitlines())
    assert faults(text) == []
    assert renamed("a: [", key="mine", name="Mine") == "a: ["


def test_who_decides_at_a_gate_is_said_in_words() -> None:
    gate = {
        "quorum": {"and": [{"at_least": 2, "of": ["sponsor", "customer"]}, {"any": ["reviewer", "risk_officer"]}]},
        "independent_reviewer": True,
        "signatory_roles": ["operations_owner", "sponsor"],
        "closes_project": True,
    }
    assert gate_sentences(gate)[1:] == [
        "A yes needs 2 different people among sponsor and customer, and also one person who is independent reviewer or "
        "risk officer.",
        "An independent reviewer, who built none of it, decides too.",
        "It is signed by operations owner and sponsor.",
        "With it the work ends and the result goes into use.",
    ]
    assert gate_sentences({"roles": ["sponsor", "customer", "reviewer"]})[1] == (
        "It is decided by one sponsor, one customer and one independent reviewer."
    )
    assert gate_sentences({"quorum": {"or": [{"all": ["sponsor"]}, {"at_least": 1, "of": ["customer"]}]}})[1] == (
        "A yes needs either one sponsor, or one person among customer."
    )


@pytest.mark.parametrize("name", ["crisp_dm", "tdsp"])
def test_the_compiled_reader_and_the_exact_one_read_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    faulty = text.replace("name:", "nam:", 1)
    quick = read_methodology(text), read_methodology(faulty)
    monkeypatch.setattr(reading, "_READERS", (yaml.SafeLoader, yaml.SafeLoader))
    assert (read_methodology(text), read_methodology(faulty)) == quick
    assert quick[0].content
    assert quick[1].faults


def test_a_sign_that_cannot_be_encoded_is_a_fault_with_its_place() -> None:
    (fault,) = read_methodology("framework:\n  name: \ud800").faults
    assert (fault.line, fault.column) == (2, 9)
