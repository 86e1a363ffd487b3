"""Two who write at once: both texts stand, and no line that anybody typed gets lost unseen."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections

from foundation.audit.models import Entry
from foundation.people.models import User
from lifecycle.postmortems.models import PostMortem, TextVersion, TimelineEvent
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    Clashed,
    EventValues,
    add_row,
    edit_postmortem,
    edit_row,
    publish,
    save_row,
    save_text,
    submit_for_review,
)

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


class Author:
    """Somebody with a page open: what they read, what they make of it, and what they saw and struck out."""

    def __init__(self, name: str, user: User, struck: set[str]) -> None:
        self.name, self.user, self.struck = name, user, struck
        self.lock, self.read, self.text, self.typed = 1, "", "", 0

    def open(self, page: Any) -> None:
        self.lock, self.read = page.lock_and_text()
        self.text = self.read

    def write(self, chance: random.Random) -> None:
        """Add lines, change one, or strike one out; every line that is typed is like no other."""
        lines = self.text.split("\n") if self.text else []
        for _ in range(chance.randint(1, 3)):
            self.typed += 1
            line = f"{self.name} wrote {self.typed}"
            place = chance.randint(0, len(lines))
            match chance.choice(("add", "add", "change", "strike")):
                case "add":
                    lines.insert(place, line)
                case "change" if lines:
                    lines[min(place, len(lines) - 1)] = line
                case _ if lines:
                    lines.pop(min(place, len(lines) - 1))
        self.text = "\n".join(lines)

    def save(self, page: Any) -> None:
        """Save as a person does: where lines clash, look at both, keep what stands there, and save again."""
        self.struck |= set(self.read.split("\n")) - set(self.text.split("\n"))
        while True:
            try:
                page.save(self)
            except Clashed as clash:
                self.lock, self.text = clash.lock, str(clash.merged[page.field])
            else:
                break


class Summary:
    """The summary of a post-mortem."""

    field = "summary"

    def __init__(self, postmortem: PostMortem) -> None:
        self.pk = postmortem.pk

    def lock_and_text(self) -> tuple[int, str]:
        now = PostMortem.objects.get(pk=self.pk)
        return now.lock, now.summary

    def save(self, author: Author) -> None:
        found = PostMortem.objects.get(pk=self.pk)
        save_text(actor=author.user, postmortem=found, lock=author.lock, changes={"summary": author.text})


class Moment(Summary):
    """The text of one moment of the timeline."""

    field = "text"

    def __init__(self, postmortem: PostMortem, actor: User) -> None:
        super().__init__(postmortem)
        self.row = add_row(actor=actor, postmortem=postmortem, values=EventValues(moment=WHEN, text="It began."))

    def lock_and_text(self) -> tuple[int, str]:
        return PostMortem.objects.get(pk=self.pk).lock, TimelineEvent.objects.get(pk=self.row.pk).text

    def save(self, author: Author) -> None:
        found = PostMortem.objects.get(pk=self.pk)
        values = EventValues(moment=WHEN, text=author.text or "Nothing is left.")
        save_row(actor=author.user, postmortem=found, row_id=self.row.pk, values=values, lock=author.lock)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(50))
def test_no_line_is_lost_however_three_authors_take_turns(
    draft: PostMortem, contributor: User, lead: User, sponsor: User, seed: int
) -> None:
    chance = random.Random(seed)
    page = Summary(draft) if seed % 2 else Moment(draft, lead)
    struck: set[str] = set()
    authors = [Author(name, user, struck) for name, user in (("A", contributor), ("B", lead), ("C", sponsor))]
    ever: set[str] = set()
    for author in authors:
        author.open(page)
    for _ in range(25):
        author = chance.choice(authors)
        match chance.choice(("write", "write", "save", "open")):
            case "write":
                author.write(chance)
            case "save":
                author.save(page)
                ever |= set(author.text.split("\n"))
                author.open(page)
            case _:
                # Who loads the page again without saving gives up what was not saved, and knows it.
                if author.text == author.read:
                    author.open(page)
    for author in authors:
        author.save(page)
        ever |= set(author.text.split("\n"))
    there = set(page.lock_and_text()[1].split("\n"))
    lost = {line for line in ever if " wrote " in line} - there - struck
    assert not lost


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_line_is_lost_when_two_save_at_the_same_instant(draft: PostMortem, contributor: User, lead: User) -> None:
    page, start, failures = Summary(draft), threading.Barrier(2), []
    struck: dict[str, set[str]] = {"A": set(), "B": set()}
    ever: dict[str, set[str]] = {"A": set(), "B": set()}

    def work(name: str, user: User) -> None:
        chance, author = random.Random(name), Author(name, user, struck[name])
        try:
            for _ in range(10):
                author.open(page)
                author.write(chance)
                start.wait()
                author.save(page)
                ever[name] |= set(author.text.split("\n"))
        except BaseException as failure:
            failures.append(failure)
            start.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(name, user)) for name, user in (("A", contributor), ("B", lead))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    there = set(page.lock_and_text()[1].split("\n"))
    assert not {line for line in ever["A"] | ever["B"] if line} - there - struck["A"] - struck["B"]
    assert ever["A"]
    assert ever["B"]


@pytest.mark.django_db
def test_changes_apart_are_both_kept_and_the_second_author_sees_the_first_one_s(
    draft: PostMortem, contributor: User, lead: User
) -> None:
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "One.\n\nTwo.", "severity": "low"})
    edit_postmortem(actor=lead, postmortem=draft, lock=2, changes={"summary": "One, of the lab.\n\nTwo."})
    saved = save_text(
        actor=contributor,
        postmortem=draft,
        lock=2,
        changes={"summary": "One.\r\n\r\nTwo.\r\n\r\nThree.", "severity": "high"},
    )
    assert saved.postmortem.summary == "One, of the lab.\n\nTwo.\n\nThree."
    assert saved.postmortem.severity == "high"
    [other] = saved.beside
    assert (other.field, other.before, other.theirs) == ("summary", "One.\n\nTwo.", "One, of the lab.\n\nTwo.")
    # Who sends what was there when they began did not mean to undo anybody's work.
    again = save_text(
        actor=contributor, postmortem=draft, lock=2, changes={"summary": "One.\n\nTwo.", "severity": "low"}
    )
    assert again.postmortem.summary == saved.postmortem.summary
    assert again.postmortem.severity == "high"


@pytest.mark.django_db
def test_a_clash_names_both_texts_and_writes_nothing(draft: PostMortem, contributor: User, lead: User) -> None:
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "Theirs.", "kind": "near_miss"})
    with pytest.raises(Clashed) as caught:
        edit_postmortem(
            actor=contributor, postmortem=draft, lock=1, changes={"summary": "Mine.", "kind": "success_review"}
        )
    clash = caught.value
    assert clash.lock == 2
    assert {row["field"]: (row["base"], row["mine"], row["theirs"]) for row in clash.rows} == {
        "summary": ("", "Mine.", "Theirs."),
        "kind": ("production_incident", "success_review", "near_miss"),
    }
    assert clash.merged["summary"] == "Theirs.\nMine."
    assert PostMortem.objects.get(pk=draft.pk).summary == "Theirs."
    settled = save_text(
        actor=contributor, postmortem=draft, lock=clash.lock, changes={"summary": "Both.", "kind": "near_miss"}
    )
    assert (settled.postmortem.summary, settled.beside) == ("Both.", [])


@pytest.mark.django_db
def test_former_texts_are_forgotten_when_it_is_published_and_then_nothing_is_lost_either(
    filled: PostMortem, contributor: User, lead: User, reviewer: User
) -> None:
    from lifecycle.postmortems.services import start_new_version

    row = filled.timeline.first()
    assert row is not None
    edit_row(
        actor=lead, postmortem=filled, row_id=row.pk, lock=filled.lock, values=EventValues(moment=WHEN, text="Other")
    )
    assert TextVersion.objects.filter(postmortem=filled).exists()
    publish(actor=reviewer, postmortem=submit_for_review(actor=contributor, postmortem=filled), answers=fine())
    assert not TextVersion.objects.filter(postmortem=filled).exists()
    start_new_version(actor=contributor, postmortem=filled, reason="More is known.")
    edit_postmortem(actor=lead, postmortem=filled, lock=filled.lock + 1, changes={"summary": "Newer."})
    with pytest.raises(Clashed) as caught:
        edit_postmortem(actor=contributor, postmortem=filled, lock=1, changes={"summary": "An old page."})
    assert {"Newer.", "An old page."} <= set(str(caught.value.merged["summary"]).split("\n"))


@pytest.mark.django_db
def test_the_trail_of_a_merge_holds_no_text(draft: PostMortem, contributor: User, lead: User) -> None:
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "A secret of the lab.\n\nEnd."})
    edit_postmortem(actor=contributor, postmortem=draft, lock=2, changes={"background": "A secret of ours."})
    assert not [entry for entry in Entry.objects.all() if "secret" in str([entry.before, entry.after, entry.reason])]
