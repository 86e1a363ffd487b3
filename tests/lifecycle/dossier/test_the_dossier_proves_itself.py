"""The script in the dossier, run as a stranger runs it: all holds, and any change is found and named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.web.digest import digest_of
from lifecycle.projects.models import Project
from lifecycle.projects.services import start_project
from tests.lifecycle.dossier.conftest import Dossier, Unpack

pytestmark = pytest.mark.django_db


def fails(dossier: Dossier, *names: str) -> str:
    """The script exits with 1 and names what is wrong; what it said."""
    found = dossier.verify()
    said = found.stdout + found.stderr
    assert found.returncode == 1, said
    for name in names:
        assert any(name in line for line in said.splitlines() if "FAIL" in line or "verify.py" in line), said[-2000:]
    return said


def flip(raw: bytes, at: int, mask: int = 1) -> bytes:
    return raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]


def test_all_holds_and_every_record_has_its_line(accepted: Project, unpack: Unpack) -> None:
    dossier = unpack(accepted)
    found = dossier.verify()
    assert (found.returncode, found.stderr) == (0, ""), found.stdout[-2000:]
    lines = found.stdout.splitlines()
    for table in ("rounds", "decisions", "signatures", "baselines", "acceptances", "members", "deliverable-versions"):
        told = dossier.table(table)
        assert told["rows"]
        for row in told["rows"]:
            assert f"ok  {told['record']} {row['id']}: {row['called']}" in lines
    assert lines[-1] == hashlib.sha256((dossier.place / "manifest.json").read_bytes()).hexdigest()


def test_a_flipped_byte_of_any_file_is_found_and_named(accepted: Project, unpack: Unpack) -> None:
    dossier = unpack(accepted)
    files = dossier.files()
    assert len(files) > 35
    for name in files:
        place = dossier.place / name
        whole = place.read_bytes()
        place.write_bytes(flip(whole, len(whole) // 2))
        fails(dossier, name)
        place.write_bytes(whole)
    assert dossier.verify().returncode == 0


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_other_byte_is_found_too(accepted: Project, unpack: Unpack, data: st.DataObject) -> None:
    dossier = unpack(accepted)
    name = data.draw(st.sampled_from([*dossier.files(), "verify.py", "manifest.json"]))
    place = dossier.place / name
    whole = place.read_bytes()
    at, mask = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    place.write_bytes(flip(whole, at, mask))
    fails(dossier, name)


def test_a_removed_file_is_named(accepted: Project, unpack: Unpack) -> None:
    dossier = unpack(accepted)
    for name in dossier.files():
        if name == "verify.py":
            continue
        place = dossier.place / name
        whole = place.read_bytes()
        place.unlink()
        fails(dossier, name)
        place.write_bytes(whole)


@pytest.mark.parametrize("name", ["more.txt", ".hidden", "records/rounds-2.json", "files/deliverables/9/x.bin"])
def test_an_added_file_is_named(name: str, told: Project, unpack: Unpack) -> None:
    dossier = unpack(told)
    place = dossier.place / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("{}")
    fails(dossier, name)


def test_a_link_in_place_of_a_file_is_named(told: Project, unpack: Unpack) -> None:
    dossier = unpack(told)
    place = dossier.place / "records/rounds.json"
    place.rename(dossier.place.parent / "elsewhere.json")
    place.symlink_to(dossier.place.parent / "elsewhere.json")
    fails(dossier, "records/rounds.json")


# Somebody rewrites records and the list of files with them: what was signed gives it away.

Forge = Callable[[list[dict[str, Any]]], None]


def swap_signatures(rows: list[dict[str, Any]]) -> None:
    rows[0]["signature"], rows[2]["signature"] = rows[2]["signature"], rows[0]["signature"]


def use_one_twice(rows: list[dict[str, Any]]) -> None:
    rows[0]["signature"] = rows[1]["signature"]


def turn(column: str, row: int = 0, to: Any = None) -> Forge:
    def forge(rows: list[dict[str, Any]]) -> None:
        value = rows[row][column]
        rows[row][column] = to if to is not None else value[::-1]
        assert rows[row][column] != value

    return forge


def raise_a_number(rows: list[dict[str, Any]]) -> None:
    rows[0]["values"][0][1] += 1


def rewrite_evidence(rows: list[dict[str, Any]]) -> None:
    rows[0]["manifest"]["items"][0]["label"] = "Something else"


def rewrite_evidence_and_digest(rows: list[dict[str, Any]]) -> None:
    rewrite_evidence(rows)
    rows[0]["digest"] = digest_of(rows[0]["manifest"])


def drop_first(rows: list[dict[str, Any]]) -> None:
    del rows[0]


FORGERIES: list[tuple[str, str, Forge]] = [
    ("decisions", "decision 1", swap_signatures),
    ("decisions", "decision 2", use_one_twice),
    ("decisions", "decision 1", turn("digest")),
    ("decisions", "decision 1", turn("decider", to={"id": 999, "name": "Somebody"})),
    ("signatures", "signature 1", turn("content_hash")),
    ("signatures", "signature 1", turn("statement", to="I have read it.")),
    # Round 2 asked for the same evidence again: only the decision knows that the signature is not of its round.
    ("signatures", "decision 1", turn("record_id", to=2)),
    ("signatures", "signature 1", turn("role", to="customer")),
    ("signatures", "decision 1", drop_first),
    ("rounds", "round 1", rewrite_evidence),
    ("rounds", "signature 1", rewrite_evidence_and_digest),
    ("rounds", "signature 1", drop_first),
    ("baselines", "baseline 1", raise_a_number),
    ("acceptances", "acceptance 1", turn("digest")),
    ("methodology", "methodology 1", turn("content", to={"phases": []})),
    ("deliverable-versions", "deliverable version 2", turn("text", row=1)),
]


@pytest.mark.parametrize(("table", "named", "forge"), FORGERIES)
def test_a_signature_or_seal_that_does_not_fit_is_named(
    table: str, named: str, forge: Forge, accepted: Project, unpack: Unpack
) -> None:
    dossier = unpack(accepted)
    content = dossier.table(table)
    first = {row["id"]: number for number, row in enumerate(content["rows"], start=1)}
    forge(content["rows"])
    dossier.forge(table, content)
    said = fails(dossier)
    kind, _, number = named.rpartition(" ")
    names = {
        row["id"]
        for other in [dossier.table(path.stem) for path in (dossier.place / "records").iterdir()]
        for row in other["rows"]
        if other["record"] == kind
    }
    wanted = sorted(names | (set(first) if content["record"] == kind else set()))[int(number) - 1]
    assert any(line.startswith(f"FAIL  {kind} {wanted}: ") for line in said.splitlines()), said[-1500:]


def test_another_file_under_the_same_name_is_named(told: Project, unpack: Unpack) -> None:
    dossier = unpack(told)
    row = next(row for row in dossier.table("deliverable-versions")["rows"] if row["file"])
    (dossier.place / row["file"]).write_bytes(b"%PDF-1.4 another plan")
    dossier.seal()
    assert f"FAIL  deliverable version {row['id']}: " in fails(dossier)


def trail_of(dossier: Dossier) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (dossier.place / "trail.jsonl").read_text("utf-8").splitlines()]


def write_trail(dossier: Dossier, entries: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    (dossier.place / "trail.jsonl").write_text(text, "utf-8")
    dossier.seal()


def test_a_rewritten_entry_of_the_trail_is_named(told: Project, unpack: Unpack) -> None:
    dossier = unpack(told)
    entries = trail_of(dossier)
    entries[3]["content"]["actor_name"] = "Somebody Else"
    write_trail(dossier, entries)
    assert f"FAIL  trail: entry {entries[3]['content']['seq']} " in fails(dossier)


def test_an_entry_that_was_cut_out_of_the_trail_is_named(told: Project, unpack: Unpack) -> None:
    dossier = unpack(told)
    entries = trail_of(dossier)
    del entries[4]
    write_trail(dossier, entries)
    assert f"FAIL  trail: entry {entries[4]['content']['seq']} does not follow" in fails(dossier)


def test_entries_of_other_projects_are_links_only(told: Project, lead: Any, unpack: Unpack) -> None:
    start_project(
        actor=lead, key="other", name="Secret plan", question="?", methodology=told.methodology,
        started_on=told.started_on,
    )  # fmt: skip
    dossier = unpack(told)
    foreign = [entry for entry in trail_of(dossier) if "content" not in entry]
    assert foreign
    assert all(set(entry) == {"seq", "previous", "hash"} for entry in foreign)
    assert "Secret plan" not in (dossier.place / "trail.jsonl").read_text("utf-8")
    assert dossier.verify().returncode == 0


def test_a_line_break_in_a_name_forges_no_line(told: Project, unpack: Unpack) -> None:
    Project.objects.filter(pk=told.pk).update(name="Plan\nok  round 99: all is well")
    told.refresh_from_db()
    found = unpack(told).verify()
    assert found.returncode == 0
    assert not any(line.startswith("ok  round 99") for line in found.stdout.splitlines())
