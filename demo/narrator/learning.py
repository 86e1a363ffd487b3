"""What a project learns from the failures of others: cases that are offered to it, and a lesson that its gate asks about."""

from __future__ import annotations

from django.db import transaction

from demo.narrator.teller import Teller
from foundation.jobs.models import Job
from lifecycle.lessons.checks.services import accept_check, propose_check, tell_catch
from lifecycle.lessons.models import CaseOffer, LessonCheck
from lifecycle.lessons.offers.services import OFFER, answer_offer
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.selectors import newest_of
from lifecycle.methodologies.services import begin_draft, publish_draft
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import ExitQuestion
from lifecycle.projects.services import answer_question, move_methodology


class Learns(Teller):
    """From somebody else's case to the own gate."""

    @transaction.atomic
    def own_way(self) -> Methodology:
        """A methodology of the house, as yet no other than the one that it is a copy of."""
        told, manager = self.told["own_methodology"], self.people["manager"]
        # Versions stay when the story is taken out, so another telling finds its key taken.
        taken = Methodology.objects.filter(key__startswith=told["key"]).values("key").distinct().count()
        draft = begin_draft(
            actor=manager,
            key=f"{told['key']}_{taken + 1}" if taken else told["key"],
            name=told["name"],
            based_on=newest_of(self.told["project"]["methodology"]),
        )
        return publish_draft(actor=manager, draft=draft, expected_version=draft.version, note=told["note"])

    def look_for_cases(self) -> None:
        """The cases that are like the project by now."""
        for job in Job.objects.filter(kind=OFFER, project_id=self.project.pk, state__in=Job.OPEN).order_by("pk"):
            self.settler.settle(job)

    def answer_offers(self) -> None:
        """What the team makes of the cases that were offered to it, by the project of each."""
        self.look_for_cases()
        for offer in (
            CaseOffer.objects.filter(project=self.project).select_related("postmortem__project").order_by("pk")
        ):
            told = self.told["offers"].get(offer.postmortem.project.key)
            if told:
                answer_offer(actor=self.people["lead"], offer=offer, answer=told["answer"], reason=told["reason"])

    @transaction.atomic
    def learn(self) -> LessonCheck:
        """A lesson becomes a question of the own methodology, by two people; the project moves to the version that asks
        it, answers, and says what it found."""
        told, lead, manager = self.told["learnt"], self.people["lead"], self.people["manager"]
        case = PostMortem.objects.get(project__key=told["from"])
        check = propose_check(
            actor=self.people["reviewer"],
            case=case,
            methodology_key=self.project.methodology.key,
            phase_key=told["phase"],
            text=told["question"],
            lesson=case.lessons.get(as_check=True),
        )
        check = accept_check(actor=manager, check=check)
        draft = MethodologyDraft.objects.get(key=check.methodology_key)
        publish_draft(actor=manager, draft=draft, expected_version=draft.version, note=told["note"])
        move_methodology(actor=lead, project=self.project, number=None, reason=told["why_move"])
        self.project.refresh_from_db()
        question = ExitQuestion.objects.select_related("stage__project__methodology").get(
            stage__project=self.project, stage__is_current=True, key=check.question_key
        )
        answer_question(actor=lead, question=question, text=told["answer"], expected_number=0)
        tell_catch(actor=self.people["reviewer"], check=check, question=question, text=told["caught"])
        return check
