"""An explanation as one HTML page and as PDF: complete, without anything from outside, the same bytes each time."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from explain.attributions import selectors
from explain.attributions.models import Explanation
from explain.attributions.papers.files import html_of, pdf_of
from explain.attributions.papers.told import told
from explain.register.models import Feature
from foundation.people.models import User

pytestmark = pytest.mark.django_db


class Outside(HTMLParser):
    """Collects every address, script and event handler of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "action") or name[:2] == "on"]
        self.found += [tag] if tag in ("script", "link", "iframe", "img", "object", "form") else []


def read(explanation: Explanation) -> str:
    return html_of(explanation, selectors.dictionary_of(explanation.project))


def test_the_page_needs_nothing_from_outside(done: Explanation) -> None:
    page, seen = read(done), Outside()
    seen.feed(page)
    assert seen.found == []
    assert seen.tags.count("svg") == 2
    assert "url(" not in page
    assert "default-src &#x27;none" in page or "default-src 'none'" in page


def test_the_page_says_what_the_portal_says(done: Explanation) -> None:
    page = read(done)
    for words in (
        "payment delay (days)",
        "against what the business expects",
        done.content_hash,
        "The team has not said why",
    ):
        assert words in page
    figures = [float(number) for number in re.findall(r'<rect x="[\d.-]+" y="[\d.-]+" width="([\d.]+)"', page)]
    importance = [driver["mean_abs"] for driver in done.summary["drivers"]]
    assert figures == sorted(figures, reverse=True)
    assert figures[1] / figures[0] == pytest.approx(importance[1] / importance[0], abs=0.02)


def test_what_people_typed_cannot_become_a_part_of_the_page(done: Explanation) -> None:
    Feature.objects.filter(project=done.project, name="delay").update(label="<script>alert(1)</script> & #set page")
    page = read(done)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert pdf_of(done, selectors.dictionary_of(done.project)).startswith(b"%PDF-")


def test_the_same_explanation_gives_the_same_bytes(done: Explanation) -> None:
    dictionary = selectors.dictionary_of(done.project)
    assert pdf_of(done, dictionary) == pdf_of(done, dictionary)
    assert told(done, dictionary) == told(done, dictionary)


@pytest.mark.parametrize(("ending", "kind"), [("html", "text/html; charset=utf-8"), ("pdf", "application/pdf")])
def test_pages_and_rest_give_the_file_to_whoever_sees_the_project(
    sign_in: Any, api: Any, viewer: User, outsider: User, done: Explanation, ending: str, kind: str
) -> None:
    address = f"{done.get_absolute_url()}explanation.{ending}"
    answer = sign_in(viewer).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert answer["Content-Disposition"] == f'attachment; filename="triage-explanation-{done.pk}.{ending}"'
    assert sign_in(outsider).get(address).status_code == 404
    rest = f"/api/v1/projects/triage/explanations/{done.pk}/files/{ending}/"
    assert api(viewer).get(rest).content == answer.content
    assert api(viewer).get(rest.replace(ending, "exe")).status_code == 404
    assert sign_in(viewer).get(address.replace(f".{ending}", ".exe")).status_code == 404
