"""Pictures without what they hide: place, device, names, times, small copies, other programs' notes.

What is drawn is never decoded: only the parts of the file that a viewer needs are copied, in their order, and what stands
after the picture's end is left out. Which side is up is kept, as the one line that remains of its notes. Pure functions
on bytes; each raises `Broken` where a file cannot be followed to its end.

Formats: PNG 3rd edition (W3C 2025), JPEG (ITU-T T.81) with JFIF and Exif 3.0, GIF89a, WebP container (RFC 9649).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final
from zlib import crc32

from lifecycle.postmortems.sniffing import GIF, JPEG, PNG, WEBP, FileKind

PIXELS_LIMIT: Final = 50_000_000  # points of one picture: whoever shows it needs four bytes for each

_PNG_SIGN: Final = b"\x89PNG\r\n\x1a\n"
# What draws: the rest (tEXt, zTXt, iTXt, eXIf, tIME, and whatever else a program wrote) goes.
_PNG_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs sPLT acTL fcTL fdAT".split()
)
_WEBP_KEPT: Final = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_FRAME_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
_WEBP_NOTES: Final = 0b1100  # flags of VP8X: Exif, XMP
_WEBP_EXIF: Final = 0b1000
_GIF_KEPT: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")  # how often an animation repeats
_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD8)))  # markers of JPEG without a length
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # those that tell the size
_ORIENTATION: Final = 0x0112


class Broken(ValueError):  # noqa: N818 - said of the file
    """The file ends too soon, or is not what it says."""


class TooLarge(ValueError):  # noqa: N818
    """More points than PIXELS_LIMIT."""


def without_notes(content: bytes, kind: FileKind) -> bytes:
    """The same picture without what it hides; a file of another kind as it is. Raises Broken, TooLarge."""
    clean = _CLEANERS.get(kind.media_type)
    if clean is None:
        return content
    try:
        width, height = size_of(content, kind)
        if width * height > PIXELS_LIMIT:
            raise TooLarge
        return clean(content)
    except (struct.error, IndexError) as error:
        raise Broken from error


def size_of(content: bytes, kind: FileKind) -> tuple[int, int]:
    """(width, height) in points. Raises Broken."""
    try:
        width, height = _SIZES[kind.media_type](content)
    except (struct.error, IndexError, StopIteration) as error:
        raise Broken from error
    if not (width and height):
        raise Broken
    return width, height


# PNG


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, chunk with its length, name and check sum), up to the end of the picture."""
    at, name = len(_PNG_SIGN), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise Broken
        yield name, content[at:end]
        at = end


def _png(content: bytes) -> bytes:
    chunks = list(_png_chunks(content))
    kept = [chunk for name, chunk in chunks if name in _PNG_KEPT]
    turned = next((turn for name, chunk in chunks if name == b"eXIf" and (turn := _orientation(chunk[8:-4]))), 0)
    if turned:
        kept.insert(1, _png_chunk(b"eXIf", _tiff(turned)))
    return _PNG_SIGN + b"".join(kept)


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc32(name + body))


def _png_size(content: bytes) -> tuple[int, int]:
    name, chunk = next(_png_chunks(content))
    if name != b"IHDR":
        raise Broken
    width, height = struct.unpack_from(">II", chunk, 8)
    return width, height


# JPEG


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, segment with its marker and, after a scan's head, the scan), up to the end of the picture."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise Broken
        while content[at + 1] == 0xFF:  # filling
            at += 1
        marker = content[at + 1]
        if marker == 0xD9:
            yield marker, content[at : at + 2]
            return
        length = 0 if marker in _ALONE else struct.unpack_from(">H", content, at + 2)[0]
        end = at + 2 + length
        if end > len(content) or (length < 2 and marker not in _ALONE):
            raise Broken
        if marker == 0xDA:
            end = _scan_end(content, end)
        yield marker, content[at:end]
        at = end


