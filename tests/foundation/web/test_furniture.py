"""The furniture of pages: errors, states, cells, deeds that outlive a refusal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.template import engines
from django.test import Client

from foundation.jobs.models import Job
from foundation.people.models import User
from foundation.web.afterwards import afterwards, collecting
from foundation.web.formats import MoneyScale, money_text
from foundation.web.markdown import render_markdown
from foundation.web.states import grade_word, kind_of
from foundation.web.templatetags.tollgate import fingerprint, is_number
from lifecycle.projects.models import Stage
from lifecycle.signoff.models import Round
from tests.conftest import SignIn


def test_every_state_of_stages_rounds_and_jobs_has_a_mark() -> None:
    for model, states in ((Stage, Stage.State), (Round, Round.State), (Job, Job.State)):
        for state in states:
            kind, word = kind_of(model(state=state))
            assert kind in {"wait", "yes", "cond", "no", "stale", "idle"}
            assert word == state.label
    assert kind_of(Round(state="rejected"))[0] == "no"
    assert kind_of(Job(state="dead"))[0] == "no"


@pytest.mark.parametrize(
    ("amounts", "short", "texts"),
    [
        (["800", "4500"], False, ["800 €", "4\u202f500 €"]),
        (["800", "6300.50"], False, ["800.00 €", "6\u202f300.50 €"]),
        (["-14000.2", "-29.66"], True, ["−14 k€", "0 k€"]),
        (["-9811.3", "29000"], True, ["−10 k€", "+29 k€"]),
        (["2900000", "610000"], True, ["+2.9 M€", "+0.6 M€"]),
        (["4112.37", "-29.66"], True, ["+4\u202f112 €", "−30 €"]),
        (["0.5", None], True, ["+0.50 €", "unknown"]),
        (["0", "0"], True, ["0 €", "0 €"]),
    ],
)
def test_amounts_that_are_read_together_share_unit_and_digits(
    amounts: list[str | None], short: bool, texts: list[str]
) -> None:
    known = [None if amount is None else Decimal(amount) for amount in amounts]
    scale = MoneyScale.of(known, "EUR", short=short)
    assert [scale.text(amount, signed=short).replace("\u00a0", " ") for amount in known] == texts


def test_estimates_have_no_cents_and_a_currency_without_cents_shows_none() -> None:
    assert money_text(Decimal("94062.37"), "EUR", whole=True) == "94\u202f062\u00a0€"
    assert money_text(Decimal("94062.37"), "EUR") == "94\u202f062.37\u00a0€"
    assert money_text(Decimal("1200.4"), "JPY") == "1\u202f200\u00a0¥"


def test_an_unknown_grade_is_shown_as_it_is() -> None:
    assert grade_word("not_enough_data") == "not enough data"
    assert grade_word("very_new") == "very new"


@pytest.mark.parametrize(
    ("cell", "number"),
    [(1, True), (1.5, True), ("−12\u202f345.6", True), ("93 %", True), ("2026-03", False), ("", False), (True, False)],
)
def test_numbers_are_told_from_words_in_tables(cell: object, number: bool) -> None:
    assert is_number(cell) is number


def test_a_fingerprint_carries_the_whole_hash() -> None:
    assert "abcdef12…" in fingerprint("abcdef1234567890")
    assert "abcdef1234567890" in fingerprint("abcdef1234567890")


def test_the_chart_escapes_what_it_is_given() -> None:
    template = engines["django"].from_string('{% chart figure id="x" %}')
    html = template.render(
        {"figure": {"data": [{"name": "</script><b>"}], "alt": '"><b>', "table": {"headers": ["<b>"], "rows": []}}}
    )
    assert "<b>" not in html
    assert 'style="min-height: 320px"' in html


def test_progress_is_asked_for_only_while_the_job_is_open() -> None:
    template = engines["django"].from_string("{% progress job %}")
    running = template.render({"job": Job(pk=7, state="running", done_units=3, all_units=4, step="third of four")})
    ended = template.render({"job": Job(pk=7, state="failed", error="The file is broken.")})
    assert 'hx-get="/jobs/7/?fragment=1"' in running
    assert "75 %" in running
    assert "hx-get" not in ended
    assert "The file is broken." in ended


def test_deeds_for_afterwards_run_once_and_a_broken_one_stops_no_other() -> None:
    done: list[str] = []

    def broken() -> None:
        raise ValueError("no")

    def request() -> None:
        with collecting():
            afterwards(broken)
            afterwards(lambda: done.append("later"))
            assert done == []
            raise KeyError

    with pytest.raises(KeyError):
        request()
    assert done == ["later"]
    afterwards(lambda: done.append("at once"))
    assert done == ["later", "at once"]


@pytest.mark.django_db
def test_what_is_not_there_is_said_in_our_look(viewer: User, sign_in: SignIn) -> None:
    answer = sign_in(viewer).get("/no-such-page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_and_offers_the_way_back(viewer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/profile/", {"name": "X"}, headers={"referer": "http://testserver/profile/"})
    assert answer.status_code == 403
    assert 'href="http://testserver/profile/"' in answer.content.decode()
    outside = client.post("/profile/", {"name": "X"}, headers={"referer": "http://elsewhere.example/"})
    assert "elsewhere" not in outside.content.decode()


@pytest.mark.django_db
def test_pages_carry_no_inline_script_and_a_strict_policy(viewer: User, sign_in: SignIn) -> None:
    answer = sign_in(viewer).get("/components/")
    policy = answer["Content-Security-Policy"]
    assert "style-src 'self'" in policy
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    page = answer.content.decode()
    assert "onclick" not in page
    assert all("src=" in tag or "application/json" in tag for tag in page.split("<script")[1:])


def test_tables_in_markdown_keep_their_sides_and_are_scrolled_in_place() -> None:
    html = render_markdown("| a | b | c |\n|---|--:|:-:|\n| 1 | 2 | <table>3</table> |")
    assert html.count('<div class="table-scroll"') == html.count("<table>") == html.count("</table></div>") == 1
    assert '<th class="text-end">b</th>' in html
    assert '<td class="text-center">&lt;table&gt;3&lt;/table&gt;</td>' in html
    assert "style=" not in html
