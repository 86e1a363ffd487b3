"""Reads of offers: never a case that is no longer open to the project's people."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from lifecycle.lessons.models import CaseOffer
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.moves import TOLD
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.models import Round


@dataclass(frozen=True)
class Offered:
    """An offer as pages show it. `failed_on`: the main causes of the case in words, all causes where none is main."""

    offer: CaseOffer
    failed_on: str

    @property
    def is_answered(self) -> bool:
        return self.offer.state != CaseOffer.State.OFFERED


def open_cases(project: Project) -> Q:
    """Which cases may be shown to everybody of a project: those of the organisation, and its own ones for its team.

    A case that is restricted is neither, whatever it was when it was offered.
    """
    own = Q(project=project, visibility=PostMortem.Visibility.TEAM)
    return Q(state__in=TOLD) & (Q(visibility=PostMortem.Visibility.ORGANISATION) | own)


def offers_of(project: Project) -> QuerySet[CaseOffer]:
    """All offers to a project whose cases may be shown still, the most alike first; two queries."""
    shown = PostMortem.objects.filter(open_cases(project))
    return (
        CaseOffer.objects.filter(project=project, postmortem__in=shown.values("pk"))
        .select_related("postmortem__project", "stage", "by")
        .prefetch_related("postmortem__factors")
        .order_by(F("stage__order").asc(nulls_first=True), "-score", "pk")
    )


def at_stage(stage: Stage) -> Q:
    """Which offers belong to a stage: those made for any iteration of it; the first stage answers for the start too."""
    start = Q(stage__isnull=True) if stage.order == 1 else Q(pk__in=[])
    return Q(stage__key=stage.key) | start


def offered_at(stage: Stage) -> list[Offered]:
    """What was offered for a stage."""
    return [offered(offer) for offer in offers_of(stage.project).filter(at_stage(stage))]


def offered_to(project: Project) -> list[Offered]:
    """All that was offered to a project, at its start and for its stages."""
    return [offered(offer) for offer in offers_of(project)]


def unanswered_at(stage: Stage) -> list[CaseOffer]:
    """Offers that the stage's gate counts as not answered.

    Once a decision is asked for, what is offered after that moment is not counted: the question was put without it.
    """
    offers = offers_of(stage.project).filter(at_stage(stage), state=CaseOffer.State.OFFERED)
    if stage.state in (Stage.State.IN_REVIEW, Stage.State.APPROVED):
        asked = Round.objects.filter(stage=stage, submitted_at__isnull=False).order_by("-number").first()
        if asked is not None:
            offers = offers.filter(offered_at__lte=asked.submitted_at)
    return list(offers)


def offered(offer: CaseOffer) -> Offered:
    """The offer with what the case failed on."""
    factors = list(offer.postmortem.factors.all())
    main = [factor for factor in factors if factor.strength == "main"] or factors
    return Offered(offer, ", ".join(causes.words(factor.node) for factor in main))
