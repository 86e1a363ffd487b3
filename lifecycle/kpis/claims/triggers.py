"""The database holds that the agreed shares of a KPI sum to at most the whole in every month."""

from __future__ import annotations

from typing import Any

from foundation.audit.triggers import install_no_delete, install_no_update, kept_unless, remove_kept

_CLAIM, _EVENT = "lifecycle_kpiclaim", "lifecycle_claimevent"

# A sum of shares can only rise where a claim begins, so the months to look at are the beginnings of claims. Shares are
# counted in whole hundred-thousandths: SQLite keeps decimals as binary floats, whose sum may miss 1 by a hair.
_TOO_MUCH = """
EXISTS (
  SELECT 1 FROM lifecycle_kpiclaim p
  WHERE p.kpi_id = NEW.kpi_id AND p.state = 'agreed' AND p.from_month >= NEW.from_month
    AND (NEW.until IS NULL OR p.from_month <= NEW.until)
    AND (
      SELECT SUM(CAST(ROUND(c.share * 100000) AS INTEGER)) FROM lifecycle_kpiclaim c
      WHERE c.kpi_id = NEW.kpi_id AND c.state = 'agreed' AND c.from_month <= p.from_month
        AND (c.until IS NULL OR c.until >= p.from_month)
    ) > 100000
)
"""
_SENTENCE = "agreed claims on a KPI sum to more than the whole"

# Two transactions at once do not see each other's rows; so each first takes the KPI's row, and looks when it has it.
# NO KEY UPDATE: the foreign keys of rows that are being added elsewhere hold the row by a weaker lock.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {_CLAIM}_at_most_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM lifecycle_kpi WHERE id = NEW.kpi_id FOR NO KEY UPDATE;
  IF {_TOO_MUCH} THEN
    RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""

_OF_DEMO = (
    "EXISTS (SELECT 1 FROM lifecycle_project p WHERE p.is_demo AND p.id = OLD.project_id) OR "
    "EXISTS (SELECT 1 FROM lifecycle_kpi k JOIN lifecycle_project p ON p.id = k.project_id "
    "WHERE k.id = OLD.kpi_id AND p.is_demo)"
)
_EVENT_OF_DEMO = (
    "EXISTS (SELECT 1 FROM lifecycle_kpiclaim c JOIN lifecycle_kpi k ON k.id = c.kpi_id "
    "JOIN lifecycle_project p ON p.is_demo AND p.id IN (c.project_id, k.project_id) WHERE c.id = OLD.claim_id)"
)
_TERMS = ("kpi_id", "project_id", "share", "from_month", "rule", "basis", "proposed_by_id", "proposed_at")


def hold_claims(apps: Any, editor: Any) -> None:
    """For `migrations.RunPython`: shares sum to at most 1, terms stay, rows stay."""
    connection = editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            cursor.execute(
                f"CREATE CONSTRAINT TRIGGER {_CLAIM}_at_most_whole "
                f"AFTER INSERT OR UPDATE ON {_CLAIM} FOR EACH ROW WHEN (NEW.state = 'agreed') "
                f"EXECUTE FUNCTION {_CLAIM}_at_most_whole()"
            )
        else:
            for deed in ("INSERT", "UPDATE"):
                cursor.execute(
                    f"CREATE TRIGGER {_CLAIM}_at_most_whole_{deed.lower()} AFTER {deed} ON {_CLAIM} "
                    f"WHEN NEW.state = 'agreed' BEGIN SELECT RAISE(ABORT, '{_SENTENCE}') WHERE {_TOO_MUCH}; END"
                )
    same = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    altered = [f"OLD.{column} {same} NEW.{column}" for column in _TERMS]
    later_end = "OLD.until IS NOT NULL AND (NEW.until IS NULL OR NEW.until > OLD.until)"
    install_no_update(connection, _CLAIM, f"{' OR '.join(altered)} OR {later_end} OR OLD.state = 'withdrawn'")
    install_no_delete(connection, _CLAIM, _OF_DEMO)
    hold_events(apps, editor)


def let_claims_go(apps: Any, editor: Any) -> None:
    """The way back."""
    connection = editor.connection
    release_events(apps, editor)
    remove_kept(connection, _CLAIM)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {_CLAIM}_at_most_whole ON {_CLAIM}")
            cursor.execute(f"DROP FUNCTION IF EXISTS {_CLAIM}_at_most_whole()")
        else:
            for deed in ("insert", "update"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {_CLAIM}_at_most_whole_{deed}")


hold_events, release_events = kept_unless("lifecycle", "ClaimEvent", _EVENT_OF_DEMO)
# Rates belong to no project; nobody ever changes one, and only those of the demo story can be removed, with the story.
hold_rates, release_rates = kept_unless("lifecycle", "ExchangeRate", "FALSE")
hold_rates_but_demo, _ = kept_unless("lifecycle", "ExchangeRate", "OLD.is_demo")
