"""`manage.py load_demo [--compute]`: the demo story, into an empty portal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.cast import PASSWORD
from demo.people import sign_ins
from demo.removal import remove_story
from demo.story import is_complete, tell
from lifecycle.projects.models import Project


class Command(BaseCommand):
    """Loads the story through the portal's own services. A load that broke off is taken out and begun again."""

    help = "Load the demo story into an empty portal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--compute", action="store_true", help="run its computations in this process, without a worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Project.objects.filter(is_demo=False).exists():
            raise CommandError("This portal holds projects of its own. The demo story goes into an empty portal only.")
        if Project.objects.filter(is_demo=True).exists():
            if is_complete():
                self.stdout.write("The demo story is loaded already.")
                return
            remove_story(actor=None)
            self.stdout.write("A load that broke off was taken out; beginning again.")
        projects = tell(compute=options["compute"], say=self.stdout.write)
        self.stdout.write(f"The demo story is loaded: {', '.join(project.name for project in projects)}.")
        self.stdout.write(f"Sign in as any of these, with the password '{PASSWORD}':")
        for role, email, _ in sign_ins():
            self.stdout.write(f"  {role:22} {email}")
