"""The business case of the first stage, and its approval as the plan."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

from demo.narrator.teller import Teller
from demo.series import month_back
from explain.cases.content.flows import Levers
from explain.cases.models import CaseVersion, Scenario
from explain.cases.services import put_forward, save_scenario, take_over, write_case
from lifecycle.kpis.models import Kpi


class TellsPromises(Teller):
    """From the case to the plan."""

    def propose(self, kpi: Kpi, end: date) -> CaseVersion:
        """Write the case with its benefit on the KPI, try two scenarios, and put it forward. `end`: the last month."""
        parts, lead = deepcopy(self.told["case"]), self.people["lead"]
        for row in parts["implementation_plan"]["milestones"]:
            row["on"] = self.week(row["on"]).isoformat()
        worth = parts["cost_benefit"]
        for row in (*worth["costs"], *worth["benefits"]):
            for name in ("month", "until"):
                if row[name] != "":
                    row[name] = (end if row[name] == "end" else month_back(self.today, row[name])).isoformat()
        for row in worth["benefits"]:
            row["kpi"] = kpi.key
        version = write_case(
            actor=lead, project=self.project, parts=parts, expected_number=0, note="For the first gate"
        )
        for name, kind, levers in (
            ("Half a year late", Scenario.Kind.PESSIMISTIC, Levers(delay=6)),
            ("Worth a fifth more", Scenario.Kind.OPTIMISTIC, Levers(value=Levers().value * 6 / 5)),
        ):
            save_scenario(actor=lead, version=version, name=name, kind=kind, levers=levers)
        return put_forward(actor=lead, project=self.project, number=version.number)

    def keep_as_plan(self) -> None:
        """The approved case becomes the plan that is reported against."""
        take_over(actor=self.people["lead"], project=self.project)
