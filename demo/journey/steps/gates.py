"""Stages are decided, go stale and are gone back to."""

from __future__ import annotations

import json

from demo.cast import PASSWORD
from demo.journey.steps.traveller import KEY, Traveller, must


class Gates(Traveller):
    """Stages are decided, go stale and are gone back to."""

    def first_stage(self) -> str:
        missing = self.people["lead"].refused(
            f"projects/{KEY}/stages/business_understanding/rounds/", {"title": "Too early?"}
        )
        self.fill("business_understanding")
        self.round = self.submit("business_understanding")
        again = self.submit("business_understanding")
        must(again["id"] == self.round["id"], "Submitting twice made two rounds.")
        return f"round {self.round['number']}, evidence {self.round['digest'][:8]}; before: {missing}"

    def four_eyes(self) -> str:
        asked = {"verdict": "approve", "password": PASSWORD, "digest": self.round["digest"]}
        path = f"rounds/{self.round['id']}/decisions/"
        codes = [self.people[key].refused(path, asked) for key in ("lead", "scientist", "customer", "manager")]
        must(all(codes), "Somebody who may not decide was not refused.")
        sponsor = self.people["sponsor"]
        wrong = sponsor.refused(path, {**asked, "password": "not this one"})  # nosec B105
        must(wrong == "password_wrong", f"A wrong password gave {wrong}.")
        other = sponsor.refused(path, {**asked, "digest": "0" * 64})
        must(other != "", "A decision on other evidence was taken.")
        sponsor.post(path, asked)
        half = sponsor.get(f"rounds/{self.round['id']}/")
        must(half["round"]["state"] == "awaiting_decision", "One of two signatures closed the round.")
        self.people["reviewer"].post(path, asked)
        must(sponsor.refused(path, asked) != "", "A closed round was decided again.")
        detail = sponsor.get(f"rounds/{self.round['id']}/")
        signature = detail["decisions"][0]["signature"]
        must(detail["round"]["state"] == "approved", f"The round is {detail['round']['state']}.")
        must(
            signature["content_hash"] == self.round["digest"] and signature["state"] == "valid",
            "The signature does not fit.",
        )
        second = self.stage("data_acquisition_and_understanding")["stage"]["state"]
        must(second == "open", f"The next stage is {second}.")
        return f"refused: {', '.join(sorted({*codes, wrong, other}))}; signed by {signature['printed_name']}"

    def stale(self) -> str:
        deliverable = self.stage("business_understanding")["deliverables"][0]
        self.people["scientist"].post(
            f"deliverables/{deliverable['id']}/versions/",
            {"text": "The scope was widened after the approval.", "expected_number": deliverable["latest_number"]},
        )
        detail = self.people["sponsor"].get(f"rounds/{self.round['id']}/")["round"]
        must(detail["state"] == "stale", f"The round is {detail['state']} after its evidence changed.")
        must(len(detail["difference"]) == 1, "The difference does not name what changed.")
        return json.dumps(detail["difference"][0], ensure_ascii=False)[:120]

    def go_back(self) -> str:
        self.people["lead"].post(
            f"projects/{KEY}/stages/data_acquisition_and_understanding/go-back/",
            {"to": "business_understanding", "reason": "The scope was widened and must be decided again."},
        )
        stage = self.stage("business_understanding")["stage"]
        must(
            (stage["iteration"], stage["state"]) == (2, "open"), f"Iteration {stage['iteration']} is {stage['state']}."
        )
        self.pass_stage("business_understanding")
        return "iteration 2 approved, the former one kept"
