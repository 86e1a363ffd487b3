"""Deeds on checks: proposed from a lesson, taken into a methodology by somebody else, in force with its next version,
and what they caught."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.lessons.checks.permits import may_decide, may_propose, may_tell_catch
from lifecycle.lessons.checks.placing import free_key, note, place_question, target_draft
from lifecycle.lessons.models import Catch, LessonCheck
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.permits import may as may_author
from lifecycle.methodologies.selectors import newest_of
from lifecycle.methodologies.services import SHIPPED
from lifecycle.postmortems.models import Lesson, PostMortem
from lifecycle.projects.models import ExitQuestion

TEXT_LIMIT = 500  # characters of a question
LONG_LIMIT = 2_000  # characters of a reason and of what was caught


@transaction.atomic
def propose_check(
    *,
    actor: User,
    case: PostMortem,
    methodology_key: str,
    phase_key: str,
    text: str,
    lesson: Lesson | None = None,
    factor_node: str = "",
) -> LessonCheck:
    """A question that the gate of a phase shall ask from now on, from a lesson of a case or from one of its factors.

    Raises Refused: not_permitted, case_restricted, case_not_published, source_missing, methodology_unknown,
    phase_unknown, text_missing, text_too_long, check_exists.
    """
    held: PostMortem = PostMortem.objects.select_for_update().get(pk=case.pk)
    may_propose(actor, held).demand()
    if (lesson is None) == (not factor_node):
        raise _invalid("Name the lesson or the factor from which the check comes.", "source_missing", "lesson")
    if lesson is not None and lesson.postmortem_id != held.pk:
        raise _invalid("The lesson belongs to another case.", "source_missing", "lesson")
    if factor_node and not held.factors.filter(node=factor_node).exists():
        raise _invalid("The case has no such factor.", "source_missing", "factor")
    newest = newest_of(methodology_key)
    if newest is None:
        raise _invalid("There is no such methodology. Choose one of the list.", "methodology_unknown", "place")
    if phase_key not in {phase["key"] for phase in newest.phases}:
        raise _invalid(f"{newest} has no such phase. Choose one of the list.", "phase_unknown", "place")
    words = _sound(text, TEXT_LIMIT, "text", "Write the question that is to be asked.")
    twins = LessonCheck.objects.filter(
        postmortem=held, lesson=lesson, factor_node=factor_node, methodology_key=methodology_key, phase_key=phase_key
    )
    if twins.exclude(state=LessonCheck.State.DECLINED).exists():
        raise Refused(
            "This was proposed for the same phase already. Look at the list of checks.",
            code="check_exists",
            field="place",
        )
    check = LessonCheck.objects.create(
        postmortem=held,
        lesson=lesson,
        factor_node=factor_node,
        methodology_key=methodology_key,
        phase_key=phase_key,
        question_key=free_key(held, methodology_key),
        text=words,
        proposed_by=actor,
    )
    authors = User.objects.filter(is_active=True, is_manager=True) | User.objects.filter(
        is_active=True, is_administrator=True
    )
    tell(
        people=authors,
        kind="check_proposed",
        subject=f"A check is proposed for {newest.name}",
        body=f"“{words}” Somebody else than who proposed it takes it into the next version, or declines it.",
        link=_link(check),
        actor=actor,
        event_key=f"check_proposed:{check.pk}",
    )
    note(
        actor, check, "propose_check", after={"methodology": methodology_key, "phase": phase_key, "state": check.state}
    )
    return check


@transaction.atomic
def accept_check(*, actor: User, check: LessonCheck, copy_key: str = "", copy_name: str = "") -> LessonCheck:
    """Take the question into the draft of the methodology's next version; a draft is begun where there is none.

    What comes with the portal is kept as its makers describe it: for those `copy_key` names the own methodology, made
    as a copy if there is none with that key, into which the question goes. Raises Refused: not_permitted, own_proposal,
    wrong_state, copy_key_missing, key_unusable, key_shipped, phase_gone.
    """
    held = _hold(check)
    may_decide(actor, held).demand()
    target = held.methodology_key
    if target in SHIPPED:
        target = copy_key.strip()
        if not target:
            raise _invalid(
                "This methodology comes with Tollgate and stays as it is. Give the key of your own copy.",
                "copy_key_missing",
                "copy_key",
            )
    draft = target_draft(actor, target, source=held.methodology_key, phase=held.phase_key, name=copy_name)
    if target != held.methodology_key:
        held.methodology_key, held.question_key = target, free_key(held.postmortem, target)
    place_question(actor, held, draft)
    held.state, held.decided_by, held.decided_at = LessonCheck.State.ACCEPTED, actor, timezone.now()
    held.save(update_fields=["methodology_key", "question_key", "state", "decided_by", "decided_at"])
    _tell_proposer(
        actor, held, "Your check is accepted", "It is asked once the next version of the methodology is published."
    )
    note(
        actor,
        held,
        "accept_check",
        before={"state": LessonCheck.State.PROPOSED},
        after={"state": held.state, "methodology": target, "question": held.question_key},
    )
    return held


@transaction.atomic
def decline_check(*, actor: User, check: LessonCheck, reason: str) -> LessonCheck:
    """Not taken, with the reason. Raises Refused: not_permitted, own_proposal, wrong_state, reason_missing."""
    held = _hold(check)
    may_decide(actor, held).demand()
    why = _sound(reason, LONG_LIMIT, "reason", "Say why it is not taken.", code="reason_missing")
    held.state, held.reason = LessonCheck.State.DECLINED, why
    held.decided_by, held.decided_at = actor, timezone.now()
    held.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    _tell_proposer(actor, held, "Your check is declined", why)
    note(
        actor,
        held,
        "decline_check",
        before={"state": LessonCheck.State.PROPOSED},
        after={"state": held.state},
        reason=why,
    )
    return held


@transaction.atomic
def put_check_back(*, actor: User, check: LessonCheck) -> LessonCheck:
    """Put an accepted question into the present draft again, after that was discarded or somebody took it out.

    Where it stands there already nothing changes. Raises Refused: not_permitted, wrong_state, phase_gone.
    """
    held = _hold(check)
    may_author(actor, "author").demand()
    if held.state != LessonCheck.State.ACCEPTED:
        raise Refused(f"It is {held.get_state_display()}: there is nothing to put back.", code="wrong_state")
    if place_question(
        actor, held, target_draft(actor, held.methodology_key, source=held.methodology_key, phase=held.phase_key)
    ):
        note(actor, held, "put_check_back", after={"state": held.state, "methodology": held.methodology_key})
    return held


def on_entry(entry: Entry) -> None:
    """Listener on the trail: a new version of a methodology brings the accepted checks that stand in it into force."""
    if entry.thing_kind != "methodology" or entry.verb not in ("publish_methodology", "add_methodology"):
        return
    version = Methodology.objects.get(pk=entry.thing_id)
    asked = {question["key"] for phase in version.phases for question in phase.get("exit_questions") or []}
    checks = LessonCheck.objects.select_for_update().filter(
        methodology_key=version.key, state=LessonCheck.State.ACCEPTED, question_key__in=asked
    )
    for check in checks.order_by("pk"):
        check.state, check.methodology = LessonCheck.State.IN_FORCE, version
        check.save(update_fields=["state", "methodology"])
        _tell_proposer(
            None, check, f"Your check is in force with {version}", "Projects that begin with it meet it at their gate."
        )
        note(
            entry.actor,
            check,
            "bring_check_into_force",
            before={"state": LessonCheck.State.ACCEPTED},
            after={"state": check.state, "methodology": str(version)},
        )


@transaction.atomic
def tell_catch(*, actor: User, check: LessonCheck, question: ExitQuestion, text: str) -> Catch:
    """Write down what the check caught in a project. Written once; a second one is another catch.

    Raises Refused: not_permitted, check_not_met, text_missing, text_too_long. The caller has found the question in a
    project that the person may see.
    """
    held = _hold(check)
    project = question.stage.project
    may_tell_catch(actor, project).demand()
    if (
        held.state != LessonCheck.State.IN_FORCE
        or question.key != held.question_key
        or project.methodology.key != held.methodology_key
    ):
        raise Refused("This project does not meet the check at its gates.", code="check_not_met", field="question")
    words = _sound(text, LONG_LIMIT, "text", "Say what it caught.")
    made = Catch.objects.create(check_asked=held, question=question, text=words, by=actor)
    if held.postmortem.visibility != PostMortem.Visibility.RESTRICTED:
        tell(
            people=[held.postmortem.owner, held.proposed_by],
            kind="check_caught",
            subject=f"A check that came from {held.postmortem.reference} caught something",
            body="A lesson met another project at its gate, and it was needed.",
            link=_link(held),
            actor=actor,
            event_key=f"check_caught:{made.pk}",
        )
    # The entry stands in the trail of the project that was helped, and names the question that it can read itself.
    note(actor, held, "tell_catch", project_id=project.pk, after={"question": question.key, "text": words})
    return made


def _hold(check: LessonCheck) -> LessonCheck:
    return (
        LessonCheck.objects.select_for_update(of=("self",))
        .select_related("postmortem__owner", "proposed_by")
        .get(pk=check.pk)
    )


def _link(check: LessonCheck) -> str:
    return f"/post-mortems/checks/{check.pk}/"


def _tell_proposer(actor: User | None, check: LessonCheck, subject: str, body: str) -> None:
    tell(
        people=[check.proposed_by],
        kind="check_decided",
        subject=subject,
        body=f"“{check.text}”\n\n{body}",
        link=_link(check),
        actor=actor,
        event_key=f"check:{check.pk}:{check.state}",
    )


def _sound(text: str, limit: int, field: str, ask: str, code: str = "text_missing") -> str:
    plain = text.replace("\x00", "").strip()
    if field == "text" and limit == TEXT_LIMIT:
        plain = " ".join(plain.split())
    if not plain:
        raise _invalid(ask, code, field)
    if len(plain) > limit:
        raise _invalid(f"It has {len(plain)} characters; the limit is {limit}.", "text_too_long", field)
    return plain


def _invalid(message: str, code: str, field: str) -> Refused:
    return Refused(message, code=code, status=400, field=field)
