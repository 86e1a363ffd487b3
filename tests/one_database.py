"""For `make mutate`: the tables are made once in a process, and each later run of pytest in it or its children copies them.

Thousands of runs, each of a second; making the tables takes several. Loaded by the settings of mutmut alone.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from django.db.backends.sqlite3.creation import DatabaseCreation

_made: list[sqlite3.Connection] = []
_migrate = DatabaseCreation.create_test_db


def _made_or_copied(self: DatabaseCreation, *args: Any, **kwargs: Any) -> str:
    own = self.connection
    if not _made:
        name = _migrate(self, *args, **kwargs)
        _made.append(sqlite3.connect(":memory:"))
        own.connection.backup(_made[0])
        return name
    name = self._get_test_db_name()
    own.close()
    own.settings_dict["NAME"] = name
    own.ensure_connection()
    _made[0].backup(own.connection)
    return name


def pytest_configure() -> None:
    DatabaseCreation.create_test_db = _made_or_copied  # type: ignore[method-assign]
