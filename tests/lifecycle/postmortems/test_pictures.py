"""Pictures lose what they hide, and keep what is seen."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageSequence, PngImagePlugin

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.models import Attachment, PostMortem
from lifecycle.postmortems.pictures import PIXELS_LIMIT, Broken, TooLarge, size_of, without_notes
from lifecycle.postmortems.services import attach_file, data_of_files
from lifecycle.postmortems.sniffing import GIF, JPEG, PDF, PNG, WEBP, FileKind, kind_of_file

SECRETS = (b"Cora", b"PhoneMaker", b"2026:03:01", b"SN-4711", b"xmpmeta", b"GPS")
KINDS = [("PNG", PNG), ("JPEG", JPEG), ("WEBP", WEBP), ("GIF", GIF)]
FORMATS: dict[str, dict[str, Any]] = {
    "PNG": {}, "JPEG": {"quality": 90}, "WEBP": {"lossless": True}, "GIF": {},
}  # fmt: skip


def exif(orientation: int = 6) -> Image.Exif:
    """The notes of a phone: place, device, person, time."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010F], made[0x0110], made[0x013B] = "PhoneMaker", "SN-4711", "Cora Contributor"
    made[0x0132] = "2026:03:01 08:15:00"
    made.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return made


def drawn(mode: str = "RGB") -> Image.Image:
    """Sixteen by eight points, no two alike, so that a turn is seen."""
    return Image.frombytes("RGB", (16, 8), bytes(range(128)) * 3).convert(mode)


def photo(form: str, *, orientation: int = 6) -> bytes:
    """A picture with everything that a program may write into it."""
    made, extra = io.BytesIO(), dict(FORMATS[form])
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Cora GPS</x:xmpmeta>"
    if form == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Author", "Cora")
        texts.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=False)
        extra["pnginfo"] = texts
    if form in ("JPEG", "WEBP"):
        extra["xmp"] = xmp
    if form in ("JPEG", "GIF"):
        extra["comment"] = b"Taken by Cora"
    if form != "GIF":
        extra["exif"] = exif(orientation)
    drawn("P" if form == "GIF" else "RGB").save(made, form, **extra)
    return made.getvalue() + b"Cora's other picture behind the end"


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize(("form", "kind"), KINDS)
def test_what_is_hidden_goes_and_what_is_seen_stays(form: str, kind: FileKind) -> None:
    before = photo(form)
    assert sum(secret in before for secret in SECRETS) >= (1 if form == "GIF" else 4)
    after = without_notes(before, kind)
    assert not [secret for secret in SECRETS if secret in after]
    assert kind_of_file(after) is kind
    assert size_of(after, kind) == (16, 8)
    then, now = (opened(one).convert("RGB") for one in (before, after))
    assert ImageChops.difference(then, now).getbbox() is None
    assert without_notes(after, kind) == after, "there is nothing more to take out"


@pytest.mark.parametrize(("form", "kind"), KINDS[:3])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_same_side_stays_up(form: str, kind: FileKind, orientation: int) -> None:
    before = photo(form, orientation=orientation)
    after = opened(without_notes(before, kind))
    notes = after.getexif()
    assert dict(notes) == ({0x0112: orientation} if orientation > 1 else {})
    assert not notes.get_ifd(0x8825)
    upright = ImageOps.exif_transpose(opened(before)).convert("RGB")
    assert ImageChops.difference(upright, ImageOps.exif_transpose(after).convert("RGB")).getbbox() is None


@pytest.mark.parametrize(("form", "kind"), [KINDS[0], KINDS[2], KINDS[3]])
def test_what_moves_goes_on_moving(form: str, kind: FileKind) -> None:
    frames = [drawn("RGB").rotate(turn) for turn in (0, 90, 180)]
    made = io.BytesIO()
    extra = {"comment": b"Cora"} if form == "GIF" else {"exif": exif(1)}
    frames[0].save(made, form, save_all=True, append_images=frames[1:], duration=70, loop=0, **FORMATS[form], **extra)
    after = without_notes(made.getvalue(), kind)
    assert b"Cora" not in after
    moving = Image.open(io.BytesIO(after))
    assert moving.n_frames == 3  # type: ignore[attr-defined]
    assert moving.info["loop"] == 0
    before = [frame.convert("RGB") for frame in ImageSequence.Iterator(Image.open(io.BytesIO(made.getvalue())))]
    for then, now in zip(before, ImageSequence.Iterator(moving), strict=True):
        assert ImageChops.difference(then, now.convert("RGB")).getbbox() is None


