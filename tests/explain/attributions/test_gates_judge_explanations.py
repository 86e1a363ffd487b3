"""Gates ask for an explanation that is there, steady and free of contradictions that nobody explained."""

from __future__ import annotations

import re
from typing import Any

import pytest

from explain.attributions import gate_checks
from explain.attributions.contradictions.models import ContradictionNote
from explain.attributions.contradictions.selectors import contradictions_of
from explain.attributions.contradictions.services import LONGEST, explain_contradiction
from explain.attributions.models import Explanation
from explain.attributions.selectors import dictionary_of
from explain.register.models import Feature, ModelVersion
from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.checks import CHECKS
from lifecycle.projects.gate_checks import findings_at, judged_names
from lifecycle.projects.models import Project, Stage
from lifecycle.projects.selectors import missing_for_submission
from lifecycle.signoff.kinds.checks import collect_checks, recheck_checks
from lifecycle.signoff.manifest import manifest_of

pytestmark = pytest.mark.django_db
WHY = "Income is capped in these data: large customers pay by agreement, and later."


@pytest.fixture
def stage(project: Project) -> Stage:
    """The stage in work; its gate asks for the explanation's checks."""
    found: Stage = Stage.objects.get(project=project, is_current=True, state="open")
    found.gate = found.gate | {
        "checks": [
            {"check": "explanation_present"},
            {"check": "explanation_stable", "at_least": 0.8},
            {"check": "no_unexplained_contradiction"},
        ]
    }
    found.save()
    return found


def verdicts(stage: Stage) -> dict[str, bool]:
    return {finding.name: finding.judged.met for finding in findings_at(stage)}


def test_every_check_that_a_gate_may_ask_for_is_judged_by_somebody() -> None:
    assert judged_names() == frozenset(CHECKS)


def test_without_a_model_nothing_is_met_and_each_check_says_what_to_do(stage: Stage) -> None:
    assert set(verdicts(stage).values()) == {False}
    lines = [line for line in missing_for_submission(stage) if line.startswith("Required:")]
    assert len(lines) == 3
    assert all("No model is accepted yet. Upload one, and wait for its inspection." in line for line in lines)


def test_a_model_that_is_not_explained_is_named(stage: Stage, accepted: ModelVersion) -> None:
    (present, *_) = findings_at(stage)
    assert present.judged.found == f"{accepted} is not explained yet."
    assert present.judged.link == accepted.get_absolute_url()


def test_an_explained_model_meets_the_gate_but_for_its_contradiction(stage: Stage, done: Explanation) -> None:
    assert verdicts(stage) == {
        "explanation_present": True,
        "explanation_stable": True,
        "no_unexplained_contradiction": False,
    }
    (line,) = [line for line in missing_for_submission(stage) if line.startswith("Required:")]
    assert "Nobody has said why the model acts against expectation in income (€)." in line


def test_a_reason_in_writing_meets_the_check_until_the_direction_turns(
    stage: Stage, done: Explanation, contributor: User
) -> None:
    explain_contradiction(actor=contributor, explanation=done, feature="income", text=WHY)
    assert verdicts(stage)["no_unexplained_contradiction"] is True
    ContradictionNote.objects.update(direction="up")  # written when the model went the other way
    assert verdicts(stage)["no_unexplained_contradiction"] is False


