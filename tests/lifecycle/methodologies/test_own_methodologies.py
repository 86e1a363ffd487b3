"""Own methodologies: drafts that nobody overwrites, versions that nobody edits, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.difference import difference
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.selectors import offered
from lifecycle.methodologies.services import (
    begin_draft,
    change_draft,
    discard_draft,
    offer_again,
    publish_draft,
    retire,
)
from lifecycle.methodologies.wording import source_of
from lifecycle.projects.services import start_project
from tests.lifecycle.methodologies.conftest import SMALL, Publish

pytestmark = pytest.mark.django_db


def refusal(deed: Callable[..., Any], **facts: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        deed(**facts)
    return caught.value


# Drafts


@pytest.mark.parametrize("who", ["lead", "contributor", "sponsor", "outsider"])
def test_only_managers_and_administrators_write_methodologies(
    who: str, draft: MethodologyDraft, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    published = publish_draft(actor=draft.created_by, draft=draft, expected_version=1)
    other = begin_draft(actor=draft.created_by, key="small")
    for deed, facts in (
        (begin_draft, {"key": "mine"}),
        (change_draft, {"draft": other, "text": "x", "expected_version": 1}),
        (discard_draft, {"draft": other, "expected_version": 1}),
        (publish_draft, {"draft": other, "expected_version": 1}),
        (retire, {"methodology": published, "reason": "Old"}),
        (offer_again, {"methodology": published}),
    ):
        assert refusal(deed, actor=person, **facts).status == 403


def test_a_draft_may_hold_faults_and_a_published_version_may_not(administrator: User) -> None:
    draft = begin_draft(actor=administrator, key="small", name="Small", text=SMALL.replace("order: 2", "order: 5"))
    refused = refusal(publish_draft, actor=administrator, draft=draft, expected_version=1)
    assert (refused.code, refused.status) == ("methodology_invalid", 400)
    assert refused.details == [
        "Line 6, column 1: phases: their order must run from 1 to 2, each number once; it is [1, 5]."
    ]
    assert not Methodology.objects.filter(key="small").exists()
    draft = change_draft(actor=administrator, draft=draft, text=SMALL, expected_version=1)
    assert publish_draft(actor=administrator, draft=draft, expected_version=2).number == 1


def test_two_editors_do_not_overwrite_each_other(draft: MethodologyDraft, administrator: User, manager: User) -> None:
    mine = change_draft(actor=administrator, draft=draft, text=f"{SMALL}# mine\n", expected_version=1)
    assert mine.version == 2
    for deed, facts in ((change_draft, {"text": f"{SMALL}# theirs\n"}), (publish_draft, {}), (discard_draft, {})):
        refused = refusal(deed, actor=manager, draft=draft, expected_version=1, **facts)
        assert (refused.code, refused.status) == ("version_conflict", 409)
        assert "Ada Administrator" in refused.message
    draft.refresh_from_db()
    assert draft.text.endswith("# mine\n")
    # The same text again is no conflict: a doubled click changes nothing.
    assert change_draft(actor=administrator, draft=draft, text=mine.text, expected_version=1).version == 2


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"key": "crisp_dm"}, "key_shipped"),
        ({"key": "Bad Key"}, "key_unusable"),
        ({"key": "drafts"}, "key_unusable"),
        ({"key": ""}, "key_unusable"),
        ({"text": "   "}, "empty"),
        ({"text": "x" * 200_000}, "text_too_long"),
        ({"text": "a\x00b", "key": "mine"}, "text_unreadable"),
        ({"text": "a: \ud800", "key": "mine"}, "text_unreadable"),
        ({"key": "small"}, "draft_exists"),
        ({"key": "mine", "name": "n" * 121}, "name_missing"),
    ],
)
def test_what_cannot_begin_is_refused_with_one_reason(
    facts: dict[str, Any], code: str, draft: MethodologyDraft, manager: User
) -> None:
    assert refusal(begin_draft, actor=manager, **facts).code == code


def test_a_copy_of_a_shipped_methodology_is_without_fault_under_its_own_name(
    manager: User, crisp_dm: Methodology
) -> None:
    draft = begin_draft(actor=manager, key="our_way", name="Our way", based_on=crisp_dm)
    assert "# Shares one schema" in draft.text
    made = publish_draft(actor=manager, draft=draft, expected_version=1)
    assert (str(made), made.key) == ("Our way v1", "our_way")
    assert made.phases == crisp_dm.phases


def test_a_version_that_came_in_before_its_text_was_kept_can_be_copied_too(manager: User, tdsp: Methodology) -> None:
    old = Methodology(key="old", name="Old", content=tdsp.content)
    draft = begin_draft(actor=manager, key="copy", text=source_of(old).replace("key: tdsp", "key: copy"))
    assert publish_draft(actor=manager, draft=draft, expected_version=1).phases == tdsp.phases


def test_a_discarded_draft_is_gone_and_its_text_is_in_the_trail(draft: MethodologyDraft, manager: User) -> None:
    discard_draft(actor=manager, draft=draft, expected_version=1)
    assert not MethodologyDraft.objects.exists()
    assert Entry.objects.get(verb="discard_methodology_draft").before["text"] == SMALL
    assert refusal(change_draft, actor=manager, draft=draft, text=SMALL, expected_version=1).code == "draft_gone"


# Versions


def test_the_next_version_starts_from_the_published_one_and_the_draft_goes(publish: Publish, manager: User) -> None:
    first = publish(SMALL)
    assert not MethodologyDraft.objects.exists()
    draft = begin_draft(actor=manager, key="small")
    assert (draft.based_on, draft.text.splitlines()[0]) == (first, "# Kept by the methods office.")
    assert refusal(publish_draft, actor=manager, draft=draft, expected_version=1).code == "methodology_unchanged"
    draft = change_draft(
        actor=manager, draft=draft, text=draft.text.replace("Is it done?", "Is it good?"), expected_version=1
    )
    second = publish_draft(actor=manager, draft=draft, expected_version=2, note="Ask for the quality")
    assert (second.number, second.note, second.published_by) == (2, "Ask for the quality", manager)
    assert list(offered().filter(key="small")) == [second]
    verbs = list(Entry.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs == [
        "begin_methodology_draft", "publish_methodology", "begin_methodology_draft", "change_methodology_draft",
        "publish_methodology",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"content": {"phases": []}}, {"number": 9}, {"name": "Other"}, {"content_hash": "0" * 64}, {"source": "x"}],
)
def test_the_database_itself_keeps_a_published_version(publish: Publish, change: dict[str, Any]) -> None:
    made = publish(SMALL)
    with pytest.raises(DatabaseError), transaction.atomic():
        Methodology.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Methodology.objects.filter(pk=made.pk).delete()
    made.refresh_from_db()
    assert made.name == "Small"


def test_a_version_that_is_no_longer_offered_stays_with_those_who_have_it(
    publish: Publish, manager: User, lead: User
) -> None:
    made = publish(SMALL)
    project = start_project(
        actor=lead, key="p", name="P", question="Why?", methodology=made, started_on=date(2026, 1, 5)
    )
    assert refusal(retire, actor=manager, methodology=made, reason=" ").code == "reason_missing"
    retired = retire(actor=manager, methodology=made, reason="Replaced by CRISP-DM")
    assert retire(actor=manager, methodology=made, reason="Again").retired_at == retired.retired_at
    assert not offered().filter(key="small").exists()
    project.refresh_from_db()
    assert project.methodology == made
    assert (
        refusal(
            start_project,
            actor=lead,
            key="q",
            name="Q",
            question="Why?",
            methodology=retired,
            started_on=date(2026, 1, 5),
        ).code
        == "methodology_retired"
    )
    offer_again(actor=manager, methodology=made)
    offer_again(actor=manager, methodology=made)
    assert offered().filter(key="small").exists()
    assert Entry.objects.filter(verb="retire_methodology").count() == 1
    assert Entry.objects.filter(verb="offer_methodology_again").count() == 1


def test_leads_of_projects_under_an_older_version_are_told_of_a_new_one(
    publish: Publish, lead: User, outsider: User
) -> None:
    start_project(
        actor=lead, key="p", name="P", question="Why?", methodology=publish(SMALL), started_on=date(2026, 1, 5)
    )
    publish(SMALL.replace("Is it done?", "Is it good?"))
    assert list(Notice.objects.filter(kind="methodology_published").values_list("user", flat=True)) == [lead.pk]


# Differences


@pytest.mark.parametrize(
    ("old", "new", "sentence", "binds"),
    [
        ("name: Paper}", "name: Charter}", "Deliverable: was “Paper”; now “Charter”.", False),
        ("[{key: paper, name: Paper}]", "[{key: paper, name: Paper}, {key: plan, name: Plan}]", "Deliverable “Plan” is new: optional.", True),
        ("required_outputs: [paper]", "recommended_outputs: [paper]", "Deliverable “Paper”: was required; now recommended.", True),
        ("Is it done?", "Is it good?", "Question: was “Is it done?”; now “Is it good?”.", True),
        ("closes_project: true", "closes_project: true\n      independent_reviewer: true", "Gate “Last”: was nothing more than the standard; now An independent reviewer, who built none of it, decides too..", True),
        ("name: Think", "name: Ponder", "Task: was “Think”; now “Ponder”.", False),
        ("name: First", "name: Start", "Name of the stage: was “First”; now “Start”.", False),
        ("name: Paper}", "name: Paper, description: In short}", "Description of the deliverable “Paper”: was empty; now “In short”.", False),
        ("long_name: A small one", "long_name: A tiny one", "Long name of the methodology: was “A small one”; now “A tiny one”.", False),
        ("feedback_loops:\n  - {key: back, from: last, to: first}\n", "", "Way back “Last → First” is no longer there.", False),
    ],
)  # fmt: skip
def test_a_difference_reads_as_a_line(publish: Publish, old: str, new: str, sentence: str, binds: bool) -> None:
    assert old in SMALL
    first, second = publish(SMALL), publish(SMALL.replace(old, new, 1))
    changes = difference(first.content, second.content)
    assert [(change.sentence, change.binds) for change in changes] == [(sentence, binds)]


def test_stages_that_come_go_and_change_places_are_told(publish: Publish) -> None:
    first = publish(SMALL)
    swapped = SMALL.replace("order: 1", "order: 9").replace("order: 2", "order: 1").replace("order: 9", "order: 2")
    swapped = swapped.replace("from: last, to: first", "from: first, to: last").replace(
        "      closes_project: true\n", ""
    )
    sentences = [change.sentence for change in difference(first.content, publish(swapped).content)]
    assert "Order of the stages: was First → Last; now Last → First." in sentences
    one = SMALL[: SMALL.index("  - key: last")]
    assert [change.sentence for change in difference(first.content, publish(one).content)] == [
        "Stage “Last” is no longer there.", "Way back “Last → First” is no longer there.",
    ]  # fmt: skip
