"""Graded advice on a round: who gives it, what it stops, and the step to the decision."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Role, Stage
from lifecycle.signoff.models import Feedback, PolicyVersion, Round
from lifecycle.signoff.permits.feedback import may_feedback, may_settle
from lifecycle.signoff.services import submit_round
from lifecycle.signoff.services.feedback import (
    advice_on,
    advisers_of,
    begin_deciding,
    give_feedback,
    open_majors,
    settle_feedback,
)
from lifecycle.signoff.services.policies import policy_in_force
from lifecycle.signoff.views.feedback import feedback_section
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def advised(first: Stage, lead: User, administrator: User) -> Round:
    """A round in feedback: reviewer and viewer are asked for advice."""
    tier = first.project.risk
    content = {**policy_in_force(tier), "advisers": ["reviewer", "viewer"], "feedback": 2}
    PolicyVersion.objects.create(tier=tier, number=1, content=content, reason="Advice first.", by=administrator)
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    assert review.state == Round.State.IN_FEEDBACK
    return review


GIVES = {
    "lead": "requester_cannot_advise", "contributor": "author_cannot_advise", "sponsor": "", "customer": "",
    "reviewer": "", "viewer": "", "manager": "not_permitted", "administrator": "not_permitted",
    "outsider": "not_permitted",
}  # fmt: skip


@pytest.mark.parametrize("who", GIVES)
def test_who_may_give_advice(who: str, advised: Round, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(who)
    verdict = may_feedback(person, advised)
    assert (verdict.code if not verdict else "") == GIVES[who]
    if GIVES[who]:
        with pytest.raises(Refused) as refused:
            give_feedback(actor=person, round_id=advised.pk, grade="fine")
        assert refused.value.code == GIVES[who]
        assert not Feedback.objects.exists()


@pytest.mark.parametrize("state", Round.State.values)
def test_advice_is_taken_until_the_round_is_closed(state: str, advised: Round, viewer: User) -> None:
    advised.state = state
    assert bool(may_feedback(viewer, advised)) is (state in ("in_feedback", "awaiting_decision"))


def test_who_left_or_lost_access_gives_none(advised: Round, viewer: User) -> None:
    Member.objects.filter(user=viewer).update(left_at="2026-01-01T00:00Z")
    assert not may_feedback(viewer, advised)
    viewer.is_active = False
    assert not may_feedback(viewer, advised, roles=frozenset({Role.VIEWER.value}))


@pytest.mark.parametrize(
    ("grade", "text", "code"),
    [("", "x", "grade_unknown"), ("great", "x", "grade_unknown"), ("minor", " ", "empty"), ("major", "", "empty")],
)
def test_an_issue_has_a_known_grade_and_is_described(
    grade: str, text: str, code: str, advised: Round, reviewer: User
) -> None:
    with pytest.raises(Refused) as refused:
        give_feedback(actor=reviewer, round_id=advised.pk, grade=grade, text=text)
    assert refused.value.code == code


def test_an_issue_is_told_to_requester_and_deciders_and_recorded(
    advised: Round, reviewer: User, lead: User, sponsor: User
) -> None:
    given = give_feedback(actor=reviewer, round_id=advised.pk, grade="major", text="The test set leaks.")
    told = {notice.user for notice in Notice.objects.filter(kind="feedback_given")}
    assert {lead, sponsor} <= told
    assert reviewer not in told
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    assert (entry.verb, entry.thing_kind, entry.reason) == ("give_feedback", "feedback", "The test set leaks.")
    assert given.role == "reviewer"


def test_a_second_click_gives_advice_once_and_the_newest_word_counts(advised: Round, reviewer: User) -> None:
    first = give_feedback(actor=reviewer, round_id=advised.pk, grade="major", text="It leaks.")
    assert give_feedback(actor=reviewer, round_id=advised.pk, grade="major", text="It leaks.").pk == first.pk
    assert [given.pk for given in open_majors(advised)] == [first.pk]
    give_feedback(actor=reviewer, round_id=advised.pk, grade="fine")
    assert open_majors(advised) == []
    assert [advice.counts for advice in advice_on(advised, reviewer)] == [True, False]
    with pytest.raises(Refused) as refused:
        settle_feedback(actor=reviewer, feedback_id=first.pk, note="Done.")
    assert refused.value.code == "feedback_superseded"


def test_only_its_author_settles_an_issue_and_once(
    advised: Round, reviewer: User, viewer: User, lead: User, sponsor: User
) -> None:
    given = give_feedback(actor=reviewer, round_id=advised.pk, grade="major", text="It leaks.")
    for person in (viewer, lead, sponsor):
        assert not may_settle(person, given)
        with pytest.raises(Refused) as refused:
            settle_feedback(actor=person, feedback_id=given.pk, note="Fine now.")
        assert refused.value.code == "not_permitted"
    with pytest.raises(Refused) as refused:
        settle_feedback(actor=reviewer, feedback_id=given.pk, note=" ")
    assert refused.value.code == "empty"
    assert settle_feedback(actor=reviewer, feedback_id=given.pk, note="A new split.").settled_note == "A new split."
    assert settle_feedback(actor=reviewer, feedback_id=given.pk, note="Other.").settled_note == "A new split."
    assert Entry.objects.filter(verb="settle_feedback").count() == 1
    assert open_majors(advised) == []
    fine = give_feedback(actor=viewer, round_id=advised.pk, grade="fine")
    with pytest.raises(Refused) as refused:
        settle_feedback(actor=viewer, feedback_id=fine.pk, note="x")
    assert refused.value.code == "nothing_to_settle"


def test_the_round_goes_on_when_all_advisers_have_spoken(
    advised: Round, reviewer: User, viewer: User, customer: User, sponsor: User
) -> None:
    assert {person.pk for person in advisers_of(advised)} == {reviewer.pk, viewer.pk}
    give_feedback(actor=customer, round_id=advised.pk, grade="fine")
    give_feedback(actor=reviewer, round_id=advised.pk, grade="major", text="It leaks.")
    advised.refresh_from_db()
    assert advised.state == Round.State.IN_FEEDBACK
    give_feedback(actor=viewer, round_id=advised.pk, grade="minor", text="A typing error.")
    advised.refresh_from_db()
    assert advised.state == Round.State.AWAITING
    told = Notice.objects.get(user=sponsor, event_key=f"round_awaits:{advised.pk}")
    assert "1 major issue is open." in told.body
    assert Entry.objects.filter(verb="begin_deciding").count() == 1
    assert not begin_deciding(advised)
    assert Entry.objects.filter(verb="begin_deciding").count() == 1


def test_an_open_major_issue_stops_a_yes_until_it_is_settled(
    advised: Round, reviewer: User, viewer: User, sponsor: User, answer: Any
) -> None:
    given = give_feedback(actor=viewer, round_id=advised.pk, grade="major", text="It leaks.")
    assert begin_deciding(advised)
    with pytest.raises(Refused) as refused:
        answer(sponsor, advised)
    assert refused.value.code == "major_issue_open"
    settle_feedback(actor=viewer, feedback_id=given.pk, note="A new split.")
    assert answer(sponsor, advised).verdict == "approve"


# Pages and REST


def section(person: User, review: Round) -> str:
    request = RequestFactory().get(f"/rounds/{review.pk}/")
    request.user, request.session = person, {}  # type: ignore[assignment]
    review = Round.objects.select_related("project").get(pk=review.pk)
    return render_to_string("lifecycle/signoff/feedback.html", {"review": review, **feedback_section(request, review)})


def test_the_section_shows_advice_and_offers_only_what_one_may(
    advised: Round, reviewer: User, viewer: User, lead: User
) -> None:
    give_feedback(actor=reviewer, round_id=advised.pk, grade="major", text="It **leaks**.")
    own = section(reviewer, advised)
    assert "<strong>leaks</strong>" in own
    assert "Settle the issue" in own
    assert "Give this advice" in own
    assert "Settle the issue" not in section(viewer, advised)
    assert "You asked for this decision" in section(lead, advised)
    assert "Give this advice" not in section(lead, advised)


def test_the_page_says_whose_advice_is_still_to_come_and_asks_for_it_above(
    advised: Round, reviewer: User, viewer: User, sponsor: User, sign_in: SignIn
) -> None:
    def page(person: User) -> str:
        return " ".join(sign_in(person).get(f"/rounds/{advised.pk}/").content.decode().split())

    assert "Asked, and still to speak: Rui Reviewer, Vera Viewer." in page(sponsor)
    assert "you, after the advice" in page(sponsor)
    assert 'href="#feedback">Give your advice' in page(reviewer)
    assert 'href="#feedback">Give your advice' not in page(sponsor)
    give_feedback(actor=reviewer, round_id=advised.pk, grade="minor", text="A typing error.")
    spoken = page(reviewer)
    assert "still to speak: Vera Viewer." in spoken
    assert "Give newer advice" in spoken
    assert 'href="#feedback">Give your advice' not in spoken
    give_feedback(actor=viewer, round_id=advised.pk, grade="fine")
    assert "still to speak" not in page(sponsor)
    assert "after the advice" not in page(sponsor)


def test_advice_is_given_and_settled_on_the_page(advised: Round, reviewer: User, sign_in: SignIn) -> None:
    browser = sign_in(reviewer)
    back = f"http://testserver/rounds/{advised.pk}/"
    browser.post(f"/rounds/{advised.pk}/feedback/", {"grade": "", "text": "Typed a lot."}, HTTP_REFERER=back)
    assert browser.session["kept_forms"][f"/rounds/{advised.pk}/feedback/"]["text"] == ["Typed a lot."]
    answer = browser.post(f"/rounds/{advised.pk}/feedback/", {"grade": "major", "text": "It leaks."})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/rounds/{advised.pk}/")
    given = Feedback.objects.get()
    browser.post(f"/feedback/{given.pk}/settle/", {"note": "A new split."})
    given.refresh_from_db()
    assert given.settled_note == "A new split."


def test_outsiders_find_nothing(advised: Round, viewer: User, outsider: User, sign_in: SignIn, api: Any) -> None:
    given = give_feedback(actor=viewer, round_id=advised.pk, grade="minor", text="x")
    for way in (f"/rounds/{advised.pk}/feedback/", f"/feedback/{given.pk}/settle/"):
        assert sign_in(outsider).post(way, {"grade": "fine", "note": "x"}).status_code == 404
        assert api(outsider).post(f"/api/v1{way}", {"grade": "fine", "note": "x"}).status_code == 404
    assert api(outsider).get(f"/api/v1/rounds/{advised.pk}/feedback/").status_code == 404


def test_the_api_gives_lists_and_settles(advised: Round, reviewer: User, api: Any) -> None:
    script, way = api(reviewer), f"/api/v1/rounds/{advised.pk}/feedback/"
    assert script.post(way, {"grade": "great"}).status_code == 400
    first = script.post(way, {"grade": "major", "text": "It leaks."})
    assert (first.status_code, first.json()["blocks"]) == (201, True)
    second = script.post(way, {"grade": "major", "text": "It leaks twice."}).json()
    assert [row["blocks"] for row in script.get(way).json()["results"]] == [True, False]
    settled = script.post(f"/api/v1/feedback/{second['id']}/settle/", {"note": "A new split."}).json()
    assert (settled["blocks"], settled["settled_note"]) == (False, "A new split.")
