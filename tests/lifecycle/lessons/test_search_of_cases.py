"""Full-text search: what is found, in which order, by whom; and that nothing that can be typed is an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.people.models import User
from lifecycle.lessons.models import SearchText
from lifecycle.lessons.search.words import terms
from lifecycle.postmortems import library
from lifecycle.postmortems.library import Filters, Shelf
from lifecycle.postmortems.models import ContributingFactor, PostMortem, Tag
from lifecycle.postmortems.services import ActionValues, FactorValues, add_row, edit_postmortem, open_postmortem
from lifecycle.projects.models import Project

SignIn = Callable[[User], Client]


@pytest.fixture
def make(project: Project, contributor: User) -> Callable[..., PostMortem]:
    """make("title", summary=...): a draft of the contributor, written by deeds."""

    def made(title: str, **changes: object) -> PostMortem:
        case = open_postmortem(actor=contributor, project=project, kind="production_incident", title=title)
        if changes:
            case = edit_postmortem(actor=contributor, postmortem=case, lock=case.lock, changes=changes)
        return case

    return made


def titles(user: User, text: str, **more: object) -> list[str]:
    return [row.title for row in Shelf(user, Filters(text=text, **more))[0:25]]  # type: ignore[arg-type]


def test_all_words_are_needed_and_the_last_may_be_a_beginning(
    make: Callable[..., PostMortem], contributor: User
) -> None:
    make("The supplier was late", summary="Deliveries of the northern depot came after noon.")
    make("The depot was closed", summary="Nobody had told the planners.")
    assert titles(contributor, "depot") == ["The depot was closed", "The supplier was late"]
    assert titles(contributor, "depot deliv") == ["The supplier was late"]
    assert titles(contributor, "deliv depot") == []
    assert titles(contributor, "depot nothing") == []


def test_a_phrase_is_found_only_as_it_stands(make: Callable[..., PostMortem], contributor: User) -> None:
    make("One", summary="The cold chain broke on Friday.")
    make("Two", summary="A chain of cold days.")
    assert titles(contributor, '"cold chain"') == ["One"]
    assert sorted(titles(contributor, "cold chain")) == ["One", "Two"]
    assert titles(contributor, "cold-chain ") == ["One"]


def test_title_comes_before_summary_before_the_rest(make: Callable[..., PostMortem], contributor: User) -> None:
    make("Turbines stood still", summary="No wind.")
    make("A quiet week", summary="The turbines were not measured.")
    make("Another week", summary="Nothing.", background="Turbines are measured by hand.")
    make("A week more", summary="Nothing to do with it.")
    assert titles(contributor, "turbines") == ["Turbines stood still", "A quiet week", "Another week"]
    assert titles(contributor, "turbines", sort="newest") == ["Another week", "A quiet week", "Turbines stood still"]


def test_what_a_deed_changes_is_found_at_once(make: Callable[..., PostMortem], contributor: User) -> None:
    case = make("Before", summary="Walnut")
    edit_postmortem(actor=contributor, postmortem=case, lock=case.lock, changes={"summary": "Hazel"})
    add_row(actor=contributor, postmortem=case, values=ActionValues(title="Plant an acorn", kind="prevent"))
    add_row(actor=contributor, postmortem=case, values=FactorValues(node="label_error", text="Chestnut"))
    assert titles(contributor, "walnut") == []
    for word in ("hazel", "acorn", "chestnut", "label error", case.reference, "wrong inconsistent outdated"):
        assert titles(contributor, word) == ["Before"], word
    case.delete()
    assert titles(contributor, "hazel") == []


def test_rebuilding_writes_the_same_words(make: Callable[..., PostMortem], contributor: User) -> None:
    case = make("Before", summary="Hazel and \x02 a control sign")
    before = SearchText.objects.values_list("title", "summary", "body").get(postmortem=case)
    SearchText.objects.all().delete()
    assert titles(contributor, "hazel") == []
    call_command("rebuild_postmortem_search", verbosity=0)
    assert SearchText.objects.values_list("title", "summary", "body").get(postmortem=case) == before
    assert titles(contributor, "hazel") == ["Before"]


def test_snippets_mark_the_words_and_show_markup_as_text(
    make: Callable[..., PostMortem], contributor: User, sign_in: SignIn
) -> None:
    make("One", summary="Then <script>alert(1)</script> the valve & the <b>pump</b> failed")
    page = sign_in(contributor).get("/post-mortems/?q=pump").content.decode()
    assert "<mark>pump</mark>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    shown = sign_in(contributor).get("/api/v1/post-mortems/?q=pump").json()["results"][0]["snippet"]
    assert "<script>alert(1)</script> the valve & the <b>pump</b> failed" in shown
    assert "<mark>pump</mark>" in sign_in(contributor).get("/search/?q=pump").content.decode()


ODD = st.one_of(
    st.text(max_size=60),
    st.text(alphabet='"*:^(){}[]-+&|!<>~\\\'%_$#@;,. \n\tabN', max_size=40),
    st.lists(st.sampled_from(['"', "AND", "OR", "NOT", "NEAR", "title:", "*", "a*", "(", ")", "-b", "'x'", "é", "深", "’"]))
    .map(" ".join),
)  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ODD)
def test_nothing_that_can_be_typed_is_an_error(text: str, viewer: User) -> None:
    filters = library.asked({"q": text, "since": text, "until": text, "tag": text, "factor": text})
    shelf = Shelf(viewer, Filters(text=filters.text))
    rows = shelf[0:25]
    shelf.count()
    shelf.snippets(rows)
    Shelf(viewer, filters).count()


def test_every_word_of_a_text_finds_it_whatever_the_script(make: Callable[..., PostMortem], contributor: User) -> None:
    words = "Lieferverzögerung кот 深圳 हिन्दी 2026-03-04 naïve e-mail o’clock"
    make("Words", summary=words)
    for word in words.split():
        assert titles(contributor, word) == ["Words"], word


def test_terms_are_read_as_people_mean_them() -> None:
    assert [(term.words, term.is_beginning) for term in terms('late "cold chain" sup')] == [
        (("late",), False),
        (("cold", "chain"), False),
        (("sup",), True),
    ]
    assert [term.is_beginning for term in terms("late ")] == [False]
    assert terms('"" -- * ( ') == []


def test_choices_combine_with_words(make: Callable[..., PostMortem], contributor: User) -> None:
    case = make("Pump one", severity="high", trigger="slow_decay", detection="chance", detected_on=date(2026, 3, 4))
    make("Pump two", severity="low")
    ContributingFactor.objects.create(postmortem=case, group="data", node="label_error")
    Tag.objects.create(postmortem=case, kind="technique", text="Random forest")
    for choice in (
        {"severity": "high"}, {"trigger": "slow_decay"}, {"detection": "chance"}, {"factor": "label_error"},
        {"factor": "data"}, {"tag": "random FOREST"}, {"since": date(2026, 3, 4), "until": date(2026, 3, 4)},
    ):  # fmt: skip
        assert titles(contributor, "pump", **choice) == ["Pump one"], choice
        assert titles(contributor, "", **choice) == ["Pump one"], choice
    assert titles(contributor, "pump", severity="medium") == []


def test_the_page_asks_the_same_number_of_queries_however_many_it_shows(
    make: Callable[..., PostMortem], viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)

    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    make("Pump", visibility="organisation")
    first = {address: queries(address) for address in ("/post-mortems/?q=pump", "/post-mortems/", "/search/?q=pump")}
    for number in range(6):
        make(f"Pump {number}")
    assert {address: queries(address) for address in first} == first
    assert max(first.values()) <= 12


def test_pages_hold_twenty_five_and_empty_ones_say_what_to_do(
    make: Callable[..., PostMortem], contributor: User, sign_in: SignIn
) -> None:
    for number in range(27):
        make(f"Pump {number:02}")
    client = sign_in(contributor)
    page = client.get("/post-mortems/?q=pump&page=2").content.decode()
    assert "Page 2 of 2" in page
    assert page.count('class="what"') == 2
    assert "Fewer words find more" in client.get("/post-mortems/?q=zeppelin").content.decode()
    assert client.get("/api/v1/post-mortems/?q=pump").json()["count"] == 27
