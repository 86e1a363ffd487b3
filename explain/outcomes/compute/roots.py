"""All positive real roots of a sparse polynomial in Decimal, proved complete by Descartes and Rolle.

Dividing f by x^j and differentiating, with j placed at a change of sign, leaves a function with one change
of sign less, whose positive zeros separate those of f. After as many steps as f has changes of sign nothing
is left that could vanish, so walking back finds every root, also one that only touches zero. No grid is
needed and none can be missed, however long the flows run.
"""

from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from itertools import pairwise

Term = tuple[int, Decimal]  # exponent, coefficient

PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
ROOT_DIGITS = Decimal("1e-45")  # relative width at which a bracket counts as a root
TOUCH = Decimal("1e-32")  # |f| below this share of its summed terms counts as zero (a double root)


def sign_changes(amounts: Sequence[Decimal]) -> int:
    """Changes of sign in a row of amounts, zeros left out: Descartes' bound on the number of positive
    roots.
    """
    signs = [amount > 0 for amount in amounts if amount]
    return sum(a != b for a, b in pairwise(signs))


def positive_roots(terms: Sequence[Term]) -> list[Decimal]:
    """Distinct roots above zero of sum(c x^e), ascending, to about 40 digits; exponents are unlike and not
    negative.
    """
    with localcontext(PRECISE):
        live = sorted(term for term in terms if term[1])
        if len(live) < 2:
            return []
        first = live[0][0]
        return _roots([(exponent - first, value) for exponent, value in live])


def _roots(terms: list[Term]) -> list[Decimal]:
    chain = [terms]
    while place := _first_change(chain[-1]):
        # 2j = e[i] + e[i+1] keeps the factors 2(e - j) whole: negative before the change, positive after.
        twice = chain[-1][place - 1][0] + chain[-1][place][0]
        chain.append(_shrunk([(exponent, value * (2 * exponent - twice)) for exponent, value in chain[-1]]))
    roots: list[Decimal] = []
    for step in reversed(chain[:-1]):
        roots = _between(step, roots)
    return roots


def _first_change(terms: list[Term]) -> int | None:
    for place in range(1, len(terms)):
        if (terms[place][1] > 0) != (terms[place - 1][1] > 0):
            return place
    return None


def _shrunk(terms: list[Term]) -> list[Term]:
    largest = max(abs(value) for _, value in terms)
    return [(exponent, value / largest) for exponent, value in terms]


def _between(terms: list[Term], turns: list[Decimal]) -> list[Decimal]:
    """Roots of one function of the chain: one at most in each stretch between its turning points, or at one
    of them.
    """
    sizes = [abs(value) for _, value in terms]
    low_end = 1 / (1 + max(sizes) / sizes[0])  # Cauchy's bound, read from both ends
    high_end = 1 + max(sizes) / sizes[-1]
    edges = [min([low_end, *turns]) / 2, *turns, max([high_end, *turns]) * 2]
    values = [terms[0][1], *(_settled(terms, turn) for turn in turns), terms[-1][1]]
    roots = []
    for place in range(1, len(edges)):
        left, right = values[place - 1], values[place]
        if left and right and (left > 0) != (right > 0):
            roots.append(_bisected(terms, edges[place - 1], edges[place], left > 0))
        if not right:
            roots.append(edges[place])
    return roots


def _value(terms: list[Term], x: Decimal) -> Decimal:
    """Horner's scheme over the gaps of a sparse polynomial."""
    total, above = Decimal(0), terms[-1][0]
    for exponent, value in reversed(terms):
        total = total * x ** (above - exponent) + value
        above = exponent
    return total * x**above


def _settled(terms: list[Term], x: Decimal) -> Decimal:
    """The value at a turning point, taken for zero where the terms cancel to the last digits."""
    total = _value(terms, x)
    return Decimal(0) if abs(total) <= TOUCH * _value([(e, abs(v)) for e, v in terms], x) else total


def _bisected(terms: list[Term], low: Decimal, high: Decimal, positive_at_low: bool) -> Decimal:
    """The one root in (low, high): Newton's steps while each halves the one before, halving otherwise."""
    slopes = [(exponent - 1, value * exponent) for exponent, value in terms if exponent]
    x, last = (low * high).sqrt(), high - low
    while high - low > ROOT_DIGITS * high:
        here = _value(terms, x)
        if not here:
            return x
        if (here > 0) == positive_at_low:
            low = x
        else:
            high = x
        slope = _value(slopes, x)
        step = here / slope if slope else high
        if low < x - step < high and 2 * abs(step) < last:
            last = abs(step)
            x -= step
            if last <= ROOT_DIGITS * x:
                return x
        else:
            last = high - low
            x = (low * high).sqrt() if high > 4 * low else (low + high) / 2
    return (low + high) / 2
