"""`manage.py load_methodologies`: CRISP-DM, TDSP and the taxonomy of causes as they come with Tollgate; safe to run again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from lifecycle.methodologies.services import load_shipped
from lifecycle.postmortems.services import load_taxonomy


class Command(BaseCommand):
    """Loads them; content that is there already is left alone."""

    help = "Load the methodologies and the taxonomy of causes that come with Tollgate."

    def handle(self, *args: Any, **options: Any) -> None:
        for methodology in load_shipped():
            if options["verbosity"]:
                self.stdout.write(f"{methodology.name}, version {methodology.number}")
        taxonomy = load_taxonomy()
        if options["verbosity"]:
            self.stdout.write(f"Taxonomy of causes, version {taxonomy.version}")
