"""REST of the calculators: the same JSON as the command line, in and out, and the same error object.

What needs libraries that are not installed here is asked of a worker: 202 with the address at which the answer will be.
"""

from __future__ import annotations

from typing import IO, Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.outcomes.calculators import shapes
from explain.outcomes.calculators.child import CalculationFailed, computed
from explain.outcomes.calculators.command import MOST_BYTES
from explain.outcomes.calculators.models import Calculation
from explain.outcomes.calculators.selectors import calculation_for
from explain.outcomes.calculators.services import ask_calculation, is_at_hand
from explain.outcomes.compute.refusal import CalculationRefused
from foundation.people.models import User
from foundation.web.refused import Refused

LOOK_AGAIN = "2"  # seconds


class PlainJson(BaseParser):
    """The body as it came: the calculator reads it itself and refuses it by field."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """One byte more than a calculator takes is enough to be refused."""
        return bytes(stream.read(MOST_BYTES + 1))


def answered(person: User, calculator: str, body: bytes) -> Response:
    """The answer at once where it can be said here, else where it will be. A refusal is 400."""
    try:
        if not is_at_hand(calculator):
            return told(ask_calculation(actor=person, calculator=calculator, text=body))
        return Response(computed(calculator, body))
    except CalculationRefused as refused:
        return Response(refused.as_dict(), status=400)
    except CalculationFailed:
        raise Refused(
            "All places for calculations are taken. Try again in a few seconds.", code="too_busy", status=503
        ) from None


def told(found: Calculation) -> Response:
    """What became of a calculation that a worker makes: 202 while it waits, then its answer or its refusal."""
    if found.state == Calculation.State.DONE:
        return Response(found.answer)
    if found.state == Calculation.State.REFUSED:
        refused = CalculationRefused(found.refusal_code, found.refusal, found.refusal_field)
        return Response(refused.as_dict(), status=400)
    if not found.is_open:
        raise Refused(
            "The calculation ended without an answer: its job was given up or cancelled. Send the request again.",
            code="no_answer",
            status=503,
        )
    body = {"state": str(found.state), "answer": found.get_absolute_url(), "job": f"/api/v1/jobs/{found.job_id}/"}
    return Response(body, status=202, headers={"Location": found.get_absolute_url(), "Retry-After": LOOK_AGAIN})


def _either(answer: Any) -> dict[int, Any]:
    return {200: answer, 202: OpenApiResponse(shapes.Awaited, description="A worker computes; see Location")}


class _Calculator(APIView):
    """One calculator; nothing is read from the portal, and no answer is kept but one that a worker makes."""

    parser_classes = [PlainJson]
    calculator = ""

    def answered(self, request: Request) -> Response:
        """The answer, or where it will be."""
        body = request.data if isinstance(request.data, bytes) else b""
        return answered(_person(request), self.calculator, body)


class CashFlow(_Calculator):
    """Value of a row of flows."""

    calculator = "cash-flow"

    @extend_schema(request=shapes.CashFlowRequest, responses=shapes.CashFlowAnswer)
    def post(self, request: Request) -> Response:
        """NPV, all internal rates of return, MIRR, ROI and payback."""
        return self.answered(request)


class Effect(_Calculator):
    """What a change brought."""

    calculator = "effect"

    @extend_schema(request=shapes.EffectRequest, responses=_either(shapes.EffectAnswer))
    def post(self, request: Request) -> Response:
        """Effect of a go-live on a KPI, by the method that fits, with its interval."""
        return self.answered(request)


class Uncertain(_Calculator):
    """How sure the money is."""

    calculator = "uncertainty"

    @extend_schema(request=shapes.UncertaintyRequest, responses=_either(shapes.UncertaintyAnswer))
    def post(self, request: Request) -> Response:
        """P10, P50 and P90 of NPV and ROI, the chance that it pays, and what drives it."""
        return self.answered(request)


class BusinessCase(_Calculator):
    """What a plan promises."""

    calculator = "business-case"

    @extend_schema(request=shapes.BusinessCaseRequest, responses=_either(shapes.BusinessCaseAnswer))
    def post(self, request: Request) -> Response:
        """Value at the likeliest figures, P10 to P90, break-even of each driver, and the cost of a month's delay."""
        return self.answered(request)


class CalculationAnswer(APIView):
    """The answer that a worker makes, for whoever asked; kept for two hours."""

    @extend_schema(operation_id="calculation_answer", responses=_either(dict[str, Any]))
    def get(self, request: Request, number: int) -> Response:
        """202 while it waits; then the calculator's answer, or its refusal as 400."""
        return told(calculation_for(_person(request), number))


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user
