"""`manage.py remove_demo [--by E-MAIL]`: takes the demo story out again."""

from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.removal import remove_story
from foundation.people.models import User


class Command(BaseCommand):
    """Deletes the demo's projects; the audit trail keeps that they were there and who removed them."""

    help = "Take the demo story out of the portal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", help="e-mail address of the person who removes it, for the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = None
        if options["by"]:
            actor = User.objects.filter(email=str(options["by"]).lower()).first()
            if actor is None:
                raise CommandError(
                    f"Nobody here has the e-mail address {options['by']}. Name somebody who signs in here."
                )
        keys = remove_story(actor=actor, actor_name="" if actor else f"{getpass.getuser()} (command line)")
        self.stdout.write(f"Removed: {', '.join(keys)}." if keys else "There is no demo story here.")
