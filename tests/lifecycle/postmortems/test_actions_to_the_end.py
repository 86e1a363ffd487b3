"""Actions are reminded of, told to more people when late, and looked at again when they have had time to work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.clock import Phase, Word, words_due
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.services import (
    ActionValues,
    accept_action,
    add_row,
    cancel_action,
    change_action,
    close,
    edit_postmortem,
    finish_action,
    plan_effect,
    record_effect,
    verify_action,
)
from lifecycle.postmortems.waiting import waiting_for
from lifecycle.signoff.services.sweeping import sweep

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
TODAY = date(2026, 7, 1)
DUE = TODAY + timedelta(days=30)  # severity is medium


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """It is 1 July 2026, nine o'clock, until a test says otherwise."""
    with time_machine.travel(datetime(2026, 7, 1, 9, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def action(filled: PostMortem) -> ActionItem:
    """An accepted action of the contributor, due on 31 July."""
    return filled.actions.get()


@pytest.fixture
def verified(action: ActionItem, contributor: User, reviewer: User) -> ActionItem:
    finish_action(actor=contributor, action_id=action.pk)
    return verify_action(actor=reviewer, action_id=action.pk)


def told(kind: str = "postmortem_action_due") -> list[tuple[str, str]]:
    return [(row.user.name, row.subject) for row in Notice.objects.filter(kind=kind).order_by("pk")]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-8, []),
        (-7, [Word(Phase.SOON)]),
        (-1, [Word(Phase.SOON)]),
        (0, [Word(Phase.DUE)]),
        (6, [Word(Phase.DUE)]),
        (7, [Word(Phase.OVERDUE, 1)]),
        (14, [Word(Phase.OVERDUE, 2), Word(Phase.ESCALATED)]),
        (30, [Word(Phase.OVERDUE, 4), Word(Phase.ESCALATED)]),
    ],
)
def test_what_is_said_on_which_day(days: int, words: list[Word]) -> None:
    assert words_due(TODAY, TODAY + timedelta(days=days)) == words


def test_the_owner_is_reminded_a_week_before_on_the_day_and_every_week_after(
    action: ActionItem, contributor: User, lead: User
) -> None:
    assert action.due_on == DUE
    for day in range(60):
        sweep(TODAY + timedelta(days=day))
        sweep(TODAY + timedelta(days=day))
    to_owner = [subject for name, subject in told() if name == contributor.name]
    assert to_owner == [
        "Due on 31 July 2026: Watch the codes",
        "Due since 31 July 2026: Watch the codes",
        *["Overdue since 31 July 2026: Watch the codes"] * 4,
    ]
    assert [subject for name, subject in told() if name == lead.name] == [
        "Overdue since 31 July 2026, told to the project's lead: Watch the codes"
    ]
    assert Entry.objects.filter(verb="remind_action").count() == 6
    assert Entry.objects.filter(verb="escalate_action").count() == 1


def test_after_an_outage_it_is_told_once_what_holds_now(action: ActionItem) -> None:
    sweep(DUE + timedelta(days=40))
    assert [subject[:13] for _, subject in told()] == ["Overdue since", "Overdue since"]
    assert not Notice.objects.filter(subject__startswith="Due ").exists()


def test_a_moved_date_begins_anew_and_settled_actions_are_left_alone(
    action: ActionItem, contributor: User, lead: User
) -> None:
    sweep(DUE)
    later = DUE + timedelta(days=60)
    change_action(actor=lead, action_id=action.pk, due_on=later, reason="A supplier is late.")
    assert sweep(DUE + timedelta(days=20)) == []
    sweep(later)
    assert len(told()) == 2
    cancel_action(actor=lead, action_id=action.pk, reason="The source is gone.")
    assert sweep(later + timedelta(days=30)) == []


def test_a_restricted_case_is_told_to_nobody_who_may_not_read_it(
    filled: PostMortem, action: ActionItem, contributor: User, reviewer: User, lead: User
) -> None:
    changes = {"visibility": "restricted", "facilitator": reviewer}
    edit_postmortem(actor=contributor, postmortem=filled, lock=filled.lock, changes=changes)
    sweep(DUE + timedelta(days=20))
    assert {name for name, _ in told()} == {contributor.name, reviewer.name}
    assert "Watch the codes" not in "".join(
        f"{entry.thing_name}{entry.after}{entry.reason}" for entry in Entry.objects.filter(thing_kind="action")
    )


def test_overdue_actions_are_marked_in_the_inbox_and_the_list(
    action: ActionItem, contributor: User, sign_in: SignIn, clock: Any
) -> None:
    (line,) = waiting_for(contributor)
    assert (line.word, line.state) == ("open", "wait")
    clock.move_to(datetime(2026, 8, 1, 9, tzinfo=UTC))
    (line,) = waiting_for(contributor)
    assert (line.word, line.state) == ("overdue", "no")
    (row,) = sign_in(contributor).get("/api/v1/post-mortem-actions/").json()["results"]
    assert (row["is_overdue"], row["priority"]) == (True, "normal")


