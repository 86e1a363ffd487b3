"""The portfolio as tables to take away: one spreadsheet, or one table as CSV."""

from explain.outcomes.exports.files import as_csv, as_xlsx
from explain.outcomes.exports.tables import TABLES, Table, table_named, tables_of

__all__ = ["TABLES", "Table", "as_csv", "as_xlsx", "table_named", "tables_of"]
