"""What a reviewer is asked before a post-mortem is published or returned."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.models import PostMortem, Review
from lifecycle.postmortems.reviewing import QUESTIONS, Answer, Answers, fine
from lifecycle.postmortems.services import publish, return_to_draft

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def without(key: str) -> Answers:
    return {name: answer for name, answer in fine().items() if name != key}


@pytest.mark.parametrize(
    "answers",
    [
        None,
        {},
        without("blameless"),
        {**fine(), "blameless": Answer(answer="no", comment="  ")},
        {**fine(), "blameless": Answer(answer="perhaps", comment="")},
        {**fine(), "made_up": Answer(answer="yes", comment="")},
        {**fine(), "blameless": Answer(answer="yes", comment="x" * 1001)},
    ],
)
def test_it_is_not_published_while_a_question_is_open(
    in_review: PostMortem, reviewer: User, answers: Answers | None
) -> None:
    with pytest.raises(Refused) as refused:
        publish(actor=reviewer, postmortem=in_review, answers=answers)
    assert refused.value.code == "review_not_answered"
    assert not Review.objects.exists()
    assert PostMortem.objects.get(pk=in_review.pk).state == "in_review"


def test_a_no_with_its_reason_does_not_keep_it_from_its_readers(in_review: PostMortem, reviewer: User) -> None:
    answers: Answers = {**fine(), "testable": Answer(answer="no", comment="One is a study without an end.")}
    answers["visible"] = Answer(answer="does_not_apply", comment="")
    publish(actor=reviewer, postmortem=in_review, answers=answers, comment="Good work.")
    review = Review.objects.get()
    assert (review.verdict, review.number, review.reviewer) == ("publish", 1, reviewer)
    assert review.answers["testable"] == {"answer": "no", "comment": "One is a study without an end."}
    assert list(review.answers) == list(QUESTIONS)


def test_a_return_keeps_the_answers_that_were_given(in_review: PostMortem, reviewer: User) -> None:
    given: Answers = {"figures": Answer(answer="no", comment="Where do 41 samples come from?")}
    return_to_draft(actor=reviewer, postmortem=in_review, reason="Mend the figures.", answers=given)
    review = Review.objects.get()
    assert (review.verdict, review.number, review.comment, review.answers) == (
        "return", 1, "Mend the figures.", given,
    )  # fmt: skip


def test_the_page_asks_and_shows_what_was_answered(
    in_review: PostMortem, reviewer: User, viewer: User, sign_in: SignIn
) -> None:
    base, judge = in_review.get_absolute_url(), sign_in(reviewer)
    page = judge.get(base).content.decode()
    assert all(question in page for question in QUESTIONS.values())
    assert "Your review" not in sign_in(viewer).get(base).content.decode()
    sent = {f"answer_{key}": "yes" for key in QUESTIONS} | {"lock": in_review.lock, "comment_figures": "<b>All</b>"}
    short = {**sent, "answer_blameless": ""}
    refused = judge.post(f"{base}steps/publish/", short, headers={"referer": f"http://testserver{base}"})
    assert refused.status_code == 302
    kept = judge.get(base).content.decode()
    assert "&lt;b&gt;All&lt;/b&gt;" in kept
    assert judge.post(f"{base}steps/publish/", sent).status_code == 302
    shown = sign_in(viewer).get(base).content.decode()
    assert "Are causes told as conditions" in shown
    assert "&lt;b&gt;All&lt;/b&gt;" in shown


def test_the_api_tells_the_questions_and_takes_the_answers(
    in_review: PostMortem, reviewer: User, sign_in: SignIn
) -> None:
    judge = sign_in(reviewer)
    asked = judge.get("/api/v1/post-mortem-review-questions/").json()["results"]
    assert [row["key"] for row in asked] == list(QUESTIONS)
    base = f"/api/v1{in_review.get_absolute_url()}"
    wrong = judge.post(f"{base}publish/", {"answers": {}}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "review_not_answered")
    answers = {row["key"]: {"answer": "yes"} for row in asked}
    done = judge.post(f"{base}publish/", {"answers": answers}, content_type="application/json").json()
    assert [review["verdict"] for review in done["reviews"]] == ["publish"]
