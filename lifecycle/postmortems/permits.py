"""Who may do what with a post-mortem. Answers carry reasons that a person can read."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.people.models import User
from foundation.web.nouns import house_noun
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.postmortems import moves
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.naming import noun_of
from lifecycle.projects.models import Member, Project, Role

REVIEWING = frozenset({Role.REVIEWER, Role.RISK, Role.LEAD, Role.SPONSOR})
GUIDING = frozenset({Role.LEAD, Role.SPONSOR})


@dataclass(frozen=True)
class Standing:
    """What a person is to a post-mortem: the roles in its project, and whether it is theirs."""

    roles: frozenset[str]
    is_owner: bool
    is_facilitator: bool

    @property
    def is_involved(self) -> bool:
        return self.is_owner or self.is_facilitator


def roles_in(actor: User, project_id: int) -> frozenset[str]:
    """Roles that the person holds in the project now."""
    return frozenset(
        Member.objects.filter(project_id=project_id, user=actor, left_at__isnull=True).values_list("role", flat=True)
    )


def standing_of(actor: User, postmortem: PostMortem) -> Standing:
    """Read once for a page or a deed."""
    return Standing(
        roles=roles_in(actor, postmortem.project_id),
        is_owner=postmortem.owner_id == actor.pk,
        is_facilitator=postmortem.facilitator_id == actor.pk,
    )


def may_open(actor: User, project: Project) -> Verdict:
    """Anyone who has a role in the project."""
    if actor.is_auditor or not actor.is_active:
        return denied("Auditors read everything and change nothing.")
    if not roles_in(actor, project.pk):
        return denied(f"Only members of the project open {house_noun().a}. Ask its lead to add you.")
    return ALLOWED


def may_rule(actor: User) -> Verdict:
    """What opens post-mortems by itself is decided for the whole organisation."""
    if actor.is_active and actor.is_administrator:
        return ALLOWED
    return denied(f"What opens {house_noun().a} by itself is decided by administrators. Ask one of them.")


def may_write_templates(actor: User) -> Verdict:
    """Own templates: who writes methodologies, managers and administrators."""
    if actor.is_active and not actor.is_auditor and (actor.is_manager or actor.is_administrator):
        return ALLOWED
    return denied("Only managers and administrators write templates. Ask one of them.")


def may_edit(actor: User, postmortem: PostMortem, standing: Standing | None = None) -> Verdict:
    """Writing in the text: the project's people and the facilitator, while it is a draft."""
    standing = standing or standing_of(actor, postmortem)
    verdict = _may_take_part(actor, postmortem, standing)
    if not verdict:
        return verdict
    if postmortem.state != moves.DRAFT:
        return denied(
            f"It is {postmortem.get_state_display()} and is not edited. "
            + (
                "A reviewer can return it to draft."
                if postmortem.state == moves.IN_REVIEW
                else "Start a new version to change it."
            ),
            code="not_draft",
            status=409,
        )
    return ALLOWED


def may(actor: User, move: str, postmortem: PostMortem, standing: Standing | None = None) -> Verdict:
    """May the person take this step of the workflow now?"""
    known = moves.POSTMORTEM_MOVES[move]
    standing = standing or standing_of(actor, postmortem)
    verdict = _may_take_part(actor, postmortem, standing)
    if not verdict:
        return verdict
    if postmortem.state not in known.sources:
        return denied(
            f"It is {postmortem.get_state_display()}; from there it cannot be moved by {move!r}. Load the page again.",
            code="wrong_state",
            status=409,
        )
    if move == "publish":
        if standing.is_owner:
            return denied(
                f"The owner cannot publish their own {noun_of(postmortem)}. Ask a reviewer, the lead or the sponsor."
            )
        if not (standing.is_facilitator or standing.roles & REVIEWING):
            return denied("It is published by a reviewer, the lead, the sponsor, the risk officer or the facilitator.")
    elif move == "return":
        if not (standing.is_involved or standing.roles & REVIEWING):
            return denied("It is returned by its owner, its facilitator or somebody who may publish it.")
    elif not (standing.is_involved or standing.roles & GUIDING):
        return denied("This is done by its owner, its facilitator, the project lead or the sponsor.")
    return ALLOWED


