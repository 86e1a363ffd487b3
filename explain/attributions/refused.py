"""What the explanations room says when it will not, or cannot, explain a file."""

from __future__ import annotations

from typing import Final, Literal, get_args

Code = Literal[
    "unsafe_format",
    "malformed_model",
    "model_crashed",
    "limit_exceeded",
    "schema_mismatch",
    "malformed_data",
    "unsupported_model",
]
CODES: Final[frozenset[str]] = frozenset(get_args(Code))


class ExplainRefused(Exception):  # noqa: N818 - named like the portal's own refusals
    """A file or a request was refused; the message is written for the person who asked: what, why, what to
    do."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message


class ExplainStopped(Exception):  # noqa: N818 - not an error: someone asked for the stop
    """The computation was cancelled; nothing was written."""
