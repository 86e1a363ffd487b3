"""Exports, the outward version, and what changed: what is in them, what is not, and that nothing typed in them runs."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from foundation.people.models import User
from foundation.web.pdf import found as found_in_pdf
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.outward import INSIDE, promised, without_inside
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    ActionValues,
    FactorValues,
    LessonValues,
    accept_action,
    add_row,
    attach_file,
    edit_postmortem,
    publish,
    start_new_version,
    submit_for_review,
)
from tests.lifecycle.postmortems.test_files import DOT

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
CORPUS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)", "[x](data:text/html,<script>alert(1)</script>)", "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>", "<iframe src=//evil.example></iframe>", "<a href='vbscript:x'>x</a>", "#eval(\"1\")",
    "#import \"/etc/passwd\"", "`#read(\"/etc/passwd\")`", "<style>@import url(//evil.example)</style>", "&lt;script&gt;",
    "<![CDATA[<script>alert(1)</script>]]>", "javascript&#58;alert(1)", "[x]: javascript:alert(1)\n\n[x]", "<base href=//evil.example>",
)  # fmt: skip


class Tags(HTMLParser):
    """Tags and attributes of a file, apart from its own style sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def change(postmortem: PostMortem, actor: User, **changes: object) -> PostMortem:
    lock = PostMortem.objects.get(pk=postmortem.pk).lock
    return edit_postmortem(actor=actor, postmortem=postmortem, lock=lock, changes=changes)


@pytest.fixture
def told(filled: PostMortem, contributor: User) -> PostMortem:
    """Complete, with a summary for readers outside, and with much that must stay inside."""
    add_row(
        actor=contributor,
        postmortem=filled,
        values=LessonValues(kind="advice_to_next_project", text="Ask first. [Here](/projects/triage/) is the plan."),
    )
    proposed = ActionValues(title="Only proposed", kind="detect")
    add_row(actor=contributor, postmortem=filled, values=proposed)
    PostMortem.objects.filter(pk=filled.pk).update(
        promise={
            "goals": [{"kpi": "Handling time", "baseline": 40, "target": 30}],
            "money": [{"what": "Saving a year", "amount": "120000", "currency": "EUR"}],
        }
    )
    return change(filled, contributor, outward_summary="A supplier **changed** its codes.", background="Secret plan")


@pytest.mark.parametrize("form", ["html", "md", "pdf", "json"])
def test_every_format_is_a_download_that_no_browser_runs(
    told: PostMortem, viewer: User, sign_in: SignIn, form: str
) -> None:
    for root in ("", "/api/v1"):
        for name in ("export", "outward"):
            answer = sign_in(viewer).get(f"{root}/post-mortems/{told.reference}/{name}.{form}")
            assert answer.status_code == 200
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Disposition"].startswith("attachment")
            assert (answer.content[:5] == b"%PDF-") is (form == "pdf")
    assert sign_in(viewer).get(f"/post-mortems/{told.reference}/export.exe").status_code == 404


def test_the_outward_version_holds_only_what_is_for_outside(told: PostMortem, viewer: User, sign_in: SignIn) -> None:
    base = f"/post-mortems/{told.reference}/outward"
    for form in ("html", "md", "json"):
        text = sign_in(viewer).get(f"{base}.{form}").content.decode()
        for there in ("Labels changed upstream", "codes", "Upstream data change", "Ask first", "Watch the codes"):
            assert there in text, (form, there)
        for kept in (
            "Secret plan", "nobody told", "Day 1", "Samples read late", "Only proposed", "Cora", "Tumour triage", "/projects/",
            "120000", "example.org",
        ):  # fmt: skip
            assert kept not in text, (form, kept)
    assert "120000" in sign_in(viewer).get(f"{base}.json?money=1").content.decode()
    shown = json.loads(sign_in(viewer).get(f"{base}.json").content)
    assert shown["schema"] == "tollgate.post-mortem.outward/1"
    assert shown["promise"] == ["Goals: KPI: Handling time; baseline: 40; target: 30"]


def test_without_a_summary_for_outside_there_is_no_outward_version(
    filled: PostMortem, viewer: User, sign_in: SignIn, api: Callable[[User], Any]
) -> None:
    answer = api(viewer).get(f"/api/v1/post-mortems/{filled.reference}/outward.json")
    assert answer.status_code == 409
    assert b"nothing_outward" in answer.content


