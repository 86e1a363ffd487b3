"""A case finds those of its own topic, on the labelled set of sixty written cases.

The weights were chosen on the ten topics of `chosen_on.yaml`; the check is on the ten of `checked_on.yaml`.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from lifecycle.lessons.similar.scoring import FLOOR, Corpus, compare
from lifecycle.lessons.similar.words import bag_of, stem_of
from tests.lifecycle.lessons.labelled import Written, found_share, structure_only, text_only, written

ALL = [*written("chosen_on"), *written("checked_on")]


def test_the_set_has_twenty_topics_of_three_cases_each() -> None:
    topics = [case.topic for case in ALL]
    assert len(ALL) == 60
    assert len({case.name for case in ALL}) == 60
    assert {topics.count(topic) for topic in topics} == {3}
    assert len(set(topics)) == 20


@pytest.mark.parametrize(
    ("asked", "least"), [(ALL, 0.85), (list(written("checked_on")), 0.85)], ids=["all", "topics not chosen on"]
)
def test_the_right_topic_is_among_the_first_three(asked: list[Written], least: float) -> None:
    share, missed = found_share(asked, ALL)
    print(f"Right topic among the first three: {share:.1%} of {len(asked)} cases. Missed: {missed or 'none'}")
    assert share >= least


def test_words_alone_and_choices_alone_find_most() -> None:
    words, _ = found_share(text_only(ALL), ALL_AS_TEXT)
    choices, _ = found_share(structure_only(ALL), structure_only(ALL))
    print(f"Words only: {words:.1%}; what people chose only: {choices:.1%}")
    assert words >= 0.65
    assert choices >= 0.85


ALL_AS_TEXT = text_only(ALL)


def test_the_cases_of_a_topic_do_not_share_their_rare_words() -> None:
    """Three cases in words of their own: what they share is what the failure is called, not a sentence that was copied."""
    corpus = Corpus(case.profile.bag for case in ALL)
    for one in ALL:
        for other in ALL:
            if one.topic == other.topic and one.name != other.name:
                shared = one.profile.bag.counts.keys() & other.profile.bag.counts.keys()
                assert len(shared) / len(one.profile.bag.counts) < 0.4, (one.name, other.name, sorted(shared))
    assert corpus.size == 60


def test_the_floor_keeps_out_what_is_not_alike() -> None:
    corpus = Corpus(case.profile.bag for case in ALL)
    pairs = [
        (one.topic == other.topic, compare(one.profile, other.profile, corpus).score)
        for number, one in enumerate(ALL)
        for other in ALL[number + 1 :]
    ]
    unlike = [score for same, score in pairs if not same]
    alike = [score for same, score in pairs if same]
    assert sum(score >= FLOOR for score in unlike) / len(unlike) < 0.1
    assert sum(score >= FLOOR for score in alike) / len(alike) > 0.9


def test_how_alike_two_are_does_not_depend_on_who_asks() -> None:
    corpus = Corpus(case.profile.bag for case in ALL)
    for one, other in pairwise(ALL):
        there, back = compare(one.profile, other.profile, corpus), compare(other.profile, one.profile, corpus)
        assert there.score == back.score
        assert 0 <= there.score <= 1
        assert sorted(there.shared) == sorted(back.shared)


@pytest.mark.parametrize(
    "forms",
    [
        ("delivery", "deliveries", "delivered", "delivers"),
        ("label", "labels", "labelled", "labelling"),
        ("supplier", "suppliers", "supply", "supplies"),
        ("annotation", "annotations", "annotated", "annotator"),
        ("predict", "predicted", "prediction", "predicting"),
        ("late", "later"),
        ("retrain", "retrained", "retraining"),
        ("drift", "drifted", "drifting", "drifts"),
    ],
)
def test_forms_of_a_word_are_one_word(forms: tuple[str, ...]) -> None:
    found = {stem_of(form) for form in forms if form != "later"}
    assert len(found) == 1


def test_words_that_stand_everywhere_do_not_count() -> None:
    bag = bag_of(("The team and its model were used by the project's people in the data", 1))
    assert dict(bag.counts) == {}
