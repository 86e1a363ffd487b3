"""Copies of a project with all that a report reads of it, made inside the database: thirty million readings in minutes."""

from __future__ import annotations

from django.db import connection, models

from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Measurement, ValuePerUnit
from lifecycle.projects.models import Member, Project

# A table, and the column in it that leads to the project.
TABLES: tuple[tuple[type[models.Model], str], ...] = (
    (Project, "id"), (Member, "project_id"), (GoLive, "project_id"), (CashLine, "project_id"), (Kpi, "project_id"),
    (Baseline, "kpi_id"), (ValuePerUnit, "kpi_id"), (Measurement, "kpi_id"),
)  # fmt: skip
STEP = 10_000_000  # between the keys of one copy and the next
OF_KPI = {"kpi_id"}


def copy_project(project: Project, first: int, last: int) -> list[int]:
    """Copies number `first` to `last` of the project, both included; returns their keys."""
    copied = {model._meta.db_table for model, _ in TABLES}
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model, owner in TABLES:
            columns, values = [], []
            for field in model._meta.concrete_fields:
                columns.append(name(str(field.column)))
                values.append(_value(field, copied))
            kpis = f"(SELECT id FROM {name(Kpi._meta.db_table)} WHERE project_id = %s)"  # nosec B608 - names of tables
            where = f"o.{name(owner)} IN {kpis}" if owner in OF_KPI else f"o.{name(owner)} = %s"
            cursor.execute(
                f"WITH RECURSIVE copies(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM copies WHERE n < %s) "  # nosec B608
                f"INSERT INTO {name(model._meta.db_table)} ({', '.join(columns)}) "
                f"SELECT {', '.join(values)} FROM copies CROSS JOIN {name(model._meta.db_table)} o WHERE {where}",
                [first, last, project.pk],
            )
    return [project.pk + STEP * number for number in range(first, last + 1)]


def _value(field: models.Field[object, object], copied: set[str]) -> str:
    """The column's value in a copy: keys of what is copied too are moved, a text that must be unique gets the number."""
    column = f"o.{connection.ops.quote_name(str(field.column))}"
    related = field.related_model
    if field.primary_key or (isinstance(related, type) and related._meta.db_table in copied):
        return f"{column} + {STEP} * copies.n"
    if field.unique or (field.model is Project and field.column == "key"):
        return f"{column} || '-' || CAST(copies.n AS text)"
    return column
