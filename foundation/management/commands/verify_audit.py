"""`manage.py verify_audit`: proves the audit trail, or names the entry that does not hold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.audit.verify import verify_chain


class Command(BaseCommand):
    """Exit 0 and the anchor on stdout when the chain holds, exit 1 with the entry at fault when not."""

    help = "Verify the hash chain of the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", help="COUNT:HASH printed by an earlier run and kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        anchor = None
        if options["anchor"]:
            count, _, head = str(options["anchor"]).partition(":")
            if not count.isdigit() or len(head) != 64:
                raise CommandError("--anchor takes COUNT:HASH as an earlier run printed it.")
            anchor = (int(count), head)
        finding = verify_chain(anchor)
        if not finding.holds:
            raise CommandError(f"The audit trail does not hold. {finding.problem} Entries before it hold.")
        self.stdout.write(f"The audit trail holds: {finding.count} entries.")
        self.stdout.write(f"{finding.count}:{finding.head}")