def test_ninety_days_after_it_was_verified_somebody_else_is_asked_whether_it_worked(
    verified: ActionItem, filled: PostMortem, lead: User, reviewer: User, contributor: User, clock: Any
) -> None:
    assert verified.effect_due_on == TODAY + timedelta(days=90)
    PostMortem.objects.filter(pk=filled.pk).update(state="published", published_by=reviewer)
    close(actor=lead, postmortem=filled)
    sweep(TODAY + timedelta(days=89))
    assert waiting_for(reviewer) == []
    assert told("postmortem_effect") == []
    clock.move_to(datetime(2026, 9, 29, 9, tzinfo=UTC))
    for _ in range(2):
        sweep(TODAY + timedelta(days=90))
    assert told("postmortem_effect") == [
        (reviewer.name, "Did it work? Watch the codes")
    ]  # its owner owns the action too
    (line,) = waiting_for(reviewer)
    assert line.title == "Did it work? Watch the codes"
    assert waiting_for(contributor) == []
    record_effect(actor=reviewer, action_id=verified.pk, effect="worked", note="No alarm in three months.")
    assert waiting_for(reviewer) == []
    kept = ActionItem.objects.get(pk=verified.pk)
    assert (kept.effect, kept.effect_note, kept.effect_by) == ("worked", "No alarm in three months.", reviewer)
    assert kept.events.filter(field="effect", after="worked", by=reviewer).exists()


def test_who_says_whether_it_worked_and_what_it_takes(
    verified: ActionItem, contributor: User, reviewer: User, viewer: User, outsider: User, lead: User
) -> None:
    def code(actor: User, **asked: str) -> str:
        with pytest.raises(Refused) as refused:
            record_effect(actor=actor, action_id=verified.pk, **{"effect": "worked", "note": "Seen.", **asked})
        return refused.value.code

    assert [code(actor) for actor in (contributor, viewer, outsider)] == ["not_permitted"] * 3
    assert code(lead, effect="") == code(lead, effect="splendid") == "effect_unknown"
    assert code(lead, note=" ") == "reason_missing"
    record_effect(actor=lead, action_id=verified.pk, effect="came_back", note="Again in May.")
    assert (contributor.name, "PM-2026-0001: a cause came back after its action") in told("postmortem_action")
    assert code(reviewer) == "effect_recorded"


def test_the_effect_of_an_open_action_is_not_said(action: ActionItem, lead: User) -> None:
    with pytest.raises(Refused) as refused:
        record_effect(actor=lead, action_id=action.pk, effect="worked", note="Seen.")
    assert refused.value.code == "wrong_state"


def test_the_day_of_the_look_can_be_moved_with_a_reason(verified: ActionItem, lead: User) -> None:
    with pytest.raises(Refused) as refused:
        plan_effect(actor=lead, action_id=verified.pk, on=date(2027, 1, 1), reason="")
    assert refused.value.code == "reason_missing"
    with pytest.raises(Refused) as refused:
        plan_effect(actor=lead, action_id=verified.pk, on=None, reason="Later.")
    assert refused.value.code == "date_missing"
    assert plan_effect(
        actor=lead, action_id=verified.pk, on=date(2027, 1, 1), reason="A whole winter is needed."
    ).effect_due_on == date(2027, 1, 1)


def test_an_action_has_a_priority(draft: PostMortem, contributor: User) -> None:
    made = add_row(
        actor=contributor, postmortem=draft, values=ActionValues(title="Mend it", kind="repair", priority="high")
    )
    assert made.priority == "high"  # type: ignore[attr-defined]
    with pytest.raises(Refused) as refused:
        add_row(actor=contributor, postmortem=draft, values=ActionValues(title="x", kind="repair", priority="dire"))
    assert refused.value.code == "priority_invalid"


def test_page_and_api_say_whether_it_worked(
    verified: ActionItem, filled: PostMortem, reviewer: User, lead: User, viewer: User, sign_in: SignIn, clock: Any
) -> None:
    base = filled.get_absolute_url()
    clock.move_to(datetime(2026, 10, 1, 9, tzinfo=UTC))
    assert b"Say whether it worked" in sign_in(reviewer).get(base).content
    assert b"Say whether it worked" not in sign_in(viewer).get(base).content
    deeds = f"{base}actions/{verified.pk}/"
    moved = {"due_on": "2026-12-01", "reason": "Winter."}
    assert sign_in(lead).post(f"{deeds}plan_effect/", moved).status_code == 302
    answer = {"effect": "partly", "reason": "Half as many."}
    assert (
        sign_in(reviewer).post(f"/api/v1{deeds}effect/", answer, content_type="application/json").json()["effect"]
        == "partly"
    )
    assert b"it helped in part" in sign_in(viewer).get(base).content


def test_an_accepted_action_says_when_it_is_due(draft: PostMortem, contributor: User) -> None:
    made = add_row(
        actor=contributor, postmortem=draft, values=ActionValues(title="Mend it", kind="repair", owner=contributor)
    )
    assert accept_action(actor=contributor, action_id=made.pk).due_on == DUE
