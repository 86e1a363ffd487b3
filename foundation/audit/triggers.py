"""Triggers that refuse UPDATE and DELETE on rows that are written once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_FUNCTION = """
CREATE OR REPLACE FUNCTION tollgate_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def install(connection: Any, table: str) -> None:
    """Refuse UPDATE and DELETE (on PostgreSQL TRUNCATE too) on `table`."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            cursor.execute(
                f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION tollgate_refuse_change()"
            )
            cursor.execute(
                f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION tollgate_refuse_change()"
            )
        else:
            for deed in ("UPDATE", "DELETE"):
                cursor.execute(
                    f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once and never changed'); END"
                )


def remove(connection: Any, table: str) -> None:
    """Take the triggers away (reverse migration, emptying a test database)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_written_once ON {table}")
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_never_emptied ON {table}")
        else:
            for deed in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{deed}")


def written_once(app_label: str, model: str) -> tuple[Any, Any]:
    """Forward and backward functions for `migrations.RunPython`."""

    def forward(apps: Any, editor: Any) -> None:
        install(editor.connection, apps.get_model(app_label, model)._meta.db_table)

    def backward(apps: Any, editor: Any) -> None:
        remove(editor.connection, apps.get_model(app_label, model)._meta.db_table)

    return forward, backward


# Rows that belong to something which may go as a whole: never changed, and deleted only under a condition.

_REFUSE_UPDATE = """
CREATE OR REPLACE FUNCTION tollgate_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def install_no_update(connection: Any, table: str, when: str = "TRUE") -> None:
    """Refuse UPDATE on `table` where the SQL condition `when` holds; it may speak of the rows OLD and NEW."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_REFUSE_UPDATE)
            cursor.execute(
                f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} "
                f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION tollgate_refuse_update()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
            )


def install_no_delete(connection: Any, table: str, unless: str) -> None:
    """Refuse DELETE on `table` unless the SQL condition `unless` holds; it may speak of the row as OLD."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {table}_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN IF {unless} THEN RETURN OLD; END IF; "
                f"RAISE EXCEPTION 'rows of {table} are kept' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse_delete()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} WHEN NOT ({unless}) "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are kept'); END"
            )


def remove_kept(connection: Any, table: str) -> None:
    """Take away what `install_no_update` and `install_no_delete` made."""
    with connection.cursor() as cursor:
        for name in ("never_changed", "kept"):
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION IF EXISTS {table}_refuse_delete()")


def kept_unless(app_label: str, model: str, unless: str) -> tuple[Any, Any]:
    """Forward and backward functions for `migrations.RunPython`: no UPDATE ever, DELETE only where `unless` holds."""

    def forward(apps: Any, editor: Any) -> None:
        table = apps.get_model(app_label, model)._meta.db_table
        install_no_update(editor.connection, table)
        install_no_delete(editor.connection, table, unless)

    def backward(apps: Any, editor: Any) -> None:
        remove_kept(editor.connection, apps.get_model(app_label, model)._meta.db_table)

    return forward, backward


# Rows that a worker fills once: free while they are computed, then never changed but for what is named.


def kept_once_computed(
    app_label: str, model: str, *, computed: str, unless: str, free: Sequence[str] = (), emptied: Sequence[str] = ()
) -> tuple[Any, Any]:
    """Forward and backward functions for `migrations.RunPython`.

    `computed`: SQL condition on the row OLD; from then on an UPDATE may alter the fields `free`, and take the fields
    `emptied` to NULL, and nothing else. DELETE passes only where `unless` holds.
    """

    def forward(apps: Any, editor: Any) -> None:
        meta, connection = apps.get_model(app_label, model)._meta, editor.connection
        differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
        altered = [
            f"(OLD.{field.column} {differs} NEW.{field.column}"
            + (f" AND NEW.{field.column} IS NOT NULL)" if field.name in emptied else ")")
            for field in meta.concrete_fields
            if field.name not in free
        ]
        install_no_update(connection, meta.db_table, f"({computed}) AND ({' OR '.join(altered)})")
        install_no_delete(connection, meta.db_table, unless)

    def backward(apps: Any, editor: Any) -> None:
        remove_kept(editor.connection, apps.get_model(app_label, model)._meta.db_table)

    return forward, backward


# SQLite changes a table by making it anew, which it refuses while a trigger of another table speaks of it, and which
# loses the table's own triggers. A migration that alters such a table sets all triggers aside meanwhile.

_aside: dict[str, list[tuple[str, str]]] = {}


def set_aside(apps: Any, editor: Any) -> None:
    """For `migrations.RunPython`, before the changes: take all triggers of a SQLite database away and remember them."""
    connection = editor.connection
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        _aside[connection.alias] = cursor.fetchall()
        for name, _ in _aside[connection.alias]:
            cursor.execute(f'DROP TRIGGER "{name}"')


def bring_back(apps: Any, editor: Any) -> None:
    """For `migrations.RunPython`, after the changes: bring back what `set_aside` took, but for what was made anew."""
    connection = editor.connection
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        there = {name for (name,) in cursor.fetchall()}
        for name, sql in _aside.pop(connection.alias, []):
            if name not in there:
                cursor.execute(sql)
