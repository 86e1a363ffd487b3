"""What is typed and not saved: kept for its author, offered again, put back with what others did since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from foundation.jobs import periodic
from foundation.people.models import User
from lifecycle.postmortems.models import PostMortem, SavedForm, UnsavedText
from lifecycle.postmortems.services import (
    EventValues,
    add_row,
    edit_postmortem,
    keep_unsaved,
    remove_row,
    submit_for_review,
)
from lifecycle.postmortems.services.drafts import FORGOTTEN_AFTER, FORMS, forget_unsaved
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def typed(lock: int, summary: str, **more: str) -> dict[str, Any]:
    return {"lock": lock, "title": "Labels changed upstream", "summary": summary, "background": "", **more}


def test_unsaved_text_survives_signing_out_and_is_offered_and_put_back(
    draft: PostMortem, sign_in: SignIn, contributor: User
) -> None:
    base = draft.get_absolute_url()
    client = sign_in(contributor)
    assert client.post(f"{base}unsaved/", {**typed(1, "Half a thought"), "place": "story"}).status_code == 204
    client.post(f"{base}unsaved/", {**typed(1, "Half a thought and more"), "place": "story"})
    assert UnsavedText.objects.count() == 1
    client.logout()
    client.login(email=contributor.email, password=PASSWORD)
    page = client.get(base).content.decode()
    assert "You have unsaved text from" in page
    assert "Half a thought and more" in page
    assert "Half a thought" not in client.get(f"{base}?edit=story").content.decode().split("</section>", 1)[1]
    back = client.get(f"{base}?edit=story&kept=1").content.decode()
    assert "Half a thought and more</textarea>" in back
    assert "You have unsaved text" not in back
    client.post(f"{base}edit/story/", typed(1, "A whole thought"), headers={"referer": base})
    assert not UnsavedText.objects.exists()
    assert PostMortem.objects.get(pk=draft.pk).summary == "A whole thought"


def test_unsaved_text_is_thrown_away_and_nobody_else_sees_it(
    draft: PostMortem, sign_in: SignIn, contributor: User, lead: User, viewer: User
) -> None:
    base = draft.get_absolute_url()
    client = sign_in(contributor)
    client.post(f"{base}unsaved/", {"place": "add:lessons", "kind": "went_well", "text": "For my eyes only", "lock": 1})
    assert "For my eyes only" not in sign_in(lead).get(base).content.decode()
    assert "For my eyes only" in client.get(f"{base}?add=lessons&kept=1").content.decode()
    assert "thrown away" in client.post(f"{base}unsaved/drop/", {"place": "add:lessons"}, follow=True).content.decode()
    assert not UnsavedText.objects.exists()
    assert sign_in(viewer).post(f"{base}unsaved/", {"place": "story", "summary": "x"}).status_code == 403


def test_what_was_typed_is_kept_even_when_it_went_into_review_meanwhile(
    filled: PostMortem, sign_in: SignIn, contributor: User, lead: User
) -> None:
    base = filled.get_absolute_url()
    client = sign_in(contributor)
    submit_for_review(actor=contributor, postmortem=filled)
    assert client.post(f"{base}unsaved/", {**typed(1, "Too late, but kept"), "place": "story"}).status_code == 204
    page = client.get(base).content.decode()
    assert "Too late, but kept" in page
    assert "Put it back" not in page


def test_a_form_that_no_page_has_and_one_without_end_are_refused(
    draft: PostMortem, sign_in: SignIn, contributor: User
) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    assert client.post(f"{base}unsaved/", {"place": "../../x", "summary": "x"}).status_code == 400
    assert client.post(f"{base}unsaved/", {"place": "story", "summary": "x" * 200_001}).status_code == 400
    for number in range(FORMS + 5):
        keep_unsaved(
            actor=contributor, postmortem=draft, place=f"timeline:{number}", fields={"text": ["words"]}, lock=1
        )
    assert UnsavedText.objects.count() == FORMS


def test_unsaved_text_that_is_put_back_is_merged_with_what_came_since(
    draft: PostMortem, sign_in: SignIn, contributor: User, lead: User
) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "One.\n\nTwo."})
    client.post(f"{base}unsaved/", {**typed(2, "One.\n\nTwo.\n\nThree."), "place": "story"})
    edit_postmortem(actor=lead, postmortem=draft, lock=2, changes={"summary": "One, at noon.\n\nTwo."})
    back = client.get(f"{base}?edit=story&kept=1").content.decode()
    assert 'name="lock" value="2"' in back
    page = client.post(f"{base}edit/story/", typed(2, "One.\r\n\r\nTwo.\r\n\r\nThree."), follow=True)
    assert PostMortem.objects.get(pk=draft.pk).summary == "One, at noon.\n\nTwo.\n\nThree."
    assert "Somebody of the team changed the summary meanwhile; both are kept." in page.content.decode()
    seen = client.get(f"{base}changes/?since=2").content.decode()
    assert "<del>One.</del>" in seen
    assert "<ins>One, at noon.</ins>" in seen


def test_the_same_words_changed_by_two_are_settled_by_hand_with_both_in_sight(
    draft: PostMortem, sign_in: SignIn, contributor: User, lead: User
) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "The lab <b>changed</b> its codes."})
    answer = client.post(f"{base}edit/story/", typed(1, "The codes were changed by the lab."))
    assert (answer.status_code, answer["Location"]) == (302, f"{base}?edit=story&kept=1#story")
    page = client.get(answer["Location"].partition("#")[0]).content.decode()
    assert "Theirs" in page
    assert "Yours" in page
    assert "The lab &lt;b&gt;changed&lt;/b&gt; its codes.\nThe codes were changed by the lab.</textarea>" in page
    assert "&lt;&lt;&lt;&lt;" not in page
    assert PostMortem.objects.get(pk=draft.pk).summary == "The lab <b>changed</b> its codes."
    # Whoever closes the browser here finds it again.
    assert "You have unsaved text" in client.get(base).content.decode()
    client.post(f"{base}edit/story/", typed(2, "The lab changed its codes."))
    assert PostMortem.objects.get(pk=draft.pk).summary == "The lab changed its codes."
    assert not UnsavedText.objects.exists()


def test_text_for_an_entry_that_somebody_took_out_becomes_a_new_entry(
    draft: PostMortem, sign_in: SignIn, contributor: User, lead: User
) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    row = add_row(
        actor=lead, postmortem=draft, values=EventValues(moment=datetime(2026, 3, 1, tzinfo=UTC), text="Seen")
    )
    remove_row(actor=lead, postmortem=draft, part="timeline", row_id=row.pk, lock=2)
    form = {"lock": 2, "day": "2026-03-01", "text": "Seen by a nurse", "marker": "", "role": "", "evidence": ""}
    answer = client.post(f"{base}timeline/{row.pk}/", form)
    assert answer["Location"] == f"{base}?add=timeline&kept=1#timeline"
    assert "Seen by a nurse</textarea>" in client.get(answer["Location"].partition("#")[0]).content.decode()


def test_rest_merges_too_and_hands_out_both_texts_of_a_clash(
    draft: PostMortem, api: Callable[[User], Any], contributor: User, lead: User
) -> None:
    base = f"/api/v1/post-mortems/{draft.reference}/"
    api(lead).patch(base, {"lock": 1, "summary": "One.\n\nTwo."})
    api(lead).patch(base, {"lock": 2, "summary": "One!\n\nTwo."})
    merged = api(contributor).patch(base, {"lock": 2, "summary": "One.\n\nTwo.\n\nThree."}).json()
    assert merged["summary"] == "One!\n\nTwo.\n\nThree."
    assert merged["merged"] == [{"field": "summary", "before": "One.\n\nTwo.", "theirs": "One!\n\nTwo."}]
    clash = api(contributor).patch(base, {"lock": 2, "summary": "One?\n\nTwo."})
    assert (clash.status_code, clash.json()["error"]["code"]) == (409, "edited_meanwhile")
    [row] = clash.json()["error"]["rows"]
    assert (row["mine"], row["theirs"], row["lock"]) == ("One?", "One!", 4)
    assert row["merged"] == "One!\nOne?\n\nTwo.\n\nThree."
    moment = api(lead).post(f"{base}timeline/", {"moment": "2026-03-01T00:00:00Z", "text": "A\nB"}).json()
    row_at = f"{base}timeline/{moment['id']}/"
    api(lead).patch(row_at, {"lock": 5, "text": "A!\nB"})
    assert api(contributor).patch(row_at, {"lock": 5, "text": "A\nB!"}).json()["text"] == "A!\nB!"


OPENING = "word-of-the-first-page"


def test_what_arrives_after_its_form_was_saved_is_let_go(draft: PostMortem, sign_in: SignIn, contributor: User) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    page = client.get(f"{base}?edit=story").content.decode()
    opening = page.split('name="opening" value="', 1)[1].split('"', 1)[0]
    on_its_way = {**typed(1, "Nearly a thought"), "place": "story", "opening": opening}
    assert client.post(f"{base}unsaved/", on_its_way).status_code == 204
    client.post(f"{base}edit/story/", typed(1, "A whole thought", opening=opening))
    assert client.post(f"{base}unsaved/", on_its_way).status_code == 204
    assert not UnsavedText.objects.exists()
    assert opening not in client.get(f"{base}?edit=story").content.decode(), "each page has a word of its own"


@pytest.mark.parametrize("part", ["lessons", "impacts"])
def test_a_late_copy_of_an_added_row_is_let_go_and_another_page_goes_on(
    draft: PostMortem, sign_in: SignIn, contributor: User, part: str
) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    row = {
        "lessons": {"kind": "went_well", "text": "Spoken up."},
        "impacts": {"dimension": "delay", "text": "A week late"},
    }[part]
    client.post(f"{base}{part}/", {**row, "opening": OPENING})
    late = {**row, "place": f"add:{part}", "lock": 1}
    client.post(f"{base}unsaved/", {**late, "opening": OPENING})
    assert not UnsavedText.objects.exists()
    client.post(f"{base}unsaved/", {**late, "opening": "word-of-another-page"})
    client.post(f"{base}unsaved/", {**late, "place": "add:whys"})
    assert {kept.place for kept in UnsavedText.objects.all()} == {f"add:{part}", "add:whys"}


def test_a_late_copy_does_not_undo_what_was_put_side_by_side(
    draft: PostMortem, sign_in: SignIn, contributor: User, lead: User
) -> None:
    client, base = sign_in(contributor), draft.get_absolute_url()
    edit_postmortem(actor=lead, postmortem=draft, lock=1, changes={"summary": "The lab changed its codes."})
    mine = typed(1, "The codes were changed by the lab.", opening=OPENING)
    client.post(f"{base}edit/story/", mine)
    client.post(f"{base}unsaved/", {**mine, "place": "story"})
    kept = UnsavedText.objects.get()
    assert kept.clashes
    assert "The lab changed its codes." in kept.fields["summary"][0]


def test_somebody_elses_word_lets_nothing_go(draft: PostMortem, sign_in: SignIn, contributor: User, lead: User) -> None:
    base = draft.get_absolute_url()
    sign_in(lead).post(f"{base}edit/story/", typed(1, "Saved by the lead", opening=OPENING))
    sign_in(contributor).post(f"{base}unsaved/", {**typed(1, "Mine"), "place": "story", "opening": OPENING})
    assert UnsavedText.objects.get().person == contributor
    # A word that no page of ours gives is no reason to keep anything of it.
    sign_in(lead).post(f"{base}edit/story/", typed(2, "Saved again", opening="<script>" * 20))
    assert SavedForm.objects.count() == 1


def test_what_nobody_touched_for_ninety_days_is_forgotten(draft: PostMortem, contributor: User) -> None:
    now = timezone.now()
    for place, age in (
        ("story", FORGOTTEN_AFTER + timedelta(hours=1)),
        ("facts", FORGOTTEN_AFTER - timedelta(hours=1)),
    ):
        kept = keep_unsaved(actor=contributor, postmortem=draft, place=place, fields={"summary": ["words"]}, lock=1)
        assert kept is not None
        UnsavedText.objects.filter(pk=kept.pk).update(at=now - age)
        SavedForm.objects.create(postmortem=draft, person=contributor, opening=f"word-of-{place}", at=now - age)
    forget_unsaved(now)
    assert [kept.place for kept in UnsavedText.objects.all()] == ["facts"]
    assert [form.opening for form in SavedForm.objects.all()] == ["word-of-facts"]
    assert periodic._deeds["postmortem_unsaved"].run is forget_unsaved


def test_own_unsaved_texts_over_rest(
    draft: PostMortem, api: Callable[[User], Any], contributor: User, lead: User, viewer: User, outsider: User
) -> None:
    base = f"/api/v1/post-mortems/{draft.reference}/unsaved/"
    for place in ("story", "add:lessons"):
        keep_unsaved(actor=contributor, postmortem=draft, place=place, fields={"text": [f"In {place}"]}, lock=1)
    mine = api(contributor)
    assert [row["place"] for row in mine.get(base).json()] == ["add:lessons", "story"]
    one = mine.get(f"{base}add:lessons/").json()
    assert (one["fields"], one["clashes"], one["lock"]) == ({"text": ["In add:lessons"]}, [], 1)
    # Nobody reads or forgets those of others; who does not see the case does not see that it is there.
    assert api(lead).get(base).json() == []
    assert api(lead).get(f"{base}story/").status_code == 404
    assert api(lead).delete(f"{base}story/").status_code == 204
    assert api(viewer).delete(f"{base}story/").status_code == 403
    assert api(outsider).get(base).status_code == 404
    assert UnsavedText.objects.count() == 2
    assert mine.delete(f"{base}story/").status_code == 204
    assert mine.get(f"{base}story/").status_code == 404
    assert [row["place"] for row in mine.get(base).json()] == ["add:lessons"]
