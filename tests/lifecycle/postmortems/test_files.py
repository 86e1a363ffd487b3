"""Files of a post-mortem: known by what stands in them, kept once, shown to its readers, and never run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.markdown import OwnFile, render_markdown
from foundation.web.refused import Refused
from lifecycle.postmortems.models import Attachment, PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    attach_file,
    data_of_files,
    edit_postmortem,
    publish,
    remove_file,
    start_new_version,
    submit_for_review,
)
from lifecycle.postmortems.services.files import FILE_LIMIT
from lifecycle.postmortems.sniffing import CSV, GIF, JPEG, KINDS, PDF, PNG, TEXT, WEBP, XLSX, kind_of_file, sound_name

SignIn = Callable[[User], Client]
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003860180c86f1e510000000049454e44ae426082"
)
NAMES = [
    '"><script>alert(1)</script>.png', "../../etc/passwd", "a\r\nSet-Cookie: x=1.txt", "‮gnp.exe", "x.html", "x.svg",
    "", ".", "  ", "C:\\Users\\cora\\note.txt", "名前.csv", "a" * 300, "a.php.png", "' onerror='alert(1)",
]  # fmt: skip
HARM = [
    "![x](javascript:alert(1))", "![x](data:text/html;base64,PHNjcmlwdD4=)", "![x](https://example.org/track.png)",
    "![x](/admin/)", "![x](file:///etc/passwd)", "![x](file:0)", "![x](file:99)", "![x](file:1'onerror='alert(1))",
    "[x](file:99)", "[x](javascript:alert(1))", "[x](data:text/html,<script>)", "![\"onerror=alert(1)](file:1)",
    "<img src=/post-mortems/PM-1/files/1/ onerror=alert(1)>", "![a](file:1 \"onload=alert(1)\")", "![x][r]\n\n[r]: file:99",
    "![x][r]\n\n[r]: https://example.org/a.png", "[![x](file:1)](javascript:alert(1))", "![![y](https://e.org)](file:1)",
    "![x](FILE:1)", "![x](file:1#<svg onload=alert(1)>)", "<svg/onload=alert(1)>", "[a](\x01javascript:alert(1))",
]  # fmt: skip


def workbook() -> bytes:
    book, made = Workbook(), io.BytesIO()
    book.active.append(["day", "samples"])  # type: ignore[union-attr]
    book.save(made)
    return made.getvalue()


def packed(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (DOT, PNG), (b"\xff\xd8\xff\xe0JFIF", JPEG), (b"GIF89a...", GIF), (b"RIFF\x00\x00\x00\x00WEBPVP8 ", WEBP),
        (b"%PDF-1.7\n", PDF), (b"a,b\n1,2\n", CSV), ("day;Größe\n1;2\n".encode(), CSV), (b"One line.\n", TEXT),
        (b"<script>alert(1)</script>", TEXT), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", TEXT), (b"MZ\x90\x00", None),
        (b"\x7fELF\x02", None), (b"PK\x03\x04 not a workbook", None), (packed("a.txt"), None), (b"a\x00b", None),
        (packed("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), None), (b"\xff\xfe\x00", None), (b" ", None),
    ],
)  # fmt: skip
def test_a_file_is_what_stands_in_it(content: bytes, kind: Any) -> None:
    assert kind_of_file(content) is kind
    assert kind_of_file(workbook()) is XLSX


@given(content=st.binary(max_size=200), name=st.text(max_size=200) | st.sampled_from(NAMES))
def test_any_bytes_and_any_name_are_taken_calmly(content: bytes, name: str) -> None:
    kind_of_file(content)
    for kind in KINDS:
        sound = sound_name(name, kind)
        assert 0 < len(sound) <= 120
        assert sound.lower().endswith(kind.endings)
        assert sound.isprintable()
        assert not set(sound) & set('/\\<>"\r\n')


@pytest.mark.parametrize("text", HARM)
def test_only_own_pictures_are_pictures(text: str) -> None:
    files = {1: OwnFile("/post-mortems/PM-1/files/1/", is_picture=True)}
    html = render_markdown(text, files)
    assert html.count("<img") <= 1
    if "<img" in html:
        assert '<img src="/post-mortems/PM-1/files/1/"' in html
    bare = html.replace('src="/post-mortems/PM-1/files/1/"', "")
    for harm in ("src=", "<script", "<svg", 'href="javascript', 'href="data', 'href="file', "onerror=alert(1)>"):
        assert harm not in bare.replace("&lt;img src=", "")
    assert "<img" not in render_markdown(text, {})
    assert "<img" not in render_markdown(text)


def test_a_picture_has_its_words_and_loads_when_it_is_seen() -> None:
    files = {12: OwnFile("/f/12/", is_picture=True), 13: OwnFile("/f/13/", is_picture=False)}
    html = render_markdown("![The *late* samples](file:12) and [the table](file:13)", files)
    assert '<img src="/f/12/" alt="The late samples" loading="lazy">' in html
    assert '<a href="/f/13/" rel="noopener nofollow">the table</a>' in html
    assert "![x](file:13)" in render_markdown("![x](file:13)", files)
    assert "![x](file:14)" in render_markdown("![x](file:14)", files)
    data = {1: OwnFile("data:image/png;base64,AAAA", is_picture=True)}
    assert 'src="data:image/png;base64,AAAA"' in render_markdown("![x](file:1)", data)
    assert "BBBB" not in render_markdown("[x](data:image/png;base64,BBBB)", data).split("href")[-1].split(">")[0]


@pytest.mark.django_db
def test_a_picture_is_brought_shown_in_the_text_and_served_so_that_nothing_runs(
    filled: PostMortem, sign_in: SignIn, contributor: User, outsider: User
) -> None:
    client, base = sign_in(contributor), filled.get_absolute_url()
    page = client.post(f"{base}files/", {"file": SimpleUploadedFile(NAMES[0], DOT)}, follow=True).content.decode()
    kept = Attachment.objects.get()
    assert (kept.media_type, kept.size, "<" in kept.name) == ("image/png", len(DOT), False)
    assert f"![what is seen](file:{kept.pk})" in page
    assert "<script>alert" not in page
    shown = client.get(f"{base}files/{kept.pk}/")
    assert b"".join(shown.streaming_content) == DOT
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Disposition"].startswith("inline")
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in shown["Cache-Control"]
    lock = PostMortem.objects.get(pk=filled.pk).lock
    text = f"![The dot](file:{kept.pk})"
    edit_postmortem(actor=contributor, postmortem=filled, lock=lock, changes={"summary": text})
    assert f'<img src="{base}files/{kept.pk}/" alt="The dot" loading="lazy">' in client.get(base).content.decode()
    assert sign_in(outsider).get(f"{base}files/{kept.pk}/").status_code == 404
    # A page in a file is a text, and comes as a download.
    client.post(f"{base}files/", {"file": SimpleUploadedFile("x.html", b"<script>alert(1)</script>")})
    page_in_file = client.get(f"{base}files/{Attachment.objects.get(name='x.html.txt').pk}/")
    assert page_in_file["Content-Type"].startswith("text/plain")
    assert page_in_file["Content-Disposition"].startswith("attachment")


@pytest.mark.django_db
def test_the_same_file_twice_is_one_row_and_bad_ones_are_refused(draft: PostMortem, contributor: User) -> None:
    first = attach_file(actor=contributor, postmortem=draft, file=ContentFile(DOT, name="a.png"))
    again = attach_file(actor=contributor, postmortem=draft, file=ContentFile(DOT, name="b.png"))
    assert first.pk == again.pk
    for content, code in (
        (b"", "file_empty"),
        (b"MZ\x90\x00", "file_kind"),
        (b"x" * (FILE_LIMIT + 1), "file_too_large"),
    ):
        with pytest.raises(Refused) as caught:
            attach_file(actor=contributor, postmortem=draft, file=ContentFile(content, name="x"))
        assert caught.value.code == code
    assert data_of_files(draft, [first.pk])[first.pk].content == DOT
    assert not [entry for entry in Entry.objects.all() if "a.png" in str([entry.before, entry.after, entry.thing_name])]


@pytest.mark.django_db(transaction=True)
def test_a_file_goes_with_its_bytes_unless_a_version_holds_it(
    filled: PostMortem, contributor: User, reviewer: User, viewer: User
) -> None:
    kept = attach_file(actor=contributor, postmortem=filled, file=ContentFile(DOT, name="a.png"))
    gone = attach_file(actor=contributor, postmortem=filled, file=ContentFile(b"Words.", name="b.txt"))
    place = gone.file.name
    assert default_storage.exists(place)
    with pytest.raises(Refused):
        remove_file(actor=viewer, postmortem=filled, file_id=gone.pk)
    remove_file(actor=contributor, postmortem=filled, file_id=gone.pk)
    assert not default_storage.exists(place)
    publish(actor=reviewer, postmortem=submit_for_review(actor=contributor, postmortem=filled), answers=fine())
    start_new_version(actor=contributor, postmortem=filled, reason="A better picture.")
    with pytest.raises(Refused) as caught:
        remove_file(actor=contributor, postmortem=filled, file_id=kept.pk)
    assert caught.value.code == "file_published"


@pytest.mark.django_db
def test_files_over_rest(draft: PostMortem, api: Callable[[User], Any], contributor: User) -> None:
    client, base = api(contributor), f"/api/v1/post-mortems/{draft.reference}/files/"
    made = client.post(base, {"file": SimpleUploadedFile("lab.csv", b"a,b\n1,2\n")}, format="multipart")
    assert (made.status_code, made.json()["media_type"]) == (201, "text/csv")
    assert [row["name"] for row in client.get(base).json()] == ["lab.csv"]
    assert b"".join(client.get(f"{base}{made.json()['id']}/").streaming_content) == b"a,b\n1,2\n"
    bad = client.post(base, {"file": SimpleUploadedFile("a.exe", b"MZ\x90\x00")}, format="multipart")
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, "file_kind")
    assert client.delete(f"{base}{made.json()['id']}/").status_code == 204