def _scan_end(content: bytes, at: int) -> int:
    """Where the drawn data ends: at the next marker that is neither a written 0xFF nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise Broken
        if content[at + 1] and content[at + 1] != 0xFF and content[at + 1] not in _ALONE:
            return at
        at += 1 if content[at + 1] == 0xFF else 2


def _jpeg(content: bytes) -> bytes:
    kept, turned = [b"\xff\xd8"], 0
    for marker, segment in _jpeg_segments(content):
        body = segment[4:]
        if marker == 0xE0 and body.startswith(b"JFIF\x00"):
            # Without the small copy that may stand behind it.
            kept.append(b"\xff\xe0\x00\x10" + body[:12].ljust(12, b"\x00") + b"\x00\x00")
        elif marker == 0xE1 and body.startswith(b"Exif\x00"):
            turned = turned or _orientation(body[6:])
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\x00"):
            kept.append(segment)
        elif marker == 0xEE and body.startswith(b"Adobe"):
            kept.append(segment)  # how its colours are written
        elif marker not in range(0xE0, 0xF0) and marker != 0xFE:
            kept.append(segment)
    if turned:
        notes = b"Exif\x00\x00" + _tiff(turned)
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", len(notes) + 2) + notes)
    return b"".join(kept)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    frame = next(segment for marker, segment in _jpeg_segments(content) if marker in _FRAMES)
    height, width = struct.unpack_from(">HH", frame, 5)
    return width, height


# WebP


def _riff_chunks(content: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """(name, body) of the chunks of a container."""
    while at < end:
        name, length = struct.unpack_from("<4sI", content, at)
        if at + 8 + length > end:
            raise Broken
        yield name, content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = 8 + struct.unpack_from("<I", content, 4)[0]
    if end > len(content) or end <= 12:
        raise Broken
    return _riff_chunks(content, 12, end)


def _webp(content: bytes) -> bytes:
    chunks = list(_webp_chunks(content))
    turned = next((turn for name, body in chunks if name == b"EXIF" and (turn := _orientation(_bare(body)))), 0)
    kept = []
    for name, body in chunks:
        if name == b"VP8X":
            body = bytes([body[0] & ~_WEBP_NOTES | (_WEBP_EXIF if turned else 0)]) + body[1:]
        elif name == b"ANMF":
            inside = _riff_chunks(body, 16, len(body))
            body = body[:16] + b"".join(_riff_chunk(*part) for part in inside if part[0] in _WEBP_FRAME_KEPT)
        if name in _WEBP_KEPT:
            kept.append(_riff_chunk(name, body))
    if turned:
        kept.append(_riff_chunk(b"EXIF", _tiff(turned)))
    whole = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)


def _bare(exif: bytes) -> bytes:
    """Some programs write the head that JPEG has before it."""
    return exif.removeprefix(b"Exif\x00\x00")


def _webp_size(content: bytes) -> tuple[int, int]:
    name, body = next(_webp_chunks(content))
    match name:
        case b"VP8X":
            return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
        case b"VP8L":
            bits = struct.unpack_from("<I", body, 1)[0]
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", body, 6)
            return width & 0x3FFF, height & 0x3FFF
    raise Broken


# GIF


def _gif(content: bytes) -> bytes:
    at = 13 + _gif_colours(content[10])
    kept = [content[:at]]
    while (sign := content[at]) != 0x3B:
        if sign == 0x2C:
            end = _gif_blocks(content, at + 11 + _gif_colours(content[at + 9]))
            is_kept = True
        elif sign == 0x21:
            end = _gif_blocks(content, at + 2)
            label, name = content[at + 1], content[at + 3 : at + 14]
            is_kept = label == 0xF9 or (label == 0xFF and name in _GIF_KEPT)
        else:
            raise Broken
        if is_kept:
            kept.append(content[at:end])
        at = end
    return b"".join(kept) + b";"


def _gif_colours(flags: int) -> int:
    """Bytes of the table of colours that flags speak of."""
    return 3 << ((flags & 0b111) + 1) if flags & 0x80 else 0


def _gif_blocks(content: bytes, at: int) -> int:
    """Where a run of blocks ends, each with its length before it."""
    while content[at]:
        at += content[at] + 1
    return at + 1


def _gif_size(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


# Which side is up, in the notes of a camera: TIFF 6.0, the first directory.


def _orientation(tiff: bytes) -> int:
    """2 to 8; 0 where it stands as it was drawn, or where nobody can tell."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 0
    try:
        at = struct.unpack_from(f"{order}I", tiff, 4)[0]
        count = struct.unpack_from(f"{order}H", tiff, at)[0]
        for place in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, number, value = struct.unpack_from(f"{order}HHIH", tiff, place)
            if tag == _ORIENTATION:
                return value if (kind, number) == (3, 1) and 2 <= value <= 8 else 0
    except struct.error:
        return 0
    return 0


def _tiff(orientation: int) -> bytes:
    """Notes that say nothing but which side is up."""
    return b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)


_CLEANERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    PNG.media_type: _png, JPEG.media_type: _jpeg, GIF.media_type: _gif, WEBP.media_type: _webp,
}  # fmt: skip
_SIZES: Final[dict[str, Callable[[bytes], tuple[int, int]]]] = {
    PNG.media_type: _png_size, JPEG.media_type: _jpeg_size, GIF.media_type: _gif_size, WEBP.media_type: _webp_size,
}  # fmt: skip
