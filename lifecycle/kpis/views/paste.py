"""Many readings at once: rows are shown with what would become of each, and recorded only from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.kpis import services
from lifecycle.kpis.charts import unit_words
from lifecycle.kpis.forms import PasteForm
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.selectors.previews import CHANGED, NEW, NOTED, SAME, Change, Preview, preview_of
from lifecycle.kpis.stated_units import figure_of
from lifecycle.kpis.tables import Cells, Table, read_text
from lifecycle.kpis.views.finding import kpi_of
from lifecycle.kpis.workbooks import is_old_workbook, is_workbook, read_workbook
from lifecycle.kpis.writings import Writing

RECORD_DEED, LEAVE_OUT = "record", "leave_out"
MOST_TOLD = 500  # rows that need a look
MOST_OTHERS = 100  # rows that are merely new or the same


@dataclass
class Line:
    """A row of the preview: what it says, and what becomes of it. `written`: the value in the unit the table states."""

    number: int
    outcome: str
    cells: Cells | None = None
    change: Change | None = None
    sentence: str = ""
    written: str = ""


@dataclass
class Shown:
    """A table that was read, with what recording it would do."""

    table: Table
    preview: Preview
    lines: list[Line] = field(default_factory=list)

    @property
    def new(self) -> int:
        return self.preview.count(NEW)

    @property
    def changed(self) -> int:
        return self.preview.count(CHANGED) + self.preview.count(NOTED)

    @property
    def same(self) -> int:
        return self.preview.count(SAME)

    @property
    def units(self) -> list[str]:
        """Units other than the KPI's that the table states."""
        return sorted(set(self.table.units.values()))

    @property
    def every(self) -> int:
        return len(self.preview.changes) + len(self.table.faults)

    @property
    def not_shown(self) -> int:
        return self.every - len(self.lines)


@require_http_methods(["GET", "POST"])
def paste(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Enter or upload rows; see what they would do; record them."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    allowed = may(user, RECORD, kpi.project)
    if request.method == "GET":
        form = PasteForm(initial=initial_from_kept(request))
        return _render(request, kpi, form, status=200 if allowed else 403, allowed=allowed)
    allowed.demand()
    form = PasteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render(request, kpi, form, status=400)
    given, deed = form.cleaned_data, request.POST.get("deed", "")
    told = Writing(given["mark"], given["order"])
    try:
        table = _read(given["file"], given["text"], kpi, told)
        if deed == LEAVE_OUT and not given["file"]:
            table = read_text(table.without(fault.line for fault in table.faults), kpi, table.writing)
        source = Measurement.Source.CSV if given["file"] else given["source"] or Measurement.Source.FORM
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _render(request, kpi, form, status=400)
    if deed == RECORD_DEED and not table.faults:
        try:
            done = services.record_previewed(
                actor=user, kpi=kpi, rows=table.good, digest=given["digest"], source=source
            )
        except Refused as refused:
            return _preview(request, kpi, form, table, source, status=refused.status, refusal=refused.message)
        messages.success(request, _told(done))
        return redirect(f"{kpi.get_absolute_url()}#readings")
    return _preview(request, kpi, form, table, source, status=400 if table.faults else 200)


def _read(file: IO[bytes] | None, text: str, kpi: Kpi, told: Writing) -> Table:
    """What was chosen, else what was typed. Raises Refused."""
    if file is None:
        return read_text(text, kpi, told)
    head = file.read(8)
    file.seek(0)
    if is_old_workbook(head):
        raise Refused(
            "This is an XLS of former days, or a workbook with a password. Save it as XLSX without one and choose it again.",
            code="workbook_old", status=400, field="file",
        )  # fmt: skip
    if is_workbook(head):
        return read_workbook(file, kpi, told)
    try:
        return read_text(file, kpi, told)
    except Refused as refused:
        refused.field = "file"
        raise


def _told(done: services.Imported) -> str:
    def readings(count: int) -> str:
        return "1 reading" if count == 1 else f"{count} readings"

    if not done.recorded:
        return "Nothing was recorded: all of these readings are there already."
    parts = [f"{done.added} new", f"{done.revised} corrected"]
    if done.unchanged:
        parts.append(f"{done.unchanged} as before")
    return f"{readings(done.recorded)} recorded: {', '.join(parts)}."


def _preview(
    request: HttpRequest, kpi: Kpi, form: PasteForm, table: Table, source: str, *, status: int, refusal: str = ""
) -> HttpResponse:
    """The rows with what would become of them, and the rows themselves to mend."""
    preview = preview_of(kpi, table.good)
    again = PasteForm(
        initial={
            "text": table.text,
            "mark": form.cleaned_data["mark"],
            "order": form.cleaned_data["order"],
            "source": source,
            "digest": preview.digest,
        }
    )
    shown = Shown(table, preview, _lines(table, preview))
    return _render(request, kpi, again, status=status, shown=shown, refusal=refusal)


def _lines(table: Table, preview: Preview) -> list[Line]:
    """Rows in their order: all that need a look, and the first of the others."""
    look = [
        *(Line(fault.line, "fault", table.rows[fault.line - 1], sentence=fault.sentence) for fault in table.faults),
        *(_line(table, change) for change in preview.changes if change.outcome in (CHANGED, NOTED)),
    ]
    others = [_line(table, change) for change in preview.changes if change.outcome in (NEW, SAME)]
    look.sort(key=lambda line: line.number)
    return sorted([*look[:MOST_TOLD], *others[:MOST_OTHERS]], key=lambda line: line.number)


def _line(table: Table, change: Change) -> Line:
    number = change.reading.line
    unit = table.units.get(number)
    written = f"{figure_of(table.rows[number - 1].value)} {unit}" if unit else ""
    return Line(number, change.outcome, change=change, written=written)


def _render(
    request: HttpRequest,
    kpi: Kpi,
    form: PasteForm,
    *,
    status: int,
    shown: Shown | None = None,
    refusal: str = "",
    allowed: Any = True,
) -> HttpResponse:
    faults: Sequence[Any] = shown.table.faults if shown else []
    context = {
        "project": kpi.project,
        "kpi": kpi,
        "unit": unit_words(kpi.unit),
        "form": form,
        "shown": shown,
        "refusal": refusal,
        "allowed": allowed,
        "unclear": {fault.field for fault in faults if fault.code.endswith("_ambiguous")},
        "faults": {str(fault.line): {"field": fault.field, "sentence": fault.sentence} for fault in faults[:MOST_TOLD]},
    }
    return render(request, "lifecycle/kpis/paste.html", context, status=status)
