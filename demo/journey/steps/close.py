"""Acceptance, post-mortem, portfolio and trail."""

from __future__ import annotations

import json
from datetime import timedelta

from demo.cast import DOMAIN, PASSWORD
from demo.journey.steps.traveller import KEY, Traveller, must

# What the trail must name at the end, among others.
DEEDS = {
    "start_project", "add_member", "set_criterion", "define_kpi", "record_measurements", "approve_baseline", "set_target",
    "set_unit_value", "add_cash_line", "write_version", "answer_question", "submit_round", "decide_round", "fail_password",
    "approval_went_stale", "go_back", "upload_model", "accept_model", "request_explanation", "finish_explanation",
    "record_go_live", "request_outcome_report", "complete_outcome_report", "offer_acceptance", "decide_acceptance",
    "open_postmortem",
}  # fmt: skip


class Close(Traveller):
    """Acceptance, post-mortem, portfolio and trail."""

    def accept(self) -> str:
        lead, reviewer, customer = (self.people[key] for key in ("lead", "reviewer", "customer"))
        opened = lead.post(f"projects/{KEY}/acceptances/")
        reviewer.post(
            f"acceptances/{opened['id']}/judgements/",
            {"criterion": "waiting", "verdict": "met", "observed": "7.8 days", "evidence": "Outcome report 1"},
        )
        offered = lead.post(
            f"acceptances/{opened['id']}/offers/",
            {"approved_use": "Order of the reading list at one laboratory.", "limits": "Not for diagnosis."},
        )
        asked = {"verdict": "accepted", "password": PASSWORD, "digest": offered["digest"], "comment": "It helps."}
        own = lead.refused(f"acceptances/{opened['id']}/decisions/", asked)
        done = customer.post(f"acceptances/{opened['id']}/decisions/", asked)
        must(done["state"] == "accepted", f"The acceptance is {done['state']}.")
        must(done["signature"]["content_hash"] == offered["digest"], "The customer's signature does not fit.")
        state = lead.get(f"projects/{KEY}/")["state"]
        must(state == "in_use", f"The project is {state} after acceptance.")
        return f"signed by {done['signature']['printed_name']}; the lead was refused with {own}"

    def look_back(self) -> str:
        lead, reviewer = self.people["lead"], self.people["reviewer"]
        made = lead.post("post-mortems/", {"project": KEY, "kind": "success_review", "title": "What made it work"})
        self.reference = made["reference"]
        path = f"post-mortems/{self.reference}/"
        code = lead.refused(f"{path}submit/")
        lead._call(
            "PATCH",
            path,
            200,
            json={
                "lock": lead.get(path)["lock"],
                "summary": "It worked since the staff saw the reasons.",
                "trigger": "review_or_gate",
                "detection": "gate_review",
            },
        )
        for day, text in ((300, "Idea"), (120, "First model"), (60, "Go-live")):
            moment = (self.today - timedelta(days=day)).isoformat() + "T10:00:00Z"
            lead.post(f"{path}timeline/", {"moment": moment, "precision": "day", "text": text})
        lead.post(
            f"{path}impacts/", {"dimension": "delay", "text": "Two weeks of delay", "amount": "2", "unit": "weeks"}
        )
        lead.post(f"{path}factors/", {"node": "communication_gap", "text": "Reasons came late.", "strength": "main"})
        lead.post(f"{path}lessons/", {"kind": "went_well", "text": "Reasons beside each sample.", "as_check": True})
        action = lead.post(
            f"{path}actions/",
            {
                "title": "Put reasons into the template",
                "kind": "process",
                "owner": f"scientist@{DOMAIN}",
                "due_on": (self.today + timedelta(days=30)).isoformat(),
                "test_for_done": "The template asks for them",
            },
        )
        lead.post(f"{path}actions/{action['id']}/accept/")
        lead.post(f"{path}submit/")
        own = lead.refused(f"{path}publish/")
        asked = reviewer.get("post-mortem-review-questions/")["results"]
        answers = {question["key"]: {"answer": "yes"} for question in asked}
        published = reviewer.post(f"{path}publish/", {"answers": answers})
        must(published["state"] == "published", f"The post-mortem is {published['state']}.")
        self.people["scientist"].post(f"{path}actions/{action['id']}/finish/")
        reviewer.post(f"{path}actions/{action['id']}/verify/")
        return f"{self.reference}: early submit {code}, own publish {own}; action verified by somebody else"

    def portfolio(self) -> str:
        body = self.people["manager"].get("portfolio/")
        must(KEY in json.dumps(body), "The portfolio does not show the project.")
        return "listed"

    def trail(self) -> str:
        trail = self.people["auditor"].get("audit/?page_size=500")
        verbs = {entry["verb"] for entry in trail["results"]}
        missing = DEEDS - verbs
        must(not missing, f"The trail does not name {sorted(missing)}.")
        self.people["lead"].get("audit/", expect=403)
        return f"{trail['count']} entries, {len(verbs)} kinds of deeds"
