"""Gathers the rooms' models for Django."""

from foundation.audit.models import Entry
from foundation.calendar.models import Calendar, OwnDay
from foundation.jobs.models import Job, Pulse, Slot
from foundation.notices.models import Delivery, Digest, Notice
from foundation.people.models import ApiToken, User

__all__ = ["ApiToken", "Calendar", "Delivery", "Digest", "Entry", "Job", "Notice", "OwnDay", "Pulse", "Slot", "User"]
