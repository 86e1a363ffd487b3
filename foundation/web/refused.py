"""The one way in which the portal says no."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - named for what it tells the person, not for the machine
    """A refusal written for the person who asked: what, why, what to do.

    `code` is stable and goes to the API; `status` is 400 for bad input, 403 for a missing right,
    409 for a state that does not allow the deed; `field` names the input at fault, if one is;
    `details` holds further lines, such as one for each bad row of a file; `rows` the same for machines:
    `{"line", "code", "field", "message"}` of each bad row.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "refused",
        status: int = 409,
        field: str = "",
        details: list[str] | None = None,
        rows: list[dict[str, str | int]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.field = field
        self.details = details or []
        self.rows = rows or []


class Verdict:
    """The answer of a permit: truthy when allowed, else falsy with reasons that a person can read."""

    def __init__(self, reasons: list[str] | None = None, code: str = "not_permitted", status: int = 403) -> None:
        self.reasons = reasons or []
        self.code = code
        self.status = status

    def __bool__(self) -> bool:
        return not self.reasons

    def __str__(self) -> str:
        return " ".join(self.reasons)

    def demand(self) -> None:
        """Raise `Refused` with the reasons unless allowed."""
        if self.reasons:
            raise Refused(str(self), code=self.code, status=self.status)


ALLOWED = Verdict()


def denied(reason: str, *, code: str = "not_permitted", status: int = 403) -> Verdict:
    """A verdict that says no for one reason."""
    return Verdict([reason], code, status)
