"""`manage.py prepare`: check, migrate, load the methodologies; what the supervisor and a deployment run first."""

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from foundation.jobs.reconciler import reconcile
from foundation.people.models import User


class Command(BaseCommand):
    """One line for each fault and exit 1, or a ready database."""

    help = "Check the settings, migrate the database, load the shipped methodologies."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only look, change nothing")
        parser.add_argument("--nobody-works", action="store_true", help="no worker is alive: take its jobs back")
        parser.add_argument("--report", help="file for what the supervisor wants to know (JSON)")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = [
            found for found in run_checks(include_deployment_checks=settings.PRODUCTION) if not found.is_silenced()
        ]
        for found in faults:
            self.stdout.write(" ".join(part for part in (str(found.msg), str(found.hint or "")) if part))
        if any(found.level >= ERROR for found in faults):
            raise CommandError("The settings above must be mended first.")
        try:
            connection.ensure_connection()
            if not options["check"]:
                call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            raise CommandError(
                f"The database does not take it: {str(error).strip().splitlines()[0]} Look at DATABASE_URL."
            ) from None
        if options["check"]:
            return
        if "load_methodologies" in get_commands():
            call_command("load_methodologies", verbosity=0)
        if options["nobody_works"]:
            reconcile(nobody_works=True)
        if options["report"]:
            Path(options["report"]).write_text(json.dumps(_report()))


def _report() -> dict[str, Any]:
    empty = not User.objects.exists()
    story = settings.DEMO and not settings.PRODUCTION and "load_demo" in get_commands()
    sign_ins: list[tuple[str, str, str]] = []
    if settings.DEMO and importlib.util.find_spec("demo.people"):
        # The demo stands beside the house; the ground floor only asks it, if it is there, who may sign in.
        sign_ins = list(importlib.import_module("demo.people").sign_ins())
    shown = sign_ins and ((empty and story) or User.objects.filter(email=sign_ins[0][1]).exists())
    return {"load_story": empty and story, "sign_ins": sign_ins if shown else []}
