"""Many readings at once: seen before they are recorded, recorded as they were seen, and nothing typed is lost."""

from __future__ import annotations

import html
import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import Reading
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.selectors import series_of
from lifecycle.kpis.selectors.previews import preview_of
from lifecycle.kpis.services import edit_kpi, record_measurement, record_previewed
from tests.lifecycle.kpis.weeks import FIRST, weeks

PASTE = "/projects/triage/kpis/days-to-first-report/paste/"


def fields(answer: Any) -> dict[str, str]:
    """What the form on the page would send again."""
    text = answer.content.decode()
    area = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="(source|digest)" value="(\w*)"', text))
    assert area is not None
    return {"text": html.unescape(area[1]), **hidden}


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def test_a_paste_is_seen_then_recorded_as_it_was_seen(kpi: Kpi, lead: User, sign_in: Any) -> None:
    record_measurement(actor=lead, kpi=kpi, day=FIRST, value=11.6)
    record_measurement(actor=lead, kpi=kpi, day=date(2026, 1, 12), value=12)
    client: Client = sign_in(lead)
    text = "Week\tDays\tNote\n05.01.2026\t11,6\t\n12.01.2026\t12,5\trecount\n19.01.2026\t11,9\n"
    seen = client.post(PASTE, {"text": text, "deed": "preview"})
    assert seen.status_code == 200
    told = words(seen)
    assert "Preview of 3 rows Nothing has been recorded yet." in told
    assert "2 5 January 2026 11.6 same" in told
    assert "3 12 January 2026 12.5 changed from 12 recount" in told
    assert "4 19 January 2026 11.9 new" in told
    assert Measurement.objects.count() == 2
    done = client.post(PASTE, fields(seen) | {"deed": "record"})
    assert (done.status_code, done["Location"]) == (302, "/projects/triage/kpis/days-to-first-report/#readings")
    assert [(p.value, p.revision) for p in series_of(kpi)] == [(11.6, 1), (12.5, 2), (11.9, 1)]
    assert set(Measurement.objects.values_list("source", flat=True)) == {"form"}
    entry = Entry.objects.filter(verb="record_measurements").get()
    assert (entry.after["added"], entry.after["revised"], entry.after["unchanged"]) == (1, 1, 1)
    assert entry.after["preview"] == fields(seen)["digest"]


