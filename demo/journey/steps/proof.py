"""Model, explanation, go-live and outcome report."""

from __future__ import annotations

from typing import Any

from demo.journey.steps.traveller import AFTER, BEFORE, EFFECT, KEY, Traveller, must
from demo.series import month_back


class Proof(Traveller):
    """Model, explanation, go-live and outcome report."""

    def pickle(self) -> str:
        hostile = b"\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
        code = self.people["scientist"].refused(
            f"projects/{KEY}/models/", {"name": "Hostile"}, files={"file": ("model.skops", hostile)}
        )
        must(code == "unsafe_format", f"A pickle under another name gave {code}.")
        return code

    def upload(self) -> None:
        """Bring model and data; when this returns, the model was inspected and may be explained."""
        scientist, trained = self.people["scientist"], self.trained
        version = scientist.post(
            f"projects/{KEY}/models/",
            {"name": "Triage", "purpose": "Chance of a malignant sample", "format": trained.model_format},
            files={"file": (trained.model_name, trained.model)},
        )
        data = scientist.post(
            f"projects/{KEY}/data-sets/",
            {"name": "Samples", "origin": trained.origin, "target_column": trained.target},
            files={"file": (trained.data_name, trained.data)},
        )
        scientist.wait_for(f"projects/{KEY}/models/{version['number']}/", until=("accepted",))
        self.uploaded = {"model_version": version["number"], "data_set": data["number"]}

    def ask(self, seed: int = 0) -> dict[str, Any]:
        """Ask for an explanation of what was uploaded; the answer names its job."""
        asked: dict[str, Any] = self.people["scientist"].post(
            f"projects/{KEY}/explanations/", {**self.uploaded, "seed": seed}
        )
        return asked

    def model(self) -> str:
        scientist = self.people["scientist"]
        self.upload()
        scientist.put(
            f"projects/{KEY}/features/",
            [{"name": "worst_radius", "label": "Largest radius of nuclei", "unit": "px", "expected": "up"}],
        )
        asked = self.ask()
        done = scientist.wait_for(f"projects/{KEY}/explanations/{asked['id']}/")
        must(done["rows"] == self.trained.rows, f"{done['rows']} of {self.trained.rows} rows were explained.")
        error = done["summary"]["max_additivity_error"]
        must(error is not None and error < 1e-4, f"The values do not add up: {error}.")
        row = scientist.get(f"projects/{KEY}/explanations/{asked['id']}/rows/1/")
        must(bool(row), "Row 1 has no waterfall.")
        return f"{done['engine']}, {done['rows']} rows, largest additivity error {error:.1e}"

    def live(self) -> str:
        lead, scientist = self.people["lead"], self.people["scientist"]
        lead.post(f"projects/{KEY}/go-live/", {"on": self.weeks[BEFORE].isoformat()})
        rows = [
            {"period": week.isoformat(), "value": value}
            for week, value in zip(self.weeks[BEFORE:], self.values[BEFORE:], strict=True)
        ]
        taken = scientist.post(f"projects/{KEY}/kpis/waiting/measurements/", {"rows": rows})
        must(taken["added"] == AFTER, f"{taken['added']} of {AFTER} readings went in.")
        for category, first, last, amount in (("build", 12, 8, "6300.50"), ("run", 7, 1, "790.25")):
            lead.post(
                f"projects/{KEY}/cash-lines/",
                {
                    "side": "cost",
                    "basis": "actual",
                    "category": category,
                    "month": month_back(self.today, first).isoformat(),
                    "until": month_back(self.today, last).isoformat(),
                    "amount": amount,
                    "currency": "EUR",
                },
            )
        return f"{AFTER} readings after go-live"

    def report(self) -> str:
        lead = self.people["lead"]
        asked = lead.post(f"projects/{KEY}/outcome-reports/")
        done = lead.wait_for(f"projects/{KEY}/outcome-reports/{asked['number']}/")
        effect = next(kpi for kpi in done["result"]["kpis"] if kpi["key"] == "waiting")["effect"]
        low, high = effect["interval"]
        must(low <= EFFECT <= high, f"The interval {low:.2f} to {high:.2f} misses the true effect {EFFECT}.")
        # The baseline was approved just now, after the go-live that is told: the report must say so.
        must(done["grade"] == "indicative" and "retrospective_baseline" in effect["reasons"], f"Grade {done['grade']}.")
        # 5 x 6,300.50 and 7 x 790.25 actual; the running month has no actual line yet, so its planned 800 stands in.
        must(done["costs_to_date"].startswith("37834.25"), f"Costs {done['costs_to_date']} are not 37,834.25.")
        must(len(done["inputs_hash"]) == 64 and len(done["content_hash"]) == 64, "The report is not hashed.")
        again = lead.wait_for(
            f"projects/{KEY}/outcome-reports/{lead.post(f'projects/{KEY}/outcome-reports/')['number']}/"
        )
        must(again["inputs_hash"] == done["inputs_hash"], "The same inputs gave another hash.")
        return (
            f"effect {effect['effect']:.2f} d ({low:.2f} to {high:.2f}), ROI {done['roi_percent']} %, NPV {done['npv']}"
        )
