"""Open proposals of all projects: on the portfolio and on the list behind it, for those who may see the projects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from explain.outcomes.models import OutcomeReport
from explain.steering.models import Proposal
from explain.steering.selectors import OpenProposal, open_lines, open_proposals
from explain.steering.services import decide_proposal, propose
from foundation.people.models import User
from lifecycle.projects.models import Delegation, Member, Project
from lifecycle.projects.services import stop_project
from tests.conftest import PASSWORD, MakePerson, SignIn
from tests.explain.outcomes.portfolio.conftest import Another, another

__all__ = ["another"]
LIST = "/value/proposals/"
Elsewhere = Callable[..., Proposal]


@pytest.fixture
def elsewhere(another: Another, lead: User, sponsor: User) -> Elsewhere:
    """elsewhere("key", what="continue", **fields of the project): one more project, with an open proposal of its lead."""

    def make(key: str, what: str = "continue", **fields: object) -> Proposal:
        project = another(key, **fields)
        Member.objects.create(project=project, user=sponsor, role="sponsor")
        report = OutcomeReport.objects.get(project=project, is_current=True)
        return propose(
            actor=lead, project=project, what=what, reasons="It works.\nA second line.", report_hash=report.content_hash
        )

    return make


def lines(user: User, **asked: Any) -> list[OpenProposal]:
    return open_lines(open_proposals(user, Project.objects.visible_to(user), **asked))


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\u00a0", " ").split())


def test_a_line_says_what_why_since_when_and_who_must_sign(
    proposed: Proposal, viewer: User, sponsor: User, outsider: User, make_person: MakePerson
) -> None:
    today = timezone.localdate()
    Delegation.objects.create(
        from_person=sponsor, to_person=outsider, made_by=sponsor, reason="Leave.", starts_on=today, ends_on=today
    )
    Member.objects.create(project=proposed.project, user=make_person("Ada Sponsor"), role="sponsor")
    (line,) = lines(viewer)
    assert (line.name, line.what, line.why, line.by) == (
        "Tumour triage", "stop", "The users left.", proposed.proposed_by.name,
    )  # fmt: skip
    assert line.signers == ["Ada Sponsor", sponsor.name, f"{outsider.name} for {sponsor.name}"]
    assert (line.since, line.differs, line.is_mine) == (proposed.proposed_at, True, False)
    assert lines(sponsor)[0].is_mine
    assert lines(outsider)[0].is_mine


def test_only_the_first_line_of_the_reasons_is_shown(elsewhere: Elsewhere, viewer: User, lead: User) -> None:
    elsewhere("churn")
    assert [line.why for line in lines(lead)] == ["It works."]
    assert lines(viewer) == []


def test_who_proposed_is_no_signer_and_nobody_may_be_left(
    proposed: Proposal, manager: User, lead: User, sponsor: User
) -> None:
    Member.objects.create(project=proposed.project, user=manager, role="sponsor")
    (line,) = lines(manager)
    assert (line.signers, line.is_mine) == ([sponsor.name], False)
    Member.objects.filter(user=sponsor).update(left_at=timezone.now())
    (line,) = lines(lead)
    assert line.signers == []


def test_stand_ins_who_work_on_the_project_or_proposed_are_not_named(
    proposed: Proposal, manager: User, lead: User, sponsor: User
) -> None:
    today = timezone.localdate()
    for person in (manager, lead):
        Delegation.objects.create(
            from_person=sponsor, to_person=person, made_by=sponsor, reason="Leave.", starts_on=today, ends_on=today
        )
        assert not lines(person)[0].is_mine
    assert lines(lead)[0].signers == [sponsor.name]


def test_what_is_answered_or_of_a_stopped_project_is_not_listed(
    proposed: Proposal, elsewhere: Elsewhere, sponsor: User, lead: User, manager: User
) -> None:
    other = elsewhere("churn")
    assert len(lines(manager)) == 2
    given = {"content_hash": proposed.content_hash, "password": PASSWORD}
    decide_proposal(actor=sponsor, proposal_id=proposed.pk, verdict="approve", **given)
    assert [line.name for line in lines(manager)] == ["Churn"]
    stop_project(actor=lead, project=other.project, reason="No users.")
    assert lines(manager) == []


def test_the_longest_wait_comes_first_and_all_are_counted_in_one_query(
    proposed: Proposal, elsewhere: Elsewhere, manager: User, django_assert_num_queries: Any
) -> None:
    for key in ("alpha", "beta"):
        elsewhere(key)
    with django_assert_num_queries(1):
        rows = list(open_proposals(manager, Project.objects.visible_to(manager))[:2])
        assert [line.name for line in open_lines(rows)] == ["Tumour triage", "Alpha"]
        assert rows[0].of_all == 3  # type: ignore[attr-defined]


def test_the_portfolio_lists_ten_and_links_to_all(
    proposed: Proposal, elsewhere: Elsewhere, manager: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(manager)
    assert "Tumour triage: stop" in text(client.get("/value/"))
    elsewhere("churn", "stop", unit="Claims")
    monkeypatch.setattr("explain.steering.kinds.OPEN_SHOWN", 1)
    page = text(client.get("/value/"))
    assert f'<a href="{LIST}">All 2</a>' in page
    assert "Tumour triage: stop" in page
    assert "Churn: stop" not in page
    page = text(client.get("/value/?unit=Claims"))
    assert "Churn: stop" in page
    assert "Tumour triage: stop" not in page
    assert f'<a href="{LIST}?unit=Claims">' in page


def test_without_open_proposals_the_portfolio_says_nothing_of_them(
    reported: OutcomeReport, manager: User, sign_in: SignIn
) -> None:
    assert "Open proposals" not in text(sign_in(manager).get("/value/"))
    assert "No proposal waits for an answer" in text(sign_in(manager).get(LIST))


def test_the_list_is_narrowed_by_course_project_and_turn(
    proposed: Proposal, elsewhere: Elsewhere, manager: User, sponsor: User, lead: User, sign_in: SignIn
) -> None:
    elsewhere("churn", unit="Claims")
    client = sign_in(manager)
    both = text(client.get(LIST))
    assert "2 proposals wait" in both
    for query, shown, hidden in (
        ("what=stop", "Tumour triage: stop", "Churn: continue"),
        ("unit=Claims", "Churn: continue", "Tumour triage: stop"),
    ):
        page = text(client.get(f"{LIST}?{query}"))
        assert shown in page
        assert hidden not in page
        assert "under these filters" in page
    assert "Nothing fits" in text(client.get(f"{LIST}?mine=on"))
    assert "yours to sign" in text(sign_in(sponsor).get(f"{LIST}?mine=on"))
    for query in ("what=pause", "unit=Nowhere"):
        assert client.get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize(("address", "most"), [("/value/", 12), (LIST, 10)])
def test_the_pages_ask_a_fixed_number_of_queries(
    address: str, most: int, proposed: Proposal, elsewhere: Elsewhere, manager: User, sign_in: SignIn
) -> None:
    client = sign_in(manager)

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    one = queries()
    for key in ("alpha", "beta"):
        elsewhere(key)
    assert queries() == one <= most
