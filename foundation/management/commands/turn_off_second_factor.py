"""`manage.py turn_off_second_factor EMAIL --reason TEXT`: for the only administrator who lost theirs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.people.models import User
from foundation.people.services import turn_off_factor_at_the_console
from foundation.web.refused import Refused


class Command(BaseCommand):
    """The same deed as on the page of a person, without an administrator who could do it there."""

    help = "Turn off the second factor of a person; they are told, and it is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="e-mail address of the person")
        parser.add_argument(
            "--reason", required=True, help="why; it stands in the audit trail, and the person reads it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email=str(options["email"]).lower()).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['email']}. Look for typing errors.")
        try:
            turn_off_factor_at_the_console(person=person, reason=str(options["reason"]))
        except Refused as refused:
            raise CommandError(refused.message) from None
        self.stdout.write(f"The second factor of {person.name} is turned off, and they are told.")
