"""Where the web holds no statistics library, a worker says what the calculators cannot say there."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from explain.outcomes.calculators.command import answer
from explain.outcomes.calculators.models import KEPT, Calculation
from explain.outcomes.calculators.services import (
    FORGETTING,
    MOST_KEPT,
    MOST_WAITING,
    REST,
    ask_calculation,
    is_at_hand,
)
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.tasks import calculation
from foundation.jobs.kinds import kind_named
from foundation.jobs.models import Job
from foundation.people.models import User
from foundation.web.refused import Refused

Api = Callable[[User], Any]
EFFECT = {"values": [31, 29, 33, 30, 32, 28, 31, 30, 33, 29, 25, 28, 26, 27, 24, 26, 28, 25, 26, 27], "go_live": 10}
SURE = {"effect": 2.0, "interval": [1.0, 3.0], "value_per_unit": "10", "volumes": [5, 5], "draws": 100}
CALCULATORS = "/api/v1/calculators/"


@pytest.fixture
def without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the web image; the child of a worker still finds it."""
    monkeypatch.setattr("explain.outcomes.calculators.services.find_spec", lambda name: None)


def ask(person: User, request: dict[str, Any] = SURE, name: str = "uncertainty", **how: bool) -> Calculation:
    return ask_calculation(actor=person, calculator=name, text=json.dumps(request).encode(), **how)


def work(found: Calculation) -> str:
    return calculation(found.job_id)


def test_only_what_needs_a_library_waits_for_a_worker(without_numpy: None) -> None:
    assert [is_at_hand(name) for name in ("cash-flow", "effect", "uncertainty", "business-case")] == [
        True, False, False, False,
    ]  # fmt: skip


def test_with_the_library_at_hand_the_answer_comes_at_once(lead: User, api: Api) -> None:
    told = api(lead).post(f"{CALCULATORS}uncertainty/", SURE, format="json")
    assert told.status_code == 200
    assert told.json()["draws"] == 100
    assert not Calculation.objects.exists()


@pytest.mark.parametrize(("name", "request_"), [("effect", EFFECT), ("uncertainty", SURE)])
def test_a_request_is_taken_and_its_answer_is_the_calculators(
    name: str, request_: dict[str, Any], without_numpy: None, lead: User, api: Api
) -> None:
    client = api(lead)
    told = client.post(f"{CALCULATORS}{name}/", request_, format="json")
    assert told.status_code == 202
    address = told.headers["Location"]
    assert told.json() == {"state": "waiting", "answer": address, "job": f"/api/v1/jobs/{Job.objects.get().pk}/"}
    assert client.get(told.json()["job"]).json()["label"] == "Compute the answer of a calculator"
    assert client.get(address).status_code == 202
    assert client.get(address).headers["Retry-After"] == "2"
    assert work(Calculation.objects.get()) == "done"
    found = client.get(address)
    assert (found.status_code, found.json()) == (200, answer(name, json.dumps(request_).encode()))
    assert Calculation.objects.get().request == ""
    again = client.post(f"{CALCULATORS}{name}/", request_, format="json")
    assert (again.status_code, again.json()) == (200, found.json())
    assert Job.objects.count() == 1


def test_a_cash_flow_is_answered_at_once_without_any_library(without_numpy: None, lead: User, api: Api) -> None:
    told = api(lead).post(f"{CALCULATORS}cash-flow/", {"flows": ["-100", "60", "60"], "rate": "0.1"}, format="json")
    assert (told.status_code, told.json()["sign_changes"]) == (200, 1)
    assert not Calculation.objects.exists()


def test_a_refusal_of_the_worker_keeps_its_code_sentence_and_field(without_numpy: None, lead: User, api: Api) -> None:
    client = api(lead)
    told = client.post(f"{CALCULATORS}uncertainty/", SURE | {"volumes": [-1]}, format="json")
    assert work(Calculation.objects.get()) == "done"
    refused = client.get(told.headers["Location"])
    assert refused.status_code == 400
    assert refused.json() == {
        "error": {"code": "out_of_range", "message": "A volume is not below zero.", "field": "volumes"}
    }