def test_a_limit_that_the_explanation_misses_is_said_with_the_figure(
    stage: Stage, done: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    done.summary["stability"] |= {"top_k_overlap": 0.75, "rank_correlation": 0.8, "top_k": 5}
    monkeypatch.setattr(gate_checks, "newest_done", lambda version: done)
    (finding,) = [finding for finding in findings_at(stage) if finding.name == "explanation_stable"]
    assert not finding.judged.met
    assert "at least 80 % of the strongest drivers" in finding.required
    assert "75 % of the 5 strongest stay the same" in finding.judged.found


def fair(stage: Stage, limit: float) -> Any:
    stage.gate = stage.gate | {"checks": [{"check": "fairness_within_limits", "at_most": limit}]}
    (finding,) = findings_at(stage)
    return finding.judged


def test_the_largest_gap_between_groups_is_held_against_the_limit(stage: Stage, done: Explanation) -> None:
    judged = fair(stage, 1.0)
    assert judged.met
    assert re.search(r"The largest gap is \d+\.\d % \(95 % interval -?\d+ to \d+\): age \(years\), ", judged.found)
    assert not fair(stage, 0.0).met


def test_a_sensitive_column_that_nobody_compared_is_named(stage: Stage, done: Explanation) -> None:
    Feature.objects.filter(project=stage.project, name="income").update(sensitive=True)
    judged = fair(stage, 1.0)
    assert (judged.met, judged.found) == (False, "No groups are compared for income (€).")


def test_without_known_outcomes_fairness_is_not_known(
    stage: Stage, done: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    done.summary["performance"] = None
    done.summary["performance_why"] = "The labels are not those of the model."
    monkeypatch.setattr(gate_checks, "newest_done", lambda version: done)
    judged = fair(stage, 1.0)
    assert not judged.met
    assert "The labels are not those of the model." in judged.found


def test_nothing_sensitive_is_only_believed_where_every_feature_is_described(stage: Stage, done: Explanation) -> None:
    Feature.objects.filter(project=stage.project, name="age").delete()
    judged = fair(stage, 0.1)
    assert (judged.met, "no entry in the feature dictionary" in judged.found) == (False, True)
    Feature.objects.create(project=stage.project, name="age", label="age")
    assert fair(stage, 0.1).met


def test_an_explanation_of_other_files_is_not_present(stage: Stage, done: Explanation) -> None:
    ModelVersion.objects.filter(pk=done.model_version_id).update(sha256="0" * 64)
    (present, *_) = findings_at(stage)
    assert not present.judged.met
    assert "speaks of other files than those on record" in present.judged.found


def test_verdicts_are_frozen_as_evidence_and_lapse_when_they_turn(
    stage: Stage, done: Explanation, contributor: User
) -> None:
    explain_contradiction(actor=contributor, explanation=done, feature="income", text=WHY)
    manifest, _ = manifest_of(stage)
    items = [item for item in manifest["items"] if item["kind"] == "check"]
    assert [item["facts"]["verdict"] for item in items] == ["met"] * 3
    keys = [item["key"] for item in items]
    assert recheck_checks(stage.project, keys) == {item["key"]: item["hash"] for item in items}
    Feature.objects.filter(project=stage.project, name="delay").update(expected="down")
    turned = recheck_checks(stage.project, keys)
    assert [key for key in keys if turned[key] != {item["key"]: item["hash"] for item in items}[key]] == [
        f"check:{stage.pk}:no_unexplained_contradiction"
    ]


def test_a_gate_without_checks_asks_nothing_of_the_database(project: Project, django_assert_num_queries: Any) -> None:
    stage = Stage.objects.get(project=project, is_current=True, state="open")
    with django_assert_num_queries(0):
        assert collect_checks(stage) == []


# Saying why


def test_a_reason_is_kept_on_the_trail_and_a_second_one_takes_its_place(done: Explanation, contributor: User) -> None:
    explain_contradiction(actor=contributor, explanation=done, feature="income", text="First thought.")
    explain_contradiction(actor=contributor, explanation=done, feature="income", text=f"  {WHY} ")
    (found,) = contradictions_of(done, dictionary_of(done.project))
    assert found.note is not None
    assert (found.note.text, found.direction) == (WHY, "down")
    entry = Entry.objects.filter(verb="explain_contradiction").latest("seq")
    assert (entry.before["text"], entry.after["text"]) == ("First thought.", WHY)


@pytest.mark.parametrize(
    ("feature", "text", "code"),
    [
        ("income", "  ", "reason_missing"),
        ("income", "x" * (LONGEST + 1), "reason_too_long"),
        ("delay", WHY, "no_contradiction"),
        ("no such column", WHY, "no_contradiction"),
    ],
)
def test_what_explains_nothing_is_refused(
    done: Explanation, contributor: User, feature: str, text: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        explain_contradiction(actor=contributor, explanation=done, feature=feature, text=text)
    assert refused.value.code == code
    assert not ContradictionNote.objects.exists()


def test_only_the_team_says_why(done: Explanation, sponsor: User) -> None:
    with pytest.raises(Refused) as refused:
        explain_contradiction(actor=sponsor, explanation=done, feature="income", text=WHY)
    assert refused.value.code == "not_permitted"


def test_the_page_shows_the_contradiction_and_keeps_what_was_typed(
    sign_in: Any, contributor: User, sponsor: User, done: Explanation
) -> None:
    address = done.get_absolute_url()
    client = sign_in(contributor)
    shown = re.sub(r"\s+", " ", client.get(address).content.decode())
    assert "Against what the business expects" in shown
    assert "In this model more of it lowers the result; the business expects that it raises it." in shown
    refused = client.post(f"{address}against/", {"feature": "income", "text": "x" * (LONGEST + 1)})
    assert refused.status_code == 400
    assert "The reason has 2,001 characters" in refused.content.decode()
    assert "x" * (LONGEST + 1) in refused.content.decode()
    kept = client.post(f"{address}against/", {"feature": "income", "text": WHY}, follow=True)
    assert WHY in kept.content.decode()
    for_sponsor = sign_in(sponsor).get(address).content.decode()
    assert WHY in for_sponsor
    assert "Keep the reason" not in for_sponsor


def test_rest_lists_and_explains_contradictions(api: Any, contributor: User, done: Explanation) -> None:
    address = f"/api/v1/projects/triage/explanations/{done.pk}/contradictions/"
    scripts = api(contributor)
    (row,) = scripts.get(address).json()
    assert (row["feature"], row["direction"], row["note"]) == ("income", "down", None)
    answer = scripts.post(address, {"feature": "income", "text": WHY}, format="json")
    assert answer.status_code == 201
    assert answer.json()[0]["note"]["text"] == WHY
    refused = scripts.post(address, {"feature": "income", "text": ""}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "reason_missing")
