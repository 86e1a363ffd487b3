"""REST views of methodologies: the same services as the pages."""

from lifecycle.methodologies.api.drafts import DraftList, DraftOne, DraftPublish
from lifecycle.methodologies.api.versions import (
    MethodologyCheck,
    MethodologyDifference,
    MethodologyList,
    MethodologyOffer,
    MethodologyOne,
    MethodologyRetire,
)

__all__ = [
    "DraftList",
    "DraftOne",
    "DraftPublish",
    "MethodologyCheck",
    "MethodologyDifference",
    "MethodologyList",
    "MethodologyOffer",
    "MethodologyOne",
    "MethodologyRetire",
]
