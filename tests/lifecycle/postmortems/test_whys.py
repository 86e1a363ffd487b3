"""The tree of whys: asked further, ended in a factor, taken out with what hangs under it and never by mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.content import content_of, markdown_of
from lifecycle.postmortems.models import ContributingFactor, PostMortem, WhyNode
from lifecycle.postmortems.services import WhyValues, add_row, edit_row, open_postmortem, remove_row
from lifecycle.postmortems.whys import DEEPEST, fault_of_parent, in_order, tree
from lifecycle.projects.models import Project

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def chain(filled: PostMortem, contributor: User) -> list[Any]:
    """Late samples, then codes, then nobody told the team, which is a factor; and a second answer to the first."""
    factor = filled.factors.get()
    first = add_row(actor=contributor, postmortem=filled, values=WhyValues("Why were samples late?", "They came last."))
    second = add_row(
        actor=contributor, postmortem=filled, values=WhyValues("Why last?", "The codes were new.", parent_id=first.pk)
    )
    third = add_row(
        actor=contributor,
        postmortem=filled,
        values=WhyValues("Why did we not know?", "", parent_id=second.pk, factor_id=factor.pk),
    )
    fourth = add_row(actor=contributor, postmortem=filled, values=WhyValues("Why unseen?", parent_id=first.pk))
    return [first, second, third, fourth]


def present(postmortem: PostMortem) -> PostMortem:
    return PostMortem.objects.get(pk=postmortem.pk)


def test_chains_are_a_tree_in_content_and_markdown(filled: PostMortem, chain: list[Any]) -> None:
    branches = tree(filled.whys.all())
    assert [(one.why.pk, one.depth, one.below) for one in in_order(branches)] == [
        (chain[0].pk, 1, 3), (chain[1].pk, 2, 1), (chain[2].pk, 3, 0), (chain[3].pk, 2, 0),
    ]  # fmt: skip
    content = content_of(present(filled))
    assert [(why["depth"], why["ends_in"]) for why in content["whys"]] == [
        (1, ""), (2, ""), (3, "upstream_data_change"), (2, ""),
    ]  # fmt: skip
    text = markdown_of(content)
    assert "- **Why were samples late?** They came last.\n    - **Why last?** The codes were new.\n" in text
    assert "        - **Why did we not know?** → Upstream data change" in text
    # Versions that were published before there were whys are still read.
    assert "Why, and why that" not in markdown_of({name: value for name, value in content.items() if name != "whys"})


def test_a_question_never_hangs_under_its_own_answer_nor_too_deep(
    filled: PostMortem, chain: list[Any], contributor: User, project: Project
) -> None:
    for parent in (chain[0].pk, chain[2].pk):
        with pytest.raises(Refused) as caught:
            edit_row(
                actor=contributor,
                postmortem=filled,
                row_id=chain[0].pk,
                lock=present(filled).lock,
                values=WhyValues("Why?", parent_id=parent),
            )
        assert caught.value.code == "parent_invalid"
    place = chain[2]
    for _ in range(DEEPEST - 3):
        place = add_row(actor=contributor, postmortem=filled, values=WhyValues("And why that?", parent_id=place.pk))
    with pytest.raises(Refused, match="Begin another chain"):
        add_row(actor=contributor, postmortem=filled, values=WhyValues("And that?", parent_id=place.pk))
    parents = dict(WhyNode.objects.values_list("pk", "parent_id"))
    assert fault_of_parent(parents, chain[0].pk, chain[3].pk)
    other = open_postmortem(actor=contributor, project=project, kind="near_miss", title="Another")
    elsewhere = add_row(actor=contributor, postmortem=other, values=WhyValues("Elsewhere?"))
    for values in (WhyValues("Why?", parent_id=elsewhere.pk), WhyValues("Why?", factor_id=10**9), WhyValues(" ")):
        with pytest.raises(Refused):
            add_row(actor=contributor, postmortem=filled, values=values)


def test_what_hangs_under_a_question_goes_only_when_its_number_is_confirmed(
    filled: PostMortem, chain: list[Any], sign_in: SignIn, contributor: User, lead: User
) -> None:
    with pytest.raises(Refused) as caught:
        remove_row(actor=contributor, postmortem=filled, part="whys", row_id=chain[0].pk, lock=present(filled).lock)
    assert caught.value.code == "has_below"
    assert caught.value.rows == [{"below": 3}]
    client, base = sign_in(contributor), filled.get_absolute_url()
    page = client.get(f"{base}?edit=whys:{chain[0].pk}").content.decode()
    assert "3 further questions hang under it and go with it." in page
    assert "Take out all 4" in page
    lock = present(filled).lock
    add_row(actor=lead, postmortem=filled, values=WhyValues("One more?", parent_id=chain[3].pk))
    sent = {"remove": "1", "lock": lock, "with_below": 3}
    client.post(f"{base}whys/{chain[0].pk}/", sent, headers={"referer": f"http://testserver{base}"})
    assert filled.whys.count() == 5
    client.post(f"{base}whys/{chain[0].pk}/", {**sent, "with_below": 4})
    assert not filled.whys.exists()


def test_a_factor_that_goes_leaves_the_question_and_the_page_shows_the_tree(
    filled: PostMortem, chain: list[Any], sign_in: SignIn, contributor: User, viewer: User
) -> None:
    client, base = sign_in(contributor), filled.get_absolute_url()
    page = client.get(base).content.decode()
    assert f'href="#factors-{filled.factors.get().pk}"' in page
    assert page.count('<ol class="whys">') == 3
    asked = client.get(f"{base}?add=whys&under={chain[1].pk}").content.decode()
    assert re.search(rf'<option value="{chain[1].pk}" selected', asked)
    ContributingFactor.objects.filter(postmortem=filled).delete()
    assert WhyNode.objects.get(pk=chain[2].pk).factor is None
    assert "Begin a chain" not in sign_in(viewer).get(base).content.decode()


def test_whys_over_rest(filled: PostMortem, api: Callable[[User], Any], contributor: User) -> None:
    client, base = api(contributor), f"/api/v1/post-mortems/{filled.reference}/"
    first = client.post(f"{base}whys/", {"question": "Why late?"}).json()
    second = client.post(f"{base}whys/", {"question": "Why last?", "parent": first["id"]}).json()
    lock = client.get(base).json()["lock"]
    edited = client.patch(f"{base}whys/{second['id']}/", {"lock": lock, "answer": "New codes."}).json()
    assert (edited["parent"], edited["answer"]) == (first["id"], "New codes.")
    assert [why["question"] for why in client.get(base).json()["whys"]] == ["Why late?", "Why last?"]
    kept = client.delete(f"{base}whys/{first['id']}/", {"lock": lock + 1})
    assert (kept.status_code, kept.json()["error"]["rows"]) == (409, [{"below": 1}])
    assert client.delete(f"{base}whys/{first['id']}/", {"lock": lock + 1, "with_below": 1}).status_code == 204