def test_a_published_version_freezes_its_outward_version(
    told: PostMortem, contributor: User, reviewer: User, viewer: User, sign_in: SignIn
) -> None:
    publish(actor=reviewer, postmortem=submit_for_review(actor=contributor, postmortem=told), answers=fine())
    start_new_version(actor=contributor, postmortem=told, reason="A word was wrong.")
    change(told, contributor, outward_summary="Everything was fine.", summary="It was the export.")
    client, base = sign_in(viewer), f"/post-mortems/{told.reference}/"
    assert "changed" in client.get(f"{base}outward.md?version=1").content.decode()
    assert "Everything was fine" in client.get(f"{base}outward.md").content.decode()
    assert client.get(f"{base}outward.md?version=7").status_code == 404
    page = client.get(f"{base}differences/").content.decode()
    assert "<ins>It was the export.</ins>" in page
    assert "<del>The lab changed its codes and nobody told the team.</del>" in page
    assert "<h2>Timeline</h2>" not in page
    assert "Nothing differs" in client.get(f"{base}differences/?from=1&to=1").content.decode()
    rows = client.get(f"/api/v1{base}differences/?from=1&to=now").json()
    assert [row["title"] for row in rows] == ["Summary", "Summary for readers outside"]
    assert client.get(f"{base}differences/?from=9").status_code == 404
    publish(actor=reviewer, postmortem=submit_for_review(actor=contributor, postmortem=told), answers=fine())
    again = client.get(f"{base}differences/").content.decode()
    assert "from version 1 to version 2" in again
    assert "<ins>It was the export.</ins>" in again
    assert client.get(f"/api/v1{base}differences/").json() == rows


def test_what_is_typed_runs_in_no_export(filled: PostMortem, contributor: User, viewer: User, sign_in: SignIn) -> None:
    seen = attach_file(
        actor=contributor, postmortem=filled, file=ContentFile(DOT, name='"><script>alert(1)</script>.png')
    )
    note = attach_file(
        actor=contributor, postmortem=filled, file=ContentFile(b"<svg onload=alert(1)>", name="<svg>.svg")
    )
    pictures = [f"![{line}](file:{number})" for line in CORPUS for number in (seen.pk, note.pk, 0)]
    every = "\n\n".join([*CORPUS, *pictures, f"[x](file:{seen.pk})", f'![a](file:{seen.pk} "onload=alert(1)")'])
    change(filled, contributor, title=CORPUS[7], summary=every, background=every, outward_summary=every)
    for line in CORPUS:
        add_row(actor=contributor, postmortem=filled, values=LessonValues(kind="went_wrong", text=line))
        action = add_row(
            actor=contributor, postmortem=filled, values=ActionValues(title=line, kind="detect", owner=contributor)
        )
        accept_action(actor=contributor, action_id=action.pk)
    add_row(actor=contributor, postmortem=filled, values=FactorValues(node="label_error", text=every))
    client, base = sign_in(viewer), f"/post-mortems/{filled.reference}/"
    for name in ("export", "outward"):
        html = client.get(f"{base}{name}.html").content.decode()
        read = Tags()
        read.feed(html)
        assert not {"script", "svg", "iframe", "base", "object", "link"} & set(read.tags), name
        assert ("img" in read.tags) is (name == "export"), "readers outside get no pictures"
        assert read.tags.count("style") == 1
        for tag, attribute, value in read.attributes:
            assert not attribute.startswith("on"), (tag, attribute)
            if attribute == "src":
                assert (tag, value) == ("img", f"data:image/png;base64,{b64encode(DOT).decode()}")
            elif attribute == "href":
                assert re.match(r"(https?|mailto):", value), value
        assert client.get(f"{base}{name}.pdf").content[:5] == b"%PDF-"
        json.loads(client.get(f"{base}{name}.json").content)
        assert client.get(f"{base}{name}.md")["Content-Type"].startswith("text/markdown")
    page = client.get(base).content.decode()
    assert "<img src=x" not in page
    assert "<script>alert" not in page


def test_what_looks_like_a_command_of_the_typesetter_is_text() -> None:
    data = {
        "title": '#eval("1")', "under": "PM-1", "facts": [["Kind", "#panic()"]],
        "sections": [{"title": "#read(\"x\")", "text": [], "entries": [{"head": "#panic()", "text": [], "aside": "*x*"}]}],
    }  # fmt: skip
    headings = found_in_pdf("lifecycle/postmortems/exports/paper.typ", data, "heading")
    assert "#eval" in json.dumps(headings)


def test_links_into_the_portal_go_and_their_words_stay(settings: Any) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://gate.example.com", [".example.com"]
    for text, expected in (
        ("[plan](/projects/x/)", "plan"),
        ("![seen](file:12)", "seen"),
        ("![seen](https://other.org/x.png)", "seen"),
        ("[out](https://other.org/x)", "[out](https://other.org/x)"),
        ("see https://gate.example.com/projects/x/, please", f"see {INSIDE} please"),
        ("[in](https://gate.example.com/projects/x/)", "in"),
        ("[it][a]\n\n[a]: /projects/x/", "[it][a]\n\n"),
        ("[mail](mailto:a@other.org)", "[mail](mailto:a@other.org)"),
    ):
        assert without_inside(text) == expected


@pytest.mark.parametrize(
    ("promise", "money"),
    [
        ({"amount": "5", "what": "x"}, True),
        ({"roi": 0.4}, True),
        ([{"name": "Handling time", "target": 30}], False),
        ({"text": "Saves 5 EUR"}, True),
        ({"goals": [{"kpi": "Cost per case", "target": 3}]}, True),
        ("It gets quicker", False),
    ],
)
def test_a_promise_that_speaks_of_money_is_told_as_one(promise: Any, money: bool) -> None:
    lines = promised(promise)
    assert lines
    assert {is_money for _, is_money in lines} == {money}
