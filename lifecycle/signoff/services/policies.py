"""The policy of each risk tier: what is in force, and changing it. Rounds that run keep their copy."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.refused import Refused
from lifecycle.projects.models import Project
from lifecycle.signoff import policy
from lifecycle.signoff.models import PolicyVersion
from lifecycle.signoff.permits.policies import may_change_policy
from lifecycle.signoff.policy_check import problems
from lifecycle.signoff.policy_words import difference

REASON_LIMIT = 2000  # characters


def newest_version(tier: str) -> PolicyVersion | None:
    """The version of a tier that counts; None while the shipped policy does."""
    return PolicyVersion.objects.filter(tier=tier).order_by("-number").first()


def policy_in_force(tier: str) -> dict[str, Any]:
    """The policy of a risk tier now: its newest version, or the shipped one."""
    newest = newest_version(tier)
    return dict(newest.content) if newest else policy.shipped_policy(tier)


def change_policy(
    *, actor: User, tier: str, content: dict[str, Any], reason: str, password: str, expected_number: int, code: str = ""
) -> PolicyVersion:
    """A new version of a tier's policy, from the next submission on.

    `expected_number`: the version that the person saw; 0 for the shipped policy.
    Raises Refused: not_permitted, those of `prove_signer`, tier_unknown, reason_missing, policy_unsound
    (one line for each problem), policy_conflict, policy_unchanged.
    """
    may_change_policy(actor).demand()
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _change(
        actor=actor,
        tier=tier,
        content=content,
        reason=reason.strip(),
        expected_number=expected_number,
        authenticated_by=authenticated_by,
    )


@transaction.atomic
def _change(
    *,
    actor: User,
    tier: str,
    content: dict[str, Any],
    reason: str,
    expected_number: int,
    authenticated_by: str,
) -> PolicyVersion:
    # The person's row: whoever loses the right meanwhile does not use it once more.
    may_change_policy(User.objects.select_for_update().get(pk=actor.pk)).demand()
    if tier not in Project.Risk.values:
        raise Refused(
            f"{tier!r} is no risk tier. Use one of: {', '.join(Project.Risk.values)}.", code="tier_unknown", status=400
        )
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(
            f"Say why, in at most {REASON_LIMIT} characters: it stands beside the new version.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    wrong = problems(content)
    if wrong:
        raise Refused(
            f"This policy cannot be used: {len(wrong)} {'things are' if len(wrong) > 1 else 'thing is'} wrong.",
            code="policy_unsound",
            status=400,
            field="content",
            details=wrong,
        )
    newest = newest_version(tier)
    number = newest.number if newest else 0
    former = dict(newest.content) if newest else policy.shipped_policy(tier)
    if number != expected_number:
        raise _conflict()
    if former == content:
        raise Refused(
            "This is in force already, so there is nothing to change.", code="policy_unchanged", field="content"
        )
    try:
        with transaction.atomic():
            version = PolicyVersion.objects.create(
                tier=tier, number=number + 1, content=content, reason=reason, by=actor
            )
    except IntegrityError:
        # Two people at the same instant: the number is unique, and the second one sees the first one's version.
        raise _conflict() from None
    lines = difference(former, content)
    tell(
        people=User.objects.filter(is_active=True).exclude(is_administrator=False, is_auditor=False, is_manager=False),
        kind="policy_changed",
        subject=f"The policy for {version.get_tier_display()} risk changed",
        body="\n".join(
            [
                reason,
                *(f"{line['label']}: {line['was']}, now {line['now']}" for line in lines),
                "It holds for what is submitted from now on; rounds that run keep the policy they began with.",
            ]
        ),
        link=f"/policies/{tier}/",
        actor=actor,
        event_key=f"policy_changed:{version.pk}",
    )
    changed = [key for key in content if former.get(key) != content[key]]
    record(
        actor=actor,
        verb="change_policy",
        thing=version,
        kind="policy",
        name=str(version),
        before={key: former.get(key) for key in changed},
        after={key: content[key] for key in changed} | {"authenticated_by": authenticated_by},
        reason=reason,
    )
    return version


def _conflict() -> Refused:
    return Refused(
        "Somebody changed this policy while you were editing it. Your entries are kept: compare them with what "
        "stands there now, and save again.",
        code="policy_conflict",
    )
