"""Entries of the trail as sentences: who did what."""

from __future__ import annotations

from foundation.audit.models import Entry
from foundation.web.nouns import house_noun

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
# Verbs of which the thing is not the object: "added a factor to PM-2026-0001", not "added the factor PM-2026-0001".
_WHOLE = {
    "fail_password": "typed a wrong password at signing",  # nosec B105
    "fail_code": "typed a wrong code of their second factor",
    "set_up_second_factor": "set up the second factor of",
    "renew_recovery_codes": "made new recovery codes for",
    "turn_off_second_factor": "turned off the second factor of",
    "invite_again": "sent the invitation again to",
    "set_roles": "changed the roles of",
    "change_profile": "changed the profile of",
    "deactivate": "took the access of",
    "reactivate": "gave access back to",
    "add_member": "gave a role to",
    "remove_member": "ended the role of",
    "plan_stage": "set the day of the stage",
    "write_version": "wrote a version of",
    "mark_not_applicable": "marked as not applicable:",
    "unmark_not_applicable": "marked as applicable again:",
    "change_policy": "changed the rules:",
    "grant_waiver": "signed an exception:",
    "end_waiver": "ended an exception:",
    "give_feedback": "gave advice on",
    "settle_feedback": "settled an issue of",
    "begin_deciding": "asked for the decision:",
    "name_cover": "named who stands in:",
    "end_cover": "ended a cover:",
    "submit_round": "put to a decision:",
    "decide_round": "decided on",
    "withdraw_round": "withdrew",
    "approval_went_stale": "noticed that what was approved has changed:",
    "go_stale": "noticed that what was approved has changed:",
    "approve_with_conditions": "approved with conditions:",
    "request_changes": "asked for changes:",
    "go_back": "went back:",
    "approval_expired": "ended, since its time was over or a trigger came, the approval of",
    "approval_revoked": "revoked the approval of",
    "remind_deciders": "asked the deciders again:",
    "escalate_round": "told that a decision is overdue:",
    "set_condition": "set a condition:",
    "set_postmortem_tags": "changed the tags of",
    "compare_postmortems": "said whether they are alike:",
    "offer_cases": "offered earlier cases:",
    "answer_case_offer": "said what is made of the case",
    "propose_check": "proposed the check",
    "accept_check": "took into the draft of a methodology the check",
    "decline_check": "declined the check",
    "put_check_back": "put into the draft again the check",
    "bring_check_into_force": "brought into force the check",
    "tell_catch": "wrote down what was caught by the check",
    "claim_condition": "said that a condition is done:",
    "send_back_condition": "sent a condition back:",
    "verify_condition": "verified a condition:",
    "move_condition": "gave a condition new terms:",
    "drop_condition": "no longer asks for a condition:",
    "lapse_condition": "noticed that a condition was not met in time:",
    "report_trigger": "reported:",
    "open_acceptance": "prepared",
    "offer_acceptance": "offered",
    "judge_criterion": "judged a criterion of",
    "decide_acceptance": "decided on",
    "withdraw_acceptance": "took back",
    "withdraw_verdict": "took the verdict back:",
    "propose_criterion": "proposed a changed criterion:",
    "consent_to_criterion": "consented to a changed criterion:",
    "refuse_criterion": "refused a changed criterion:",
    "take_back_criterion": "took a proposed change back:",
    "remind_acceptance_condition": "reminded of a condition:",
    "escalate_acceptance_condition": "told that a condition is overdue:",
    "close_condition": "gave the proof of a condition:",
    "invite_signatory": "invited to sign:",
    "end_signing_link": "ended the signing link of",
    "request_signing_code": "asked for a signing code:",
    "confirm_signing_code": "confirmed the address by a code:",
    "fail_signing_code": "typed a wrong signing code:",
    "hand_over": "handed over:",
    "write_handoff": "wrote the",
    "receive_handoff": "received the",
    "send_back_handoff": "sent back the",
    "write_exit_report": "wrote the",
    "issue_exit_report": "issued the",
    "set_target": "set a target:",
    "set_unit_value": "set what one unit is worth:",
    "record_measurement": "recorded a reading of",
    "record_measurements": "recorded readings of",
    "record_go_live": "recorded:",
    "set_features": "changed the",
    "add_event": "added a moment to",
    "edit_event": "changed a moment of",
    "remove_event": "took a moment out of",
    "submit_postmortem": "submitted for review:",
    "return_postmortem": "returned to its authors:",
    "revise_postmortem": "began a new version of",
    "remind_action": "reminded of an action:",
    "escalate_action": "told that an action is overdue:",
    "ask_for_effect": "asked whether an action worked:",
    "record_effect": "said whether an action worked:",
    "plan_effect": "moved the day on which the effect is looked at:",
    "change_postmortem_trigger": "changed what opens {a_postmortem}:",
    "request_outcome_report": "asked for",
    "complete_outcome_report": "computed",
    "request_explanation": "asked for the",
    "finish_explanation": "computed the",
    "refuse_explanation": "could not compute the",
    "export_dossier": "exported the dossier of",
    "begin_methodology_draft": "began",
    "change_methodology_draft": "changed",
    "discard_methodology_draft": "threw away",
    "publish_methodology": "published the methodology",
    "retire_methodology": "no longer offers the methodology",
    "offer_methodology_again": "offers again the methodology",
    "move_methodology": "moved to another version of its methodology:",
    "load_demo": "loaded",
    "remove_demo": "took the demo project out:",
}
# Parts of a post-mortem: the entry names the post-mortem, never what was written.
_WHOLE |= {
    f"{verb}_{part}": f"{said} {article} {named} {where}"
    for part, article, named in (
        ("impact", "an", "impact"),
        ("factor", "a", "factor"),
        ("lesson", "a", "lesson"),
        ("action", "an", "action"),
        ("why", "a", "question"),
        ("attachment", "a", "file"),
    )
    for verb, said, where in (("add", "added", "to"), ("edit", "changed", "of"), ("remove", "took", "out of"))
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
    """`publish_postmortem` is "published the post-mortem"."""
    if verb in _WHOLE:
        return _WHOLE[verb].replace("{a_postmortem}", house_noun().a)
    first, _, rest = verb.partition("_")
    noun = named(rest)
    return f"{past_of(first)} the {noun}" if noun else past_of(first)


def named(key: str) -> str:
    """A key of the trail as words: `kpi_owner` is "KPI owner", and a post-mortem is called what it is called here."""
    nouns = {"postmortem": house_noun().one, "postmortems": house_noun().many, "kpi": "KPI"}
    return " ".join(nouns.get(word, word) for word in key.split("_"))


def sentence_of(entry: Entry) -> str:
    """Who did what to which thing."""
    if entry.verb in {"fail_password", "fail_code"}:
        return f"{entry.actor_name} {phrase_of(entry.verb)}"
    return f"{entry.actor_name} {phrase_of(entry.verb)} {entry.thing_name}"
