"""`manage.py bring_demo_people`: the people of the demo, without its story (for the journey over the API)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from demo.people import bring_people
from lifecycle.methodologies.services import load_shipped
from lifecycle.postmortems.services import load_taxonomy


class Command(BaseCommand):
    """People, methodologies and the taxonomy; safe to call again."""

    help = "Bring in the demo's people, both methodologies and the taxonomy."

    def handle(self, *args: Any, **options: Any) -> None:
        load_shipped()
        load_taxonomy()
        bring_people()
