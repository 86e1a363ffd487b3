"""What every step stands on: the people, the project, and what several steps do."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from demo.cast import PASSWORD
from demo.journey.person import Person, Unexpected
from demo.series import Simulation
from demo.training import Trained

KEY = "journey"
EFFECT = -1.9
COURSE = Simulation(level=9.6, sd=0.7, rho=0.4, effect=EFFECT, ramp=0, seed=5)
BEFORE, AFTER = 60, 30


def must(holds: bool, what: str) -> None:
    """A check that fails with a sentence."""
    if not holds:
        raise Unexpected(what)


class Traveller:
    """Several people on the way of one project."""

    def __init__(self, url: str, trained: Trained, today: date) -> None:
        self.url = url
        self.trained = trained
        self.today = today
        self.people: dict[str, Person] = {}
        self.round: dict[str, Any] = {}
        self.charter: dict[str, Any] = {}
        self.weeks: list[date] = []
        self.values: list[float] = []
        self.uploaded: dict[str, int] = {}
        self.reference = ""
        self.deciders = ("reviewer", "sponsor")  # whose yes a stage may need, by risk and gate

    def stage(self, key: str, project: str = KEY) -> dict[str, Any]:
        """A stage as its team sees it."""
        found: dict[str, Any] = self.people["lead"].get(f"projects/{project}/stages/{key}/")
        return found

    def fill(self, key: str, project: str = KEY) -> None:
        """Hand in what is required and answer each exit question that has no answer."""
        stage = self.stage(key, project)
        for deliverable in stage["deliverables"]:
            if deliverable["need"] == "required":
                self.people["scientist"].post(
                    f"deliverables/{deliverable['id']}/versions/",
                    {
                        "text": f"## {deliverable['name']}\n\n{deliverable['description']}",
                        "expected_number": deliverable["latest_number"],
                    },
                )
        for question in stage["questions"]:
            if question["answer"]:
                continue
            self.people["lead"].post(
                f"questions/{question['id']}/answers/", {"text": "Yes, as the charter says.", "expected_number": 0}
            )

    def submit(self, key: str) -> dict[str, Any]:
        """Ask for a decision."""
        asked: dict[str, Any] = self.people["lead"].post(
            f"projects/{KEY}/stages/{key}/rounds/",
            {"title": f"May we go on after {key}?", "comment": "All is handed in."},
        )
        return asked

    def pass_stage(self, key: str, evidence: str = "") -> str:
        """Hand in, submit, and have those approve who are asked; the project's risk and the stage's gate say who."""
        self.fill(key)
        asked = self.submit(key)
        sponsor = self.people["sponsor"]
        detail = sponsor.get(f"rounds/{asked['id']}/")
        kinds = {item["kind"] for item in detail["manifest"]["items"]}
        must(not evidence or evidence in kinds, f"The manifest holds {sorted(kinds)}, no {evidence}.")
        must(detail["may_decide"]["allowed"], f"The sponsor may not decide: {detail['may_decide']['reasons']}")
        for decider in self.deciders:
            person = self.people[decider]
            if not person.get(f"rounds/{asked['id']}/")["may_decide"]["allowed"]:
                continue
            person.post(
                f"rounds/{asked['id']}/decisions/",
                {"verdict": "approve", "password": PASSWORD, "digest": asked["digest"], "reason": "Read and agreed."},
            )
        state = self.stage(key)["stage"]["state"]
        must(state == "approved", f"The stage is {state}.")
        return f"evidence: {', '.join(sorted(kinds))}"

    def _readings(self) -> int:
        found = self.people["lead"].get(f"projects/{KEY}/kpis/waiting/measurements/")
        return int(found["count"])


def as_csv(rows: list[tuple[date, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["period", "value"])
    writer.writerows((day.isoformat(), value) for day, value in rows)
    return text.getvalue().encode()
