"""Policies: what may stand in one, who changes it, and that rounds which run keep theirs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.gates import WAYS_LIMIT, count_ways, faults_in_quorum
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff import policy
from lifecycle.signoff.forms.policies import PolicyForm, flat_of
from lifecycle.signoff.models import PolicyVersion, Round
from lifecycle.signoff.policy_check import problems
from lifecycle.signoff.policy_words import difference, said_lines, who_decides
from lifecycle.signoff.services import submit_round
from lifecycle.signoff.services.policies import change_policy, policy_in_force
from lifecycle.signoff.triggers import TRIGGERS
from tests.conftest import PASSWORD, SignIn

TIERS = ("low", "medium", "high")


def changed(**others: Any) -> dict[str, Any]:
    return {**policy.shipped_policy("medium"), **others}


# The check


@pytest.mark.parametrize("tier", TIERS)
def test_what_is_shipped_is_sound(tier: str) -> None:
    assert problems(policy.shipped_policy(tier)) == []


WIDE = {"and": [{"or": [policy.seat("sponsor"), policy.seat("reviewer")]}] * 7}
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("an unknown key", {"quorom": {}}, "'quorom' is unknown"),
    ("nobody", {"quorum": {"and": []}}, "Who decides: nobody is named"),
    ("no tree", {"quorum": None}, "Who decides: nobody is named"),
    ("nobody inside", {"quorum": {"and": [policy.seat("sponsor"), {"or": []}]}}, "nobody is named"),
    ("a role that does not decide", {"quorum": policy.seat("lead")}, "'lead' is no role that decides"),
    ("nobody of a role", {"quorum": policy.seat("sponsor", 0)}, "1 to 20 people"),
    ("a yes that is no number", {"quorum": {"role": "sponsor", "need": True}}, "1 to 20 people"),
    ("too many of a role", {"quorum": policy.seat("sponsor", 21)}, "1 to 20 people"),
    ("a mixed part", {"quorum": {"and": [policy.seat("sponsor")], "or": []}}, "each part is"),
    ("a part that is no list", {"quorum": {"and": policy.seat("sponsor")}}, "hold a list"),
    ("more than 64 ways", {"quorum": WIDE}, "more than 64 ways"),
    ("an emergency without anybody", {"emergency": {"or": []}}, "In an emergency: nobody is named"),
    ("negative days", {"days": -1}, "from 1 to 60"),
    ("no days", {"days": 0}, "from 1 to 60"),
    ("half a day", {"grace": 1.5}, "from 0 to 60"),
    ("days that are true", {"grace": True}, "from 0 to 60"),
    ("reminders backwards", {"remind": [5, 3]}, "each larger"),
    ("reminders at once", {"remind": [0]}, "each larger"),
    ("reminders of text", {"remind": ["3"]}, "each larger"),
    ("a reminder too late", {"remind": [9]}, "late after 5 already"),
    ("advice from nobody", {"feedback": 2}, "Advice needs both"),
    ("advice without days", {"advisers": ["reviewer"]}, "Advice needs both"),
    ("advice from a lead", {"advisers": ["lead"], "feedback": 2}, "'lead' is no role that gives advice"),
    ("an unknown trigger", {"ends_on": ["full_moon"]}, "'full_moon' is no event"),
    ("a trigger twice", {"ends_on": ["rollback", "rollback"]}, "twice"),
    ("another form", {"version": 3}, "no other is understood"),
    ("no name", {"name": " "}, "The name says"),
    ("maybe", {"self_approval": "no"}, "true or false"),
]


@pytest.mark.parametrize(("what", "fault", "sentence"), FAULTS, ids=[what for what, _, _ in FAULTS])
def test_each_fault_has_its_sentence(what: str, fault: dict[str, Any], sentence: str) -> None:
    found = problems(changed(**fault))
    assert any(sentence in line for line in found), found


def test_a_deep_tree_is_refused_and_not_followed() -> None:
    node: dict[str, Any] = policy.seat("sponsor")
    for _ in range(500):
        node = {"and": [node]}
    assert any("nested deeper" in line for line in problems(changed(quorum=node)))


def test_a_missing_key_and_what_is_no_object_are_said() -> None:
    content = policy.shipped_policy("low")
    del content["grace"]
    assert problems(content) == ["Missing: grace. Start from the present policy."]
    assert problems([1]) == ["A policy is an object with the keys that the present one has."]


LEAVES = st.builds(policy.seat, st.sampled_from(policy.DECIDING_ROLES), st.integers(1, 3))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(lambda word, parts: {word: parts}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=6,
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*policy.shipped_policy("low"), "role", "need", "and", "or"]), inner),
    max_leaves=12,
)  # fmt: skip


SOME_ROLES = st.lists(st.sampled_from(policy.DECIDING_ROLES), min_size=1, unique=True)
RULES = st.recursive(
    st.builds(lambda word, roles: {word: roles}, st.sampled_from(["any", "all"]), SOME_ROLES)
    | st.builds(lambda least, roles: {"at_least": least, "of": roles}, st.integers(1, 3), SOME_ROLES),
    lambda inner: st.builds(lambda word, parts: {word: parts}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
    max_leaves=3,
)  # fmt: skip


def told_apart(node: dict[str, Any]) -> dict[str, Any]:
    """The same quorum with another role in each leaf, so that no two ways come to the same."""
    names = itertools.count()

    def named(part: dict[str, Any]) -> dict[str, Any]:
        if "role" in part:
            return {**part, "role": f"role {next(names)}"}
        return {word: [named(each) for each in parts] for word, parts in part.items()}

    return named(node)


@given(TREES)
def test_ways_are_counted_without_writing_them_down(node: dict[str, Any]) -> None:
    # Ways that come to the same are counted each, and written down once.
    assert count_ways(node) == len(policy.ways(told_apart(node))) >= len(policy.ways(node))


@given(RULES)
def test_ways_of_the_rule_of_a_gate_are_counted_as_they_would_be_written_down(rule: dict[str, Any]) -> None:
    (node,) = policy.of_gate({"quorum": rule})
    assert count_ways(rule) == count_ways(node) >= len(policy.ways(node))
    if count_ways(rule) <= 300:
        assert count_ways(rule) == len(policy.ways(told_apart(node)))
    assert bool(list(faults_in_quorum(rule, ()))) == (count_ways(rule) > WAYS_LIMIT)


@given(ANYTHING)
def test_the_check_never_raises(content: Any) -> None:
    assert isinstance(problems(content), list)
    assert isinstance(problems(changed(quorum=content, remind=content, advisers=content, name=content)), list)


def in_order(node: dict[str, Any]) -> list[list[tuple[str, int]]]:
    return sorted(sorted(way.items()) for way in policy.ways(node))


@given(TREES)
def test_the_small_editor_shows_a_quorum_only_if_it_says_all_of_it(node: dict[str, Any]) -> None:
    flat = flat_of(node)
    if flat is None:
        return
    form = PolicyForm({"quorum_join": flat[0], **{f"quorum_{role}": need for role, need in flat[1].items()}})
    form.is_valid()
    assert in_order(form.cleaned_data["quorum"]) == in_order(node)


def test_a_policy_and_its_difference_are_said_in_words() -> None:
    lines = dict(said_lines(policy.shipped_policy("medium")))
    assert lines["Who decides"] == "One sponsor and one independent reviewer"
    assert lines["Reminders"] == "after 3 and 5 working days"
    assert lines["It ends early when"] == (
        "the data drift beyond the limit or the model is taken back to an earlier version"
    )
    found = difference(policy.shipped_policy("medium"), changed(days=1, remind=[]))
    assert [(line["label"], line["was"], line["now"]) for line in found] == [
        ("Time to decide", "5 working days", "1 working day"),
        ("Reminders", "after 3 and 5 working days", "none"),
    ]


# Changing one


Change = Callable[..., PolicyVersion]


@pytest.fixture
def change(administrator: User) -> Change:
    def make(**others: Any) -> PolicyVersion:
        given_: dict[str, Any] = {
            "actor": administrator, "tier": "medium", "content": changed(days=3, remind=[2]), "reason": "Faster.",
            "password": PASSWORD, "expected_number": 0,
        }  # fmt: skip
        return change_policy(**{**given_, **others})

    return make


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["lead", "sponsor", "reviewer", "manager", "outsider", "auditor", "gone"])
def test_only_administrators_change_a_policy(
    who: str, change: Change, make_person: Any, request: pytest.FixtureRequest
) -> None:
    if who == "auditor":
        person = make_person("Aud Auditor", is_auditor=True)
    elif who == "gone":
        person = make_person("Gone Administrator", is_administrator=True)
        person.is_active = False
        person.save()
    else:
        person = request.getfixturevalue(who)
    with pytest.raises(Refused) as refused:
        change(actor=person)
    assert (refused.value.code, refused.value.status) == ("not_permitted", 403)
    assert not PolicyVersion.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"tier": "giant"}, "tier_unknown"),
        ({"reason": "  "}, "reason_missing"),
        ({"password": "guess"}, "password_wrong"),
        ({"content": changed(days=0)}, "policy_unsound"),
        ({"content": changed()}, "policy_unchanged"),
        ({"expected_number": 1}, "policy_conflict"),
    ],
)
def test_a_change_that_cannot_be_is_refused(others: dict[str, Any], code: str, change: Change) -> None:
    with pytest.raises(Refused) as refused:
        change(**others)
    assert refused.value.code == code
    assert not PolicyVersion.objects.exists()


@pytest.mark.django_db
def test_a_change_is_a_new_version_told_and_recorded_with_what_stood_before(
    change: Change, manager: User, administrator: User, lead: User
) -> None:
    assert policy_in_force("medium") == policy.shipped_policy("medium")
    first = change()
    assert (first.number, policy_in_force("medium")["days"]) == (1, 3)
    assert policy_in_force("high") == policy.shipped_policy("high")
    entry = Entry.objects.order_by("-seq").first()
    assert entry is not None
    assert (entry.verb, entry.thing_kind, entry.reason) == ("change_policy", "policy", "Faster.")
    assert (entry.before, entry.after) == (
        {"days": 5, "remind": [3, 5]},
        {"days": 3, "remind": [2], "authenticated_by": "password"},
    )
    told = Notice.objects.filter(kind="policy_changed")
    assert [notice.user for notice in told] == [manager]
    assert "Time to decide: 5 working days, now 3 working days" in told[0].body
    with pytest.raises(Refused) as refused:
        change(content=changed(days=4, remind=[]))
    assert refused.value.code == "policy_conflict"
    assert change(content=changed(days=4, remind=[]), expected_number=1).number == 2


@pytest.mark.django_db
def test_a_round_that_runs_keeps_the_policy_it_began_with(first: Stage, lead: User, change: Change) -> None:
    tier = first.project.risk
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    before = Round.objects.get(pk=review.pk).policy
    change(tier=tier, content={**policy_in_force(tier), "days": 9, "quorum": policy.seat("customer"), "name": "C"})
    assert Round.objects.get(pk=review.pk).policy == before
    assert policy.approver_roles(before) != ["customer"]


# Pages and REST


def posted(**others: Any) -> dict[str, Any]:
    initial = PolicyForm.initial_of(policy.shipped_policy("medium"), 0)
    fields = {key: value for key, value in initial.items() if value is not False}
    return {**fields, "reason": "Faster.", "password": PASSWORD, **others}


@pytest.mark.django_db
def test_everybody_reads_the_policies_and_only_administrators_find_the_form(
    sign_in: SignIn, viewer: User, administrator: User
) -> None:
    browser = sign_in(viewer)
    page = browser.get("/policies/").content.decode()
    assert "One sponsor, one" not in page
    assert "One sponsor and one independent reviewer and one risk officer" in page
    assert "/change/" not in page
    assert "Only administrators may change a policy" in browser.get("/policies/high/").content.decode()
    assert browser.get("/policies/high/change/").status_code == 403
    assert browser.post("/policies/high/change/", posted()).status_code == 403
    assert browser.get("/policies/giant/").status_code == 404
    assert "/policies/high/change/" in sign_in(administrator).get("/policies/").content.decode()


@pytest.mark.django_db
def test_the_form_makes_a_version_from_lines(sign_in: SignIn, administrator: User) -> None:
    browser = sign_in(administrator)
    lines = {"quorum_sponsor": "2", "quorum_reviewer": "0", "quorum_risk_officer": "all", "quorum_join": "or"}
    answer = browser.post("/policies/medium/change/", posted(**lines, remind="1, 4"), follow=True)
    assert "Version 1 holds" in answer.content.decode()
    made = policy_in_force("medium")
    assert made["quorum"] == {"or": [policy.seat("sponsor", 2), policy.seat("risk_officer", "all")]}
    assert made["name"] == who_decides(made["quorum"]) == "2 sponsors or every risk officer"
    assert made["remind"] == [1, 4]
    page = browser.get("/policies/medium/").content.decode()
    assert "Version 1" in page
    assert "<del>One sponsor and one independent reviewer</del>" in page
    assert 'value="2" selected' in browser.get("/policies/medium/change/").content.decode()


@pytest.mark.django_db
def test_the_form_takes_a_tree_and_says_what_is_wrong_with_it(sign_in: SignIn, administrator: User) -> None:
    browser = sign_in(administrator)
    for typed, sentence in (("{", "This is no JSON"), ('{"and": []}', "Nobody is named"), ("[[]]", "Nobody is named")):
        answer = browser.post("/policies/medium/change/", posted(quorum_tree=typed, reason="Kept words."))
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
        assert "Kept words." in answer.content.decode()
    tree = '{"or": [{"role": "sponsor", "need": 2}, {"and": [{"role": "reviewer", "need": 1}, {"role": "sponsor", "need": 1}]}]}'
    assert browser.post("/policies/medium/change/", posted(quorum_tree=tree)).status_code == 302
    assert len(policy.ways(policy_in_force("medium")["quorum"])) == 2
    assert "&quot;role&quot;: &quot;reviewer&quot;" in browser.get("/policies/medium/change/").content.decode()


@pytest.mark.django_db
def test_a_form_that_was_overtaken_builds_on_the_newer_version(
    sign_in: SignIn, administrator: User, change: Change
) -> None:
    change()
    browser = sign_in(administrator)
    answer = browser.post("/policies/medium/change/", posted(days="7", remind=""))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody changed this policy" in page
    assert 'name="expected_number" value="1"' in page
    assert 'value="7"' in page


@pytest.mark.django_db
def test_the_api_reads_and_changes_with_the_same_rules(api: Any, administrator: User, viewer: User) -> None:
    script = api(administrator)
    assert [row["tier"] for row in script.get("/api/v1/policies/").json()["results"]] == list(Project.Risk.values)
    shown = script.get("/api/v1/policies/low/").json()
    assert (shown["number"], shown["content"]) == (0, policy.shipped_policy("low"))
    body = {
        "content": {**shown["content"], "ends_on": list(TRIGGERS)}, "reason": "All triggers.", "password": PASSWORD,
        "expected_number": 0,
    }  # fmt: skip
    assert api(viewer).put("/api/v1/policies/low/", body).status_code == 403
    assert script.put("/api/v1/policies/low/", body).json()["number"] == 1
    assert script.put("/api/v1/policies/low/", body).json()["error"]["code"] == "policy_conflict"
    unsound = script.put("/api/v1/policies/low/", {**body, "content": {"x": 1}, "expected_number": 1})
    assert (unsound.status_code, unsound.json()["error"]["code"]) == (400, "policy_unsound")
    assert unsound.json()["error"]["details"]
    assert script.get("/api/v1/policies/giant/").status_code == 404
    assert len(script.get("/api/v1/policies/low/versions/").json()["results"]) == 1
