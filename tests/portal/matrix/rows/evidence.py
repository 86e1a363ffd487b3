"""Models, data, features, explanations and outcome reports."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from explain.attributions.models import Explanation
from explain.attributions.what_if.models import WhatIf
from explain.outcomes.calculators.models import Calculation
from explain.outcomes.links.models import MetricLink
from explain.outcomes.models import ReportRecipient
from explain.outcomes.runs import make_report
from explain.outcomes.services import request_report
from explain.register.models import ModelVersion
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place

ROWS = """
#                                nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-models            L N RRRRRRR RRR
POST   api:api-models            L N FDDFFFF FFF
GET    api:api-model             L N RRRRRRR RRR
GET    api:api-data-sets         L N RRRRRRR RRR
POST   api:api-data-sets         L N FDDFFFF FFF
GET    api:api-data-set          L N RRRRRRR RRR
GET    api:api-features          L N RRRRRRR RRR
PUT    api:api-features          L N FDDFFFF FFF
GET    api:api-explanations      L N RRRRRRR RRR
POST   api:api-explanations      L N FDDFFFF FFF
GET    api:api-explanation       L N RRRRRRR RRR
GET    api:api-explanation-row   L N NNNNNNN NNN
GET    api:api-contradictions    L N NNNNNNN NNN
POST   api:api-contradictions    L N NNNNNNN NNN
GET    api:api-what-ifs          L N RRRRRRR RRR
POST   api:api-what-ifs          L N FDDDDDF FFF
GET    api:api-what-if           L N RRRRRRR RRR
GET    api:api-outcome-reports   L N RRRRRRR RRR
POST   api:api-outcome-reports   L N FDDDFFF DFF
GET    api:api-outcome-report    L N RRRRRRR RRR
GET    api:api-outcome-report-file   L N RRRRRRR RRR
GET    api:api-outcome-verification  L N RRRRRRR RRR
POST   api:api-outcome-verification  L N FFFFFFF FFF
POST   api:api-outcome-verification-withdrawal  L N FFFFFFF FFF
GET    api:api-outcome-recipients    L N RRRRRRR RRR
POST   api:api-outcome-recipients    L N FDDDFFF DFF
DELETE api:api-outcome-recipient     L N FDDDFFF DFF
GET    api:api-gate              L N RRRRRRR RRR
GET    api:api-portfolio         L R RRRRRRR RRR / R
POST   api:api-calculator-cash-flow    L D DDDDDDD DDD / D
POST   api:api-calculator-effect       L D DDDDDDD DDD / D
POST   api:api-calculator-uncertainty  L D DDDDDDD DDD / D
GET    api:api-calculation-answer      L N NNRNNNN NNN
GET    register:models           L N RRRRRRR RRR
POST   register:models           L N FDDFFFF FFF
GET    register:model            L N RRRRRRR RRR
GET    register:data             L N RRRRRRR RRR
POST   register:data             L N FDDFFFF FFF
GET    register:features         L N RRRRRRR RRR
POST   register:features         L N FDDFFFF FFF
GET    register:features_csv     L N RRRRRRR RRR
GET    attributions:new          L N RRRRRRR RRR
POST   attributions:new          L N FDDFFFF FFF
GET    attributions:explanation  L N RRRRRRR RRR
GET    attributions:charts       L N NNNNNNN NNN
GET    attributions:paper        L N NNNNNNN NNN
GET    api:api-explanation-file  L N NNNNNNN NNN
GET    api:api-explanation-closer L N NNNNNNN NNN
GET    attributions:compare      L N RRRRRRR RRR
POST   attributions:contradictions    L N NNNNNNN NNN
GET    attributions:what_if      L N RRRRRRR RRR
POST   attributions:what_if      L N FDDDDDF FFF
GET    attributions:what_if_answer    L N RRRRRRR RRR
GET    outcomes:portfolio        L R RRRRRRR RRR / R
GET    outcomes:pipeline         L R RRRRRRR RRR / R
GET    outcomes:accuracy         L R RRRRRRR RRR / R
GET    outcomes:portfolio_xlsx   L R RRRRRRR RRR / R
GET    outcomes:portfolio_csv    L R RRRRRRR RRR / R
GET    outcomes:reconciliation   L N RRRRRRR RRR
GET    outcomes:links            L N RRRRRRR RRR
POST   outcomes:links            L N FDDFFFF FFF
POST   outcomes:link_end         L N FDDFFFF FFF
GET    api:api-metric-links      L N RRRRRRR RRR
POST   api:api-metric-links      L N FDDFFFF FFF
POST   api:api-end-metric-link   L N FDDFFFF FFF
GET    outcomes:value            L N RRRRRRR RRR
POST   outcomes:value            L N FDDDFFF DFF
GET    outcomes:report           L N RRRRRRR RRR
GET    outcomes:report_pdf       L N RRRRRRR RRR
GET    outcomes:report_xlsx      L N RRRRRRR RRR
POST   outcomes:verify           L N FFFFFFF FFF
POST   outcomes:withdraw_verification  L N FFFFFFF FFF
POST   outcomes:recipients       L N FDDDFFF DFF
POST   outcomes:recipient_off    L N FDDDFFF DFF
"""

FILL = (
    {"api:api-calculation-answer": lambda at: {"number": _asked(at).pk}}
    | {
        name: lambda at: {"pk": at.explanation.pk, "row": 1, "ending": "html"}
        for name in (
            "attributions:explanation",
            "attributions:charts",
            "attributions:paper",
            "api:api-explanation-file",
            "api:api-explanation-closer",
            "attributions:contradictions",
            "api:api-explanation",
            "api:api-explanation-row",
            "api:api-contradictions",
            "attributions:what_if",
            "api:api-what-ifs",
        )
    }
    | {
        name: lambda at: {"pk": at.explanation.pk, "number": _what_if(at).pk}
        for name in ("attributions:what_if_answer", "api:api-what-if")
    }
    | {
        name: lambda at: {"recipient_id": _told_each_month(at).pk}
        for name in ("outcomes:recipient_off", "api:api-outcome-recipient")
    }
    | {name: lambda at: {"link_id": _tied(at).pk} for name in ("outcomes:link_end", "api:api-end-metric-link")}
    | {
        name: lambda at: {"number": 2, "ending": "xlsx"}
        for name in (
            "api:api-outcome-report-file",
            "api:api-outcome-verification-withdrawal",
            "api:api-outcome-verification",
            "outcomes:report_pdf",
            "outcomes:report_xlsx",
            "outcomes:verify",
            "outcomes:withdraw_verification",
        )
    }
)


def _told_each_month(at: Place) -> ReportRecipient:
    return ReportRecipient.objects.get_or_create(
        project=at.project, person=at.team["sponsor"], defaults={"added_by": at.team["lead"]}
    )[0]


def _tied(at: Place) -> MetricLink:
    return MetricLink.objects.get_or_create(
        project=at.project, kpi=at.other_kpi, metric="recall",
        defaults={
            "model_name": at.model.name, "kpi_version": 1, "expected": -1.0, "hypothesis": "Fewer are missed.",
            "created_by": at.team["lead"],
        },
    )[0]  # fmt: skip


def _with_metric(at: Place) -> None:
    """The model of the place is accepted and states a metric."""
    ModelVersion.objects.filter(pk=at.model.pk).update(state="accepted", metrics={"AUC": 0.9})


def _terms(at: Place) -> dict[str, object]:
    change = 0.5 * at.kpi.sign
    return {
        "kpi": at.kpi.key,
        "hypothesis": "It is read sooner.",
        "expected": change,
        "better": "higher",
        "point": 0.01,
    }


def _asked(at: Place) -> Calculation:
    """A calculation of the lead's that has its answer."""
    return Calculation.objects.get_or_create(
        asker=at.team["lead"], calculator="effect", request_hash="c" * 64, defaults={"state": "done"}
    )[0]


