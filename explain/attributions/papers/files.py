"""An explanation as a file to pass on: one HTML page without outside references, or a PDF."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.template.loader import render_to_string

from explain.attributions.dictionary import Dictionary
from explain.attributions.models import Explanation
from explain.attributions.papers.told import told
from foundation.web import pdf

HTML: Final = "text/html; charset=utf-8"


def html_of(explanation: Explanation, dictionary: Dictionary) -> str:
    """A page that needs no network, no script and no account."""
    return render_to_string("explain/attributions/paper.html", {"told": told(explanation, dictionary)})


def pdf_of(explanation: Explanation, dictionary: Dictionary) -> bytes:
    """A tagged PDF; the same explanation, dictionary and reasons give the same bytes."""
    return pdf.compile("explain/attributions/paper.typ", told(explanation, dictionary), at=explanation.finished_at)


def file_of(explanation: Explanation, dictionary: Dictionary, ending: str) -> HttpResponse:
    """The file to keep, `ending` html or pdf."""
    if ending == "pdf":
        answer = HttpResponse(pdf_of(explanation, dictionary), content_type=pdf.MEDIA_TYPE)
    else:
        answer = HttpResponse(html_of(explanation, dictionary), content_type=HTML)
    name = f"{explanation.project.key}-explanation-{explanation.pk}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
