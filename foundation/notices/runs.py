"""The work of the room's jobs: mailing a notice or a digest, once in practice.

A row is written before an e-mail leaves and completed after it. Whoever finds a row that was never completed does not
know whether the e-mail left: it is not sent again, and what it told comes with the next daily e-mail, if still unread.
"""

from __future__ import annotations

import smtplib
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.jobs.claims import Claim
from foundation.notices.digests import notices_of, wants_mail
from foundation.notices.letters import Letter, digest_letter, letter_of
from foundation.notices.models import Delivery, Digest, Notice
from foundation.people.models import MailWish

NOT_KNOWN = "Tollgate was stopped while it was being sent, so it may have left. It is not sent a second time."


def send_notice_mail(claim: Claim) -> None:
    """Mail one notice, to somebody who still wants it so."""
    notice = Notice.objects.select_related("user").get(pk=claim.job.args["notice"])
    if notice.mailed_at is not None or not wants_mail(notice.user):
        return
    if notice.user.mail_wish == MailWish.DAILY:  # changed since the notice was written
        Notice.objects.filter(pk=notice.pk).update(for_digest=True)
        return
    _deliver(Delivery(user=notice.user, notice=notice), letter_of(notice), [notice])


def send_digest(claim: Claim) -> None:
    """Mail what is still unread of one person's day; nothing when all was read meanwhile."""
    digest = Digest.objects.select_related("user").get(pk=claim.job.args["digest"])
    if not wants_mail(digest.user):
        return
    notices = notices_of(digest)
    if notices:
        _deliver(Delivery(user=digest.user, digest=digest), digest_letter(digest, notices), notices)


def _deliver(attempt: Delivery, letter: Letter, notices: list[Notice]) -> None:
    """Send, unless an earlier attempt sent it or may have. Raises what the mail server refused with, for a retry."""
    attempt.address, attempt.subject = attempt.user.email, letter.subject[:250]
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
    except IntegrityError:
        _settle(attempt, notices)
        return
    try:
        letter.to(attempt.address).send()
    except (OSError, ValueError) as error:
        _complete(attempt, Delivery.Result.FAILED, timezone.now(), _in_words(error))
        raise
    sent_at = timezone.now()
    with transaction.atomic():
        _complete(attempt, Delivery.Result.SENT, sent_at)
        _mark_mailed(notices, sent_at)


def _settle(attempt: Delivery, notices: list[Notice]) -> None:
    """An earlier attempt holds the place: it was sent, or it was broken off and nobody knows."""
    same = Delivery.objects.filter(notice=attempt.notice, digest=attempt.digest).exclude(result=Delivery.Result.FAILED)
    with transaction.atomic():
        earlier = same.select_for_update().first()
        if earlier is None:
            return
        if earlier.result == Delivery.Result.SENT:
            _mark_mailed(notices, earlier.ended_at or earlier.at)
            return
        if earlier.result == Delivery.Result.SENDING:
            _complete(earlier, Delivery.Result.UNKNOWN, timezone.now(), NOT_KNOWN)
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(for_digest=True)


def _complete(attempt: Delivery, result: str, at: datetime, error: str = "") -> None:
    Delivery.objects.filter(pk=attempt.pk).update(result=result, ended_at=at, error=error[:500])


def _mark_mailed(notices: list[Notice], at: datetime) -> None:
    Notice.objects.filter(pk__in=[notice.pk for notice in notices], mailed_at__isnull=True).update(mailed_at=at)


def _in_words(error: Exception) -> str:
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=dict(refused)) if refused:
            code, said = next(iter(refused.values()))
            return f"The mail server refuses this address: {code} {_text(said)}"
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
            return f"The mail server refused it: {code} {_text(said)}"
        case OSError():  # what smtplib raises is one, too
            return f"The mail server could not be reached: {error.strerror or error}"
        case _:
            return f"It cannot be written as an e-mail: {error}"


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
