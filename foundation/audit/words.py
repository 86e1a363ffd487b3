"""Entries of the trail as sentences: who did what."""

from __future__ import annotations

from foundation.audit.models import Entry

# Verbs whose past is not built by rule.
_PAST = {
    "begin": "began", "build": "built", "choose": "chose", "draw": "drew", "find": "found", "freeze": "froze",
    "get": "got", "give": "gave", "go": "went", "hand": "handed", "hold": "held", "keep": "kept", "lay": "laid",
    "leave": "left", "make": "made", "open": "opened", "put": "put", "read": "read", "send": "sent", "set": "set",
    "take": "took", "tell": "told", "undo": "undid", "withdraw": "withdrew", "write": "wrote", "offer": "offered",
    "answer": "answered", "alter": "altered", "enter": "entered", "register": "registered", "reopen": "reopened",
    "lapse": "lapsed", "cancel": "cancelled", "edit": "edited", "visit": "visited", "audit": "audited",
    "limit": "limited", "credit": "credited",
}  # fmt: skip
_WHOLE = {
    "fail_password": "typed a wrong password at signing",  # nosec B105
    "invite_again": "sent the invitation again to",
    "set_roles": "changed the roles of",
    "change_profile": "changed the profile of",
    "deactivate": "took the access of",
    "reactivate": "gave access back to",
    "make_token": "made the token",  # nosec B105
    "revoke_token": "revoked the token",  # nosec B105
    "go_stale": "noticed that what was approved has changed:",
    "approve_with_conditions": "approved with conditions:",
    "request_changes": "asked for changes:",
    "go_back": "went back:",
}
_VOWELS = "aeiou"


def past_of(verb: str) -> str:
    """The past tense of a regular or listed English verb."""
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ied"
    short = len(verb) > 2 and verb[-1] not in _VOWELS + "wxy" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS
    if short and (sum(letter in _VOWELS for letter in verb) == 1 or verb.endswith("mit")):
        return verb + verb[-1] + "ed"
    return verb + "ed"


def phrase_of(verb: str) -> str:
    """`submit_round` is "submitted round"."""
    if verb in _WHOLE:
        return _WHOLE[verb]
    first, _, rest = verb.partition("_")
    return f"{past_of(first)} {rest.replace('_', ' ')}".strip()


def sentence_of(entry: Entry) -> str:
    """Who did what to which thing."""
    if entry.verb == "fail_password":
        return f"{entry.actor_name} {phrase_of(entry.verb)}"
    return f"{entry.actor_name} {phrase_of(entry.verb)} {entry.thing_name}"
