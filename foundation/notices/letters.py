"""What the e-mails say: plain text with a link to where the person acts, and the way to change what is mailed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from foundation.notices.models import Digest, Notice
from foundation.people.models import User
from foundation.web.formats import day_text

LINES = 50  # of one digest; the others are counted


@dataclass(frozen=True)
class Letter:
    """Subject, text and an id that stays the same should the same e-mail be sent again."""

    subject: str
    text: str
    message_id: str

    def to(self, address: str) -> EmailMessage:
        """The e-mail; marked as automatic, so that no absence note answers it."""
        headers = {"Message-ID": self.message_id, "Auto-Submitted": "auto-generated"}
        return EmailMessage(self.subject, self.text, settings.DEFAULT_FROM_EMAIL, [address], headers=headers)


def letter_of(notice: Notice) -> Letter:
    """The e-mail of one notice."""
    text = _text("notice", notice.user, {"notice": notice, "why": why_of(notice), "link": _link(notice)})
    return Letter(f"[Tollgate] {notice.subject}", text, _id(f"notice-{notice.pk}", notice.created_at))


def digest_letter(digest: Digest, notices: list[Notice]) -> Letter:
    """The e-mail of one day. `notices`: at least one, oldest first."""
    count = len(notices)
    subject = f"[Tollgate] {count} unread {'notice' if count == 1 else 'notices'} until {day_text(digest.day)}"
    lines = [(notice, why_of(notice), _link(notice)) for notice in notices[:LINES]]
    more = {"lines": lines, "count": count, "left_out": count - len(lines), "all": _address("notices:notices")}
    return Letter(subject, _text("digest", digest.user, more), _id(f"digest-{digest.pk}", digest.asked_at))


def why_of(notice: Notice) -> str:
    """Why the person is told; a general sentence where the deed gave none."""
    if notice.why:
        return notice.why
    if notice.project_id is not None:
        return "It concerns a project that you are part of."
    return "It concerns you or something that you asked for."


def _text(name: str, person: User, context: dict[str, Any]) -> str:
    told = {"person": person, "wishes": _address("people:profile"), **context}
    return render_to_string(f"foundation/notices/{name}.txt", told).strip() + "\n"


def _link(notice: Notice) -> str:
    return f"{settings.BASE_URL}{notice.link}" if notice.link.startswith("/") else ""


def _address(route: str) -> str:
    return f"{settings.BASE_URL}{reverse(route)}"


def _id(name: str, at: datetime) -> str:
    # With the moment, since two portals at one address, such as a trial, may count alike.
    return f"<{name}.{at:%Y%m%d%H%M%S%f}@{urlsplit(settings.BASE_URL).hostname or 'tollgate'}>"