def _what_if(at: Place) -> WhatIf:
    """A question about the place's explanation that nobody answers."""
    return WhatIf.objects.get_or_create(
        explanation=at.explanation, row=1, changes_hash="d" * 64,
        defaults={"changes": {"delay": 5.0}, "asked_by": at.team["lead"]},
    )[0]  # fmt: skip


def _explained(at: Place) -> None:
    """The explanation of the place is there, with one row."""
    kept = {"row": 1, "values": [30.0], "attributions": [[0.2]], "base_values": [0.1], "predictions": [0.3]}
    driver = {"feature": "delay", "mean_abs": 0.2, "share": 1.0, "low": 3.0, "high": 55.0}
    Explanation.objects.filter(pk=at.explanation.pk).update(
        state="done", rows=1, content_hash="e" * 64, samples={"row_sample": [kept]},
        summary={
            "features": ["delay"], "outputs": [""], "focus": "", "output_space": "value", "kind": "regression",
            "row_numbers": 0, "drivers": [driver], "background": "none", "base_values": [0.1],
            "model_sha256": "f" * 64, "seed_spread": None,
        },
    )  # fmt: skip


def _done(at: Place) -> None:
    """A second report of the place, with a result."""
    make_report(request_report(actor=at.team["lead"], project=at.project).job_id or 0)


