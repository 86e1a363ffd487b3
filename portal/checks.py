"""System checks: a bad setting is explained before the portal starts."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def environment_is_sound(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """One message for each value of the environment that could not be used."""
    messages: list[CheckMessage] = [
        Error(problem.message, hint=problem.hint, id=f"tollgate.E{number:03d}")
        for number, problem in enumerate(settings.ENVIRONMENT.problems, start=1)
    ]
    try:
        zoneinfo.ZoneInfo(settings.ORGANISATION_TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        messages.append(
            Error(
                f"TOLLGATE_TIME_ZONE is {settings.ORGANISATION_TIME_ZONE!r}, which is no known time zone.",
                hint="Use a name such as Europe/Berlin.",
                id="tollgate.E101",
            )
        )
    currency = settings.ORGANISATION_CURRENCY
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        messages.append(
            Error(
                f"TOLLGATE_CURRENCY is {currency!r}, which is no ISO 4217 code.",
                hint="Use three capital letters such as EUR.",
                id="tollgate.E102",
            )
        )
    return messages


@register(Tags.security, deploy=True)
def production_is_sound(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """What a trial may do and production may not."""
    messages: list[CheckMessage] = []
    if not settings.PRODUCTION:
        return messages
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        messages.append(
            Error(
                "DATABASE_URL names SQLite, which serves one machine only.",
                hint="Name a PostgreSQL database: postgres://user:password@host:5432/name.",
                id="tollgate.E201",
            )
        )
    if not settings.REDIS_URL:
        messages.append(
            Error(
                "REDIS_URL is not set, so web and workers have no broker in common.",
                hint="Name a Valkey or Redis server: redis://:password@host:6379/0.",
                id="tollgate.E202",
            )
        )
    return messages
