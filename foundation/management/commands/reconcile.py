"""`manage.py reconcile`: one look at jobs that got lost, as the scheduler does it all the time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from foundation.jobs.reconciler import reconcile


class Command(BaseCommand):
    """Prints how many were published again, requeued and given up."""

    help = "Find jobs that got lost and bring them back."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = reconcile()
        self.stdout.write(
            f"{counts['published']} published again, {counts['requeued']} queued again, {counts['given_up']} given up."
        )
