"""`manage.py calculate cash-flow|effect|uncertainty`: JSON in, JSON out, without the database."""

from __future__ import annotations

import argparse
import sys
from io import BytesIO
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandParser

from explain.outcomes.calculators import command


class Command(BaseCommand):
    help = "Compute a cash flow, an effect or an uncertainty: JSON on standard input, JSON on standard output."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One word; a wrong one is answered in JSON like every other fault."""
        parser.add_argument("words", nargs=argparse.REMAINDER, metavar="cash-flow | effect | uncertainty")

    def run_from_argv(self, argv: list[str]) -> None:
        """From a shell: nothing of Django's own options stands between."""
        if argv[2:] in (["--help"], ["-h"]):
            self.print_help(argv[0], argv[1])
            return
        sys.exit(command.main(argv[2:], sys.stdin.buffer, sys.stdout))

    def handle(self, *arguments: str, **options: Any) -> None:
        """From code: `call_command("calculate", "effect")` with the request on `sys.stdin`."""
        given = getattr(sys.stdin, "buffer", None) or BytesIO(sys.stdin.read().encode())
        code = command.main(options["words"], given, cast(TextIO, self.stdout))
        if code:
            sys.exit(code)
