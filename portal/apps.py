"""The roof: puts the house together when Django starts."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        # The Celery app must exist before a task is published from the web process; the others register themselves.
        from portal import (
            celery,  # noqa: F401
            checks,  # noqa: F401
        )
        from portal.api import schema  # noqa: F401
