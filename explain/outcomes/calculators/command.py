"""The command line of the calculators: JSON on standard input, JSON on standard output, no database.

Also the program of the child process that answers the web: `python -m explain.outcomes.calculators.command effect`.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, Final, TextIO

from explain.outcomes.compute.reading import FIELDS_OF
from explain.outcomes.compute.refusal import CalculationRefused

NAMES: Final = tuple(FIELDS_OF)
MOST_BYTES: Final = 8_000_000
MOST_DIGITS: Final = 400
REFUSED: Final = 2


def answer(name: str, text: bytes) -> dict[str, Any]:
    """What the named calculator says to a request in JSON. Raises CalculationRefused."""
    if name not in NAMES:
        raise CalculationRefused("unknown_calculator", f"One of {', '.join(NAMES)} is needed.")
    request = read(text)
    found = _calculator(name)(request)
    unknown = sorted(str(field) for field in request if field not in FIELDS_OF[name])
    return found | ({"ignored": unknown} if unknown else {})


def read(text: bytes) -> Mapping[str, Any]:
    """One JSON object, without NaN, infinity or a field given twice."""
    if len(text) > MOST_BYTES:
        raise CalculationRefused("too_large", f"At most {MOST_BYTES:,} bytes of JSON can be read.")
    try:
        found = json.loads(
            text.decode(),
            parse_constant=_no_constant,
            parse_int=_whole,
            object_pairs_hook=_once,
        )
    except CalculationRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise CalculationRefused("not_json", "A JSON object in UTF-8 is needed.") from error
    if not isinstance(found, dict):
        raise CalculationRefused("not_an_object", "The request is an object with named fields.")
    return found


def main(arguments: Sequence[str], incoming: BinaryIO, outgoing: TextIO) -> int:
    """0 and the answer, or 2 and {"error": {"code", "message", "field"}}; one line of JSON either way."""
    warnings.simplefilter("ignore")  # an answer says what is doubtful; nothing goes past it
    try:
        if len(arguments) != 1:
            raise CalculationRefused("unknown_calculator", f"One of {', '.join(NAMES)} is needed.")
        found = answer(arguments[0], incoming.read(MOST_BYTES + 1))
    except CalculationRefused as refused:
        outgoing.write(json.dumps(refused.as_dict()) + "\n")
        return REFUSED
    outgoing.write(json.dumps(found, allow_nan=False) + "\n")
    return 0


def _calculator(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Statistics libraries are loaded for the calculator that needs them only."""
    if name == "cash-flow":
        from explain.outcomes.compute.cash_flow import cash_flow

        return cash_flow
    if name == "effect":
        from explain.outcomes.compute.answer import effect

        return effect
    if name == "business-case":
        from explain.outcomes.compute.business_case import business_case

        return business_case
    from explain.outcomes.compute.draws import uncertainty

    return uncertainty


def _no_constant(name: str) -> float:
    raise CalculationRefused("not_finite", f"{name} is no figure; write null for a missing one.")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise CalculationRefused("number_out_of_range", "A number is too long to compute with.")
    return int(digits)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise CalculationRefused("duplicate_field", "Each field may be given once.", twice)
    return found


if __name__ == "__main__":
    from explain.outcomes.calculators.child import hold_limits

    hold_limits()
    sys.exit(main(sys.argv[1:], sys.stdin.buffer, sys.stdout))
