"""Own methodologies and their drafts, and moving a project to a newer version."""

from __future__ import annotations

from django.utils import timezone

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.services import begin_draft, publish_draft
from lifecycle.methodologies.wording import source_of
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Round
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import Place

ROWS = """
#                                          nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-methodology-difference      L R RRRRRRR RRR / R
POST   api:api-methodology-retire          L F FFFFFFF DFD / F
POST   api:api-methodology-offer           L F FFFFFFF DFD / F
POST   api:api-methodology-check           L D DDDDDDD DDD / D
GET    api:api-methodology-drafts          L R RRRRRRR RRR / R
POST   api:api-methodology-drafts          L F FFFFFFF DFD / F
GET    api:api-methodology-draft           L R RRRRRRR RRR / R
PATCH  api:api-methodology-draft           L F FFFFFFF DFD / F
DELETE api:api-methodology-draft           L F FFFFFFF DFD / F
POST   api:api-methodology-publish         L F FFFFFFF DFD / F
GET    api:api-project-methodology         L N RRRRRRR RRR
POST   api:api-project-methodology         L N FFDFFFF FFF
GET    methodologies:new                   L R RRRRRRR RRR / R
POST   methodologies:new                   L F FFFFFFF DFD / F
GET    methodologies:draft                 L R RRRRRRR RRR / R
POST   methodologies:draft                 L F FFFFFFF DFD / F
POST   methodologies:publish               L F FFFFFFF DFD / F
POST   methodologies:discard               L F FFFFFFF DFD / F
GET    methodologies:source                L R RRRRRRR RRR / R
GET    methodologies:compare               L R RRRRRRR RRR / R
POST   methodologies:compare               L D DDDDDDD DDD / D
POST   methodologies:retire                L F FFFFFFF DFD / F
POST   methodologies:offer                 L F FFFFFFF DFD / F
GET    projects:methodology                L N RRRRRRR RRR
POST   projects:methodology                L N FFDFFFF FFF
"""

KEY = "our_way"


def _drafted(at: Place) -> None:
    """A small one; its text can be published."""
    begin_draft(actor=_author(at), key=KEY, name="Our way")


def _author(at: Place) -> User:
    """Somebody who may write methodologies, for the time of the preparation."""
    at.newcomer.is_manager = True
    return at.newcomer


def _draft() -> MethodologyDraft:
    return MethodologyDraft.objects.get(key=KEY)


def _published(at: Place, based_on: Methodology | None = None) -> None:
    """Two versions that differ in a sentence."""
    begin_draft(actor=_author(at), key=KEY, name="Our way", based_on=based_on)
    first = publish_draft(actor=_author(at), draft=_draft(), expected_version=1)
    begin_draft(actor=_author(at), text=source_of(first).replace(first.long_name, f"{first.long_name}, anew"))
    publish_draft(actor=_author(at), draft=_draft(), expected_version=1)


def _retired(at: Place) -> None:
    _published(at)
    Methodology.objects.filter(key=KEY, number=2).update(retired_at=timezone.now(), retired_reason="Too long.")


def _movable(at: Place) -> None:
    """The project follows the first of two versions, and nothing awaits a decision."""
    _published(at, at.project.methodology)
    Round.objects.filter(project=at.project).update(state="withdrawn", closed_at=timezone.now())
    at.project.stages.filter(pk=at.stage.pk).update(state="open")
    Project.objects.filter(pk=at.project.pk).update(methodology=Methodology.objects.get(key=KEY, number=1))


_own = {"key": KEY}
_second = {"key": KEY, "number": 2}
FILL = {
    **dict.fromkeys(
        (
            "methodologies:draft", "methodologies:publish", "methodologies:discard", "api:api-methodology-draft",
            "api:api-methodology-publish",
        ),
        lambda at: _own,
    ),
    **dict.fromkeys(
        (
            "methodologies:source", "methodologies:compare", "methodologies:retire", "methodologies:offer",
            "api:api-methodology-difference", "api:api-methodology-retire", "api:api-methodology-offer",
        ),
        lambda at: _second,
    ),
}  # fmt: skip

_new = Send(lambda at: {"key": KEY, "name": "Our way"})
_text = {"text": "framework:\n  key: our_way\n"}
_why = Send(lambda at: {"reason": "Too long."}, before=_published)
_move = Send(lambda at: {"number": 2, "reason": "It is clearer."}, before=_movable)

SEND = {
    "POST methodologies:new": _new,
    "POST api:api-methodology-drafts": _new,
    "GET methodologies:draft": Send(before=_drafted),
    "GET api:api-methodology-draft": Send(before=_drafted),
    "POST methodologies:draft": Send(lambda at: {**_text, "expected_version": 1}, before=_drafted),
    "PATCH api:api-methodology-draft": Send(lambda at: {**_text, "version": 1}, before=_drafted),
    "POST methodologies:publish": Send(lambda at: {"note": "", "expected_version": 1}, before=_drafted),
    "POST api:api-methodology-publish": Send(lambda at: {"note": "", "version": 1}, before=_drafted),
    "POST methodologies:discard": Send(lambda at: {"expected_version": 1}, before=_drafted),
    "DELETE api:api-methodology-draft": Send(lambda at: {"version": 1}, before=_drafted),
    "POST api:api-methodology-check": Send(lambda at: _text),
    "GET methodologies:source": Send(before=_published),
    "GET methodologies:compare": Send(before=_published),
    "POST methodologies:compare": Send(before=_published),
    "GET api:api-methodology-difference": Send(lambda at: {"from": 1}, before=_published),
    "POST methodologies:retire": _why,
    "POST api:api-methodology-retire": _why,
    "POST methodologies:offer": Send(before=_retired),
    "POST api:api-methodology-offer": Send(before=_retired),
    "GET projects:methodology": Send(before=_movable),
    "GET api:api-project-methodology": Send(before=_movable),
    "POST projects:methodology": _move,
    "POST api:api-project-methodology": _move,
}
