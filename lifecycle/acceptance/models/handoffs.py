"""The hand-off record: what goes to whom, signed by the hander and counter-signed by the receiver."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature

# Items of the record, in the order in which they are read.
ITEMS: dict[str, str] = {
    "runbook": "Runbook",
    "access": "Access and keys",
    "monitoring": "Monitoring and alerts",
    "retraining": "Retraining",
    "rollback": "Rollback",
    "support": "Support terms",
    "contacts": "Contacts",
}


class HandOff(models.Model):
    """One version of the record. A draft may be edited; what was signed stays, and an edit begins the next version."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        HANDED = "handed", "waits for the receiver"
        RECEIVED = "received", "received"
        SENT_BACK = "sent_back", "sent back"
        SUPERSEDED = "superseded", "former version"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="handoffs")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    receiving_party = models.CharField(max_length=200)
    handed_on = models.DateField("day of the hand-off")
    # One entry for each of ITEMS: key, text, link, not_applicable (the reason).
    items = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    author_signature = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="handoff"
    )
    receiver_signature = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="received_handoff"
    )
    sent_back = models.TextField("why it was sent back", blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    edits = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="handoff_number_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=["draft", "handed"]), name="handoff_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (Q(author_signature__isnull=False) & ~Q(digest="")),
                name="handoff_handed_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(receiver_signature__isnull=False),
                name="handoff_received_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent_back") | ~Q(sent_back=""), name="handoff_return_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Hand-off {self.number} of {self.project}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/acceptance/hand-off/"

    @property
    def content(self) -> dict[str, Any]:
        """What the signatures are bound to."""
        return {
            "project": self.project.key,
            "handoff": self.number,
            "receiving_party": self.receiving_party,
            "handed_on": self.handed_on.isoformat(),
            "items": self.items,
        }

    @property
    def rows(self) -> list[dict[str, str]]:
        """The items with their labels, all of them, in order."""
        given = {item["key"]: item for item in self.items}
        blank = {"text": "", "link": "", "not_applicable": ""}
        return [{**blank, **given.get(key, {}), "key": key, "label": label} for key, label in ITEMS.items()]
