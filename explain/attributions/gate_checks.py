"""How gates judge explanations: present and bound, steady, without a contradiction that nobody explained, fair."""

from __future__ import annotations

from explain.attributions import telling
from explain.attributions.contradictions.selectors import contradictions_of
from explain.attributions.dictionary import Dictionary, label_with_unit
from explain.attributions.models import Explanation
from explain.attributions.performance.fairness import fairness_of
from explain.attributions.performance.shown import why_not
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


def is_fair(stage: Stage, limit: float | None) -> Judged:
    """Whether no group of a sensitive feature is treated further apart from the largest one than the limit.

    Groups with too few rows are named and not judged. Where no feature is marked as sensitive, somebody must at least have
    described every feature that counts, so that the question was looked at.
    """
    version, found = _subject(stage)
    if version is None or found is None:
        return _absent(version)
    dictionary, link = dictionary_of(stage.project), f"{found.get_absolute_url()}#answers"
    sensitive = [name for name, meaning in dictionary.items() if meaning.get("sensitive")]
    if not sensitive:
        return _nothing_sensitive(found, dictionary)
    performance = found.summary.get("performance")
    if performance is None:
        return Judged(
            False,
            "How the model treats groups is not known: "
            + why_not(found.summary, is_done=True, has_target=bool(found.data_set.target_column)),
            "Explain it on rows with known outcomes.",
            link,
        )
    fairness = fairness_of(performance, sensitive)
    if fairness.absent:
        named = ", ".join(label_with_unit(name, dictionary) for name in fairness.absent)
        return Judged(
            False,
            f"No groups are compared for {named}.",
            "Upload rows that hold these columns, and explain the model on them.",
            link,
        )
    few = f" Too few rows to judge: {', '.join(fairness.few)}." if fairness.few else ""
    gap = fairness.gap
    if gap is None:
        return Judged(False, f"No group has enough rows to be judged.{few}", "Explain it on more rows.", link)
    interval = (
        "" if gap.low is None or gap.high is None else f" (95 % interval {100 * gap.low:.0f} to {100 * gap.high:.0f})"
    )
    return Judged(
        gap.size <= (limit or 0.0),
        f"The largest gap is {100 * gap.size:.1f} %{interval}: {label_with_unit(gap.column, dictionary)}, {gap.group} against "
        f"{gap.reference}, {gap.what}.{few}",
        "Correct the model or its threshold, or take the matter to those who decide.",
        link,
    )


def _nothing_sensitive(found: Explanation, dictionary: Dictionary) -> Judged:
    used = [driver["feature"] for driver in found.summary["drivers"] if driver["share"] >= telling.MENTIONED]
    unknown = [name for name in used if name not in dictionary]
    if unknown:
        return Judged(
            False,
            f"No feature is marked as sensitive, and {len(unknown)} that the model uses {'has' if len(unknown) == 1 else 'have'} "
            "no entry in the feature dictionary.",
            "Describe them, and mark those that are about who a person is.",
            f"/projects/{found.project.key}/features/",
        )
    return Judged(
        True,
        "All features that count are described, and none is marked as sensitive, so there are no groups to compare.",
        link=found.get_absolute_url(),
    )


CHECKS = (
    GateCheck("explanation_present", is_present, watches=("explanation", "model_version")),
    GateCheck("explanation_stable", is_stable, watches=("explanation", "model_version")),
    GateCheck(
        "no_unexplained_contradiction",
        is_explained,
        watches=("explanation", "model_version", "feature", "contradiction"),
    ),
    GateCheck("fairness_within_limits", is_fair, watches=("explanation", "model_version", "feature")),
)