def may_steer(actor: User, postmortem: PostMortem, standing: Standing | None = None) -> Verdict:
    """Accepting, declining and changing actions, until it is closed."""
    standing = standing or standing_of(actor, postmortem)
    verdict = _may_take_part(actor, postmortem, standing)
    if not verdict:
        return verdict
    if not (standing.is_involved or standing.roles & GUIDING):
        return denied(
            f"Actions are accepted by the owner of the {noun_of(postmortem)}, its facilitator, the lead or the sponsor."
        )
    return _not_closed(postmortem)


def may_act(
    actor: User, move: str, action: ActionItem, postmortem: PostMortem, standing: Standing | None = None
) -> Verdict:
    """May the person take this step with an accepted action?"""
    standing = standing or standing_of(actor, postmortem)
    is_mine = action.owner_id == actor.pk
    verdict = _may_take_part(actor, postmortem, standing, lets_in=is_mine)
    if not verdict:
        return verdict
    if not _not_closed(postmortem):
        return _not_closed(postmortem)
    if action.disposition != ActionItem.Disposition.ACCEPTED:
        return denied(
            f"The action is {action.get_disposition_display()}. Accept it first.", code="not_accepted", status=409
        )
    if action.status not in moves.ACTION_MOVES[move].sources:
        return denied(
            f"The action is {action.get_status_display()}; from there it cannot be moved by {move!r}.",
            code="wrong_state",
            status=409,
        )
    if move in ("start", "finish") and not is_mine:
        return denied("Only the action's owner says that it is begun or done. Change the owner first if need be.")
    if move in ("verify", "return") and is_mine:
        return denied("The owner of an action cannot verify it. Ask somebody else of the project.")
    if move == "cancel" and not (standing.is_involved or standing.roles & GUIDING):
        return denied(
            f"Actions are cancelled by the owner of the {noun_of(postmortem)}, its facilitator, the lead or the sponsor."
        )
    return ALLOWED


def may_look_at_effect(
    actor: User, action: ActionItem, postmortem: PostMortem, standing: Standing | None = None
) -> Verdict:
    """Saying whether a verified action worked, also when the post-mortem is closed: not its owner."""
    standing = standing or standing_of(actor, postmortem)
    has_verified = action.verified_by_id == actor.pk
    verdict = _may_take_part(actor, postmortem, standing, lets_in=has_verified)
    if not verdict:
        return verdict
    if action.owner_id == actor.pk:
        return denied("Whether an action worked is said by somebody other than its owner.")
    if not (standing.is_involved or has_verified or standing.roles & GUIDING):
        return denied(
            f"It is said by who verified the action, the owner or facilitator of the {noun_of(postmortem)}, the lead or the "
            "sponsor."
        )
    if action.status != ActionItem.Status.VERIFIED:
        return denied(
            f"The action is {action.get_status_display()}. Its effect is looked at when it is verified.",
            code="wrong_state",
            status=409,
        )
    if action.effect:
        return denied(
            f"It was said already: {action.get_effect_display()}. Propose another action if more is needed.",
            code="effect_recorded",
            status=409,
        )
    return ALLOWED


def may_take_part(actor: User, postmortem: PostMortem, standing: Standing | None = None) -> Verdict:
    """Whether the person works on it at all, whatever its state."""
    return _may_take_part(actor, postmortem, standing or standing_of(actor, postmortem))


def _may_take_part(actor: User, postmortem: PostMortem, standing: Standing, *, lets_in: bool = False) -> Verdict:
    if actor.is_auditor or not actor.is_active:
        return denied("Auditors read everything and change nothing.")
    if standing.is_involved:
        return ALLOWED
    if postmortem.visibility == PostMortem.Visibility.RESTRICTED:
        return denied(f"This {noun_of(postmortem)} is restricted to its owner and its facilitator.")
    if lets_in or standing.roles - {Role.VIEWER}:
        return ALLOWED
    return denied("Only people who work in the project take part. Viewers read.")


def _not_closed(postmortem: PostMortem) -> Verdict:
    if postmortem.state == moves.CLOSED:
        return denied("It is closed. Reopen it to change its actions.", code="closed", status=409)
    return ALLOWED
