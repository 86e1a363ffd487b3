"""The one way in which a calculator says no to its input."""


class CalculationRefused(ValueError):  # noqa: N818 - named for what it tells the person
    """Input that cannot be computed with: a stable code, a sentence, and the field at fault."""

    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The body of the answer: {"error": {"code", "message", "field"}}."""
        return {"error": {"code": self.code, "message": self.message, "field": self.field}}