def test_photos_in_several_scans_with_profile_and_small_copy() -> None:
    made = io.BytesIO()
    drawn("CMYK").save(
        made, "JPEG", progressive=True, restart_marker_blocks=1, icc_profile=b"colours" * 20, exif=exif(1)
    )
    whole = made.getvalue()
    # A small copy in the head of JFIF, as old cameras wrote it, and notes of another program.
    jfif = b"\xff\xe0\x00\x13JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01RGB"
    notes = b"\xff\xed\x00\x08\x43ora\x00\x00"
    after = without_notes(whole[:2] + jfif + notes + whole[2:], JPEG)
    assert b"RGB" not in after[:40]
    assert b"Cora" not in after
    kept = opened(after)
    assert kept.info["icc_profile"] == b"colours" * 20
    assert kept.mode == "CMYK"
    assert ImageChops.difference(opened(whole), kept).getbbox() is None


@pytest.mark.parametrize(("form", "kind"), KINDS)
@given(data=st.data())
def test_any_bytes_are_cleaned_or_refused_calmly(form: str, kind: FileKind, data: st.DataObject) -> None:
    whole = bytearray(photo(form))
    for place, value in data.draw(st.lists(st.tuples(st.integers(8, len(whole) - 1), st.integers(0, 255)), max_size=6)):
        whole[place] = value
    cut = data.draw(st.integers(0, len(whole)))
    for content in (bytes(whole), bytes(whole[:cut]), data.draw(st.binary(max_size=80))):
        try:
            after = without_notes(content, kind)
        except (Broken, TooLarge):
            continue
        assert len(after) <= len(content) + 64
        assert without_notes(after, kind) == after


def test_other_kinds_stay_as_they_are_and_wide_ones_are_refused() -> None:
    assert without_notes(b"%PDF-1.7 Cora", PDF) == b"%PDF-1.7 Cora"
    wide = bytearray(photo("PNG"))
    wide[16:24] = struct.pack(">II", PIXELS_LIMIT // 1000 + 1, 1000)
    with pytest.raises(TooLarge):
        without_notes(bytes(wide), PNG)


@pytest.mark.django_db
def test_a_photo_is_kept_without_its_notes(
    draft: PostMortem, contributor: User, api: Callable[[User], Any], sign_in: Callable[[User], Any]
) -> None:
    kept = attach_file(actor=contributor, postmortem=draft, file=ContentFile(photo("JPEG"), name="lab.jpg"))
    content = data_of_files(draft, [kept.pk])[kept.pk].content
    assert not [secret for secret in SECRETS if secret in content]
    assert kept.size == len(content) == Attachment.objects.get().size
    again = attach_file(actor=contributor, postmortem=draft, file=ContentFile(content, name="lab.jpg"))
    assert again.pk == kept.pk, "what was taken away and is brought again is the same"
    client, base = api(contributor), f"/api/v1/post-mortems/{draft.reference}/files/"
    made = client.post(base, {"file": SimpleUploadedFile("x.png", photo("PNG"))}, format="multipart").json()
    served = b"".join(client.get(f"{base}{made['id']}/").streaming_content)
    assert not [secret for secret in SECRETS if secret in served]
    assert "What a picture hides" in sign_in(contributor).get(draft.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_a_picture_that_cannot_be_followed_is_refused_in_words(draft: PostMortem, contributor: User) -> None:
    wide = bytearray(photo("PNG"))
    wide[16:24] = struct.pack(">II", 20_000, 20_000)
    for content, code, words in (
        (photo("JPEG")[:300], "picture_broken", "save it anew"),
        (bytes(wide), "picture_too_large", "at most 50 million points"),
    ):
        with pytest.raises(Refused, match=words) as refused:
            attach_file(actor=contributor, postmortem=draft, file=ContentFile(content, name="a.jpg"))
        assert (refused.value.code, refused.value.status, refused.value.field) == (code, 400, "file")
    assert not Attachment.objects.exists()
