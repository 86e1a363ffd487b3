"""The project begins: people, criteria, KPI, plan."""

from __future__ import annotations

from datetime import date, timedelta

from demo.cast import DOMAIN
from demo.journey.person import Person
from demo.journey.steps.traveller import AFTER, BEFORE, COURSE, KEY, Traveller, as_csv, must
from demo.series import month_back, weeks_back


class Charter(Traveller):
    """The project begins: people, criteria, KPI, plan."""

    def sign_in(self) -> str:
        for key in ("lead", "scientist", "sponsor", "reviewer", "customer", "manager", "auditor"):
            self.people[key] = Person(self.url, key)
        return f"{len(self.people)} tokens"

    def start(self) -> str:
        lead = self.people["lead"]
        self.charter = {
            "key": KEY,
            "name": "Journey",
            "question": "Which samples are read first?",
            "methodology": {"key": "tdsp"},
            "started_on": month_back(self.today, 14).isoformat(),
            "currency": "EUR",
        }
        made = lead.post("projects/", self.charter)
        # Nobody but the lead is a member yet.
        self.people["customer"].get(f"projects/{KEY}/", expect=404)
        must(made["state"] == "active", f"A new project is {made['state']}.")
        for key, role in (
            ("sponsor", "sponsor"),
            ("customer", "customer"),
            ("scientist", "contributor"),
            ("reviewer", "reviewer"),
        ):
            lead.post(f"projects/{KEY}/members/", {"person": f"{key}@{DOMAIN}", "role": role})
        stages = lead.get(f"projects/{KEY}/stages/")["results"]
        must(len(stages) == 5, f"TDSP has five stages, not {len(stages)}.")
        return "5 stages, 5 people; who was no member got 404"

    def hidden(self) -> str:
        stranger = Person(self.url, "admin")
        stranger.session.headers.pop("Authorization")
        stranger.get(f"projects/{KEY}/", expect=401)
        taken = self.people["lead"].refused("projects/", {**self.charter, "name": "Another"})
        must(taken == "project_key_taken", f"A taken key gave {taken}.")
        return f"401, {taken}"

    def criteria(self) -> str:
        made = self.people["lead"].post(
            f"projects/{KEY}/criteria/",
            {
                "key": "waiting",
                "measure": "Waiting time",
                "baseline": "9.6 days",
                "threshold": "8.5 days or less",
                "how_measured": "Laboratory system",
                "judge": "Head of pathology",
            },
        )
        must(made["version"] == 1, "The first version of a criterion is 1.")
        return "1 criterion"

    def count(self) -> str:
        lead, scientist = self.people["lead"], self.people["scientist"]
        lead.post(
            f"projects/{KEY}/kpis/",
            {
                "key": "waiting",
                "name": "Waiting time",
                "unit": "d",
                "direction": "decrease",
                "kind": "level",
                "frequency": "week",
                "is_primary": True,
            },
        )
        self.weeks = [weeks_back(self.today, AFTER + BEFORE - number) for number in range(BEFORE + AFTER)]
        self.values = COURSE.values(BEFORE + AFTER, BEFORE)
        path = f"projects/{KEY}/kpis/waiting/measurements/csv/"
        bad = as_csv([*zip(self.weeks[:3], self.values[:3], strict=True), (date(2199, 1, 5), "=1+1")])
        must(scientist.refused(path, {}, files={"file": ("bad.csv", bad)}) == "rows_invalid", "A bad row went in.")
        must(self._readings() == 0, "A file with a bad row left readings behind.")
        good = as_csv(list(zip(self.weeks[:BEFORE], self.values[:BEFORE], strict=True)))
        taken = scientist.post(path, {}, files={"file": ("readings.csv", good)})
        must(taken["added"] == BEFORE, f"{taken['added']} of {BEFORE} readings went in.")
        return f"{BEFORE} readings from a CSV, none from the bad one"

    def baseline(self) -> str:
        lead, sponsor = self.people["lead"], self.people["sponsor"]
        proposed = lead.post(
            f"projects/{KEY}/kpis/waiting/baselines/",
            {
                "starts_on": self.weeks[0].isoformat(),
                "ends_on": (self.weeks[BEFORE - 1] + timedelta(days=6)).isoformat(),
            },
        )
        own = lead.refused(f"baselines/{proposed['id']}/approve/")
        frozen = sponsor.post(f"baselines/{proposed['id']}/approve/")
        must(
            own != "" and frozen["state"] == "frozen" and len(frozen["values_hash"]) == 64,
            "The baseline is not frozen.",
        )
        must(frozen["count"] == BEFORE, f"The baseline holds {frozen['count']} readings.")
        due = (self.today + timedelta(days=90)).isoformat()
        lead.post(f"projects/{KEY}/kpis/waiting/targets/", {"value": 8.0, "due_on": due})
        value = {
            "amount": "2600",
            "low": "2000",
            "high": "3200",
            "currency": "EUR",
            "valid_from": self.weeks[0].isoformat(),
        }
        refused = lead.refused(f"projects/{KEY}/kpis/waiting/unit-values/", {**value, "amount": 2600.5})
        must(refused == "money_is_float", f"A float as money gave {refused}.")
        lead.post(f"projects/{KEY}/kpis/waiting/unit-values/", value)
        return f"mean {frozen['mean']:.2f} d, hash {frozen['values_hash'][:8]}; proposer refused with {own}"

    def plan(self) -> str:
        lead = self.people["lead"]
        end = month_back(self.today, -20).isoformat()
        for side, category, first, until, amount in (
            ("cost", "build", 12, month_back(self.today, 8).isoformat(), "6000"),
            ("cost", "run", 7, end, "800"),
            ("benefit", "benefit", 7, end, "4500"),
        ):
            lead.post(
                f"projects/{KEY}/cash-lines/",
                {
                    "side": side,
                    "basis": "planned",
                    "category": category,
                    "month": month_back(self.today, first).isoformat(),
                    "until": until,
                    "amount": amount,
                    "currency": "EUR",
                },
            )
        return "3 planned lines"
