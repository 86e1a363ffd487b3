"""A customer without an account signs through a mailed link; the dossier of it all proves itself, and shows a change."""

from __future__ import annotations

import email
import re
import subprocess
import sys
import tempfile
import zipfile
from email import policy
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.walk.base import AT, Base
from tests.processes import until

ADDRESS, NAME = "ines.moreau@laboratory.example", "Ines Moreau"


def invite(walk: Base) -> None:
    """The reviewer judges, the lead names who signs and offers: only then the link is mailed."""
    lead, reviewer = walk.seat("lead"), walk.seat("reviewer")
    lead.go(f"{AT}acceptance/")
    lead.press("Prepare an acceptance")
    reviewer.go(f"{AT}acceptance/")
    reviewer.follow("Judge")
    judging = reviewer.page.locator("#judge")
    reviewer.enter({"Observed": "7.7 days", "Other evidence": "Laboratory system, last month."}, judging)
    judging.get_by_role("radio", name="met", exact=True).check()
    reviewer.press("Save the judgement")

    lead.go(f"{AT}acceptance/")
    lead.unfold("Invite somebody without an account")
    links = lead.sheet("Signatory from outside")
    lead.enter(
        {
            "Name": NAME,
            "E-mail address": ADDRESS,
            "Organisation": "City laboratory",
            "Why they sign": "head of the ward",
        },
        links,
    )
    lead.look("signoff-inviting", again=False)
    lead.press("Keep it", links)
    lead.enter({"Approved use": "Order of the reading list at one laboratory.", "Limits": "Not for diagnosis."})
    lead.press("Offer it")
    lead.sees("Approved use and its limits")
    lead.look("signoff-offered")


def sign(walk: Base) -> None:
    """Link and code come by mail to the same address; opening the link changes nothing, the code opens the page."""
    customer, lead = walk.seat(""), walk.seat("lead")
    found = until(lambda: re.search(r"http\S+(/sign/\S+/)", _mails(walk)), "the link by mail")
    walk.link = found.group(1)
    customer.go(walk.link)
    customer.look("signoff-outside-link", again=False)
    customer.press("Send me the code")
    code = until(lambda: re.search(r"^\s+(\d{6})$", _mails(walk), re.MULTILINE), "the code by mail")
    customer.look("signoff-outside-code", again=False)
    customer.enter({"Code from the mail": code.group(1)})
    customer.press("Open what I am asked to sign")
    customer.sees("7.7 days", "Order of the reading list at one laboratory.")
    customer.look("signoff-outside-verdict", again=False)
    customer.enter({"Your words": "It helps us each morning.", "Your name, typed as your signature": NAME})
    customer.press("Accept it is in use")
    customer.sees("You have signed. Thank you.")
    customer.look("signoff-outside-signed", again=False)
    lead.go(f"{AT}acceptance/")
    expect(lead.sheet("Signed")).to_contain_text(NAME)
    lead.look("signoff-accepted")
    walk.api.pass_stage("customer_acceptance")


def prove(walk: Base) -> None:
    """Downloaded, unpacked, verified without the portal; then one byte is changed, and its record is named."""
    lead = walk.seat("lead")
    lead.go(f"{AT}dossier/")
    with lead.page.expect_download() as download, tempfile.TemporaryDirectory() as folder:
        lead.press("Download the dossier")
        place = Path(folder)
        with zipfile.ZipFile(download.value.path()) as archive:
            archive.extractall(place)
        code, said = _verify(place)
        assert code == 0, said
        lines = [line for line in said.splitlines() if line.startswith("ok  ")]
        assert len(lines) > 20, said
        head = said.split()[-1]
        record = place / "records" / "decisions.json"
        raw = bytearray(record.read_bytes())
        at = raw.index(b"Agreed with Susanne")
        raw[at] ^= 0x01
        record.write_bytes(raw)
        code, said = _verify(place)
        assert code == 1, said
        assert any("FAIL" in line and "records/decisions.json" in line for line in said.splitlines()), said
    lead.go(f"{AT}dossier/?head={head}")
    lead.sees("The portal handed it out on")
    lead.look("signoff-dossier")


def _mails(walk: Base) -> str:
    """All that was mailed to the customer, the newest last."""
    folder = Path(walk.stack.folder.name) / "mail"
    mails = []
    for path in sorted(folder.glob("*"), key=lambda each: each.stat().st_mtime_ns) if folder.is_dir() else ():
        for text in path.read_text().split("-" * 79):
            mail = email.message_from_string(text.strip(), policy=policy.default)
            if mail["To"] == ADDRESS:
                mails.append(str(mail.get_content()))
    return "\n".join(mails)


def _verify(place: Path) -> tuple[int, str]:
    """Exit code and words of the script in the unpacked dossier."""
    done = subprocess.run([sys.executable, "-I", "verify.py"], cwd=place, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
