"""`manage.py sweep_signoff [--on YYYY-MM-DD]`: what the timers of sign-off and acceptance do, now or on another day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from lifecycle.signoff.services.sweeping import sweep


class Command(BaseCommand):
    """Prints one line for each thing that it did."""

    help = "Remind, escalate, revoke and expire in sign-off, and remind of acceptances, as the scheduler does it every ten minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--on", metavar="YYYY-MM-DD", help="as if it were that day: for a trial; what is done stays done"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        on: date | None = None
        if options["on"]:
            try:
                on = date.fromisoformat(options["on"])
            except ValueError:
                raise CommandError(f"{options['on']!r} is no day. Write it as 2026-03-31.") from None
        lines = sweep(on, say=self.stdout.write)
        if not lines:
            self.stdout.write("Nothing is due.")
