"""`manage.py rebuild_postmortem_search`: write the words of all post-mortems for full-text search anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from foundation.web.nouns import house_noun
from lifecycle.lessons.search.texts import rebuild
from lifecycle.postmortems.models import PostMortem


class Command(BaseCommand):
    help = f"Write the words of all {house_noun().many} for full-text search anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """One row a post-mortem; the database's own index follows by itself."""
        count = rebuild(PostMortem.objects.all())
        self.stdout.write(f"{count} {house_noun().many} can be searched.")
