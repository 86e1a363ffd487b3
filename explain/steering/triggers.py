"""The database itself keeps proposals: what they say is never changed, an ended one not at all, and none is removed."""

from __future__ import annotations

from typing import Any

from foundation.audit.triggers import install_no_delete, install_no_update, remove_kept

# What its answer adds. Everything else was written when it was proposed.
ANSWER = frozenset({"state", "decider", "signature", "closed_at", "answer"})
_OF_DEMO = "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.id = OLD.project_id AND p.is_demo)"


def hold_proposals(apps: Any, editor: Any) -> None:
    """For `migrations.RunPython`."""
    meta, connection = apps.get_model("explain", "Proposal")._meta, editor.connection
    differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    altered = [
        f"OLD.{field.column} {differs} NEW.{field.column}" for field in meta.concrete_fields if field.name not in ANSWER
    ]
    install_no_update(connection, meta.db_table, f"OLD.state <> 'open' OR {' OR '.join(altered)}")
    install_no_delete(connection, meta.db_table, _OF_DEMO)


def let_proposals_go(apps: Any, editor: Any) -> None:
    """The way back."""
    remove_kept(editor.connection, apps.get_model("explain", "Proposal")._meta.db_table)
