"""Pictures that a text names stand in the file that is taken away, while there is room; what has none is said."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from zlib import compress

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from foundation.people.models import User
from foundation.web.markdown import pictures_in
from foundation.web.pdf import PICTURES, PicturesUnread, compile
from lifecycle.postmortems.content import content_of
from lifecycle.postmortems.exports import pictures, whole_file
from lifecycle.postmortems.exports.files import _data
from lifecycle.postmortems.exports.pictures import files_of
from lifecycle.postmortems.exports.sections import paper_of
from lifecycle.postmortems.models import Attachment, PostMortem
from lifecycle.postmortems.pictures import _png_chunk
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    LessonValues,
    add_row,
    attach_file,
    data_of_files,
    publish,
    start_new_version,
    submit_for_review,
)
from tests.lifecycle.postmortems.test_files import DOT
from tests.lifecycle.postmortems.test_taking_it_away import change

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def picture(form: str = "JPEG", side: int = 40) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(made, form)
    return made.getvalue()


def kept(postmortem: PostMortem, actor: User, content: bytes, name: str) -> Attachment:
    return attach_file(actor=actor, postmortem=postmortem, file=ContentFile(content, name=name))


def as_data(row: Attachment) -> str:
    with row.file.open("rb") as stored:
        return f"data:{row.media_type};base64,{b64encode(stored.read()).decode()}"


def exported(postmortem: PostMortem, form: str) -> bytes:
    postmortem = PostMortem.objects.get(pk=postmortem.pk)
    return whole_file(content_of(postmortem), form, lambda numbers: data_of_files(postmortem, numbers)).body


def test_which_pictures_a_text_names() -> None:
    text = "![a](file:3)\n\n- ![b](file:12) and [c](file:4), ![d](file:3)\n\n`![e](file:5)` ![f](https://e.org/x.png)"
    assert pictures_in(text) == [3, 12, 3]


def test_a_named_picture_stands_in_the_file_and_others_do_not(
    filled: PostMortem, contributor: User, viewer: User, outsider: User, sign_in: SignIn
) -> None:
    named, other = kept(filled, contributor, picture(), "lab.jpg"), kept(filled, contributor, DOT, "dot.png")
    table = kept(filled, contributor, b"a,b\n1,2\n", "codes.csv")
    change(filled, contributor, summary=f"![The late samples](file:{named.pk}) and [the codes](file:{table.pk}).")
    add_row(
        actor=contributor, postmortem=filled,
        values=LessonValues(kind="went_well", text=f"As seen here: ![again](file:{named.pk})"),
    )  # fmt: skip
    base = f"/post-mortems/{filled.reference}/export"
    html = sign_in(viewer).get(f"{base}.html").content.decode()
    assert html.count(f'<img src="{as_data(named)}" alt="') == 2
    assert 'alt="The late samples"' in html
    assert as_data(other) not in html, "no text names it"
    assert "file:" not in html
    assert "/files/" not in html
    assert ">the codes</a>" in html
    assert "![The late samples](file:" in sign_in(viewer).get(f"{base}.md").content.decode()
    pdf = sign_in(viewer).get(f"{base}.pdf").content
    assert pdf.count(b"/Subtype/Image") == 1
    assert b"/DCTDecode" in pdf
    assert sign_in(outsider).get(f"{base}.html").status_code == 404


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_of_each_kind_are_set_on_paper(filled: PostMortem, contributor: User, form: str) -> None:
    row = kept(filled, contributor, picture(form), f"seen.{form.lower()}")
    change(filled, contributor, summary=f"| a | b |\n|---|---|\n| ![in a table](file:{row.pk}) | words |")
    assert b"/Subtype/Image" in exported(filled, "pdf")
    assert as_data(row) in exported(filled, "html").decode()


def test_what_has_no_room_is_said_with_its_size(
    filled: PostMortem, contributor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = (
        kept(filled, contributor, picture("PNG", 4), "dot.png"),
        kept(filled, contributor, picture(side=200), "wall.jpg"),
    )
    change(filled, contributor, summary=f"![Wall](file:{large.pk}) ![Dot](file:{small.pk}) ![Wall](file:{large.pk})")
    monkeypatch.setattr(pictures, "BYTES_LIMIT", 2 * large.size + small.size)
    assert exported(filled, "html").count(b"<img") == 3
    # Named twice, it takes its room twice.
    monkeypatch.setattr(pictures, "BYTES_LIMIT", 2 * large.size + small.size - 1)
    assert exported(filled, "html").count(b"<img") == 2
    monkeypatch.setattr(pictures, "BYTES_LIMIT", large.size)
    html = exported(filled, "html").decode()
    assert html.count("<img") == 1
    assert html.count("Wall (wall.jpg, ") == 2
    assert "not in this file)" in html
    assert exported(filled, "pdf").count(b"/Subtype/Image") == 1
    monkeypatch.setattr(pictures, "POINTS_LIMIT", 0)
    assert b"<img" not in exported(filled, "html")


def test_one_that_the_typesetter_cannot_read_is_said_and_the_paper_is_set(
    filled: PostMortem, contributor: User
) -> None:
    """Its parts are in order, its points are none."""
    broken = DOT[:33] + _png_chunk(b"IDAT", compress(b"")) + DOT[-12:]
    row = kept(filled, contributor, broken, "lost.png")
    sound = kept(filled, contributor, picture(), "seen.jpg")
    change(filled, contributor, summary=f"![Lost](file:{row.pk}) ![Seen](file:{sound.pk})")
    pdf = exported(filled, "pdf")
    assert pdf[:5] == b"%PDF-"
    assert pdf.count(b"/Subtype/Image") == 1, "the other one stays"
    paper = paper_of(content_of(PostMortem.objects.get(pk=filled.pk)))
    listed = [{"id": row.pk, "name": "lost.png", "size": row.size}]
    with pytest.raises(PicturesUnread):
        compile(
            "lifecycle/postmortems/exports/paper.typ",
            _data(paper, files_of(listed, {row.pk: f"{PICTURES}1.png"})),
            pictures={"1.png": broken},
        )


def test_a_file_that_the_store_lost_is_said(filled: PostMortem, contributor: User) -> None:
    row = kept(filled, contributor, DOT, "dot.png")
    change(filled, contributor, summary=f"![Dot](file:{row.pk})")
    row.file.storage.delete(row.file.name)
    assert b"Dot (dot.png, " in exported(filled, "html")


def test_a_published_version_shows_its_pictures_and_readers_outside_get_none(
    filled: PostMortem, contributor: User, reviewer: User, viewer: User, sign_in: SignIn, api: Callable[[User], Any]
) -> None:
    row = kept(filled, contributor, DOT, "dot.png")
    text = f"Seen: ![Dot](file:{row.pk})"
    change(filled, contributor, summary=text, outward_summary=text)
    publish(actor=reviewer, postmortem=submit_for_review(actor=contributor, postmortem=filled), answers=fine())
    start_new_version(actor=contributor, postmortem=filled, reason="Said better.")
    change(filled, contributor, summary="No picture any more.")
    base = f"/post-mortems/{filled.reference}/"
    html = sign_in(viewer).get(f"{base}export.html?version=1").content.decode()
    assert html.count(f'<img src="{as_data(row)}"') == 2, "the summary, and that for readers outside"
    assert sign_in(viewer).get(f"{base}export.html").content.count(b"<img") == 1
    for version in ("", "?version=1"):
        outward = api(viewer).get(f"/api/v1{base}outward.html{version}").content.decode()
        assert "<p>Seen: Dot</p>" in outward
        assert "<img" not in outward
