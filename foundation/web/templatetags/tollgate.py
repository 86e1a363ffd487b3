"""Template tags that every page uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.db.models import Model
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from foundation.web.formats import Amount, MoneyScale, day_text, money_text, number_text
from foundation.web.markdown import render_markdown
from foundation.web.states import grade_word, kind_of

register = template.Library()
_FIGURE, _WORDS = '<td class="num">{}</td>', "<td>{}</td>"


@register.filter
def markdown(text: str | None) -> SafeString:
    """Safe HTML from Markdown."""
    return render_markdown(text or "")


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """A number as people read it."""
    return number_text(value, digits)


@register.filter
def day(value: date | str | None) -> str:
    """3 March 2026; results that were stored hold days as texts."""
    return day_text(date.fromisoformat(value) if isinstance(value, str) and value else value or None)


@register.filter
def month(value: date | str) -> str:
    """March 2026, of any day in it."""
    return f"{date.fromisoformat(value) if isinstance(value, str) else value:%B %Y}"


@register.simple_tag
def money(
    amount: Amount | None,
    currency: str,
    short: bool = False,
    signed: bool = False,
    whole: bool = False,
    scale: MoneyScale | None = None,
) -> str:
    """Money with its currency; in the `scale` of the amounts beside it where one is given."""
    if scale is not None and scale.currency == currency:
        return scale.text(amount, signed=signed)
    return money_text(amount, currency, short=short, whole=whole, signed=signed)


@register.simple_tag
def money_scale(currency: str, *amounts: Amount | str | None, short: bool = True) -> MoneyScale:
    """The scale of amounts that are read together, for a headline or in full: `{% money_scale c low high as scale %}`."""
    # A template has an empty text for what is not there, such as the end of an interval that is not known.
    return MoneyScale.of([amount for amount in amounts if not isinstance(amount, str)], currency, short=short)


@register.simple_tag
def column_scale(currency: str, rows: Iterable[Any], *names: str) -> MoneyScale:
    """The headline scale of columns of a table: the attributes or keys of these names."""
    return MoneyScale.of(
        [row[name] if isinstance(row, dict) else getattr(row, name) for row in rows for name in names],
        currency,
        short=True,
    )


@register.simple_tag
def state(kind: str, word: str) -> SafeString:
    """A state as word, shape and colour. `kind`: wait, yes, cond, no, stale or idle."""
    return format_html('<span class="state {}">{}</span>', kind, word)


@register.simple_tag
def state_of(thing: Model) -> SafeString:
    """The state of a row that has one, in its own words."""
    kind, word = kind_of(thing)
    return state(kind, word)


@register.simple_tag
def grade(value: str) -> SafeString:
    """How sure a figure is: measured, indicative, assumed, ..."""
    return format_html('<span class="grade {}">{}</span>', value or "none", grade_word(value))


@register.simple_tag
def fingerprint(digest: str) -> SafeString:
    """The first eight signs of a hash; the whole of it on hover and for copying."""
    if not digest:
        return SafeString("–")
    return format_html('<code class="fingerprint" title="{}">{}…</code>', digest, digest[:8])


@register.filter
def is_number(value: Any) -> bool:
    """Whether a cell of a table is aligned as a number."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float | Decimal):
        return True
    text = str(value).replace("\u202f", "").replace("\u00a0", "").replace("\u2212", "-").rstrip("% €")
    return bool(text) and text.lstrip("+-").replace(".", "", 1).replace(",", "").isdigit()


def _table_body(rows: Sequence[Sequence[Any]]) -> SafeString:
    """Rows of cells, made here: a template's loop takes far longer, and a page of value has a thousand cells."""
    return format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "{}", ((_cell(cell),) for cell in row)),) for row in rows)
    )


def _cell(cell: Any) -> SafeString:
    return format_html(_FIGURE if is_number(cell) else _WORDS, "–" if cell is None else localize(cell))


@register.inclusion_tag("foundation/web/chart.html")
def chart(
    figure: dict[str, Any],
    id: str,
    label: str = "",
    headers: Sequence[str] = (),
    rows: Sequence[Sequence[Any]] = (),
    height: int | None = None,
) -> dict[str, Any]:
    """A chart from a plain Plotly figure (`data`, `layout`) with colour tokens, and the same numbers as a table.

    `label` says in words what the chart shows; `height` is in pixels. A figure may bring its own words in `alt`, its
    table in `table` (headers, rows) and its height in the layout.
    """
    table = figure.get("table") or {}
    return {
        "figure": {part: figure[part] for part in ("data", "layout", "config") if part in figure},
        "figure_id": f"{id}-figure",
        "id": id,
        "label": label or figure.get("alt", ""),
        "headers": headers or table.get("headers", ()),
        "body": _table_body(rows or table.get("rows", ())),
        "height": height or (figure.get("layout") or {}).get("height") or 320,
    }


@register.inclusion_tag("foundation/web/progress.html")
def progress(job: Model, on_its_page: bool = False) -> dict[str, Any]:
    """How far a job is; asks again by itself while it is open, and loads the page anew when it has ended."""
    return {"job": job, "on_its_page": on_its_page}


@register.filter(is_safe=True)
def without_colon(label: str) -> str:
    """A label without the colon that Django puts behind it."""
    return label.removesuffix(":")


@register.filter
def quoted(text: str) -> str:
    """Each line behind a mark, as e-mails quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


@register.filter
def indented(text: str) -> str:
    """Each line moved to the right, for lists in e-mails."""
    return "\n".join(f"   {line}".rstrip() for line in text.splitlines())
