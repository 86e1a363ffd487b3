"""What the explanation says in sentences, for readers who decide and do not model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from explain.attributions.dictionary import Dictionary, label, label_in_sentence, measured, number
from explain.attributions.summary import Driver, Stability

CLEAR: Final = 0.3
Verdict = Literal["as expected", "against expectation", "no expectation", "no single direction"]


class Sentence(NamedTuple):
    """One feature in words; `verdict` compares the model's direction with the one the business expects."""

    feature: str
    text: str
    verdict: Verdict
    sensitive: bool


def verdict(driver: Driver, dictionary: Dictionary) -> Verdict:
    """How the direction found compares with the direction expected."""
    found = driver["direction"]
    expected = dictionary.get(driver["feature"], {}).get("expected")
    if found is None or abs(found) < CLEAR:
        return "no single direction"
    if expected is None:
        return "no expectation"
    return "as expected" if (found > 0) == (expected == "up") else "against expectation"


def sentence(driver: Driver, dictionary: Dictionary, *, outcome: str, output_space: str, unit: str = "") -> Sentence:
    """One sentence or two about one feature. `outcome` reads like "risk of default"; `unit` is the output's
    own."""
    name = label(driver["feature"], dictionary)
    found = verdict(driver, dictionary)
    if found == "no single direction":
        text = (
            f"{_capital(name)} matters, but in no single direction: "
            f"more of it may go with a higher or a lower {outcome}."
        )
        if driver["mean_abs"] == 0:
            text = f"{_capital(name)} has no influence on the {outcome}."
    else:
        direction = "higher" if (driver["direction"] or 0) > 0 else "lower"
        text = f"More {label_in_sentence(driver['feature'], dictionary)} goes with a {direction} {outcome}"
        text += {
            "as expected": ", as expected.",
            "against expectation": ", against what the business expects.",
        }.get(found, ".")
    size = effect(driver, dictionary, output_space=output_space, unit=unit)
    if size and driver["mean_abs"]:
        text += f" {size}"
    return Sentence(driver["feature"], text, found, bool(dictionary.get(driver["feature"], {}).get("sensitive")))


def effect(driver: Driver, dictionary: Dictionary, *, output_space: str, unit: str = "") -> str:
    """The typical change between a low and a high value of the feature; empty when the feature does not
    vary."""
    if driver["effect"] is None:
        return ""
    low, high = (measured(driver["feature"], driver[side], dictionary) for side in ("low", "high"))
    if output_space == "log-odds" and driver["effect_probability"] is not None:
        change = f"{_points(driver['effect_probability'])} around the average case"
    elif output_space == "probability":
        change = _points(driver["effect"])
    else:
        space = {"log-odds": " in log-odds", "log": " in the log of the output"}.get(output_space, f" {unit}".rstrip())
        change = f"{_signed(driver['effect'])}{space}"
    return f"From low ({low}) to high ({high}) the typical change is {change}."


def sentences(
    drivers: Sequence[Driver],
    dictionary: Dictionary,
    *,
    outcome: str,
    output_space: str,
    unit: str = "",
    most: int = 10,
) -> list[Sentence]:
    """Sentences about the `most` strongest features, and about every sensitive one or one against
    expectation."""
    chosen = [
        driver
        for place, driver in enumerate(drivers)
        if place < most
        or (
            driver["mean_abs"] > 0
            and (
                verdict(driver, dictionary) == "against expectation"
                or dictionary.get(driver["feature"], {}).get("sensitive")
            )
        )
    ]
    return [sentence(driver, dictionary, outcome=outcome, output_space=output_space, unit=unit) for driver in chosen]


def opening(
    drivers: Sequence[Driver],
    dictionary: Dictionary,
    stability: Stability,
    *,
    outcome: str,
    output_space: str,
    unit: str = "",
) -> list[str]:
    """Three sentences to open with: what it rests on, whether it acts as expected, how steady that is."""
    used = [driver for driver in drivers if driver["mean_abs"] > 0]
    if not used:
        return [
            "The model gives the same answer for every row: no feature has any influence.",
            "There is nothing to compare with what the business expects.",
            _steady(stability),
        ]
    first = used[:3]
    share = sum(driver["share"] for driver in first)
    rests = (
        f"The {outcome} rests mostly on "
        f"{_joined([label_in_sentence(driver['feature'], dictionary) for driver in first])}: "
        f"together {100 * share:.0f} % of all influence."
    )
    return [rests, _expectations(used, dictionary), _steady(stability)]


def _expectations(used: Sequence[Driver], dictionary: Dictionary) -> str:
    found = [(driver, verdict(driver, dictionary)) for driver in used]
    against = [
        label_in_sentence(driver["feature"], dictionary) for driver, word in found if word == "against expectation"
    ]
    sensitive = [
        label_in_sentence(d["feature"], dictionary) for d in used if dictionary.get(d["feature"], {}).get("sensitive")
    ]
    agreeing = sum(1 for _, word in found if word == "as expected")
    if against:
        act = "act" if len(against) > 1 else "acts"
        text = f"{_capital(_joined(against))} {act} against what the business expects"
    elif agreeing:
        text = (
            f"All {agreeing} features with a clear direction act as the business expects"
            if agreeing > 1
            else ("The one feature with an expected and clear direction acts as the business expects")
        )
    else:
        text = "Nobody has said yet which direction the business expects of these features"
    if sensitive:
        text += f", and the model uses sensitive information: {_joined(sensitive)}"
    return text + "."


def _steady(stability: Stability) -> str:
    overlap, correlation = stability["top_k_overlap"], stability["rank_correlation"]
    kept = f"of the {stability['top_k']} strongest features {100 * overlap:.0f} % stay in place"
    if stability["top_k"] <= 1 or correlation is None:
        return "There are too few features to say how steady their order is."
    word = "steady" if overlap >= 0.9 and correlation >= 0.9 else "fairly steady" if overlap >= 0.7 else "not steady"
    return f"The order of the features is {word}: when the rows are drawn again, {kept}."


def _points(change: float) -> str:
    return f"{_signed(round(100 * change, 1))} percentage points"


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _joined(names: Sequence[str], most: int = 5) -> str:
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
