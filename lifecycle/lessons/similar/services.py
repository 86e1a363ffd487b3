"""Deeds: compute how alike a case is to the others, and what people say of a pair."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.jobs.services import request_job
from foundation.people.models import User
from foundation.web.nouns import house_noun
from foundation.web.refused import ALLOWED, Refused, Verdict, denied
from lifecycle.lessons.models import SimilarPair
from lifecycle.lessons.similar.profiles import corpus_of, profile_of, published
from lifecycle.lessons.similar.scoring import FLOOR, Match, compare
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.moves import TOLD

COMPARE = "compare_cases"
KEPT = 50  # pairs of one case that are kept, the most alike first; those of which people said something stay anyhow
# What changes the words or the facts of a case that is published, or which cases are.
_CHANGES = frozenset({"publish_postmortem", "reopen_postmortem", "set_postmortem_tags", "revise_postmortem"})


def on_entry(entry: Entry) -> None:
    """Listener on the trail: ask a worker to compare a case anew once it is published or changed after that."""
    if entry.thing_kind == "postmortem" and entry.verb in _CHANGES:
        if entry.verb == "set_postmortem_tags" and entry.after.get("state") not in TOLD:
            return
        ask_to_compare(int(entry.thing_id))


def ask_to_compare(postmortem_id: int) -> None:
    """One job for a case, however often it is asked for. In nobody's name: who published it is no matter of the ledger."""
    request_job(kind=COMPARE, args={"postmortem": postmortem_id}, actor=None, dedup_key=str(postmortem_id))


@transaction.atomic
def compare_with_all(postmortem_id: int) -> int:
    """Write the pairs of a case anew; what people said of a pair stays. Returns how many pairs it has.

    Of a case that is no longer published only the pairs with a verdict stay, for when it is published again.
    """
    cases = list(published())
    profiles = [profile_of(case) for case in cases]
    corpus = corpus_of(cases, profiles)
    own = next((profile for profile in profiles if profile.key == postmortem_id), None)
    matches: dict[int, Match] = {}
    if own is not None:
        matches = {
            profile.key: match
            for profile in profiles
            if profile.key != postmortem_id and (match := compare(own, profile, corpus)).score >= FLOOR
        }
    best = dict(sorted(matches.items(), key=lambda each: (-each[1].score, each[0]))[:KEPT])
    former = {
        pair.second_id if pair.first_id == postmortem_id else pair.first_id: pair
        for pair in _pairs(postmortem_id).select_for_update()
    }
    now = timezone.now()
    SimilarPair.objects.filter(
        pk__in=[pair.pk for other, pair in former.items() if other not in best and not pair.verdict]
    ).delete()
    for other, pair in former.items():
        if pair.verdict or other in best:
            match = matches.get(other, Match(0.0, []))
            pair.score, pair.shared, pair.computed_at = match.score, match.shared, now
            pair.save(update_fields=["score", "shared", "computed_at"])
    SimilarPair.objects.bulk_create(
        SimilarPair(
            first_id=min(postmortem_id, other),
            second_id=max(postmortem_id, other),
            score=match.score,
            shared=match.shared,
            computed_at=now,
        )
        for other, match in best.items()
        if other not in former
    )
    return _pairs(postmortem_id).count()


def may_say(actor: User) -> Verdict:
    """Whether the person may say that two cases are, or are not, alike: everybody who reads both, but no auditor."""
    if not actor.is_active or actor.is_auditor:
        return denied("Auditors read everything and change nothing.")
    return ALLOWED


@transaction.atomic
def say_of_pair(*, actor: User, case: PostMortem, other: PostMortem, verdict: str) -> SimilarPair:
    """Say that two cases are alike, that they are not, or take that back (an empty verdict).

    A pair that nothing computed showed can be named this way too. Raises Refused: not_permitted, verdict_unknown,
    same_case, case_not_published. The caller has found both among what the person may see.
    """
    may_say(actor).demand()
    if verdict not in SimilarPair.Verdict.values:
        raise Refused(
            "Say similar, not_similar, or nothing to take it back.", code="verdict_unknown", status=400, field="verdict"
        )
    if case.pk == other.pk:
        raise Refused("A case is always like itself. Name another one.", code="same_case", status=400, field="other")
    if other.state not in TOLD:
        raise Refused(
            f"{other.reference} is not published. Cases are compared once they are.",
            code="case_not_published",
            field="other",
        )
    first, second = sorted((case.pk, other.pk))
    pair, _ = SimilarPair.objects.select_for_update().get_or_create(
        first_id=first, second_id=second, defaults={"score": 0.0, "shared": []}
    )
    if pair.verdict == verdict:
        return pair
    before = pair.verdict
    pair.verdict, pair.verdict_by, pair.verdict_at = verdict, actor if verdict else None, timezone.now()
    pair.save(update_fields=["verdict", "verdict_by", "verdict_at"])
    # Only what everybody reads is named in the trail, and stands in a project's part of it.
    is_open = all(each.visibility == PostMortem.Visibility.ORGANISATION for each in (case, other))
    record(
        actor=actor,
        verb="compare_postmortems",
        thing=pair,
        kind="similar_pair",
        name=f"{case.reference} and {other.reference}" if is_open else f"two {house_noun().many}",
        project_id=case.project_id if is_open else None,
        before={"verdict": before},
        after={"verdict": verdict},
    )
    return pair


def _pairs(postmortem_id: int) -> QuerySet[SimilarPair]:
    return SimilarPair.objects.filter(Q(first=postmortem_id) | Q(second=postmortem_id))
