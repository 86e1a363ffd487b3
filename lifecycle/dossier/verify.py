"""Proves a dossier of Tollgate without the portal: run `python3 -I verify.py` in the unpacked folder.

Needs Python 3.9 or newer and nothing else. Exit code 0 and one line for each record when all holds; exit code 1 and the
name of the file or record when it does not. README.txt says what is checked, and what this script cannot know.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MANIFEST = "manifest.json"
TRAIL = "trail.jsonl"

if __name__ == "__main__":
    # Looked at before anything else runs, and once more with all other files below: no single changed byte of this
    # script can switch off both.
    if not (HERE / MANIFEST).is_file():
        raise SystemExit(f"FAIL  {MANIFEST}: the file is missing, or {Path(__file__).name} was changed")
    _own = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if _own not in (HERE / MANIFEST).read_text("utf-8", "replace"):
        raise SystemExit(f"FAIL  {Path(__file__).name}: its fingerprint is not the one that {MANIFEST} names")


class BrokenError(Exception):
    """Something does not hold; the text says what."""


class Report:
    """Lines as they are found, and how many of them are bad."""

    def __init__(self) -> None:
        self.good = self.bad = 0

    def ok(self, text: str) -> None:
        self.good += 1
        say("ok  " + text)

    def fail(self, text: str) -> None:
        self.bad += 1
        say("FAIL  " + text)


def say(text: str) -> None:
    """One line: a line break in a name must not look like a line of this report."""
    print("".join(sign if sign.isprintable() else " " for sign in text))


def canonical(value: Any) -> bytes:
    """The form in which content is sealed: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """Hex SHA-256 of canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def file_digest(path: Path) -> str:
    """Hex SHA-256 of the bytes of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


# Files


