"""Which features work together, in sentences for readers who decide and do not model."""

from __future__ import annotations

from typing import Final

from explain.attributions.dictionary import Dictionary, label_in_sentence, number
from explain.attributions.interplay_shapes import Corner, Interplay, InterplayPair, Meeting

SENTENCES: Final = 3
MENTIONED: Final = 0.01  # of all influence
CLEAR: Final = 0.5  # of a pair's size: what the rows of a corner do on average, where they mostly go one way


def interplay_sentences(
    interplay: Interplay, dictionary: Dictionary, *, outcome: str, output_space: str, unit: str = ""
) -> list[str]:
    """Up to SENTENCES sentences, one for each of the strongest pairs, or one that says that there is none. `outcome` reads
    like "risk of default"; `unit` is the output's own."""
    told = [pair for pair in interplay["pairs"] if pair["share"] >= MENTIONED][:SENTENCES]
    if told:
        return [_sentence(pair, dictionary, outcome, output_space, unit) for pair in told]
    if not interplay["pairs"]:
        return [f"Each feature changes the {outcome} on its own: no two of them add anything by coming together."]
    return [
        f"The features change the {outcome} each almost on its own: "
        f"what pairs of them add by coming together is {_share(interplay['together'])} of all influence."
    ]


def _sentence(pair: InterplayPair, dictionary: Dictionary, outcome: str, output_space: str, unit: str) -> str:
    named = dictionary.get(pair["first"], {}).get("label")
    first = named[:1].upper() + named[1:] if named else pair["first"]
    text = (
        f"{first} and {label_in_sentence(pair['second'], dictionary)} work together: together they change the {outcome} by "
        f"{_amount(pair['size'], pair['size_probability'], output_space, unit)} on average beyond what each does alone"
    )
    corner = clearest(pair)
    if corner is None:
        return text + "."
    meeting = pair["corners"][corner]
    change, probability = meeting["change"], meeting["change_probability"]
    way = "raise" if (change if probability is None else probability) > 0 else "lower"
    size = _amount(abs(change), None if probability is None else abs(probability), output_space, unit)
    return f"{text}, and {_where(corner, pair, dictionary)} they {way} it by {size}."


def clearest(pair: InterplayPair) -> Corner | None:
    """The corner with the largest mean change, if its rows mostly go one way."""
    found: tuple[Corner, Meeting] | None = max(
        pair["corners"].items(), key=lambda each: abs(each[1]["change"]), default=None
    )
    return found[0] if found and abs(found[1]["change"]) >= CLEAR * pair["size"] else None


def _where(corner: Corner, pair: InterplayPair, dictionary: Dictionary) -> str:
    first, second = corner.split()
    if first == second:
        return f"where both are {first}"
    names = [label_in_sentence(pair[side], dictionary) for side in ("first", "second")]
    return f"where {names[0]} is {first} and {names[1]} is {second}"


def _amount(size: float, probability: float | None, output_space: str, unit: str = "") -> str:
    """A size in words: in percentage points where the answer is a chance, in its own unit elsewhere."""
    if output_space == "probability" or (output_space == "log-odds" and probability is not None):
        points = 100 * (size if output_space == "probability" or probability is None else probability)
        return "less than 0.1 percentage points" if points < 0.05 else f"{points:.1f} percentage points"
    space = {"log-odds": " in log-odds", "log": " in the log of the output"}.get(output_space, f" {unit}".rstrip())
    return f"{number(size)}{space}"


def _share(share: float) -> str:
    return "less than 0.1 %" if share < 0.0005 else f"{100 * share:.1f} %"
