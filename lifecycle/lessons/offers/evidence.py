"""Offered cases as evidence: what was offered to the team, and what it made of it.

What was answered before the decision was asked for is pinned with its words: another answer changes the evidence. What
was open then is pinned as open: an answer that comes while others decide is shown, and ends nothing.
"""

from __future__ import annotations

from typing import Any

from foundation.web.digest import digest_of
from lifecycle.lessons.models import CaseOffer
from lifecycle.lessons.offers.selectors import Offered, offered, offered_at, offers_of
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import Brief, EvidenceKind, Item, Summary
from lifecycle.signoff.kinds.keys import SHORT, ids_in
from lifecycle.signoff.manifest import said_by_name

KIND = "case_offer"


def _hash(offer: CaseOffer, *, as_open: bool) -> str:
    if as_open:
        return digest_of({"case": offer.postmortem_id, "state": str(CaseOffer.State.OFFERED)})
    return digest_of({"case": offer.postmortem_id, "state": str(offer.state), "reason": offer.reason})


def collect_offers(stage: Stage) -> list[Item]:
    """Each case offered for the stage, with the answer. The title is not pinned: a case may be restricted later."""
    found = []
    for each in offered_at(stage):
        offer = each.offer
        found.append(
            Item(
                kind=KIND,
                key=f"case_offer:{offer.pk}" + ("" if each.is_answered else ":open"),
                label=f"Case {offer.postmortem.reference}",
                hash=_hash(offer, as_open=not each.is_answered),
                facts={
                    "answer": offer.get_state_display(),
                    "reason": offer.reason[:SHORT],
                    "author": offer.by.name if offer.by else "",
                },
                link=offer.postmortem.get_absolute_url(),
            )
        )
    return found


def recheck_offers(project: Project, keys: list[str]) -> dict[str, str | None]:
    """Present hashes. One query."""
    ids = ids_in(keys)
    found = {offer.pk: offer for offer in CaseOffer.objects.filter(project=project, pk__in=list(ids))}
    return {
        key: _hash(found[pk], as_open=key.endswith(":open")) if pk in found else None
        for pk, own in ids.items()
        for key in own
    }


def summarise_offers(project: Project, items: list[Item]) -> Summary | None:
    """Each case with what is answered now; a case that is no longer open to all keeps its answer and loses its name."""
    if not items:
        return None
    present: dict[int, Offered] = {offer.pk: offered(offer) for offer in offers_of(project)}
    rows = []
    for pk, (key, *_) in ids_in([item.key for item in items]).items():
        item = next(item for item in items if item.key == key)
        each = present.get(pk)
        came_later = bool(each and each.is_answered and key.endswith(":open"))
        rows.append({"item": item, "offered": each, "came_later": came_later})
    answered = sum(1 for item in items if not item.key.endswith(":open"))
    return Summary(
        "lifecycle/lessons/evidence_offers.html",
        {"rows": rows},
        note=f"{answered} of {len(items)} answered when it was submitted",
        brief=tuple(
            Brief(
                item.label,
                f"{item.facts['answer']}{': ' if item.facts['reason'] else ''}{item.facts['reason']}",
                "not answered" if item.key.endswith(":open") else "",
            )
            for item in items
        ),
    )


def say_offer(name: str, value: Any) -> str:
    """A fact of an offer in words."""
    return str(value) if name in ("answer", "reason") else said_by_name(name, value)


LESSONS = EvidenceKind(
    KIND,
    "Earlier cases like this project",
    collect_offers,
    recheck_offers,
    watches=(KIND,),
    summarise=summarise_offers,
    place=65,
    say=say_offer,
)
