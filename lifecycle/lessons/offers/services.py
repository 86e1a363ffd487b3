"""Deeds: offer the cases that are most like a project, and what its team answers."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.jobs.services import request_job
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.lessons.models import CaseOffer
from lifecycle.lessons.offers.permits import may_answer
from lifecycle.lessons.offers.selectors import open_cases
from lifecycle.lessons.similar.profiles import corpus_of, profile_of, profile_of_project, published
from lifecycle.lessons.similar.scoring import FLOOR, FOR_PROJECTS, compare
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import TEAM, Deliverable, Project, Stage, people_in
from lifecycle.signoff.models import Round

OFFER = "offer_cases"
OFFERED = 3  # cases at the start of a project, and as many for each of its stages
REASON_LIMIT = 2_000  # characters
TAKEN, DISMISSED, NOT_SIMILAR = "taken", "dismissed", "not_similar"
ANSWERS = {TAKEN: CaseOffer.State.TAKEN, DISMISSED: CaseOffer.State.DISMISSED, NOT_SIMILAR: CaseOffer.State.DISMISSED}


def on_entry(entry: Entry) -> None:
    """Listener on the trail: look for cases when a project starts, when a stage's work is written, and when it is put
    to a decision. By then most offers are there, so that the team can answer before it asks."""
    if entry.project_id is None:
        return
    stage: Stage | None = None
    match entry.thing_kind, entry.verb:
        case "project", "start_project":
            pass
        case "deliverable", "write_version":
            found = Deliverable.objects.filter(pk=entry.thing_id).select_related("stage").first()
            stage = found.stage if found else None
        case "round", "submit_round":
            review = Round.objects.filter(pk=entry.thing_id).select_related("stage").defer("manifest").first()
            stage = review.stage if review else None
        case _:
            return
    if entry.verb != "start_project" and stage is None:
        return
    project = Project.objects.filter(pk=entry.project_id).first()
    if project is not None and _candidates(project).exists():
        ask_to_offer(project, stage)


def ask_to_offer(project: Project, stage: Stage | None) -> None:
    """One job for a project's start or a stage, however often it is asked for."""
    request_job(
        kind=OFFER,
        args={"project": project.pk, "stage": stage.pk if stage else None},
        actor=None,
        dedup_key=f"{project.pk}:{stage.pk if stage else 'start'}",
        project_id=project.pk,
    )


def _candidates(project: Project) -> QuerySet[PostMortem]:
    """Cases that may be offered: open to all of the project, and never offered to it before, whatever was answered."""
    before = CaseOffer.objects.filter(project=project).values("postmortem")
    found: QuerySet[PostMortem] = PostMortem.objects.filter(open_cases(project)).exclude(pk__in=before)
    return found


@transaction.atomic
def offer_cases(*, project: Project, stage: Stage | None) -> list[CaseOffer]:
    """Write the offers of a project's start (`stage` None) or of a stage: three at most, none below the floor.

    Nothing is offered to a project that has ended, nor for a former iteration.
    """
    project = Project.objects.select_for_update(of=("self",)).select_related("methodology").get(pk=project.pk)
    if project.state not in (Project.State.ACTIVE, Project.State.IN_USE) or (
        stage is not None and not stage.is_current
    ):
        return []
    place = CaseOffer.objects.filter(project=project)
    place = place.filter(stage__key=stage.key) if stage else place.filter(stage__isnull=True)
    room = OFFERED - place.count()
    allowed = set(_candidates(project).values_list("pk", flat=True))
    if room <= 0 or not allowed:
        return []
    cases = list(published())
    profiles = [profile_of(case) for case in cases]
    corpus = corpus_of(cases, profiles)
    tags = {tag for profile in profiles if profile.key in allowed for tag in profile.tags}
    wanted = profile_of_project(project, stage, tags)
    matches = [
        (match, profile.key)
        for profile in profiles
        if profile.key in allowed and (match := compare(wanted, profile, corpus, FOR_PROJECTS)).score >= FLOOR
    ]
    matches.sort(key=lambda each: (-each[0].score, each[1]))
    made = [
        CaseOffer.objects.create(
            project=project, stage=stage, postmortem_id=case_id, score=match.score, shared=match.shared
        )
        for match, case_id in matches[:room]
    ]
    if made:
        _tell(project, stage, made)
    return made


def _tell(project: Project, stage: Stage | None, made: list[CaseOffer]) -> None:
    count = "One case" if len(made) == 1 else f"{len(made)} cases"
    where = stage.name if stage else project.name
    link = stage.get_absolute_url() if stage else project.get_absolute_url()
    references = list(PostMortem.objects.filter(offers__in=made).order_by("pk").values_list("reference", flat=True))
    tell(
        people=people_in(project, *TEAM),
        kind="cases_offered",
        subject=f"{count} from before may concern {where}",
        body="Read what happened there, and say for each what you do about it, or why it does not apply.",
        link=f"{link}#lessons",
        project_id=project.pk,
        event_key=f"cases_offered:{made[0].pk}",
    )
    record(
        actor=None,
        verb="offer_cases",
        thing=made[0],
        kind="case_offer",
        name=f"{count.lower()} for {where}",
        project_id=project.pk,
        after={"cases": references, "stage": stage.key if stage else ""},
    )


@transaction.atomic
def answer_offer(*, actor: User, offer: CaseOffer, answer: str, reason: str) -> CaseOffer:
    """What the team makes of a case: `taken` (what is done about it), `dismissed` (why it does not apply), or
    `not_similar` (it is not like ours). None of them is offered to the project again.

    Raises Refused: not_permitted, project_closed, answer_unknown, reason_missing, reason_too_long, case_not_open.
    """
    held = CaseOffer.objects.select_for_update(of=("self",)).select_related("project", "postmortem").get(pk=offer.pk)
    may_answer(actor, held.project).demand()
    if answer not in ANSWERS:
        raise Refused(
            f"{answer!r} is no answer. Say taken, dismissed or not_similar.",
            code="answer_unknown",
            status=400,
            field="answer",
        )
    why = reason.replace("\x00", "").strip()
    if not why:
        raise Refused(
            "Say what you do about it." if answer == TAKEN else "Say why it does not concern this project.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    if len(why) > REASON_LIMIT:
        raise Refused(
            f"The reason has {len(why)} characters; the limit is {REASON_LIMIT}.",
            code="reason_too_long",
            status=400,
            field="reason",
        )
    if not PostMortem.objects.filter(open_cases(held.project), pk=held.postmortem_id).exists():
        raise Refused("This case is no longer open to the project. Nothing needs to be answered.", code="case_not_open")
    if answer == NOT_SIMILAR:
        why = f"Not like this project: {why}"
    state = ANSWERS[answer]
    if (held.state, held.reason) == (state, why):
        return held
    before = {"state": held.state}
    held.state, held.reason, held.by, held.at = state, why, actor, timezone.now()
    held.save(update_fields=["state", "reason", "by", "at"])
    record(
        actor=actor,
        verb="answer_case_offer",
        thing=held,
        kind="case_offer",
        name=held.postmortem.reference,
        project_id=held.project_id,
        before=before,
        after={"state": str(state), "answer": answer},
        reason=why,
    )
    return held
