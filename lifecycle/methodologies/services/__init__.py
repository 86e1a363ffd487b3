"""Deeds on methodologies, one file for each family."""

from lifecycle.methodologies.services.bringing import SHIPPED, add_methodology, freeze, load_shipped, read_yaml
from lifecycle.methodologies.services.drafting import begin_draft, change_draft, discard_draft
from lifecycle.methodologies.services.publishing import offer_again, publish_draft, retire

__all__ = [
    "SHIPPED",
    "add_methodology",
    "begin_draft",
    "change_draft",
    "discard_draft",
    "freeze",
    "load_shipped",
    "offer_again",
    "publish_draft",
    "read_yaml",
    "retire",
]
