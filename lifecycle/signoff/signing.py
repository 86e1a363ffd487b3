"""Signatures: written once, bound to content by its fingerprint, given with the password and, where set up, a code."""

from __future__ import annotations

from django.db import transaction

from foundation.people.models import User
from foundation.people.services import prove_signer
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature

VALID, CHANGED, SUPERSEDED = "valid", "record changed since", "superseded"


def statement_of(*, record_name: str, record_version: str, meaning: str, role: str, content_hash: str) -> str:
    """The sentence under which the person puts their name."""
    return (
        f"I have read version {record_version} of {record_name} and sign as {role}; meaning: {meaning}. "
        f"This signature is bound to the content with fingerprint {content_hash}."
    )


def sign(
    *,
    actor: User,
    password: str,
    project: Project,
    record_kind: str,
    record_id: int,
    record_name: str,
    record_version: str,
    content_hash: str,
    meaning: str,
    role: str,
    comment: str = "",
    code: str = "",
) -> Signature:
    """Ask for the password and, where a second factor is set up, for a code; then write the signature.

    A wrong one raises Refused (those of `prove_signer`) before anything is locked. A deed that holds locks or has written
    already calls `prove_signer` outside its transaction and `write_signature` inside, so that the count of failed tries
    is not rolled back with it.
    """
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        project=project,
        record_kind=record_kind,
        record_id=record_id,
        record_name=record_name,
        record_version=record_version,
        content_hash=content_hash,
        meaning=meaning,
        role=role,
        comment=comment,
    )


@transaction.atomic
def write_signature(
    *,
    actor: User,
    authenticated_by: str,
    project: Project,
    record_kind: str,
    record_id: int,
    record_name: str,
    record_version: str,
    content_hash: str,
    meaning: str,
    role: str,
    comment: str = "",
    on_behalf_of: User | None = None,
) -> Signature:
    """The signature of somebody who proved for this very deed who they are; `authenticated_by`: as `prove_signer` says.

    `role`: as people read it, such as "sponsor". `on_behalf_of`: for whom they stand in; the printed name then reads
    "B for A". `content_hash`: hex SHA-256 of the content as the signer saw it.
    """
    if meaning not in Signature.Meaning.values:
        raise KeyError(meaning)
    if not content_hash:
        raise ValueError("A signature is bound to content: its fingerprint is missing.")
    return Signature.objects.create(
        project=project,
        record_kind=record_kind,
        record_id=record_id,
        record_name=record_name[:250],
        record_version=record_version,
        content_hash=content_hash,
        meaning=meaning,
        statement=statement_of(
            record_name=record_name[:250],
            record_version=record_version,
            meaning=meaning,
            role=f"{role}, standing in for {on_behalf_of.name}" if on_behalf_of else role,
            content_hash=content_hash,
        ),
        comment=comment,
        signer=actor,
        printed_name=f"{actor.name} for {on_behalf_of.name}" if on_behalf_of else actor.name,
        role=role,
        on_behalf_of=on_behalf_of,
        authenticated_by=authenticated_by,
        time_zone=actor.time_zone,
    )


@transaction.atomic
def write_outside_signature(
    *,
    project: Project,
    record_kind: str,
    record_id: int,
    record_name: str,
    record_version: str,
    content_hash: str,
    meaning: str,
    role: str,
    printed_name: str,
    authenticated_by: str,
    comment: str = "",
) -> Signature:
    """The signature of a person without an account, whose address was confirmed for this very deed.

    `authenticated_by`: in what way, up to 60 characters. `printed_name`: as the person typed it. Times are in UTC: the
    portal knows no zone of an outside person.
    """
    if meaning not in Signature.Meaning.values:
        raise KeyError(meaning)
    if not content_hash or not printed_name or not authenticated_by:
        raise ValueError("A signature needs a content, a printed name and a way in which the signer was confirmed.")
    return Signature.objects.create(
        project=project,
        record_kind=record_kind,
        record_id=record_id,
        record_name=record_name[:250],
        record_version=record_version,
        content_hash=content_hash,
        meaning=meaning,
        statement=statement_of(
            record_name=record_name[:250],
            record_version=record_version,
            meaning=meaning,
            role=role,
            content_hash=content_hash,
        ),
        comment=comment,
        signer=None,
        printed_name=printed_name[:120],
        role=role[:60],
        authenticated_by=authenticated_by[:60],
        time_zone="UTC",
    )


def signature_state(signature: Signature, present_hash: str, *, superseded: bool = False) -> str:
    """`valid`, `record changed since` or `superseded`. `present_hash`: of the content as it is now, "" if gone."""
    if signature.content_hash != present_hash:
        return CHANGED
    return SUPERSEDED if superseded else VALID


def signature_json(signature: Signature, state: str) -> dict[str, str | int | None]:
    """The signature block for machines."""
    return {
        "id": signature.pk,
        "printed_name": signature.printed_name,
        "role": signature.role,
        "meaning": signature.meaning,
        "statement": signature.statement,
        "comment": signature.comment,
        "record": signature.record_name,
        "record_version": signature.record_version,
        "content_hash": signature.content_hash,
        "signed_at": signature.signed_at.isoformat(),
        "time_zone": signature.time_zone,
        "authenticated_by": signature.authenticated_by,
        "state": state,
    }
