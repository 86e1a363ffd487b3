"""The steps of a post-mortem: into review, back, published, a new version, closed."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.postmortems import moves
from lifecycle.postmortems.content import content_of
from lifecycle.postmortems.models import ActionItem, PostMortem, Review, Revision
from lifecycle.postmortems.needs import missing_for_publication, missing_for_review
from lifecycle.postmortems.permits import REVIEWING, may
from lifecycle.postmortems.reviewing import Answer
from lifecycle.postmortems.services.following import tell_followers
from lifecycle.postmortems.services.reviews import checked, write_review
from lifecycle.postmortems.services.together import forget_texts
from lifecycle.postmortems.services.writing import hold, note
from lifecycle.projects.models import people_in


@transaction.atomic
def submit_for_review(*, actor: User, postmortem: PostMortem) -> PostMortem:
    """Ask a reviewer. Needs a summary, an impact, three events, a factor and a lesson; says all that is missing."""
    held = hold(postmortem.pk)
    may(actor, "submit", held).demand()
    missing = missing_for_review(held)
    if missing:
        raise Refused(
            f"It is not ready for review: {'; '.join(missing)}. Add this and submit it again.",
            code="not_complete",
            details=missing,
        )
    reviewers = [person for person in people_in(held.project, *REVIEWING) if person.pk != held.owner_id]
    _tell(actor, held, [*reviewers, *_involved(held)], "waits for review", f"{held.reference}: please review")
    return _move(actor, held, "submit")


@transaction.atomic
def return_to_draft(
    *, actor: User, postmortem: PostMortem, reason: str, answers: Mapping[str, Answer] | None = None
) -> PostMortem:
    """Back to its authors, with what is to be done. `answers`: to as many questions of the review as were looked at."""
    held = hold(postmortem.pk)
    may(actor, "return", held).demand()
    why = _reason(reason, "Say what is still to be done.")
    write_review(actor, held, Review.Verdict.RETURN, held.number + 1, checked(answers, all_needed=False), why)
    _tell(actor, held, _involved(held), why, f"{held.reference} came back from review")
    return _move(actor, held, "return", why)


@transaction.atomic
def publish(
    *,
    actor: User,
    postmortem: PostMortem,
    lock: int | None = None,
    answers: Mapping[str, Answer] | None = None,
    comment: str = "",
) -> PostMortem:
    """Freeze it as a revision and let its readers see it.

    `lock`: the number the reviewer read; refused when it was edited since. `answers`: to the questions of `reviewing`.
    Raises Refused when the actor is its owner, when a question is not answered or answered with an unexplained no, when
    accepted actions lack owner or date, or when there is neither an accepted action nor a reason.
    """
    held = hold(postmortem.pk)
    may(actor, "publish", held).demand()
    if lock is not None and lock != held.lock:
        raise Refused(
            "It was edited after you opened it. Read it again, then publish.", code="edited_meanwhile", field="lock"
        )
    missing = missing_for_review(held) + missing_for_publication(held)
    if missing:
        raise Refused(
            f"It cannot be published yet: {'; '.join(missing)}. Return it to draft or mend this first.",
            code="not_complete",
            details=missing,
        )
    settled = checked(answers, all_needed=True)
    held.number += 1
    write_review(actor, held, Review.Verdict.PUBLISH, held.number, settled, comment.strip())
    held.published_at, held.published_by = timezone.now(), actor
    content = content_of(held)
    content_hash = digest_of(content)
    Revision.objects.create(
        postmortem=held, number=held.number, content=content, content_hash=content_hash, author=actor
    )
    held.save(update_fields=["number", "published_at", "published_by"])
    forget_texts(held)
    members = list(
        User.objects.filter(
            memberships__project_id=held.project_id, memberships__left_at__isnull=True, is_active=True
        ).distinct()
    )
    _tell(actor, held, [*members, *_involved(held)], held.title, f"{held.reference} is published")
    tell_followers(actor, held, [*members, *_involved(held)])
    return _move(actor, held, "publish", content_hash=content_hash)


@transaction.atomic
def start_new_version(*, actor: User, postmortem: PostMortem, reason: str) -> PostMortem:
    """Back to draft for a new version; the published revision stays as it is."""
    held = hold(postmortem.pk)
    may(actor, "revise", held).demand()
    return _move(actor, held, "revise", _reason(reason, "Say why a new version is needed."))


@transaction.atomic
def close(*, actor: User, postmortem: PostMortem) -> PostMortem:
    """All accepted actions are verified or cancelled; nothing is left to do."""
    held = hold(postmortem.pk)
    may(actor, "close", held).demand()
    open_ones = list(
        ActionItem.objects.filter(postmortem=held, disposition=ActionItem.Disposition.ACCEPTED)
        .exclude(status__in=[ActionItem.Status.VERIFIED, ActionItem.Status.CANCELLED])
        .values_list("title", flat=True)
    )
    if open_ones:
        raise Refused(
            f"{len(open_ones)} accepted actions are neither verified nor cancelled: {open_ones[0]}. Settle them first.",
            code="actions_open",
            details=open_ones,
        )
    return _move(actor, held, "close")


@transaction.atomic
def reopen(*, actor: User, postmortem: PostMortem, reason: str) -> PostMortem:
    """A closed post-mortem has work again."""
    held = hold(postmortem.pk)
    may(actor, "reopen", held).demand()
    return _move(actor, held, "reopen", _reason(reason, "Say why it is opened again."))


def _move(actor: User, postmortem: PostMortem, move: str, reason: str = "", content_hash: str = "") -> PostMortem:
    before = postmortem.state
    postmortem.state = moves.POSTMORTEM_MOVES[move].target
    postmortem.save(update_fields=["state"])
    is_open = postmortem.visibility != PostMortem.Visibility.RESTRICTED
    after: dict[str, object] = {"state": postmortem.state}
    if content_hash:
        after |= {"number": postmortem.number, "hash": content_hash}
    note(
        actor,
        postmortem,
        f"{move}_postmortem",
        part="state",
        before={"state": before},
        after=after,
        reason=reason if is_open else "",
    )
    return postmortem


def _reason(text: str, ask: str) -> str:
    if not text.strip():
        raise Refused(ask, code="reason_missing", status=400, field="reason")
    return text.strip()


def _involved(postmortem: PostMortem) -> list[User]:
    return [person for person in (postmortem.owner, postmortem.facilitator) if person is not None]


def _tell(actor: User, postmortem: PostMortem, people: list[User], body: str, subject: str) -> None:
    if postmortem.visibility == PostMortem.Visibility.RESTRICTED:
        people = _involved(postmortem)
    tell(
        people=people,
        kind="postmortem",
        subject=subject,
        body=body,
        link=postmortem.get_absolute_url(),
        actor=actor,
        project_id=postmortem.project_id,
    )
