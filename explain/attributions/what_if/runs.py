"""The worker's part: ask the model in the sandbox, believe it where it says of the former row what the explanation says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from explain.attributions.any_row import exact_values, read_row
from explain.attributions.asking import Answer, ask_model
from explain.attributions.models import Explanation
from explain.attributions.reading import limits
from explain.attributions.refused import ExplainRefused, ExplainStopped
from explain.attributions.what_if.models import WhatIf
from explain.register.folders import attempt_folder
from foundation.audit.services import record
from foundation.jobs.claims import Claim, work_on
from foundation.web.refused import Refused

TOLERANCE: Final = 1e-3  # of the sizes in the row; tables of trees and the engines behind them differ by less
_DIGITS: Final = 9  # of what is kept: more than anybody reads


def answer_what_if(job_id: int) -> str:
    """Do the job of a question; returns what became of it."""
    return work_on(job_id, _answer, refused=(ExplainRefused,))


def _answer(claim: Claim) -> None:
    asked = WhatIf.objects.select_related(
        "explanation__project", "explanation__model_version", "explanation__data_set"
    ).get(pk=claim.job.args["what_if"])
    if asked.state == WhatIf.State.DONE:
        return
    try:
        with attempt_folder(claim) as folder:
            found = _ask(claim, asked, folder)
        _refuse_another_model(asked, found)
        _store(claim, asked, found)
    except ExplainStopped:
        claim.progress(0, 0, "stopped")  # raises: the job is no longer ours
        raise
    except (ExplainRefused, Refused) as refused:
        _refuse(claim, asked, refused)
        raise


def _ask(claim: Claim, asked: WhatIf, folder: Path) -> Answer:
    explanation = asked.explanation
    summary, version, data = explanation.summary, explanation.model_version, explanation.data_set
    values = exact_values(explanation, asked.row)
    needs_rows = not summary["background"].startswith("none")
    return ask_model(
        model_path=Path(version.file.path),
        model_format=version.format,
        data_path=Path(data.file.path) if needs_rows or values is None else None,
        needs_rows=needs_rows,
        folder=folder,
        row=asked.row,
        values=values,
        changes={summary["features"].index(name): value for name, value in asked.changes.items()},
        outputs=len(summary["outputs"]),
        features=len(summary["features"]),
        rows=explanation.rows_limit,
        seed=explanation.seed,
        target_column=data.target_column or None,
        groups=summary.get("groups_asked", []),
        limits=limits(),
        on_progress=claim.progress,
        cancelled=claim.lost.is_set,
    )


def _refuse_another_model(asked: WhatIf, found: Answer) -> None:
    """Nothing is told of files, or by an engine, that are not those of the explanation."""
    explanation = asked.explanation
    same_data = found["data_sha256"] in (None, explanation.data_set.sha256)
    if found["model_sha256"] != explanation.model_version.sha256 or not same_data:
        raise Refused(
            "A stored file is not the one that was uploaded: its fingerprint differs. Ask those who run the portal to "
            "bring it back.",
            code="file_differs",
        )
    if not _agrees(explanation, asked.row, found):
        raise Refused(
            "The row as it is was computed again, and its parts are not those of the explanation, so a comparison would "
            "mean nothing. Ask for a new explanation, and put the question to that one.",
            code="answer_differs",
        )


def _agrees(explanation: Explanation, row: int, found: Answer) -> bool:
    kept, again = read_row(explanation, row), found["before"]
    if kept is None:
        return False
    for output, parts in enumerate(again["attributions"]):
        answers = (kept["predictions"][output], again["predictions"][output])
        pairs = [answers, (kept["base_values"][output], again["base_values"][output])]
        pairs += zip(kept["attributions"][output], parts, strict=True)
        size = abs(answers[0]) + abs(kept["base_values"][output]) + sum(map(abs, kept["attributions"][output]))
        if any(abs(one - two) > TOLERANCE * size + 1e-9 for one, two in pairs):
            return False
    return True


def _store(claim: Claim, asked: WhatIf, found: Answer) -> None:
    with claim.storing():
        asked.state = WhatIf.State.DONE
        asked.answer = _rounded(dict(found))
        asked.refusal = asked.refusal_code = ""
        asked.finished_at = timezone.now()
        asked.save()
        record(
            actor=None,
            verb="answer_what_if",
            thing=asked,
            kind="what_if",
            project_id=asked.explanation.project_id,
            after={
                "engine": found["engine"],
                "before": [repr(value) for value in asked.answer["before"]["predictions"]],
                "after": [repr(value) for value in asked.answer["after"]["predictions"]],
            },
        )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list) else value


def _refuse(claim: Claim, asked: WhatIf, refused: ExplainRefused | Refused) -> None:
    """Keep the reason on the row, if the job is still ours."""
    with transaction.atomic():
        claim.progress(0, 0, "refused")
        asked.state = WhatIf.State.REFUSED
        asked.refusal_code, asked.refusal = refused.code, refused.message
        asked.finished_at = timezone.now()
        asked.save(update_fields=["state", "refusal_code", "refusal", "finished_at"])
        record(
            actor=None,
            verb="refuse_what_if",
            thing=asked,
            kind="what_if",
            project_id=asked.explanation.project_id,
            after={"code": refused.code},
            reason=refused.message,
        )
