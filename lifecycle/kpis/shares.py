"""Splitting a whole: by largest remainder, in proportion, by cases, and by Shapley value. Exact; no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import factorial, lcm

PARTS = 100_000  # a share has five digits after the point
WHOLE = Decimal(1)

Coalitions = Mapping[frozenset[str], Decimal]


def split(units: int, weights: Sequence[int]) -> list[int]:
    """Units by weights, by largest remainder, so that the parts sum to the units; equal remainders go to the earlier part.

    Raises ValueError when no weight is above zero or one is below.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("Weights must not be below zero.")
    divisor = sum(weights)
    if divisor <= 0:
        raise ValueError("At least one weight must be above zero.")
    shares = [divmod(units * weight, divisor) for weight in weights]
    parts = [quotient for quotient, _ in shares]
    for place in sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))[: units - sum(parts)]:
        parts[place] += 1
    return parts


def scaled(shares: Sequence[Decimal]) -> list[Decimal]:
    """The shares as they stand while they sum to at most 1; else in proportion, so that they sum to 1 exactly."""
    if sum(shares, Decimal(0)) <= WHOLE:
        return list(shares)
    weights = [int(share * PARTS) for share in shares]
    return [Decimal(part) / PARTS for part in split(PARTS, weights)]


def equal_shares(count: int) -> list[Decimal]:
    """`count` parts that differ by at most 0.00001 and sum to 1."""
    return [Decimal(part) / PARTS for part in split(PARTS, [1] * count)]


def shapley(values: Coalitions) -> dict[str, Fraction]:
    """What each player brings: the mean of its marginal worth over all orders of joining (Shapley 1953).

    `values`: worth of every coalition of the players, in one unit; the empty one is worth 0 and may be left out.
    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! x (v(S + i) - v(S)). The values sum to v(all).
    Raises ValueError when a coalition is missing.
    """
    players = sorted(frozenset().union(*values)) if values else []
    n = len(players)
    worth = {frozenset[str](): Fraction(0)} | {who: Fraction(value) for who, value in values.items()}
    missing = [names for names in _subsets(players) if names not in worth]
    if missing:
        raise ValueError(f"The value of {' + '.join(sorted(missing[0]))} is missing.")
    found = dict.fromkeys(players, Fraction(0))
    for names in _subsets(players):
        for player in players:
            if player in names:
                continue
            orders = Fraction(factorial(len(names)) * factorial(n - len(names) - 1), factorial(n))
            found[player] += orders * (worth[names | {player}] - worth[names])
    return found


def shapley_shares(values: Coalitions) -> dict[str, Decimal]:
    """Shapley values as shares of the whole with five digits, by largest remainder: they sum to 1.

    Raises ValueError when a coalition is missing, a value is below zero, or all together are worth nothing.
    """
    found = shapley(values)
    if any(value < 0 for value in found.values()):
        who = min(found, key=lambda name: found[name])
        raise ValueError(f"{who} would get less than nothing by these values.")
    if not found or sum(found.values()) <= 0:
        raise ValueError("All together are worth nothing, so there is nothing to share.")
    return _by_weight(found)


def shares_by_cases(cases: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Shares in proportion to the cases of each segment, with five digits, by largest remainder: they sum to 1.

    Right where a case gained the same in every segment. Raises ValueError for cases below zero and for none at all.
    """
    if any(count < 0 for count in cases.values()):
        raise ValueError("Cases are not below zero.")
    if not any(cases.values()):
        raise ValueError("No segment has cases, so there is nothing to share.")
    return _by_weight({name: Fraction(count) for name, count in cases.items()})


def _by_weight(weights: Mapping[str, Fraction]) -> dict[str, Decimal]:
    names, common = sorted(weights), lcm(*(weight.denominator for weight in weights.values()))
    parts = split(PARTS, [int(weights[name] * common) for name in names])
    return {name: Decimal(part) / PARTS for name, part in zip(names, parts, strict=True)}


def _subsets(players: Sequence[str]) -> list[frozenset[str]]:
    """All sets of players, the empty one first."""
    found: list[frozenset[str]] = [frozenset()]
    for player in players:
        found += [names | {player} for names in found]
    return found
