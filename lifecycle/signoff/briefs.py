"""Answers and KPIs in one line each, for the part of a decision page that is seen without scrolling. No database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from django.utils.html import strip_tags

from foundation.web.formats import day_text, number_text
from foundation.web.markdown import render_markdown
from lifecycle.kpis.charts import unit_words
from lifecycle.signoff.evidence import Brief

_READ = 400  # characters of an answer that are looked at


def brief_answers(answers: Iterable[tuple[str, str]]) -> tuple[Brief, ...]:
    """(question, answer in Markdown) as lines without mark-up."""
    return tuple(Brief(question, _plain(text)) for question, text in answers)


def brief_kpis(rows: Iterable[Mapping[str, Any]]) -> tuple[Brief, ...]:
    """Last reading, baseline and target of each KPI, from the rows of its sheet."""
    return tuple(Brief(row["name"], _reading(row)) for row in rows)


def _reading(row: Mapping[str, Any]) -> str:
    unit = "" if row["unit"] == unit_words("1") else f" {row['unit']}"

    def said(value: float | None, nothing: str) -> str:
        return nothing if value is None else f"{number_text(value)}{unit}"

    due = f" by {day_text(row['target_due'])}" if row["target"] is not None else ""
    return (
        f"{said(row['last'], 'no reading')}; baseline {said(row['baseline'], 'not frozen')}; "
        f"target {said(row['target'], 'not set')}{due}"
    )


def _plain(text: str) -> str:
    return " ".join(unescape(strip_tags(render_markdown(text[:_READ]))).split())
