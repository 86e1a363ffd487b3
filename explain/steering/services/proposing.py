"""Proposing a course for a project, on the report that the proposer read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from explain.outcomes.compute.money import minor_units, round_money
from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import current_report
from explain.steering import moves
from explain.steering.compute import EXPAND, WHATS
from explain.steering.models import Proposal
from explain.steering.permits import may_propose, signers_of
from explain.steering.selectors import Outlook, outlook_of
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.formats import money_text
from foundation.web.refused import Refused
from lifecycle.kpis.services import amount_of
from lifecycle.kpis.services.values import checked_currency
from lifecycle.projects.models import TEAM, Project, Role, people_in
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.texts import sound_text

KIND = "proposal"
SHAPE = "proposal/1"
REASONS_LIMIT = 4_000  # characters


@transaction.atomic
def propose(
    *,
    actor: User,
    project: Project,
    what: str,
    reasons: str,
    report_hash: str,
    amount: Decimal | None = None,
    currency: str = "",
) -> Proposal:
    """Put a course before the sponsors: `what` is stop, continue or expand.

    `report_hash`: content of the current report as the proposer read it. `amount` (more than zero) and `currency`
    (empty: the project's) are asked for by an expansion, and by nothing else. Raises Refused: not_permitted,
    project_closed, what_unknown, empty, text_too_long, text_unreadable, no_report, report_changed, proposal_open,
    no_other_sponsor, amount_missing, amount_not_asked, amount_invalid, money_is_float, currency_unknown.
    """
    project = lock_project(project.pk)
    may_propose(actor, project).demand()
    if what not in WHATS:
        raise Refused(
            "A proposal is to stop, to continue or to expand. Choose one of the three.",
            code="what_unknown", status=400, field="what",
        )  # fmt: skip
    words = sound_text(reasons, limit=REASONS_LIMIT, field="reasons", what="The reason").strip()
    asked, code = _asked_for(what, amount, currency, project)
    report = _report_read(project, report_hash)
    _nothing_open(project)
    sponsors = [person for person in people_in(project, Role.SPONSOR) if person.pk != actor.pk]
    if not sponsors:
        raise Refused(
            "Nobody could answer: the project has no sponsor but you. Ask the lead to name another sponsor.",
            code="no_other_sponsor",
        )
    outlook = outlook_of(report)
    number = 1 + (Proposal.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0)
    content = _content(project, number, actor, what, words, asked, code, outlook)
    made = Proposal.objects.create(
        project=project,
        number=number,
        report=report,
        report_hash=report.content_hash,
        what=what,
        suggestion=outlook.suggestion.what,
        reasons=words,
        amount=asked,
        currency=code,
        content=content,
        content_hash=digest_of(content),
        proposed_by=actor,
    )
    tell(
        people={*(one.person for one in signers_of(made)), *people_in(project, *TEAM)},
        kind="proposal_made",
        subject=f"{project.name}: {actor.name} proposes to {made.get_what_display()}",
        body=f"On outcome report {report.number}. {_sum(made)}A sponsor decides and signs.",
        link=made.get_absolute_url(),
        actor=actor,
        project_id=project.pk,
        comment=words,
    )
    record(
        actor=actor,
        verb="propose_course",
        thing=made,
        kind=KIND,
        project_id=project.pk,
        after={
            "what": what,
            "suggested": made.suggestion,
            "amount": None if asked is None else f"{asked:f}",
            "currency": code,
            "report": report.number,
            "content_hash": made.content_hash,
        },
        reason=words,
    )
    return made


def _asked_for(what: str, amount: Decimal | None, currency: str, project: Project) -> tuple[Decimal | None, str]:
    if what != EXPAND:
        if amount is not None:
            raise Refused(
                "Only an expansion asks for money. Leave the amount empty, or propose to expand.",
                code="amount_not_asked", status=400, field="amount",
            )  # fmt: skip
        return None, ""
    if amount is None:
        raise Refused(
            "An expansion asks for money. Write how much it needs.", code="amount_missing", status=400, field="amount"
        )
    asked, code = amount_of(amount), checked_currency(currency or project.currency)
    if asked <= 0 or round_money(asked, code) != asked:
        raise Refused(
            f"The amount is more than zero, with at most {minor_units(code)} digits after the point in {code}.",
            code="amount_invalid", status=400, field="amount",
        )  # fmt: skip
    return asked, code


def _report_read(project: Project, report_hash: str) -> OutcomeReport:
    report = current_report(project)
    if report is None:
        raise Refused(
            "A proposal rests on an outcome report, and the project has none. Compute a report on its page of value first.",
            code="no_report",
        )
    if report.content_hash != report_hash:
        raise Refused(
            f"What you read is not the newest report; that is report {report.number}. Load the page again, read it, "
            "and propose then.",
            code="report_changed",
        )
    return report


def _nothing_open(project: Project) -> None:
    there = Proposal.objects.filter(project=project, state=moves.OPEN).first()
    if there is not None:
        raise Refused(
            f"Proposal {there.number} to {there.get_what_display()} still waits for its answer. One is answered at a time.",
            code="proposal_open",
        )


def _sum(proposal: Proposal) -> str:
    if proposal.amount is None:
        return ""
    return f"It asks for {money_text(proposal.amount, proposal.currency)}. "


def _content(
    project: Project,
    number: int,
    actor: User,
    what: str,
    reasons: str,
    amount: Decimal | None,
    currency: str,
    outlook: Outlook,
) -> dict[str, Any]:
    """All that is signed, as plain JSON: money as text, shares as text, the chance as a number."""
    report, figures = outlook.report, outlook.figures

    def text(value: Decimal | None) -> str | None:
        return None if value is None else f"{value:f}"

    return {
        "shape": SHAPE,
        "project": {"key": project.key, "name": project.name},
        "number": number,
        "what": what,
        "reasons": reasons,
        "amount": text(amount),
        "currency": currency,
        "proposed_by": {"id": actor.pk, "name": actor.name},
        "report": {
            "number": report.number,
            "as_of": report.as_of.isoformat(),
            "grade": report.grade,
            "content_hash": report.content_hash,
            "formula_version": report.formula_version,
        },
        "figures": {
            "currency": figures.currency,
            "months": figures.months,
            "costs": text(figures.costs),
            "benefits": text(figures.benefits),
            "npv": text(figures.npv),
            "chance": figures.chance,
            "spent": text(figures.spent),
            "realised": text(figures.realised),
        },
        "suggestion": outlook.suggestion.as_json(),
    }
