"""Signatories from outside the organisation: a link for one signature, and codes that confirm the address."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lifecycle.acceptance.models.handoffs import HandOff
from lifecycle.acceptance.models.verdicts import Acceptance
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature


def token_digest(token: str) -> str:
    """SHA-256 of a token; with 256 random bits a slow hash adds nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


class Invitation(models.Model):
    """One outside person, asked for one signature. Of the link's token only the SHA-256 is kept."""

    class Purpose(models.TextChoices):
        VERDICT = "verdict", "verdict on the acceptance"
        WITHDRAWAL = "withdrawal", "withdrawal of the verdict"
        RECEIPT = "receipt", "receipt of the hand-off"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="signatory_invitations")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    acceptance = models.ForeignKey(
        Acceptance, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    handoff = models.ForeignKey(HandOff, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations")
    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail address", max_length=254)
    organisation = models.CharField(max_length=120)
    reason = models.CharField("why this person signs", max_length=300, blank=True)
    language = models.CharField("language of their words", max_length=40, default="English")
    # Empty until the mail goes out: the worker that sends it makes the token, so that no ledger ever holds it.
    token_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    days = models.PositiveSmallIntegerField(default=14)
    mailed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    signature = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="invitation"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(purpose="receipt") & Q(handoff__isnull=False) & Q(acceptance__isnull=True))
                | (~Q(purpose="receipt") & Q(acceptance__isnull=False) & Q(handoff__isnull=True)),
                name="invitation_asks_for_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(signature__isnull=False), name="invitation_used_is_signed"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True), name="invitation_used_or_revoked"
            ),
            models.CheckConstraint(
                condition=Q(mailed_at__isnull=True) | Q(expires_at__isnull=False), name="invitation_expires"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.organisation}"

    @property
    def state(self) -> str:
        """`prepared` (not mailed yet), `sent`, `used`, `ended` or `expired`."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "ended"
        if self.expires_at is None:
            return "prepared"
        return "sent" if self.expires_at > timezone.now() else "expired"

    @property
    def sent_it_back(self) -> bool:
        """Whether a receiver used the link to send the hand-off back."""
        return (
            self.purpose == self.Purpose.RECEIPT
            and self.signature is not None
            and self.signature.meaning == Signature.Meaning.REJECTED
        )

    @property
    def word(self) -> str:
        """The state in words."""
        if self.sent_it_back:
            return "sent back"
        return {
            "used": "signed", "ended": "ended", "prepared": "not sent yet", "sent": "link sent", "expired": "expired",
        }[self.state]  # fmt: skip

    @property
    def mark(self) -> str:
        """The mark of the state on a page."""
        if self.sent_it_back:
            return "no"
        return {"used": "yes", "ended": "idle", "prepared": "wait", "sent": "wait", "expired": "stale"}[self.state]

    @property
    def masked_email(self) -> str:
        """`a***@b.example`: enough to recognise, too little to write to."""
        local, _, domain = self.email.partition("@")
        return f"{local[:1]}***@{domain}"


class SignatoryCode(models.Model):
    """A one-time code of six digits, mailed to the invited address. The worker makes it; a keyed hash is kept."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # When it was typed rightly: from then on it carries a signing session.
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["invitation", "asked_at"], name="signatory_code_asked")]

    def __str__(self) -> str:
        return f"Code {self.pk} for {self.invitation}"
