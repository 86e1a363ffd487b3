"""The wire format of protocol buffers, read with bounds: which fields a message has, before any library sees it."""

from __future__ import annotations

from collections.abc import Iterator

from explain.attributions.refused import ExplainRefused

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
Field = tuple[int, int, int | memoryview]


def fields(message: memoryview) -> Iterator[Field]:
    """(number, wire type, value) of each field in order: an int for numbers (unsigned), the bytes for the others.

    Raises ExplainRefused(malformed_model) where a length leads out of the message, a number has no end, or a wire type is
    not in use.
    """
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at, end)
        number, wire = tag >> 3, tag & 7
        value: int | memoryview
        if wire == VARINT:
            value, at = _varint(message, at, end)
        elif wire == BYTES:
            length, at = _varint(message, at, end)
            if length > end - at:
                raise broken("a part is longer than the file")
            value = message[at : at + length]
            at += length
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
            if size > end - at:
                raise broken("it ends within a number")
            value = int.from_bytes(message[at : at + size], "little")
            at += size
        else:
            raise broken(f"it has a field of the unknown kind {wire}")
        if not number:
            raise broken("it has a field without a number")
        yield number, wire, value


def varints(packed: memoryview) -> Iterator[int]:
    """The numbers of a packed field, unsigned."""
    at, end = 0, len(packed)
    while at < end:
        value, at = _varint(packed, at, end)
        yield value


def signed(value: int) -> int:
    """An unsigned 64-bit number as the signed one that was written."""
    return value - (1 << 64) if value >= 1 << 63 else value


def text(value: int | memoryview) -> str:
    """A text field. Raises ExplainRefused(malformed_model) for what is none."""
    if isinstance(value, int):
        raise broken("a number stands where a text belongs")
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError as error:
        raise broken("a name in it is no text") from error


def part(value: int | memoryview) -> memoryview:
    """A field that is a message. Raises ExplainRefused(malformed_model) for a number."""
    if isinstance(value, int):
        raise broken("a number stands where a part belongs")
    return value


def whole(value: int | memoryview) -> int:
    """A field that is a whole number, signed. Raises ExplainRefused(malformed_model) for anything else."""
    if not isinstance(value, int):
        raise broken("a part stands where a number belongs")
    return signed(value)


def broken(why: str) -> ExplainRefused:
    """The refusal of a file that is not sound ONNX."""
    return ExplainRefused("malformed_model", f"The ONNX file is damaged: {why}. Export it again.")


def _varint(message: memoryview, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 1 << 64:
                raise broken("a number in it is too large")
            return value, at
        shift += 7
        if shift > 63:
            raise broken("a number in it has no end")
    raise broken("it ends within a number")
