"""What this room makes known when the app starts."""

from __future__ import annotations

from explain.attributions import evidence, gate_checks, parts, sweeping
from explain.attributions.models import Explanation
from explain.attributions.reading import READER
from explain.attributions.what_if import services as what_if
from explain.attributions.what_if.models import WhatIf
from explain.register.reading import use
from foundation.jobs import kinds, periodic
from foundation.jobs.models import Job
from lifecycle.projects import gate_checks as gates
from lifecycle.signoff.evidence import EvidenceKind, register


def result_of(job: Job) -> kinds.Result | None:
    """The explanation that the job computes."""
    found = (
        Explanation.objects.select_related("project", "model_version").filter(pk=job.args.get("explanation")).first()
    )
    return kinds.Result(f"Explanation of {found.model_version}", found.get_absolute_url()) if found else None


def question_of(job: Job) -> kinds.Result | None:
    """The question that the job answers."""
    found = WhatIf.objects.select_related("explanation__project").filter(pk=job.args.get("what_if")).first()
    return (
        kinds.Result(f"What if, row {found.row} of explanation {found.explanation_id}", found.get_absolute_url())
        if found
        else None
    )


def register_kinds() -> None:
    """Its jobs, what comes round, its kind of evidence, and that it reads the register's files."""
    use(READER)
    kinds.register(
        kinds.Kind(
            "explanation",
            "Explain a model",
            task="attributions.compute_explanation",
            queue="explanations",
            max_attempts=3,
            on_cancelled=parts.forget_cancelled,
            result=result_of,
        )
    )
    kinds.register(
        kinds.Kind(
            parts.KIND,
            "Explain some rows",
            task="attributions.compute_part",
            queue="explanations",
            max_attempts=3,
            result=result_of,
        )
    )
    kinds.register(
        kinds.Kind(
            what_if.KIND,
            "Ask a model what it would say",
            task="attributions.answer_what_if",
            queue="explanations",
            max_attempts=3,
            result=question_of,
        )
    )
    kinds.register(
        kinds.Kind(sweeping.SWEEP, "Clear away parts of explanations", task="attributions.sweep", queue="explanations")
    )
    periodic.register(sweeping.SWEEPING)
    register(
        EvidenceKind(
            name="explanation",
            label="Explanation",
            collect=evidence.collect,
            recheck=evidence.recheck,
            # once done it never changes; a newer model makes the model's own evidence stale
            watches=(),
            summarise=evidence.summarise,
            place=30,
        )
    )
    for check in gate_checks.CHECKS:
        gates.register(check)
