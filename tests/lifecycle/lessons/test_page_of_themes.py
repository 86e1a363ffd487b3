"""The page and the REST of themes: what a reader is counted, in how many queries, until the next deed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.people.models import User
from lifecycle.postmortems.models import ContributingFactor, PostMortem
from lifecycle.postmortems.services import close, start_new_version
from lifecycle.projects.models import Project

SignIn = Callable[[User], Client]


@pytest.fixture
def many(published_one: PostMortem) -> list[PostMortem]:
    """The published one and eleven like it."""
    found = [published_one]
    for number in range(11):
        copy = PostMortem.objects.get(pk=published_one.pk)
        copy.pk, copy.reference, copy.title = None, f"PM-2026-9{number:03}", f"Copy {number}"
        copy.origin_phase, copy.detection = "data_understanding", "customer_report"
        copy.save(force_insert=True)
        ContributingFactor.objects.create(postmortem=copy, group="data", node="label_error")
        found.append(copy)
    return found


def test_the_page_says_in_words_and_in_tables_what_it_draws(
    many: list[PostMortem], viewer: User, sign_in: SignIn
) -> None:
    page = sign_in(viewer).get("/post-mortems/themes/").content.decode()
    assert "Label error was a cause in 11 of 12 cases, most often begun in data understanding." in page
    assert "Counted over 12 published or closed post-mortems that you may read" in page
    assert "Customers or people concerned noticed 11 of 11, monitoring 0." in page
    assert page.count('class="chart"') == page.count("<summary>Table</summary>") == 6
    assert "92 %" in page


def test_drafts_do_not_count_and_filters_narrow(
    many: list[PostMortem], contributor: User, viewer: User, sign_in: SignIn, api: Callable[[User], Any]
) -> None:
    client = api(viewer)
    assert client.get("/api/v1/post-mortem-themes/").json()["n"] == 12
    start_new_version(actor=contributor, postmortem=many[0], reason="Something was forgotten.")
    answer = client.get("/api/v1/post-mortem-themes/").json()
    assert (answer["n"], answer["work"]["accepted"]) == (11, 0)
    for query, n in (
        ("kind=near_miss", 0), ("severity=medium", 11), ("methodology=crisp_dm", 11), ("methodology=tdsp", 0),
        ("until=2020-01-01", 0), ("since=2020-01-01", 11), ("unit=Nowhere", 0), ("risk=low", 11), ("since=never", 11),
    ):  # fmt: skip
        assert client.get(f"/api/v1/post-mortem-themes/?{query}").json()["n"] == n, query
    assert "fits this choice" in sign_in(viewer).get("/post-mortems/themes/?kind=near_miss").content.decode()


def test_somebody_without_any_case_is_told_so(db: None, outsider: User, sign_in: SignIn) -> None:
    assert (
        "No published post-mortems that you may read yet"
        in sign_in(outsider).get("/post-mortems/themes/").content.decode()
    )


def test_queries_are_few_and_the_second_look_asks_hardly_any(
    many: list[PostMortem], contributor: User, viewer: User, sign_in: SignIn, settings: Any
) -> None:
    settings.CACHES = settings.CACHES | {"answers": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    client = sign_in(viewer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/post-mortems/themes/").status_code == 200
        return len(captured)

    client.get("/projects/")
    first, second = queries(), queries()
    assert first <= 12
    assert second <= 4
    PostMortem.objects.filter(pk=many[0].pk).update(state="published")
    many[0].actions.update(status="cancelled")
    close(actor=contributor, postmortem=many[0])
    assert queries() > second


def test_the_themes_of_one_project_do_not_tell_of_another(many: list[PostMortem], outsider: User, api: Any) -> None:
    PostMortem.objects.update(visibility="team")
    assert api(outsider).get("/api/v1/post-mortem-themes/").json()["n"] == 0
    assert Project.objects.count() == 1
