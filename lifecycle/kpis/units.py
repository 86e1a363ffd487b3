"""Units that can be turned into each other, and by how much. Anything else is not converted: a wrong guess is worse."""

from __future__ import annotations

from foundation.web.refused import Refused

# Size of each unit in the first one of its family.
_FAMILIES: tuple[dict[str, float], ...] = (
    {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "wk": 604800.0},
    {"mg": 0.001, "g": 1.0, "kg": 1000.0, "t": 1_000_000.0},
    {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0},
    {"ml": 0.001, "l": 1.0, "m3": 1000.0},
    {"Wh": 1.0, "kWh": 1000.0, "MWh": 1_000_000.0, "GWh": 1_000_000_000.0},
    {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12},
    {"%": 0.01, "1": 1.0, "ppm": 1e-6},
)
_SPELLED = {
    "second": "s", "seconds": "s", "sec": "s", "minute": "min", "minutes": "min", "mins": "min", "hour": "h",
    "hours": "h", "hr": "h", "day": "d", "days": "d", "week": "wk", "weeks": "wk", "percent": "%", "L": "l",
    "m\u00b3": "m3", "tonne": "t", "tonnes": "t",
}  # fmt: skip


def same_unit(one: str, other: str) -> bool:
    """Whether two names mean one unit: min and minutes."""
    return _short(one) == _short(other)


def is_known(unit: str) -> bool:
    """Whether some rule speaks of a unit."""
    name = _short(unit)
    return any(name in family for family in _FAMILIES)


def factor_between(given: str, wanted: str) -> float | None:
    """By what a value in `given` is multiplied to be one in `wanted`; None where no rule is known.

    A day is 24 hours here; working days are another unit and need another name.
    """
    sizes = _sizes(given, wanted)
    return None if sizes is None else sizes[0] / sizes[1]


def converted(value: float, given: str, wanted: str) -> float:
    """The value in the wanted unit. Raises Refused unit_mismatch where no rule is known."""
    sizes = _sizes(given, wanted)
    if sizes is None:
        raise Refused(
            f"Values in {given!r} cannot be turned into {wanted!r}: no rule between the two is known. "
            f"Give them in {wanted!r}.",
            code="unit_mismatch", status=400, field="unit",
        )  # fmt: skip
    return value * sizes[0] / sizes[1]  # in this order 12 min are 0.2 h, and not nearly so


def _sizes(given: str, wanted: str) -> tuple[float, float] | None:
    one, other = _short(given), _short(wanted)
    if one == other:
        return 1.0, 1.0
    return next(((family[one], family[other]) for family in _FAMILIES if one in family and other in family), None)


def _short(unit: str) -> str:
    name = unit.strip()
    return _SPELLED.get(name, name)
