"""Post-mortems: a draft of the contributor that only the project sees."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.people.models import User
from lifecycle.postmortems.models import ActionItem, PostMortem, UnsavedText
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import close, publish, submit_for_review
from lifecycle.postmortems.templates import SECTIONS
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import Place

ROWS = """
#                                       nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-taxonomy                 L R RRRRRRR RRR / R
GET    api:api-my-actions               L R RRRRRRR RRR / R
GET    api:api-postmortem-following L R RRRRRRR RRR / R
PUT    api:api-postmortem-following L D DDDDDDD DDD / D
POST   postmortems:follow           L D DDDDDDD DDD / D
GET    api:api-postmortem-triggers      L R RRRRRRR RRR / R
GET    api:api-postmortem-review-questions L R RRRRRRR RRR / R
GET    api:api-postmortems              L R RRRRRRR RRR / R
POST   api:api-postmortems              L N DDDDDDD FFF
GET    api:api-postmortem               L N RRRRRRR RRR
PATCH  api:api-postmortem               L N FDDDDDD FFF
GET    api:api-postmortem-export        L N RRRRRRR RRR
GET    api:api-postmortem-export-as     L N RRRRRRR RRR
GET    api:api-postmortem-outward       L N RRRRRRR RRR
GET    api:api-postmortem-differences   L N RRRRRRR RRR
POST   api:api-action-deeds             L N FDFFFFF FFF
POST   api:api-postmortem-submit        L N FDDDFFF FFF
POST   api:api-postmortem-return        L N FDDDDDF FFF
POST   api:api-postmortem-publish       L N FFDDDDF FFF
POST   api:api-postmortem-revise        L N FDDDFFF FFF
POST   api:api-postmortem-close         L N FDDDFFF FFF
POST   api:api-postmortem-reopen        L N FDDDFFF FFF
POST   api:api-postmortem-timeline      L N FDDDDDD FFF
POST   api:api-postmortem-impacts       L N FDDDDDD FFF
POST   api:api-postmortem-factors       L N FDDDDDD FFF
POST   api:api-postmortem-lessons       L N FDDDDDD FFF
POST   api:api-postmortem-actions       L N FDDDDDD FFF
PATCH  api:api-postmortem-timeline-row  L N FDDDDDD FFF
DELETE api:api-postmortem-timeline-row  L N FDDDDDD FFF
PATCH  api:api-postmortem-impacts-row   L N FDDDDDD FFF
DELETE api:api-postmortem-impacts-row   L N FDDDDDD FFF
PATCH  api:api-postmortem-factors-row   L N FDDDDDD FFF
DELETE api:api-postmortem-factors-row   L N FDDDDDD FFF
PATCH  api:api-postmortem-lessons-row   L N FDDDDDD FFF
DELETE api:api-postmortem-lessons-row   L N FDDDDDD FFF
PATCH  api:api-postmortem-actions-row   L N FDDDDDD FFF
DELETE api:api-postmortem-actions-row   L N FDDDDDD FFF
POST   api:api-postmortem-whys         L N FDDDDDD FFF
PATCH  api:api-postmortem-whys-row     L N FDDDDDD FFF
DELETE api:api-postmortem-whys-row     L N FDDDDDD FFF
GET    postmortems:list                 L R RRRRRRR RRR / R
GET    postmortems:rules                L R RRRRRRR RRR / R
POST   postmortems:change_rule          L F FFFFFFF FFD / F
GET    api:api-templates                L R RRRRRRR RRR / R
GET    postmortems:templates            L R RRRRRRR RRR / R
GET    postmortems:new_template         L F FFFFFFF RFR / F
POST   postmortems:new_template         L F FFFFFFF DFD / F
GET    postmortems:template             L R RRRRRRR RRR / R
POST   postmortems:template             L F FFFFFFF DFD / F
POST   postmortems:retire_template      L F FFFFFFF DFD / F
GET    postmortems:new                  L N RRRRRRR RRR
POST   postmortems:new                  L N DDDDDDD FFF
GET    postmortems:postmortem           L N RRRRRRR RRR
GET    postmortems:export               L N RRRRRRR RRR
GET    postmortems:export_as            L N RRRRRRR RRR
GET    postmortems:outward              L N RRRRRRR RRR
GET    postmortems:differences          L N RRRRRRR RRR
GET    postmortems:revision             L N RRRRRRR RRR
GET    postmortems:changes              L N NRRRRRR RRR
POST   postmortems:keep                 L N FDDDDDD FFF
POST   postmortems:drop                 L N FDDDDDD FFF
POST   postmortems:attach               L N FDDDDDD FFF
GET    postmortems:file                 L N RRRRRRR RRR
POST   postmortems:detach               L N FDDDDDD FFF
GET    api:api-postmortem-files         L N RRRRRRR RRR
POST   api:api-postmortem-files         L N FDDDDDD FFF
GET    api:api-postmortem-file          L N RRRRRRR RRR
DELETE api:api-postmortem-file          L N FDDDDDD FFF
GET    api:api-postmortem-unsaved       L N RRRRRRR RRR
GET    api:api-postmortem-unsaved-one   L N RRRRRRR RRR
DELETE api:api-postmortem-unsaved-one   L N FDDDDDD FFF
POST   postmortems:edit                 L N FDDDDDD FFF
POST   postmortems:move                 L N FDDDFFF FFF
PUT    api:api-postmortem-tags         L N FDDDDDD FFF
POST   postmortems:tags                 L N FDDDDDD FFF
POST   postmortems:action               L N FDFFFFF FFF
POST   postmortems:edit_row             L N FDDDDDD FFF
POST   postmortems:add                  L N FDDDDDD FFF
"""

PARTS = ("timeline", "impacts", "factors", "lessons", "actions", "whys")
FILL = {
    **{
        name: lambda at: {"form": "json"}
        for name in (
            "postmortems:export_as",
            "postmortems:outward",
            "api:api-postmortem-export-as",
            "api:api-postmortem-outward",
        )
    },
    "postmortems:edit": lambda at: {"section": "story"},
    "api:api-postmortem-unsaved-one": lambda at: {"place": "story"},
    "postmortems:change_rule": lambda at: {"cause": "drift"},
    "postmortems:move": lambda at: {"step": "submit"},
    "postmortems:action": lambda at: {"deed": "start"},
    "postmortems:edit_row": lambda at: {"part": "lessons", "row_id": at.rows["lessons"].pk},
    "postmortems:add": lambda at: {"part": "lessons"},
    **{
        name: lambda at: {"file_id": at.rows["files"].pk}
        for name in ("postmortems:file", "postmortems:detach", "api:api-postmortem-file")
    },
    **{
        name: lambda at: {"key": at.rows["template"].key}
        for name in ("postmortems:template", "postmortems:retire_template")
    },
    "api:api-action-deeds": lambda at: {"row_id": at.rows["actions"].pk, "deed": "start"},
    **{
        f"api:api-postmortem-{part}-row": lambda at, part=part: {"row_id": at.rows[part].pk}  # type: ignore[misc]
        for part in PARTS
    },
}
_BODIES: dict[str, dict[str, object]] = {
    "timeline": {"moment": "2026-03-04T00:00:00Z", "text": "Day 4", "role": "project lead"},
    "impacts": {"dimension": "wrong_decisions", "text": "Late", "amount": "42", "unit": "samples"},
    "factors": {"node": "upstream_data_change", "strength": "main", "text": "Codes changed."},
    "lessons": {"kind": "went_well", "text": "The nurse spoke up."},
    "whys": {"question": "Why did nobody know?"},
    "actions": {"title": "Watch the codes daily", "kind": "detect"},
}


def _present(at: Place) -> PostMortem:
    return PostMortem.objects.get(pk=at.postmortem.pk)


def _in_review(at: Place) -> None:
    submit_for_review(actor=at.team["contributor"], postmortem=_present(at))


def _published(at: Place) -> None:
    _in_review(at)
    publish(actor=at.team["reviewer"], postmortem=_present(at), answers=fine())


def _unsaved(at: Place) -> None:
    """Everybody left the same form, with words of their own."""
    for someone in User.objects.all():
        UnsavedText.objects.create(postmortem=at.postmortem, person=someone, place="story", fields={"summary": ["On"]})


def _settled(at: Place) -> None:
    _published(at)
    at.rows["actions"].__class__.objects.filter(pk=at.rows["actions"].pk).update(status="cancelled")


def _closed(at: Place) -> None:
    _settled(at)
    close(actor=at.team["contributor"], postmortem=_present(at))


def _proposed(at: Place) -> None:
    ActionItem.objects.filter(pk=at.rows["actions"].pk).update(disposition=ActionItem.Disposition.PROPOSED)


def _without_factor(at: Place) -> None:
    at.rows["factors"].__class__.objects.filter(pk=at.rows["factors"].pk).delete()


def _outward(at: Place) -> None:
    PostMortem.objects.filter(pk=at.postmortem.pk).update(outward_summary="A supplier changed its codes.")


_why = {"reason": "Something was forgotten."}
_opened = {"kind": "production_incident", "title": "A second one", "severity": "medium", "visibility": "team"}
_template = {"name": "Retrospective", "noun": "retrospective", "version": 1} | {
    f"{key}_needed": int(key in ("summary", "lessons")) for key in SECTIONS
}
SEND = {
    "PUT api:api-postmortem-following": Send(lambda at: {"is_told": True}),
    "POST postmortems:follow": Send(lambda at: {"on": "1"}),
    "POST postmortems:new": Send(lambda at: _opened),
    "POST api:api-postmortems": Send(lambda at: {**_opened, "project": at.key}),
    "POST postmortems:change_rule": Send(lambda at: {"drift-severity": "high", "drift-template": "full"}),
    "PATCH api:api-postmortem": Send(lambda at: {"lock": at.lock, "summary": "Told anew."}),
    "POST postmortems:attach": Send(lambda at: {"file": SimpleUploadedFile("lab.csv", b"a,b\n1,2\n")}),
    "POST api:api-postmortem-files": Send(lambda at: {"file": SimpleUploadedFile("lab.csv", b"a,b\n1,2\n")}),
    "POST postmortems:new_template": Send(lambda at: _template),
    "POST postmortems:template": Send(lambda at: _template),
    "POST postmortems:keep": Send(lambda at: {"lock": at.lock, "place": "story", "summary": "On its way."}),
    "POST postmortems:drop": Send(lambda at: {"place": "story"}),
    "POST postmortems:edit": Send(lambda at: {"lock": at.lock, "title": "Labels changed", "summary": "Told anew."}),
    "PUT api:api-postmortem-tags": Send(lambda at: {"lock": at.lock, "tags": [{"kind": "domain", "text": "health"}]}),
    "POST postmortems:tags": Send(lambda at: {"lock": at.lock, "domain": "health, labs"}),
    "POST postmortems:edit_row": Send(lambda at: {"lock": at.lock, "kind": "went_well", "text": "Spoken up."}),
    "POST postmortems:add": Send(lambda at: {"kind": "went_well", "text": "Spoken up."}),
    "POST api:api-postmortem-return": Send(lambda at: _why, before=_in_review),
    "POST api:api-postmortem-publish": Send(lambda at: {"answers": fine()}, before=_in_review),
    "POST api:api-postmortem-revise": Send(lambda at: _why, before=_published),
    "POST api:api-postmortem-close": Send(before=_settled),
    "POST api:api-postmortem-reopen": Send(lambda at: _why, before=_closed),
    "GET api:api-postmortem-unsaved-one": Send(before=_unsaved),
    "DELETE api:api-postmortem-unsaved-one": Send(before=_unsaved),
    "GET postmortems:revision": Send(before=_published),
    "GET postmortems:differences": Send(before=_published),
    "GET api:api-postmortem-differences": Send(before=_published),
    "GET postmortems:outward": Send(before=_outward),
    "GET api:api-postmortem-outward": Send(before=_outward),
    **{
        f"POST api:api-postmortem-{part}": Send(
            lambda at, part=part: _BODIES[part],  # type: ignore[misc]
            before=_without_factor if part == "factors" else None,
        )
        for part in PARTS
    },
    **{
        f"PATCH api:api-postmortem-{part}-row": Send(
            lambda at, part=part: {**_BODIES[part], "lock": at.lock}  # type: ignore[misc]
        )
        for part in PARTS
    },
    **{
        f"DELETE api:api-postmortem-{part}-row": Send(
            lambda at: {"lock": at.lock}, before=_proposed if part == "actions" else None
        )
        for part in PARTS
    },
}