def test_what_is_no_sound_json_is_refused_without_a_worker(without_numpy: None, lead: User, api: Api) -> None:
    refused = api(lead).post(f"{CALCULATORS}effect/", "[1]", content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "not_an_object")
    with pytest.raises(CalculationRefused) as large:
        ask_calculation(actor=lead, calculator="effect", text=b" " * 8_000_001)
    assert large.value.code == "too_large"
    with pytest.raises(CalculationRefused) as unknown:
        ask_calculation(actor=lead, calculator="roi", text=b"{}")
    assert unknown.value.code == "unknown_calculator"
    assert not Calculation.objects.exists()


def test_an_answer_is_for_whoever_asked_and_for_nobody_else(lead: User, manager: User, api: Api) -> None:
    found = ask(lead)
    work(found)
    address = found.get_absolute_url()
    assert api(lead).get(address).status_code == 200
    assert api(manager).get(address).status_code == 404
    assert ask(manager).pk != found.pk


def test_an_answer_is_forgotten_after_two_hours(lead: User, api: Api) -> None:
    found, young = ask(lead), ask(lead, SURE | {"seed": 1})
    work(found)
    Calculation.objects.filter(pk=found.pk).update(asked_at=timezone.now() - KEPT)
    assert api(lead).get(found.get_absolute_url()).status_code == 404
    FORGETTING.run(timezone.now())
    assert list(Calculation.objects.all()) == [young]


def test_a_worker_that_comes_too_late_leaves_nothing(lead: User) -> None:
    found = ask(lead)
    Calculation.objects.all().delete()
    assert work(found) == "done"
    assert not Calculation.objects.exists()


def test_a_worker_whose_lease_is_gone_stores_nothing(lead: User, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ask(lead)

    def steal_then_say(name: str, text: bytes) -> dict[str, Any]:
        Job.objects.filter(pk=found.job_id).update(lease_token="another")
        return {}

    monkeypatch.setattr("explain.outcomes.calculators.runs.computed", steal_then_say)
    assert work(found) == "lost"
    found.refresh_from_db()
    assert (found.state, found.answer) == ("waiting", {})


def test_the_same_question_is_one_job_until_it_is_stranded(lead: User, api: Api) -> None:
    found = ask(lead)
    assert ask(lead).job_id == found.job_id
    Job.objects.update(state="dead")
    refused = api(lead).get(found.get_absolute_url())
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_answer")
    # A page that loads itself again does not ask for ever; a script that sends the request does.
    assert ask(lead, again=False).job_id == found.job_id
    Calculation.objects.update(asked_at=timezone.now() - REST - timedelta(seconds=1))
    anew = ask(lead, again=False)
    assert anew.pk == found.pk
    assert anew.job_id != found.job_id
    Job.objects.update(state="cancelled")
    assert ask(lead).is_open


def test_a_person_waits_for_five_at_once_and_keeps_fifty(lead: User, manager: User) -> None:
    waiting = [ask(lead, SURE | {"seed": seed}) for seed in range(MOST_WAITING)]
    with pytest.raises(Refused) as refused:
        ask(lead, SURE | {"seed": 99})
    assert (refused.value.status, refused.value.code) == (429, "too_many_waiting")
    assert ask(manager).is_open
    Job.objects.update(state="done")
    Calculation.objects.update(state="done", request="")
    Calculation.objects.bulk_create(
        Calculation(asker=lead, calculator="effect", request_hash=f"{seed}", state="done") for seed in range(MOST_KEPT)
    )
    ask(lead, SURE | {"seed": 99})
    assert Calculation.objects.filter(asker=lead).count() == MOST_KEPT
    assert not Calculation.objects.filter(pk__in=[row.pk for row in waiting]).exists()


def test_the_kind_names_its_task() -> None:
    assert kind_named("calculation").task == calculation.name
