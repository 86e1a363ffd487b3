"""`manage.py explain MODEL DATA --format ...`: the worker's engine in the worker's sandbox, without the database."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from explain.attributions import command


class Command(BaseCommand):
    help = "Explain a model file on the rows of a data file; prints a JSON summary, needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """All words go to the command line of explanations, which has a contract of its own."""
        parser.add_argument("words", nargs=argparse.REMAINDER)

    def run_from_argv(self, argv: list[str]) -> None:
        """From a shell: nothing of Django's own options stands between."""
        sys.exit(command.main(argv[2:]))

    def handle(self, *arguments: str, **options: Any) -> None:
        """From code: `call_command("explain", MODEL, DATA, "--format", ...)`."""
        sys.exit(command.main(options["words"]))
