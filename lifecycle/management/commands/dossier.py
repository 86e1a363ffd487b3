"""`manage.py dossier PROJECT --out FILE.zip`: a project's records, signatures and trail, provable without the portal."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lifecycle.dossier.services import export_at_console
from lifecycle.projects.models import Project


class Command(BaseCommand):
    """Writes the file whole or not at all."""

    help = "Write the dossier of a project as ZIP. Unpack it and run `python3 -I verify.py` in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="key of the project, as in its address")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.zip", help="where to write it")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.with_methodology().filter(key=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project with the key {options['project']!r}.")
        place: Path = options["out"]
        part = place.with_name(f"{place.name}.part")
        try:
            with part.open("w+b") as target:
                found = export_at_console(project=project, target=target)
            os.replace(part, place)
        except OSError as fault:
            part.unlink(missing_ok=True)
            raise CommandError(f"The dossier could not be written to {place}: {fault.strerror}.") from fault
        built = found.built
        self.stdout.write(f"{place}: {built.records} records in {built.files} files")
        for lost in built.lost:
            self.stderr.write(f"The stored file of {lost} is gone; its fingerprint is told.")
        self.stdout.write(f"head {built.head} (entry {found.entry} of the trail)")
