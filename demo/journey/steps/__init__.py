"""The steps of the journey. Each returns what it saw, in a few words; a wrong answer raises."""

from collections.abc import Callable

from demo.journey.steps.charter import Charter
from demo.journey.steps.close import Close
from demo.journey.steps.gates import Gates
from demo.journey.steps.proof import Proof

__all__ = ["Journey"]


class Journey(Charter, Gates, Proof, Close):
    """One project, several people, in order."""

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Name and deed of each step."""
        return [
            ("sign in as seven people", self.sign_in),
            ("start a project under TDSP", self.start),
            ("no token, no answer; a taken key is refused", self.hidden),
            ("agree on acceptance criteria", self.criteria),
            ("count a KPI: bad rows are told, good ones taken", self.count),
            ("freeze the baseline with four eyes, set target and value", self.baseline),
            ("plan costs and benefits", self.plan),
            ("hand in the first stage and ask for a decision", self.first_stage),
            ("only the sponsor and the reviewer decide, each with their password", self.four_eyes),
            ("a change makes the approval stale", self.stale),
            ("go back to the first stage and pass it again", self.go_back),
            ("pass the data stage", lambda: self.pass_stage("data_acquisition_and_understanding")),
            ("a pickle is refused", self.pickle),
            ("upload a model, have it inspected and explained", self.model),
            ("pass the modeling stage on the explanation", lambda: self.pass_stage("modeling", evidence="explanation")),
            ("go live, with readings and actual costs", self.live),
            ("pass the deployment stage", lambda: self.pass_stage("deployment")),
            ("outcome report by a worker: effect, ROI, payback", self.report),
            ("the customer accepts", self.accept),
            ("pass the last stage", lambda: self.pass_stage("customer_acceptance")),
            ("write, review and publish the post-mortem", self.look_back),
            ("the portfolio shows it", self.portfolio),
            ("the audit trail names every deed", self.trail),
        ]
