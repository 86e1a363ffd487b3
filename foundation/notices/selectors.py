"""Reads of the log of what was mailed."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from foundation.notices.models import Delivery
from foundation.people.models import User


def sees_all_mail(reader: User) -> bool:
    """Administrators look after the mail; everybody else reads what went to themselves."""
    return reader.is_active and reader.is_administrator


def deliveries(reader: User, *, person: str = "", result: str = "") -> QuerySet[Delivery]:
    """Attempts newest first: all for administrators, else one's own. `person`: part of a name or an address."""
    wanted = Q() if sees_all_mail(reader) else Q(user=reader)
    if person:
        wanted &= Q(user__name__icontains=person) | Q(address__icontains=person)
    if result:
        wanted &= Q(result=result)
    return Delivery.objects.filter(wanted).select_related("user")
