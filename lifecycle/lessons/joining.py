"""Joins the room to those below it, when the app starts."""

from __future__ import annotations

from foundation.audit.services import listen
from foundation.jobs import kinds
from foundation.web.nouns import house_noun
from lifecycle.lessons import readers
from lifecycle.lessons.checks import beside as checks_beside
from lifecycle.lessons.checks.services import on_entry as checks_on_entry
from lifecycle.lessons.offers import beside as offers_beside
from lifecycle.lessons.offers.evidence import LESSONS
from lifecycle.lessons.offers.gate import ANSWERED
from lifecycle.lessons.offers.services import OFFER
from lifecycle.lessons.offers.services import on_entry as offers_on_entry
from lifecycle.lessons.similar.beside import similar_section
from lifecycle.lessons.similar.services import COMPARE
from lifecycle.lessons.similar.services import on_entry as similar_on_entry
from lifecycle.postmortems import beside as on_cases
from lifecycle.projects import beside as on_projects
from lifecycle.projects import gate_checks
from lifecycle.signoff import evidence


def join() -> None:
    """Called when the app starts."""
    kinds.register(kinds.Kind(COMPARE, f"Compare {house_noun().a} with the others", task="lessons.compare_case"))
    kinds.register(kinds.Kind(OFFER, "Look for cases like a project", task="lessons.offer_cases"))
    for listener in (similar_on_entry, offers_on_entry, checks_on_entry):
        listen(listener)
    on_cases.register(similar_section)
    on_cases.register(checks_beside.checks_section)
    on_cases.when_opened(readers.note_reader)
    on_projects.register(offers_beside.offers_section)
    on_projects.register_origins(checks_beside.origins_of)
    gate_checks.register(ANSWERED)
    evidence.register(LESSONS)