_signed = Send(lambda at: {"content_hash": "c" * 64, "password": PASSWORD}, before=_done)
_taken_back = Send(lambda at: {"reason": "October was wrong.", "password": PASSWORD}, before=_done)


def _model(at: Place) -> dict[str, object]:
    booster = b'{"learner": {"objective": {"name": "binary:logistic"}}, "version": [2, 1, 0]}'
    return {"name": "Late payment", "file": SimpleUploadedFile("late.json", booster)}


def _data(at: Place) -> dict[str, object]:
    return {"name": "Invoices", "file": SimpleUploadedFile("late.csv", b"delay,late\n1,0\n2,1\n")}


_row = {"name": "delay", "label": "payment delay", "unit": "days", "expected": "up", "meaning": "", "sensitive": False}
_table = {"count": "1", "name-0": "delay", "label-0": "payment delay", "unit-0": "days"}

SEND = {
    "GET api:api-gate": Send(lambda at: {"environment": "production", "model_version": at.model.pk}),
    "POST register:models": Send(_model),
    "POST api:api-models": Send(_model),
    "POST register:data": Send(_data),
    "POST api:api-data-sets": Send(_data),
    "POST register:features": Send(lambda at: _table),
    "PUT api:api-features": Send(lambda at: {"*": [_row]}),
    "POST attributions:new": Send(lambda at: {"model_version": at.model.pk, "data_set": at.data.pk, "seed": "1"}),
    "POST api:api-explanations": Send(lambda at: {"model_version": 1, "data_set": 1, "seed": 1}),
    "GET attributions:what_if": Send(before=_explained),
    "POST attributions:what_if": Send(lambda at: {"row": "1", "value-0": "5"}, before=_explained),
    "GET attributions:what_if_answer": Send(before=_explained),
    "POST api:api-what-ifs": Send(lambda at: {"row": 1, "changes": {"delay": 5}}, before=_explained),
    "POST api:api-calculator-cash-flow": Send(lambda at: {"flows": ["-100", "60", "60"], "rate": "0.10"}),
    "POST api:api-calculator-effect": Send(lambda at: {"values": [1, 2] * 10, "go_live": 10}),
    "POST api:api-calculator-uncertainty": Send(
        lambda at: {"effect": 2, "interval": [1, 3], "value_per_unit": "5", "volumes": [10], "draws": 100}
    ),
    **{
        f"GET {name}": Send(before=_done)
        for name in (
            "outcomes:report_pdf",
            "outcomes:report_xlsx",
            "api:api-outcome-report-file",
            "api:api-outcome-verification",
        )
    },
    "POST outcomes:links": Send(lambda at: {**_terms(at), "source": "0"}, before=_with_metric),
    "POST api:api-metric-links": Send(
        lambda at: {**_terms(at), "model_name": at.model.name, "metric": "AUC"}, before=_with_metric
    ),
    "POST outcomes:verify": _signed,
    "POST api:api-outcome-verification": _signed,
    "POST outcomes:withdraw_verification": _taken_back,
    "POST api:api-outcome-verification-withdrawal": _taken_back,
    "POST outcomes:recipients": Send(lambda at: {"person": at.team["customer"].email}),
    "POST api:api-outcome-recipients": Send(lambda at: {"person": at.team["customer"].email}),
    "POST outcomes:value": Send(lambda at: {"as_of": "2026-06-30", "seed": "1"}),
    "POST api:api-outcome-reports": Send(lambda at: {"as_of": "2026-06-30", "seed": 1}),
}
