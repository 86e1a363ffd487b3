"""The database keeps links: their terms never change, what ended stays ended, and they go with a demo project only."""

from __future__ import annotations

from typing import Any

from foundation.audit.triggers import install_no_delete, install_no_update, remove_kept

_TABLE = "explain_metriclink"
_TERMS = (
    "project_id", "kpi_id", "kpi_version", "model_name", "metric", "better", "point", "expected", "against",
    "hypothesis", "created_by_id", "created_at",
)  # fmt: skip
_OF_DEMO = "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.id = OLD.project_id AND p.is_demo)"


def hold_links(apps: Any, editor: Any) -> None:
    """For `migrations.RunPython`."""
    connection = editor.connection
    same = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    altered = [f"OLD.{column} {same} NEW.{column}" for column in _TERMS]
    install_no_update(connection, _TABLE, f"{' OR '.join(altered)} OR OLD.ended_at IS NOT NULL")
    install_no_delete(connection, _TABLE, _OF_DEMO)


def let_links_go(apps: Any, editor: Any) -> None:
    """The way back."""
    remove_kept(editor.connection, _TABLE)
