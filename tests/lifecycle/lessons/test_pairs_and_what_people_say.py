"""Pairs of cases: computed when one is published, corrected by people, and seen only by those who see both."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.lessons.models import Reader, SimilarPair
from lifecycle.lessons.readers import reached_by
from lifecycle.lessons.similar.runs import compare_case
from lifecycle.lessons.similar.selectors import similar_to
from lifecycle.lessons.similar.services import compare_with_all, say_of_pair
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services import set_tags, start_new_version
from lifecycle.projects.models import Project
from tests.lifecycle.lessons.conftest import MakeCase, MakeProject

pytestmark = pytest.mark.django_db


@pytest.fixture
def twin(make_project: MakeProject, make_case: MakeCase) -> PostMortem:
    return make_case(
        make_project("fuel"), "Depot changed its codes", summary="Deliveries of a supplier came with new codes."
    )


def test_a_published_case_is_compared_by_one_job_and_the_reasons_are_words(
    case: PostMortem, twin: PostMortem, lead: User
) -> None:
    jobs = Job.objects.filter(kind="compare_cases")
    assert {job.dedup_key for job in jobs} == {str(case.pk), str(twin.pk)}
    assert {compare_case(job.pk) for job in jobs} == {"done"}
    pair = SimilarPair.objects.get()
    assert pair.score > 0.12
    (alike,) = similar_to(lead, case).alike
    assert alike.case == twin
    assert alike.why[0] == "both: upstream data change (main cause)"
    assert alike.why[-1].startswith("words: ")
    assert {"supplier", "codes"} <= set(
        alike.why[-1].removeprefix("words: ").replace("code,", "codes,").split(", ")
    ) or ("supplier" in alike.why[-1])


def test_what_people_say_moves_the_order_and_outlives_the_next_comparison(
    case: PostMortem, twin: PostMortem, make_project: MakeProject, make_case: MakeCase, lead: User
) -> None:
    far = make_case(
        make_project("far"), "Sponsor left", node="no_business_owner", trigger="project_event",
        summary="Nobody signed.", lesson="Name a deputy.",
    )  # fmt: skip
    compare_with_all(case.pk)
    say_of_pair(actor=lead, case=case, other=far, verdict="similar")
    assert [each.case for each in similar_to(lead, case).alike] == [far, twin]
    say_of_pair(actor=lead, case=twin, other=case, verdict="not_similar")
    for _ in range(2):
        found = similar_to(lead, case)
        assert [each.case for each in found.alike] == [far]
        assert [each.case for each in found.unlike] == [twin]
        compare_with_all(case.pk)
    say_of_pair(actor=lead, case=case, other=twin, verdict="")
    assert twin in [each.case for each in similar_to(lead, case).alike]
    assert Entry.objects.filter(verb="compare_postmortems").count() == 3


@pytest.mark.parametrize(("verdict", "code"), [("maybe", "verdict_unknown")])
def test_a_verdict_that_makes_no_sense_is_refused(
    case: PostMortem, twin: PostMortem, lead: User, make_person: Any, verdict: str, code: str
) -> None:
    auditor = make_person("Aud Auditor", is_auditor=True)
    for actor, other, said, expected in (
        (lead, twin, verdict, code),
        (lead, case, "similar", "same_case"),
        (auditor, twin, "similar", "not_permitted"),
    ):
        with pytest.raises(Refused) as refused:
            say_of_pair(actor=actor, case=case, other=other, verdict=said)
        assert refused.value.code == expected


def test_a_draft_is_no_other_case(case: PostMortem, project: Project, make_case: MakeCase, contributor: User) -> None:
    draft = make_case(project, "A draft", is_published=False)
    with pytest.raises(Refused) as refused:
        say_of_pair(actor=contributor, case=case, other=draft, verdict="similar")
    assert refused.value.code == "case_not_published"


@pytest.mark.parametrize("visibility", ["restricted", "team"])
def test_a_pair_is_seen_only_by_those_who_see_both_and_moves_nothing_for_others(
    case: PostMortem,
    twin: PostMortem,
    make_project: MakeProject,
    make_case: MakeCase,
    contributor: User,
    outsider: User,
    sign_in: Any,
    api: Any,
    visibility: str,
) -> None:
    compare_with_all(case.pk)
    before = [(each.case, each.why, each.score) for each in similar_to(outsider, case).alike]
    hidden = make_case(make_project("hidden"), "Canary Xylophone", visibility=visibility)
    compare_with_all(hidden.pk)
    compare_with_all(case.pk)
    assert hidden in [each.case for each in similar_to(contributor, case).alike]
    assert [(each.case, each.why, each.score) for each in similar_to(outsider, case).alike] == before
    page = sign_in(outsider).get(case.get_absolute_url()).content.decode()
    told = api(outsider).get(f"/api/v1/post-mortems/{case.reference}/similar/").json()
    for shown in (page, str(told)):
        assert hidden.reference not in shown
        assert "Xylophone" not in shown
    # Naming it by its number tells no more than naming one that is not there.
    answers = [
        api(outsider).post(f"/api/v1/post-mortems/{case.reference}/similar/", {"other": other, "verdict": "similar"})
        for other in (hidden.reference, "PM-1999-0001")
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(400, "other_unknown")] * 2
    say_of_pair(actor=contributor, case=case, other=hidden, verdict="similar")
    entry = Entry.objects.get(verb="compare_postmortems")
    assert (entry.thing_name, entry.project_id) == ("two post-mortems", None)


def test_a_case_in_a_new_version_is_not_shown_to_others(case: PostMortem, twin: PostMortem, lead: User) -> None:
    compare_with_all(case.pk)
    start_new_version(actor=lead, postmortem=twin, reason="A number is wrong.")
    assert similar_to(lead, case).alike == []


def test_tags_are_replaced_and_bring_a_new_comparison_once_published(
    case: PostMortem, contributor: User, lead: User, viewer: User, reviewer: User
) -> None:
    Job.objects.all().delete()
    tagged = set_tags(
        actor=contributor,
        postmortem=case,
        tags=[("domain", " Health  care "), ("domain", "health care"), ("technique", "Time series"), ("free", "")],
        lock=case.lock,
    )
    assert sorted(tagged.tags.values_list("kind", "text")) == [("domain", "Health care"), ("technique", "Time series")]
    assert Job.objects.filter(kind="compare_cases").count() == 1
    again = [("technique", "Time series"), ("domain", "Health care")]
    assert set_tags(actor=contributor, postmortem=case, tags=again, lock=tagged.lock).lock == tagged.lock
    for actor, tags, lock, code in (
        (viewer, again, tagged.lock, "not_permitted"),
        (contributor, [("colour", "red")], tagged.lock, "tag_kind_unknown"),
        (contributor, [("free", "x" * 61)], tagged.lock, "tag_too_long"),
        (contributor, [("free", f"tag {n}") for n in range(31)], tagged.lock, "too_many_tags"),
        (contributor, [("free", "other")], case.lock, "edited_meanwhile"),
    ):
        with pytest.raises(Refused) as refused:
            set_tags(actor=actor, postmortem=tagged, tags=tags, lock=lock)
        assert refused.value.code == code


def test_readers_outside_the_project_are_counted_once_and_never_named(
    case: PostMortem, make_project: MakeProject, outsider: User, lead: User, make_person: Any, sign_in: Any, api: Any
) -> None:
    make_project("other", actor=outsider)
    auditor = make_person("Aud Auditor", is_auditor=True)
    for person in (outsider, lead, auditor):
        sign_in(person).get(case.get_absolute_url())
        api(person).get(f"/api/v1/post-mortems/{case.reference}/")
    assert [reader.user for reader in Reader.objects.all()] == [outsider]
    assert (reached_by([case.pk])[case.pk].people, reached_by([case.pk])[case.pk].projects) == (1, 1)
    page = sign_in(lead).get(case.get_absolute_url()).content.decode()
    assert "Read by 1 person outside its project, in 1 other project." in " ".join(page.split())
    assert outsider.name not in page


def test_pages_show_and_take_tags_and_verdicts(case: PostMortem, twin: PostMortem, lead: User, sign_in: Any) -> None:
    compare_with_all(case.pk)
    browser = sign_in(lead)
    url = case.get_absolute_url()
    assert twin.title in browser.get(url).content.decode()
    said = browser.post(f"{url}similar/", {"other": twin.reference.lower(), "verdict": "similar"})
    assert said.status_code == 302
    assert "said to be similar" in browser.get(url).content.decode()
    lock = PostMortem.objects.get(pk=case.pk).lock
    assert browser.post(f"{url}tags/", {"lock": lock, "domain": "<b>labs</b>, logistics"}).status_code == 302
    page = browser.get(url).content.decode()
    assert "&lt;b&gt;labs&lt;/b&gt;" in page
    assert "<b>labs" not in page
