"""Asking the index: the same three questions in the words of each database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from lifecycle.lessons.search.words import CLOSES, OPENS, Term, terms
from lifecycle.postmortems.models import PostMortem

FTS = "lifecycle_search"  # the virtual table of FTS5; its rowid is the post-mortem's
TABLE = "lifecycle_searchtext"
_WEIGHTS = "10.0, 4.0, 1.0"  # title, summary, rest; on PostgreSQL the letters A, B and D
_ANGLES_AWAY = "\x04\x05"
_ANGLES_BACK = {4: "<", 5: ">"}
_PG_WEIGHTS = "{0.1, 0.2, 0.4, 1.0}"  # D, C, B, A


class FullText:
    """The index of this installation's database."""

    def narrow(self, found: QuerySet[PostMortem], text: str) -> QuerySet[PostMortem]:
        """Those that hold all words; none where no word was typed."""
        asked = terms(text)
        if not asked:
            return found.none()
        if connection.vendor == "postgresql":
            query, params = tsquery(asked)
            sql = f"SELECT postmortem_id FROM {TABLE} WHERE document @@ ({query})"  # nosec B608 - constants
        else:
            sql, params = f"SELECT rowid FROM {FTS} WHERE {FTS} MATCH %s", [match(asked)]  # nosec B608
        return found.filter(pk__in=RawSQL(sql, params))  # nosec B611 - what was typed is a parameter

    def best(self, found: QuerySet[PostMortem], text: str, start: int, stop: int) -> tuple[list[int], int]:
        """Keys in the order of their match: title before summary before the rest, newer ones first among equals; and how
        many there are, counted on the same way through the index."""
        asked = terms(text)
        if not asked:
            return [], 0
        inner, inner_params = found.order_by().values("pk").query.sql_with_params()
        if connection.vendor == "postgresql":
            query, params = tsquery(asked)
            sql = (
                f"SELECT t.postmortem_id, count(*) OVER () FROM {TABLE} t, (SELECT {query} AS q) asked "  # nosec B608
                f"WHERE t.document @@ asked.q AND t.postmortem_id IN ({inner}) "
                f"ORDER BY ts_rank('{_PG_WEIGHTS}', t.document, asked.q, 1) DESC, t.postmortem_id DESC "
                "LIMIT %s OFFSET %s"
            )
        else:
            params = [match(asked)]
            # The + keeps SQLite from asking the index once for each case that may be seen. Its rank is not known to a query
            # that counts over all rows, so that one stands around it.
            sql = (
                "SELECT key, count(*) OVER () FROM ("  # nosec B608
                f"SELECT rowid AS key, bm25({FTS}, {_WEIGHTS}) AS rank FROM {FTS} "
                f"WHERE {FTS} MATCH %s AND +rowid IN ({inner})"
                ") ORDER BY rank, key DESC LIMIT %s OFFSET %s"
            )
        rows = _rows(sql, [*params, *inner_params, max(0, stop - start), start])
        return [key for key, _ in rows], rows[0][1] if rows else 0

    def snippets(self, keys: Sequence[int], text: str) -> dict[int, SafeString]:
        """A line around the first words that were found in summary or rest; what people wrote is escaped."""
        asked = terms(text)
        if not asked or not keys:
            return {}
        places = ", ".join(["%s"] * len(keys))
        if connection.vendor == "postgresql":
            query, params = tsquery(asked)
            options = f"StartSel={OPENS}, StopSel={CLOSES}, MaxFragments=1, MaxWords=28, MinWords=12"
            # Its headline leaves out what looks like a tag, so the angles step aside meanwhile.
            sql = (
                "SELECT t.postmortem_id, "  # nosec B608
                "ts_headline('english', translate(t.summary || ' ' || t.body, '<>', %s), asked.q, %s) "
                f"FROM {TABLE} t, (SELECT {query} AS q) asked WHERE t.postmortem_id IN ({places})"
            )
            rows = [
                (key, line.translate(_ANGLES_BACK)) for key, line in _rows(sql, [_ANGLES_AWAY, options, *params, *keys])
            ]
        else:
            sql = (
                f"SELECT rowid, snippet({FTS}, 1, %s, %s, '…', 28), snippet({FTS}, 2, %s, %s, '…', 28) "  # nosec B608
                f"FROM {FTS} WHERE {FTS} MATCH %s AND rowid IN ({places})"
            )
            found = _rows(sql, [OPENS, CLOSES, OPENS, CLOSES, match(asked), *keys])
            rows = [(key, rest if OPENS in rest and OPENS not in summary else summary) for key, summary, rest in found]
        return {key: marked(line) for key, line in rows}


def match(asked: Sequence[Term]) -> str:
    """The question in the language of FTS5: each term in quotes, so that no word of it is a command."""
    return " ".join(f'"{" ".join(term.words)}"' + (" *" if term.is_beginning else "") for term in asked)


def tsquery(asked: Sequence[Term]) -> tuple[str, list[Any]]:
    """SQL of a tsquery with its parameters; a beginning goes through `to_tsquery`, letters and digits only."""
    parts: list[str] = []
    params: list[Any] = []
    for term in asked:
        if term.is_beginning:
            parts.append("to_tsquery('english', %s)")
            quoted = [f"'{word}'" for word in term.words]
            params.append(" <-> ".join(quoted) + ":*")
        else:
            parts.append("phraseto_tsquery('english', %s)")
            params.append(" ".join(term.words))
    return " && ".join(parts), params


def marked(line: str) -> SafeString:
    """The line as HTML: escaped, then marked."""
    html = str(escape(" ".join(line.split())))
    opened = html.count(OPENS)
    html = html.replace(OPENS, "<mark>").replace(CLOSES, "</mark>")
    # A line is cut anywhere; what is not closed is closed.
    html += "</mark>" * max(0, opened - html.count("</mark>"))
    return mark_safe(html)  # nosec B308 B703 - escaped just above


def _rows(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
