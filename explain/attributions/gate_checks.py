"""How gates judge explanations: present and bound, steady, without a contradiction that nobody explained."""

from __future__ import annotations

from explain.attributions import telling
from explain.attributions.contradictions.selectors import contradictions_of
from explain.attributions.models import Explanation
from explain.attributions.selectors import dictionary_of, newest_done
from explain.register.evidence import newest_accepted
from explain.register.models import ModelVersion
from lifecycle.projects.gate_checks import GateCheck, Judged
from lifecycle.projects.models import Stage


def _subject(stage: Stage) -> tuple[ModelVersion | None, Explanation | None]:
    """The version that counts, and the explanation that speaks for it."""
    version = newest_accepted(stage.project_id)
    return version, newest_done(version) if version is not None else None


def _absent(version: ModelVersion | None) -> Judged:
    if version is None:
        return Judged(False, "No model is accepted yet.", "Upload one, and wait for its inspection.")
    return Judged(
        False,
        f"{version} is not explained yet.",
        "Ask for its explanation on the page of models.",
        version.get_absolute_url(),
    )


def is_present(stage: Stage, limit: float | None) -> Judged:
    """Whether the newest accepted version is explained, on the very files that are on record."""
    version, found = _subject(stage)
    if version is None or found is None:
        return _absent(version)
    bound = (found.summary["model_sha256"], found.summary["data_sha256"]) == (version.sha256, found.data_set.sha256)
    if not bound:
        return Judged(
            False,
            f"The explanation of {version} speaks of other files than those on record.",
            "Ask for a new one.",
            found.get_absolute_url(),
        )
    return Judged(
        True,
        f"{version} is explained on {found.rows:,} rows of {found.data_set.name}: {telling.exactness(found.summary)}.",
        link=found.get_absolute_url(),
    )


def is_stable(stage: Stage, limit: float | None) -> Judged:
    """Whether the strongest drivers stay the same over bootstrap samples of the rows (share kept of the top five)."""
    version, found = _subject(stage)
    if version is None or found is None:
        return _absent(version)
    stability = found.summary["stability"]
    said = telling.steadiness(found.summary)
    said = f"{said[:1].upper()}{said[1:]}."
    if stability["top_k"] <= 1 or stability["rank_correlation"] is None:
        return Judged(True, said, link=found.get_absolute_url())
    return Judged(
        stability["top_k_overlap"] >= (limit or 0.0),
        said,
        "Explain it on more rows, or say in a condition how the model is used in spite of it.",
        found.get_absolute_url(),
    )


def is_explained(stage: Stage, limit: float | None) -> Judged:
    """Whether each feature that acts against what the business expects has a reason in writing."""
    version, found = _subject(stage)
    if version is None or found is None:
        return _absent(version)
    contradictions = contradictions_of(found, dictionary_of(stage.project))
    link = f"{found.get_absolute_url()}#against"
    if not contradictions:
        return Judged(True, "No feature acts against what the business expects.", link=found.get_absolute_url())
    silent = [each.name for each in contradictions if each.note is None]
    if silent:
        return Judged(
            False,
            f"Nobody has said why the model acts against expectation in {', '.join(silent)}.",
            "Write the reason on the page of the explanation, or correct the model or the dictionary.",
            link,
        )
    return Judged(True, f"Explained in writing: {', '.join(each.name for each in contradictions)}.", link=link)


CHECKS = (
    GateCheck("explanation_present", is_present, watches=("explanation", "model_version")),
    GateCheck("explanation_stable", is_stable, watches=("explanation", "model_version")),
    GateCheck(
        "no_unexplained_contradiction",
        is_explained,
        watches=("explanation", "model_version", "feature", "contradiction"),
    ),
)
