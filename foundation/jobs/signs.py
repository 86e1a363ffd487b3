"""Signs of life of worker and scheduler. A worker that is silent after a reconnect answers pings all the same
(celery #8030), so what counts is that a task ran."""

from __future__ import annotations

import socket
from datetime import timedelta

from django.utils import timezone

from foundation.jobs.models import Pulse
from foundation.jobs.services import broker_may_be_tried, hand_over

HEARTBEAT = "jobs.heartbeat"
EVERY_SECONDS = 20.0


def worker_beat() -> None:
    """Note that a task ran on this host."""
    _beat(f"worker:{socket.gethostname()}")


def scheduler_beat() -> None:
    """Note that the scheduler on this host finished a round."""
    _beat(f"scheduler:{socket.gethostname()}")


def ask_workers() -> int:
    """Send one heartbeat task for each host seen of late, at least one; returns how many were sent.

    The broker serves the worker that has waited longest, so each idle worker gets its own.
    """
    since = timezone.now() - timedelta(minutes=10)
    hosts = max(1, Pulse.objects.filter(name__startswith="worker:", at__gt=since).count())
    sent = 0
    for _ in range(hosts):
        if broker_may_be_tried() and hand_over(HEARTBEAT, [], expires=EVERY_SECONDS * 3):
            sent += 1
    return sent


def _beat(name: str) -> None:
    Pulse.objects.update_or_create(name=name[:160], defaults={"at": timezone.now()})
