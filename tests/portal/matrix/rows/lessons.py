"""What is learnt over many cases: similar ones, offers to projects, checks. Published cases are read by everybody."""

from __future__ import annotations

from lifecycle.lessons.models import LessonCheck
from lifecycle.projects.models import ExitQuestion
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import Place

ROWS = """
#                                       nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    lessons:themes                   L R RRRRRRR RRR / R
GET    api:api-themes                   L R RRRRRRR RRR / R
POST   similar:say                      L D DDDDDDD DFD / D
GET    api:api-similar                  L R RRRRRRR RRR / R
POST   api:api-similar                  L D DDDDDDD DFD / D
POST   offers:answer                    L N FDDFFFF FFF
GET    api:api-case-offers              L N RRRRRRR RRR
POST   api:api-case-offer               L N FDDFFFF FFF
GET    checks:list                      L R RRRRRRR RRR / R
GET    checks:check                     L R RRRRRRR RRR / R
GET    checks:new                       L R RRRRRRR RRR / R
POST   checks:new                       L D DDDDDDD DFD / D
POST   checks:deed                      L F FFFFFFF DFD / F
POST   checks:caught                    L N FDDDDDD FFF
GET    api:api-lesson-checks            L R RRRRRRR RRR / R
GET    api:api-lesson-check             L R RRRRRRR RRR / R
POST   api:api-postmortem-checks        L D DDDDDDD DFD / D
POST   api:api-lesson-check-accept      L F FFFFFFF DFD / F
POST   api:api-lesson-check-decline     L F FFFFFFF DFD / F
POST   api:api-lesson-check-put-back    L F FFFFFFF DFD / F
POST   api:api-lesson-check-catches     L N FDDDDDD FFF
"""


def _reference(at: Place) -> dict[str, object]:
    return {"reference": at.told[0].reference}


def _check(at: Place) -> dict[str, object]:
    return {"check_id": at.check.pk}


def _question(at: Place) -> int:
    return int(ExitQuestion.objects.get(stage=at.stage, key=at.check.question_key).pk)


def _proposed(at: Place) -> None:
    LessonCheck.objects.filter(pk=at.check.pk).update(state="proposed", methodology=None, question_key="pm_1")


def _accepted(at: Place) -> None:
    _proposed(at)
    LessonCheck.objects.filter(pk=at.check.pk).update(state="accepted", methodology_key="own_way")


FILL = {
    "similar:say": _reference,
    "api:api-similar": _reference,
    "offers:answer": lambda at: {"offer_id": at.offer.pk},
    "api:api-case-offer": lambda at: {"offer_id": at.offer.pk},
    "checks:check": _check,
    "checks:new": _reference,
    "checks:deed": lambda at: {"check_id": at.check.pk, "name": "decline"},
    "checks:caught": lambda at: {"check_id": at.check.pk, "question_id": _question(at)},
    "api:api-lesson-check": _check,
    "api:api-postmortem-checks": _reference,
    **{f"api:api-lesson-check-{deed}": _check for deed in ("accept", "decline", "put-back", "catches")},
}
_said = Send(lambda at: {"other": at.told[1].reference, "verdict": "similar"})
_answered = Send(lambda at: {"answer": "taken", "reason": "We ask earlier."})
_why = Send(lambda at: {"reason": "It is asked already."}, before=_proposed)
SEND = {
    "POST similar:say": _said,
    "POST api:api-similar": _said,
    "POST offers:answer": _answered,
    "POST api:api-case-offer": _answered,
    "POST checks:new": Send(
        lambda at: {
            "source": f"lesson:{at.told[0].lessons.get().pk}",
            "place": f"crisp_dm:{at.stage.key}",
            "text": "Whom did you ask?",
        }
    ),
    "POST api:api-postmortem-checks": Send(
        lambda at: {
            "lesson": at.told[0].lessons.get().pk,
            "methodology": "crisp_dm",
            "phase": at.stage.key,
            "text": "Whom did you ask?",
        }
    ),
    "POST checks:deed": _why,
    "POST checks:caught": Send(lambda at: {"text": "It did."}),
    "POST api:api-lesson-check-accept": Send(lambda at: {"copy_key": "own_way"}, before=_proposed),
    "POST api:api-lesson-check-decline": _why,
    "POST api:api-lesson-check-put-back": Send(before=_accepted),
    "POST api:api-lesson-check-catches": Send(lambda at: {"question": _question(at), "text": "It did."}),
}
