"""Nobody reads of a post-mortem that they may not see: not its title, its words, its number, nor in any count.

Every kind of person asks every way of reading (`read_paths.py`). Who may see which case is written down here by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from foundation.people.models import User
from lifecycle.lessons.search.texts import write_text
from lifecycle.postmortems.models import Attachment, PostMortem, Tag, WhyNode
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    accept_action,
    add_row,
    edit_postmortem,
    open_postmortem,
    publish,
    submit_for_review,
)
from lifecycle.projects.models import Project
from lifecycle.projects.services import start_project
from tests.lifecycle.lessons.read_paths import COUNTED, GENERAL, OF_ONE

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
People = dict[str, User]
TEAM = ("lead", "sponsor", "contributor", "reviewer", "viewer", "customer")
OVER_ALL = ("manager", "auditor", "administrator")
# Case -> who may read it, of the people below. The case is the contributor's; the facilitator is outside the project.
MAY_SEE = {
    "restricted": {"contributor", "facilitator"},
    "team": {*TEAM, *OVER_ALL, "facilitator"},
    "organisation": {*TEAM, *OVER_ALL, "facilitator", "outsider", "neighbour"},
    "organisation draft": {*TEAM, *OVER_ALL, "facilitator"},
}
_CHANGING = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken": "[^"]*"|nonce="[^"]*"|"request_id":"[^"]*"')


@pytest.fixture
def people(
    project: Project, lead: User, sponsor: User, contributor: User, reviewer: User, viewer: User, customer: User,
    manager: User, administrator: User, outsider: User, make_person: Callable[..., User],
) -> People:  # fmt: skip
    """One person of each kind; the neighbour leads another project."""
    found = {
        "lead": lead, "sponsor": sponsor, "contributor": contributor, "reviewer": reviewer, "viewer": viewer,
        "customer": customer, "manager": manager, "administrator": administrator, "outsider": outsider,
        "auditor": make_person("Audrey Auditor", is_auditor=True), "facilitator": make_person("Fay Facilitator"),
        "neighbour": make_person("Nat Neighbour"),
    }  # fmt: skip
    start_project(
        actor=found["neighbour"], key="next-door", name="Next door", question="Which first?",
        methodology=project.methodology, started_on=project.started_on,
    )  # fmt: skip
    return found


def make_case(kind: str, project: Project, people: People) -> PostMortem:
    """A case with its secret in every text, file name, tag and action; published unless it is a draft."""
    owner, secret = people["contributor"], secret_of(kind)
    visibility = kind.split()[0]
    case = open_postmortem(
        actor=owner, project=project, kind="near_miss", title=f"{word_of(kind)} {secret} title", severity="high",
        visibility=visibility,
    )  # fmt: skip
    case = edit_postmortem(
        actor=owner, postmortem=case, lock=case.lock,
        changes={
            "summary": f"{word_of(kind)} {secret} summary", "background": f"{word_of(kind)} {secret} background",
            "outward_summary": f"{word_of(kind)} {secret} outward", "facilitator": people["facilitator"],
        },
    )  # fmt: skip
    for day in (1, 2, 3):
        add_row(
            actor=owner,
            postmortem=case,
            values=EventValues(moment=datetime(2026, 3, day, tzinfo=UTC), text=f"{secret} moment", role="lead"),
        )
    for values in (
        ImpactValues(dimension="delay", text=f"{secret} impact"),
        FactorValues(node="label_error", text=f"{secret} factor"),
        LessonValues(kind="got_lucky", text=f"{secret} lesson"),
    ):
        add_row(actor=owner, postmortem=case, values=values)
    action = add_row(
        actor=owner, postmortem=case, values=ActionValues(title=f"{secret} action", kind="prevent", owner=owner)
    )
    accept_action(actor=owner, action_id=action.pk)
    Tag.objects.create(postmortem=case, text=word_of(kind))
    WhyNode.objects.create(postmortem=case, question=f"{secret} why", answer=f"{secret} because")
    Attachment.objects.create(
        postmortem=case, name=f"{secret}.png", media_type="image/png", size=1, sha256="0" * 64, by=owner,
        file=ContentFile(b"x", name="x"),
    )  # fmt: skip
    write_text(case.pk)
    if "draft" not in kind:
        case = publish(
            actor=people["facilitator"], postmortem=submit_for_review(actor=owner, postmortem=case), answers=fine()
        )
    return case


def word_of(kind: str) -> str:
    return f"zqlook{kind.replace(' ', '')}"


def secret_of(kind: str) -> str:
    return f"zqhide{kind.replace(' ', '')}x"


def said(client: Client, path: str) -> str:
    """The answer, whatever its status; the trail may be closed to somebody."""
    return client.get(path).content.decode(errors="replace")


def addresses(kind: str, project: Project) -> Iterator[str]:
    for path in GENERAL:
        yield path.format(project=project.key, word=quote(word_of(kind)))


@pytest.mark.parametrize("kind", MAY_SEE)
def test_who_may_not_see_it_reads_nothing_of_it_anywhere(
    kind: str, project: Project, people: People, sign_in: SignIn
) -> None:
    case = make_case(kind, project, people)
    for name, person in people.items():
        may_see = name in MAY_SEE[kind]
        client = sign_in(person)
        assert PostMortem.objects.visible_to(person).filter(pk=case.pk).exists() is may_see, name
        for root in ("", "/api/v1"):
            for part in OF_ONE:
                if "?edit" in part and root:
                    continue
                answer = client.get(f"{root}/post-mortems/{case.reference}/{part}")
                if not may_see:
                    assert answer.status_code == 404, (name, part)
                    assert secret_of(kind) not in answer.content.decode(errors="replace"), (name, part)
        if may_see:
            assert secret_of(kind) in said(client, f"/post-mortems/?q={word_of(kind)}"), name
            assert secret_of(kind) in said(client, f"/search/?q={word_of(kind)}"), name
            assert case.reference in said(client, f"/api/v1/post-mortems/?q={word_of(kind)}"), name
            continue
        for path in addresses(kind, project):
            text = said(client, path)
            assert secret_of(kind) not in text, (name, path)
            if case.visibility == PostMortem.Visibility.RESTRICTED or "audit" not in path:
                assert case.reference not in text, (name, path)


def test_no_count_tells_of_a_restricted_case(project: Project, people: People, sign_in: SignIn) -> None:
    make_case("team", project, people)

    def everything() -> dict[tuple[str, str], str]:
        return {
            (name, path): _CHANGING.sub("", said(sign_in(person), path.format(project=project.key, word="zqlookrestricted")))
            for name, person in people.items()
            if name not in MAY_SEE["restricted"]
            for path in COUNTED
        }  # fmt: skip

    before = everything()
    make_case("restricted", project, people)
    after = everything()
    assert [key for key in before if before[key] != after[key]] == []


def test_becoming_restricted_takes_it_out_of_search_at_once(project: Project, people: People, sign_in: SignIn) -> None:
    case = make_case("organisation draft", project, people)
    client = sign_in(people["viewer"])
    assert case.reference in said(client, "/api/v1/post-mortems/?q=zqlook")
    edit_postmortem(
        actor=people["contributor"], postmortem=case, lock=PostMortem.objects.get(pk=case.pk).lock,
        changes={"visibility": "restricted"},
    )  # fmt: skip
    assert case.reference not in said(client, "/api/v1/post-mortems/?q=zqlook")
