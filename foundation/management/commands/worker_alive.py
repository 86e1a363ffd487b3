"""`manage.py worker_alive`: liveness of the worker (or scheduler) on this host, for containers."""

from __future__ import annotations

import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.jobs.selectors import scheduler_is_alive, worker_is_alive


class Command(BaseCommand):
    """Exit 0 when a task ran here less than 90 s ago or a job is being worked on; exit 1 when not."""

    help = "Say whether the worker of this host really works (or, with --scheduler, the scheduler)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scheduler", action="store_true", help="look at the scheduler instead")

    def handle(self, *args: Any, **options: Any) -> None:
        host = socket.gethostname()
        what, alive = ("scheduler", scheduler_is_alive) if options["scheduler"] else ("worker", worker_is_alive)
        if not alive(host):
            raise CommandError(f"The {what} on {host} gave no sign of life for 90 seconds.")
        self.stdout.write(f"The {what} on {host} is alive.")