def test_rows_at_fault_are_named_kept_and_nothing_is_recorded(kpi: Kpi, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    text = "date\tvalue\n2026-01-05\t11\n2026-01-12\t<b>x</b>\n03/04/2026\t1.234"
    seen = client.post(PASTE, {"text": text, "deed": "record"})
    told = words(seen)
    assert seen.status_code == 400
    assert "2 of 3 rows cannot be recorded" in told
    assert "Some dates can be read in two ways." in told
    assert "<b>x</b>" not in seen.content.decode()
    assert 'value="record"' not in seen.content.decode()
    assert fields(seen)["text"] == text
    assert not Measurement.objects.exists()
    # The person may leave them out, and then sees what is left.
    left = client.post(PASTE, fields(seen) | {"deed": "leave_out"})
    assert (left.status_code, fields(left)["text"]) == (200, "date\tvalue\n2026-01-05\t11")
    assert client.post(PASTE, fields(left) | {"deed": "record"}).status_code == 302
    assert Measurement.objects.count() == 1


def test_what_somebody_recorded_meanwhile_is_refused_and_seen_anew(
    kpi: Kpi, lead: User, contributor: User, sign_in: Any
) -> None:
    client: Client = sign_in(lead)
    seen = client.post(PASTE, {"text": "2026-01-05\t11\n2026-01-12\t12", "deed": "preview"})
    record_measurement(actor=contributor, kpi=kpi, day=FIRST, value=10.5)
    answer = client.post(PASTE, fields(seen) | {"deed": "record"})
    assert answer.status_code == 409
    assert "somebody recorded readings of the same periods" in words(answer)
    assert "changed from 10.5" in words(answer)
    assert Measurement.objects.count() == 1
    assert client.post(PASTE, fields(answer) | {"deed": "record"}).status_code == 302
    assert [p.value for p in series_of(kpi)] == [11.0, 12.0]


def test_rows_edited_after_the_preview_are_seen_first(kpi: Kpi, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    sent = fields(client.post(PASTE, {"text": "2026-01-05\t11", "deed": "preview"}))
    answer = client.post(PASTE, sent | {"text": "2026-01-05\t99", "deed": "record"})
    assert (answer.status_code, fields(answer)["text"]) == (409, "2026-01-05\t99")
    assert not Measurement.objects.exists()
    # Sending the same twice records once.
    assert client.post(PASTE, sent | {"deed": "record"}).status_code == 302
    again = client.post(PASTE, sent | {"deed": "record"})
    assert again.status_code == 409
    assert "All of these readings are recorded already." in words(again)
    assert Measurement.objects.count() == 1


def test_a_definition_that_changed_meanwhile_makes_the_preview_old(measured: Kpi, lead: User) -> None:
    rows = weeks([1.0, 2.0])
    seen = preview_of(measured, rows)
    edit_kpi(actor=lead, kpi=measured, direction="increase")
    with pytest.raises(Refused) as refused:
        record_previewed(actor=lead, kpi=measured, rows=rows, digest=seen.digest, source="form")
    assert (refused.value.code, refused.value.status) == ("preview_outdated", 409)


def test_a_workbook_becomes_rows_that_can_be_mended(kpi: Kpi, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    made, file = Workbook(), io.BytesIO()
    assert made.active is not None
    for row in (("Week", "Days"), (date(2026, 1, 5), 11.25), (date(2026, 1, 12), "=B2+1")):
        made.active.append(row)
    made.save(file)
    seen = client.post(PASTE, {"file": SimpleUploadedFile("weeks.xlsx", file.getvalue()), "deed": "preview"})
    assert seen.status_code == 400
    assert "A formula is no figure" in words(seen)
    assert "from the sheet “Sheet”" in words(seen)
    sent = fields(seen)
    assert (sent["text"], sent["source"]) == ("Week\tDays\n2026-01-05\t11.25\n2026-01-12\t=B2+1", "csv")
    mended = client.post(PASTE, sent | {"text": sent["text"].replace("=B2+1", "12.25"), "deed": "preview"})
    assert client.post(PASTE, fields(mended) | {"deed": "record"}).status_code == 302
    assert list(Measurement.objects.values_list("value", "source")) == [(11.25, "csv"), (12.25, "csv")]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "Save it as XLSX"),
        ("broken.xlsx", b"PK\x03\x04" + b"\x01" * 100, "The file is damaged."),
        ("latin.csv", "Datum;Wert\n5.1.2026;1\nä;2".encode("latin-1"), "not in UTF-8"),
        ("empty.csv", b"", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_costs_no_typed_rows(
    kpi: Kpi, lead: User, sign_in: Any, name: str, content: bytes, sentence: str
) -> None:
    sent = {"text": "2026-01-05\t11", "file": SimpleUploadedFile(name, content), "deed": "preview"}
    answer = sign_in(lead).post(PASTE, sent)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert fields(answer)["text"] == "2026-01-05\t11"


def test_a_csv_file_is_seen_like_a_paste(kpi: Kpi, lead: User, sign_in: Any) -> None:
    file = SimpleUploadedFile("readings.csv", b"\xef\xbb\xbfdate;value\r\n05.01.2026;11,5\r\n12.01.2026;12\r\n")
    seen = sign_in(lead).post(PASTE, {"file": file, "deed": "preview"})
    assert (seen.status_code, fields(seen)["text"]) == (200, "date\tvalue\n05.01.2026\t11,5\n12.01.2026\t12")


def test_very_many_rows_are_shown_in_part_those_first_that_need_a_look(kpi: Kpi, lead: User, sign_in: Any) -> None:
    Kpi.objects.filter(pk=kpi.pk).update(frequency="day")
    record_measurement(actor=lead, kpi=kpi, day=date(2010, 6, 1), value=1)
    first = date(1995, 1, 1).toordinal()
    text = "\n".join(f"{date.fromordinal(first + n)}\t{n}" for n in range(10_000))
    seen = sign_in(lead).post(PASTE, {"text": text, "deed": "preview"})
    told = words(seen)
    assert "changed from 1 " in told
    assert "101 of 10000 rows are shown" in told
    assert "Record 10000 readings" in told


def test_a_note_on_the_same_value_is_kept_as_a_revision(kpi: Kpi, lead: User) -> None:
    record_measurement(actor=lead, kpi=kpi, day=FIRST, value=11.6)
    rows = [Reading(FIRST, 11.6, "strike")]
    seen = preview_of(kpi, rows)
    assert [change.outcome for change in seen.changes] == ["noted"]
    done = record_previewed(actor=lead, kpi=kpi, rows=rows, digest=seen.digest, source="form")
    assert done.revised == 1
    assert preview_of(kpi, rows).to_record == 0
    assert Measurement.objects.latest("revision").note == "strike"


def test_who_may_not_record_sees_why_and_no_form(kpi: Kpi, viewer: User, sign_in: Any) -> None:
    client: Client = sign_in(viewer)
    answer = client.get(PASTE)
    assert answer.status_code == 403
    assert "Only the project lead and contributors may record" in words(answer)
    assert "<textarea" not in answer.content.decode()
    assert client.post(PASTE, {"text": "2026-01-05\t1", "deed": "record"}).status_code == 403
