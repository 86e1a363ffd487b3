"""Pages and REST of post-mortems: who sees what, what a page costs, and that texts stay texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.people.models import User
from lifecycle.postmortems import moves, selectors
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.reviewing import QUESTIONS
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    add_row,
    edit_postmortem,
    open_postmortem,
)
from lifecycle.postmortems.urls import api_urlpatterns, urlpatterns
from lifecycle.postmortems.waiting import waiting_for
from lifecycle.projects.models import Project
from tests.lifecycle.postmortems.conftest import fill

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
YES = {f"answer_{key}": "yes" for key in QUESTIONS}
XSS = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"


ALONE = {
    "follow",
    "list",
    "new",
    "rules",
    "change_rule",
    "tags",
    "templates",
    "new_template",
    "template",
    "retire_template",
}


def addresses(postmortem: PostMortem) -> list[tuple[str, str]]:
    """Every address of the room below one post-mortem: (method, path)."""
    action, event = postmortem.actions.get(), postmortem.timeline.first()
    assert event is not None
    base = f"/post-mortems/{postmortem.reference}/"
    pages = [("get", base), ("get", f"{base}export.md"), ("get", f"{base}revisions/1/")]
    pages += [("get", f"{base}changes/"), ("post", f"{base}unsaved/"), ("post", f"{base}unsaved/drop/")]
    pages += [("post", f"{base}files/"), ("get", f"{base}files/1/"), ("post", f"{base}files/1/remove/")]
    pages += [("get", f"{base}{name}") for name in ("export.pdf", "outward.html", "differences/")]
    pages += [("post", f"{base}edit/{section}/") for section in ("story", "facts", "no_action", "outward")]
    pages += [("post", f"{base}steps/{step}/") for step in moves.POSTMORTEM_MOVES]
    pages += [("post", f"{base}{part}/") for part in ("timeline", "impacts", "factors", "whys", "lessons", "actions")]
    pages += [("post", f"{base}timeline/{event.pk}/"), ("post", f"{base}actions/{action.pk}/accept/")]
    pages.append(("post", f"{base}tags/"))
    rest = [("get", f"/api/v1{base}"), ("patch", f"/api/v1{base}"), ("get", f"/api/v1{base}export.md")]
    rest += [("get", f"/api/v1{base}{name}") for name in ("export.pdf", "outward.html", "differences/")]
    rest += [("post", f"/api/v1{base}{step}/") for step in moves.POSTMORTEM_MOVES]
    rest += [
        ("post", f"/api/v1{base}{part}/") for part in ("timeline", "impacts", "factors", "whys", "lessons", "actions")
    ]
    rest += [("patch", f"/api/v1{base}timeline/{event.pk}/"), ("delete", f"/api/v1{base}timeline/{event.pk}/")]
    rest += [("post", f"/api/v1{base}actions/{action.pk}/accept/"), ("put", f"/api/v1{base}tags/")]
    return pages + rest


def test_an_outsider_finds_nothing_at_any_address(filled: PostMortem, sign_in: SignIn, outsider: User) -> None:
    client = sign_in(outsider)
    for method, path in addresses(filled):
        assert getattr(client, method)(path).status_code == 404, path
    assert client.get(f"/projects/{filled.project.key}/post-mortems/new/").status_code == 404
    asked = {"project": filled.project.key, "kind": "near_miss", "title": "x"}
    assert client.post("/api/v1/post-mortems/", asked, content_type="application/json").status_code == 404
    # The addresses above are all there are, but for the list, the rules, the new form and what belongs to the person alone.
    asked_for = {resolve(path).url_name for _, path in addresses(filled)}
    assert {route.name for route in urlpatterns if route.name not in ALONE} <= asked_for
    assert {str(route.pattern) for route in api_urlpatterns if "<" not in str(route.pattern)} == {
        "post-mortem-following/", "post-mortem-taxonomy/", "post-mortem-triggers/", "post-mortem-review-questions/", "post-mortem-actions/", "post-mortems/", "post-mortem-templates/",
    }  # fmt: skip


def test_the_pages_of_a_member_open(filled: PostMortem, sign_in: SignIn, contributor: User, viewer: User) -> None:
    base = filled.get_absolute_url()
    event, factor, action = filled.timeline.first(), filled.factors.first(), filled.actions.first()
    assert event is not None
    assert factor is not None
    assert action is not None
    paths = [
        "/post-mortems/", f"/post-mortems/?project={filled.project.key}", "/post-mortems/?kind=near_miss&own=1",
        f"/projects/{filled.project.key}/post-mortems/new/?kind=acceptance_refused", base, f"{base}?edit=story",
        f"{base}?edit=facts", f"{base}?edit=no_action", f"{base}?edit=timeline:{event.pk}",
        f"{base}?edit=factors:{factor.pk}", f"{base}?edit=actions:{action.pk}", f"{base}?change={action.pk}",
        *(f"{base}?add={part}" for part in ("timeline", "impacts", "factors", "lessons", "actions")),
        f"{base}?edit=timeline:999999", f"{base}?edit=nonsense&add=nonsense&change=nonsense",
    ]  # fmt: skip
    for person in (contributor, viewer):
        client = sign_in(person)
        for path in paths:
            assert client.get(path).status_code == 200, path
    assert b"Edit" not in sign_in(viewer).get(base).content


def test_a_post_mortem_is_written_through_its_pages(
    project: Project, sign_in: SignIn, contributor: User, reviewer: User
) -> None:
    client = sign_in(contributor)
    made = client.post(
        f"/projects/{project.key}/post-mortems/new/",
        {"title": "Labels", "kind": "near_miss", "severity": "high", "visibility": "organisation"},
    )
    base = made.headers["Location"].split("#")[0]
    found = PostMortem.objects.get()
    posts: list[tuple[str, dict[str, Any]]] = [
        ("edit/story/", {"title": "Labels", "summary": "Codes changed.", "background": "", "lock": 1}),
        ("timeline/", {"day": "2026-03-01", "text": "Seen"}),
        ("timeline/", {"day": "2026-03-02", "at": "10:30", "text": "Found"}),
        ("impacts/", {"dimension": "delay", "text": "Two weeks", "amount": "14", "unit": "days"}),
        ("factors/", {"node": "label_error", "strength": "main", "confidence": "known"}),
        ("lessons/", {"kind": "went_well", "text": "The rollback worked."}),
        ("actions/", {"title": "Watch", "kind": "detect", "owner": contributor.pk}),
    ]
    for path, data in posts:
        assert client.post(base + path, data).status_code == 302, path
    action = found.actions.get()
    client.post(f"{base}actions/{action.pk}/accept/")
    assert client.post(f"{base}steps/submit/").status_code == 302
    found.refresh_from_db()
    assert sign_in(reviewer).post(f"{base}steps/publish/", {"lock": found.lock, **YES}).status_code == 302
    found.refresh_from_db()
    assert found.state == "published"
    assert [event.precision for event in found.timeline.all()] == ["day", "day", "minute"]
    assert sign_in(reviewer).get(f"{base}revisions/1/").status_code == 200


def test_a_second_author_keeps_the_words_and_gets_the_new_lock(
    draft: PostMortem, sign_in: SignIn, contributor: User, lead: User
) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    page = f"http://testserver{base}?edit=story"
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "Theirs."})
    answer = client.post(
        f"{base}edit/story/",
        {"title": draft.title, "summary": "My own words.", "background": "", "lock": 1},
        headers={"referer": page},
        follow=True,
    )
    text = answer.content.decode()
    assert "Theirs." in text
    assert "My own words." in text
    assert 'name="lock" value="2"' in text


def test_texts_are_never_markup(filled: PostMortem, sign_in: SignIn, contributor: User, reviewer: User) -> None:
    edit_postmortem(
        actor=contributor,
        postmortem=filled,
        lock=filled.lock,
        changes={"title": XSS, "summary": XSS, "background": XSS, "no_action_reason": XSS},
    )
    rows: list[Any] = [
        EventValues(moment=datetime(2026, 3, 1, tzinfo=UTC), text=XSS, role=XSS[:60]),
        ImpactValues(dimension="delay", text=XSS, unit="<b>"),
        FactorValues(node="leakage", text=XSS, why_unnoticed=XSS),
        LessonValues(kind="went_wrong", text=XSS),
        ActionValues(title=XSS, kind="repair", test_for_done=XSS),
    ]
    for values in rows:
        add_row(actor=contributor, postmortem=filled, values=values)
    client = sign_in(contributor)
    for path in ("", "?edit=story", "?add=timeline", "?add=actions"):
        text = client.get(filled.get_absolute_url() + path).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert 'href="javascript:' not in text
    exported = client.get(f"{filled.get_absolute_url()}export.md")
    assert exported.headers["Content-Type"].startswith("text/markdown")
    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert "<script>alert" not in client.get("/post-mortems/").content.decode()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    visibility=st.sampled_from(PostMortem.Visibility.values),
    state=st.sampled_from(PostMortem.State.values),
    who=st.sampled_from(["owner", "facilitator", "member", "stranger", "manager"]),
)
def test_every_read_keeps_to_the_same_visibility(
    filled: PostMortem,
    contributor: User,
    reviewer: User,
    outsider: User,
    manager: User,
    lead: User,
    sign_in: SignIn,
    visibility: str,
    state: str,
    who: str,
) -> None:
    PostMortem.objects.filter(pk=filled.pk).update(visibility=visibility, state=state, facilitator=reviewer)
    filled.actions.update(owner=lead)
    person = {
        "owner": contributor, "facilitator": reviewer, "member": lead, "stranger": outsider, "manager": manager,
    }[who]  # fmt: skip
    is_published = state in ("published", "closed")
    expected = {
        "team": who != "stranger",
        "organisation": who != "stranger" or is_published,
        "restricted": who in ("owner", "facilitator"),
    }[visibility]
    client = sign_in(person)
    base = filled.get_absolute_url()
    assert (client.get(base).status_code == 200) is expected
    assert (client.get(f"/api/v1{base}").status_code == 200) is expected
    assert (client.get(f"{base}export.md").status_code == 200) is expected
    listed = client.get("/post-mortems/").content.decode()
    assert (filled.title in listed) is expected
    assert (client.get("/api/v1/post-mortems/").json()["count"] == 1) is expected
    for item in waiting_for(person):
        assert expected, item
    assert not (list(selectors.my_actions(person)) and not expected)


def test_a_restricted_title_stands_neither_in_the_trail_nor_in_notices_of_others(
    project: Project, contributor: User, reviewer: User, lead: User
) -> None:
    from foundation.audit.models import Entry
    from foundation.notices.models import Notice

    made = open_postmortem(
        actor=contributor, project=project, kind="near_miss", title="A delicate matter", visibility="restricted"
    )
    fill(made, contributor)
    assert not Notice.objects.exclude(user=contributor).filter(subject__contains="delicate").exists()
    told = [str([e.thing_name, e.before, e.after, e.reason]) for e in Entry.objects.filter(project_id=project.pk)]
    assert not [text for text in told if "delicate" in text or "Watch the codes" in text]


def test_a_page_costs_the_same_however_long_it_is(
    filled: PostMortem, sign_in: SignIn, contributor: User, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in(contributor)

    def count(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    paths = [
        filled.get_absolute_url(),
        "/post-mortems/",
        f"/api/v1{filled.get_absolute_url()}",
        "/api/v1/post-mortems/",
    ]
    before = [count(path) for path in paths]
    for number in range(5):
        add_row(
            actor=contributor,
            postmortem=filled,
            values=EventValues(moment=datetime(2026, 4, number + 1, tzinfo=UTC), text=f"More {number}"),
        )
        add_row(
            actor=contributor,
            postmortem=filled,
            values=ActionValues(title=f"More {number}", kind="repair", owner=contributor),
        )
        open_postmortem(actor=contributor, project=filled.project, kind="near_miss", title=f"Other {number}")
    assert [count(path) for path in paths] == before
    assert max(before) <= 25


def test_what_waits_is_told_to_owners_and_reviewers_in_one_query(
    in_review: PostMortem, contributor: User, reviewer: User, outsider: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert [item.group for item in waiting_for(reviewer)] == ["decisions"]
    assert [item.group for item in waiting_for(contributor)] == ["tasks"]
    assert [action.title for action in selectors.my_actions(contributor)] == ["Watch the codes"]
    assert waiting_for(outsider) == []


def test_a_post_mortem_goes_its_whole_way_over_rest(
    project: Project, api: Callable[[User], Any], contributor: User, reviewer: User
) -> None:
    author, judge = api(contributor), api(reviewer)
    made = author.post("/api/v1/post-mortems/", {"project": "triage", "kind": "near_miss", "title": "Labels"})
    assert made.status_code == 201, made.json()
    base = f"/api/v1/post-mortems/{made.json()['reference']}/"
    early = author.post(f"{base}submit/")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "not_complete")
    assert author.patch(base, {"lock": 1, "summary": "It was careless."}).json()["remarks"][0]["word"] == "careless"
    stale = author.patch(base, {"lock": 1, "summary": "Again"})
    assert stale.json()["error"]["code"] == "edited_meanwhile"
    for day in (1, 2):
        event = author.post(f"{base}timeline/", {"moment": f"2026-03-0{day}T00:00:00Z", "text": "Seen"})
        assert event.status_code == 201
    lock = author.get(base).json()["lock"]
    row = f"{base}timeline/{event.json()['id']}/"
    assert author.patch(row, {"lock": lock, "text": "Seen again"}).json()["text"] == "Seen again"
    author.post(f"{base}impacts/", {"dimension": "delay", "text": "Two weeks", "amount": "14", "unit": "days"})
    author.post(f"{base}factors/", {"node": "label_error"})
    author.post(f"{base}lessons/", {"kind": "went_well", "text": "Rollback."})
    action = author.post(f"{base}actions/", {"title": "Watch", "kind": "detect", "owner": contributor.email}).json()
    deeds = f"{base}actions/{action['id']}/"
    assert author.post(f"{deeds}accept/").json()["disposition"] == "accepted"
    assert author.post(f"{base}submit/").json()["state"] == "in_review"
    assert author.post(f"{base}publish/").status_code == 403
    sent = {"answers": {key: {"answer": "yes"} for key in QUESTIONS}}
    assert judge.post(f"{base}publish/", sent).json()["number"] == 1
    assert author.get("/api/v1/post-mortem-actions/").json()["count"] == 1
    author.post(f"{deeds}finish/")
    assert judge.post(f"{deeds}verify/").json()["status"] == "verified"
    assert author.post(f"{deeds}nonsense/").status_code == 404
    assert author.post(f"{base}close/").json()["state"] == "closed"
    assert author.get(f"{base}export.md", headers={"accept": "text/markdown"}).content.startswith(b"# PM-")
    assert author.get("/api/v1/post-mortem-taxonomy/").json()["version"] == 1