def read_manifest() -> dict[str, Any]:
    """The list of files: written in one way only, with the digest of its own content."""
    try:
        raw = (HERE / MANIFEST).read_bytes()
        manifest = json.loads(raw)
        if raw != canonical(manifest) + b"\n" or digest(manifest["content"]) != manifest["seal"]:
            raise BrokenError
        if not all(set(file) == {"path", "sha256", "size"} for file in manifest["content"]["files"]):
            raise BrokenError
    except OSError:
        raise BrokenError("manifest.json: the file is missing") from None
    except (BrokenError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BrokenError("manifest.json: it was changed after the dossier was made") from None
    return dict(manifest["content"])


def check_files(files: list[dict[str, Any]], report: Report) -> set[str]:
    """Compare every file with the list; the paths that hold."""
    whole, named = set(), {file["path"]: file for file in files}
    for path, file in named.items():
        place = HERE / path
        if place.is_symlink() or not place.is_file():
            report.fail(f"{path}: the file is missing")
        elif place.stat().st_size != file["size"] or file_digest(place) != file["sha256"]:
            report.fail(f"{path}: the file was changed after the dossier was made")
        else:
            whole.add(path)
    for path in present():
        if path not in named and path != MANIFEST:
            report.fail(f"{path}: the file was added after the dossier was made")
    return whole


def present() -> list[str]:
    """Every file in the folder, as paths with slashes, sorted."""
    found = []
    for folder, folders, names in os.walk(HERE):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [(Path(folder) / name).relative_to(HERE).as_posix() for name in names + links]
    return sorted(found)


# Records


class Records:
    """All tables of the dossier, and what signatures can be bound to."""

    def __init__(self, tables: list[dict[str, Any]]) -> None:
        self.tables = tables
        self.signatures = {row["id"]: row for row in self.rows("signatures")}
        self.kinds = {table["signed_as"]: table for table in tables if table["signed_as"]}
        self.bound: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for kind, table in self.kinds.items():
            for row in table["rows"]:
                self.bound.setdefault((kind, row[table["signed_id"]]), []).append(row)
        self.used: dict[tuple[str, int], int] = {}

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [row for table in self.tables if table["part"] == name for row in table["rows"]]


def read_tables(files: list[dict[str, Any]], report: Report) -> list[dict[str, Any]]:
    """The tables that can be read at all."""
    tables = []
    for file in files:
        if file["path"].startswith("records/"):
            try:
                table = json.loads((HERE / file["path"]).read_bytes())
                _ = [row["id"] for row in table["rows"]]
                tables.append(
                    {name: table[name] for name in ("part", "record", "signed_as", "signed_id", "seals", "rows")}
                )
            except FileNotFoundError:
                continue  # told already, with the files
            except (ValueError, KeyError, TypeError, RecursionError):
                report.fail(f"{file['path']}: it cannot be read as records")
    return tables


def check_records(records: Records, whole: set[str], report: Report) -> None:
    """One line for each record: its seals, and the signature that it names."""
    for table in records.tables:
        path = f"records/{table['part']}.json"
        for row in table["rows"]:
            name = f"{table['record']} {row['id']}: {row.get('called', '')}"
            try:
                check_seals(table, row)
                if table["part"] == "signatures":
                    check_signature(records, row)
                elif isinstance(row.get("signature"), int):
                    check_signed(records, table, row)
            except BrokenError as broken:
                report.fail(f"{name}: {broken}")
            except (KeyError, TypeError, AttributeError, ValueError) as fault:
                report.fail(f"{name}: a column is missing or of another kind ({fault})")
            else:
                if path in whole:
                    report.ok(name)


def check_seals(table: dict[str, Any], row: dict[str, Any]) -> None:
    """The content of each sealed column gives the digest beside it."""
    for content, sealed, how in table["seals"]:
        value, expected = row[content], row[sealed]
        if not value or not expected:
            continue
        if how == "file":
            place = HERE / value
            if not place.is_file():
                raise BrokenError(f"its file {value} is missing")
            found = file_digest(place)
        elif how == "text":
            found = hashlib.sha256(value.encode()).hexdigest()
        else:
            found = digest(value)
        if found != expected:
            raise BrokenError(f"its {content} does not give its fingerprint {expected[:12]}")


def check_signature(records: Records, signature: dict[str, Any]) -> None:
    """A signature speaks of its own fingerprint, and the record that it names has it."""
    bound = signature["content_hash"]
    if bound not in signature["statement"]:
        raise BrokenError("the statement that was signed names another fingerprint")
    if signature["role"] not in signature["statement"] or signature["record_name"] not in signature["statement"]:
        raise BrokenError("the statement that was signed names another record or role")
    table = records.kinds.get(signature["record_kind"])
    if table is None:
        return  # bound to a kind of record that dossiers do not tell; its statement holds
    rows = records.bound.get((signature["record_kind"], signature["record_id"]))
    if not rows:
        raise BrokenError(f"the {signature['record_kind']} that it signs is not in the dossier")
    if bound not in [row[sealed] for row in rows for _, sealed, _ in table["seals"]]:
        raise BrokenError(f"it is bound to other content than {signature['record_kind']} {signature['record_id']}")


def check_signed(records: Records, table: dict[str, Any], row: dict[str, Any]) -> None:
    """A record that names a signature is what was signed, by whom it says."""
    signature = records.signatures.get(row["signature"])
    if signature is None:
        raise BrokenError("its signature is not in the dossier")
    user = records.used.setdefault((table["part"], signature["id"]), row["id"])
    if user != row["id"]:
        raise BrokenError(f"its signature belongs to {table['record']} {user}")
    kind = signature["record_kind"]
    if row.get("digest") and row["digest"] != signature["content_hash"]:
        raise BrokenError("its signature is bound to another fingerprint")
    named = row[table["signed_id"]] if table["signed_as"] == kind else row.get(kind, signature["record_id"])
    if named != signature["record_id"]:
        raise BrokenError(f"its signature is of {kind} {signature['record_id']}")
    decider, signer = row.get("decider"), signature["signer"]
    if decider and signer and decider["id"] != signer["id"]:
        raise BrokenError(f"it was given by {decider['name']}, and the signature is of {signature['printed_name']}")


# Trail


def check_trail(records: Records, whole: set[str], report: Report) -> None:
    """Follow the chain: own entries by their content, those of other projects by their links."""
    previous, expected = "", 0
    try:
        with (HERE / TRAIL).open("rb") as lines:
            for raw in lines:
                entry = json.loads(raw)
                content = entry.get("content")
                seq, before = (content or entry)["seq"], (content or entry)["previous"]
                if previous and (seq != expected or before != previous):
                    raise BrokenError(f"entry {seq} does not follow the one before it")
                if content is not None:
                    name = f"trail entry {seq}: {content['actor_name']} {content['verb']} {content['thing'][2]}"
                    if digest(content) != entry["hash"]:
                        raise BrokenError(f"entry {seq} was changed after it was written ({name})")
                    check_told(records, content)
                    if TRAIL in whole:
                        report.ok(name)
                previous, expected = entry["hash"], seq + 1
    except FileNotFoundError:
        return  # told already, with the files
    except BrokenError as broken:
        report.fail(f"trail: {broken}")
    except (KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError):
        report.fail(f"{TRAIL}: it cannot be read as a trail")


def check_told(records: Records, content: dict[str, Any]) -> None:
    """What the trail says of a signature is what the signature says."""
    signature = records.signatures.get(content["after"].get("signature"))
    if signature is None:
        return
    name = f"signature {signature['id']}"
    if content["after"].get("digest", signature["content_hash"]) != signature["content_hash"]:
        raise BrokenError(f"entry {content['seq']} tells another fingerprint than {name}")
    if content["actor"] and signature["signer"] and content["actor"] != signature["signer"]["id"]:
        raise BrokenError(f"entry {content['seq']} tells another signer than {name}")


def main() -> int:
    """Check everything, say every line; 0 when all holds, else 1."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    report = Report()
    try:
        files = read_manifest()["files"]
        whole = check_files(files, report)
        records = Records(read_tables(files, report))
        check_records(records, whole, report)
        check_trail(records, whole, report)
    except BrokenError as broken:
        report.fail(str(broken))
    except (KeyError, TypeError, ValueError) as fault:
        report.fail(f"the dossier cannot be read ({fault})")
    print()
    if report.bad:
        print(f"{report.bad} of {report.good + report.bad} lines do not hold. This dossier is not as it was made.")
        return 1
    print(f"All {report.good} records hold. Compare this head with the one that the portal lists for the dossier:")
    print(file_digest(HERE / MANIFEST))
    return 0


if __name__ == "__main__":
    sys.exit(main())
