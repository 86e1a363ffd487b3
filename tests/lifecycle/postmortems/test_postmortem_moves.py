"""The workflow as a machine, the word check, and references when many ask at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems import moves
from lifecycle.postmortems.models import PostMortem, Revision
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    close,
    edit_postmortem,
    open_postmortem,
    publish,
    reopen,
    return_to_draft,
    start_new_version,
    submit_for_review,
)
from lifecycle.postmortems.words import remarks_on
from lifecycle.projects.models import Project
from tests.lifecycle.postmortems.conftest import fill

STEPS: dict[str, Any] = {
    "submit": lambda who, row: submit_for_review(actor=who, postmortem=row),
    "return": lambda who, row: return_to_draft(actor=who, postmortem=row, reason="More."),
    "publish": lambda who, row: publish(actor=who, postmortem=row, answers=fine()),
    "revise": lambda who, row: start_new_version(actor=who, postmortem=row, reason="New facts."),
    "close": lambda who, row: close(actor=who, postmortem=row),
    "reopen": lambda who, row: reopen(actor=who, postmortem=row, reason="Again."),
}


@pytest.mark.django_db(transaction=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tries=st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(["contributor", "reviewer", "viewer", "outsider"])),
        max_size=14,
    )
)
def test_whatever_is_tried_only_known_moves_happen(
    tries: list[tuple[str, str]],
    project: Project,
    contributor: User,
    reviewer: User,
    viewer: User,
    outsider: User,
) -> None:
    people = {"contributor": contributor, "reviewer": reviewer, "viewer": viewer, "outsider": outsider}
    row = fill(
        open_postmortem(actor=contributor, project=project, kind="near_miss", title="Close call"),
        contributor,
        with_action=False,
    )
    edit_postmortem(actor=contributor, postmortem=row, lock=row.lock, changes={"no_action_reason": "A one-off."})
    state, published = "draft", 0
    for step, who in tries:
        known = moves.POSTMORTEM_MOVES[step]
        try:
            STEPS[step](people[who], row)
        except Refused:
            assert who in ("viewer", "outsider", "reviewer") or state not in known.sources or step == "publish"
        else:
            assert who in ("contributor", "reviewer")
            assert state in known.sources
            state = known.target
            published += step == "publish"
        kept = PostMortem.objects.get(pk=row.pk)
        assert (kept.state, kept.number) == (state, published)
        assert Revision.objects.filter(postmortem=row).count() == published
        assert kept.published_by_id != kept.owner_id
    PostMortem.objects.filter(pk=row.pk).delete()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_references_stay_without_gaps_when_many_ask_at_once(project: Project, contributor: User) -> None:
    open_postmortem(actor=contributor, project=project, kind="near_miss", title="First")
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def ask(number: int) -> None:
        try:
            start.wait()
            for turn in range(3):
                open_postmortem(actor=contributor, project=project, kind="near_miss", title=f"{number}-{turn}")
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    numbers = sorted(int(ref[-4:]) for ref in PostMortem.objects.values_list("reference", flat=True))
    assert numbers == list(range(1, 14))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("They should have looked.", ["should have"]),
        ("CARELESS work, a human error, their fault.", ["careless", "fault", "human error"]),
        ("The default was faulty.", []),
        ("cora contributor changed it", ["Cora Contributor"]),
        ("We asked Cora about it.", ["Cora"]),
        ("The contributor and the lead agreed.", []),
        ("", []),
    ],
)
def test_the_word_check_finds_blame_and_names(text: str, words: list[str]) -> None:
    assert [remark.word for remark in remarks_on(text, ["Cora Contributor", "Lea Lead"])] == words


@given(text=st.text(max_size=300), names=st.lists(st.text(max_size=20), max_size=5))
def test_the_word_check_takes_any_text(text: str, names: list[str]) -> None:
    for remark in remarks_on(text, names):
        assert remark.word.lower() in text.lower()
        assert remark.hint
