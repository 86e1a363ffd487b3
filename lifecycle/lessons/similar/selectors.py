"""Reads of pairs: never one of which the person may not see both."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from foundation.people.models import User
from lifecycle.lessons.models import SimilarPair
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.moves import TOLD

SHOWN = 5


@dataclass(frozen=True)
class Alike:
    """Another case with what both share, in words, and what people said of the pair."""

    case: PostMortem
    why: list[str]
    verdict: str
    score: float


@dataclass(frozen=True)
class SimilarCases:
    """What a page shows: the most alike ones, and those that somebody said are not alike."""

    alike: list[Alike]
    unlike: list[Alike]


def similar_to(user: User, case: PostMortem) -> SimilarCases:
    """Published cases like this one that the person may see: those that people named first, then by score. Two queries."""
    pairs = {
        pair.second_id if pair.first_id == case.pk else pair.first_id: pair
        for pair in SimilarPair.objects.filter(Q(first=case) | Q(second=case))
    }
    seen = (
        PostMortem.objects.visible_to(user).filter(pk__in=list(pairs), state__in=TOLD).select_related("project")
        if pairs
        else []
    )
    found = [
        Alike(other, list(pairs[other.pk].shared), pairs[other.pk].verdict, pairs[other.pk].score) for other in seen
    ]
    found.sort(key=lambda each: (each.verdict != SimilarPair.Verdict.SIMILAR, -each.score, each.case.pk))
    return SimilarCases(
        alike=[each for each in found if each.verdict != SimilarPair.Verdict.NOT_SIMILAR][:SHOWN],
        unlike=[each for each in found if each.verdict == SimilarPair.Verdict.NOT_SIMILAR],
    )
