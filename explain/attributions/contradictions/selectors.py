"""Where the model contradicts the business, and whether the team has said why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explain.attributions import words
from explain.attributions.contradictions.models import ContradictionNote
from explain.attributions.dictionary import Dictionary, label_with_unit
from explain.attributions.models import Explanation
from explain.attributions.summary import Driver
from explain.attributions.telling import MENTIONED


@dataclass(frozen=True)
class Contradiction:
    """A feature whose direction in the model is not the one that the business expects.

    `note`: the reason that counts for this model version. `former`: what was written for an earlier version, to begin with.
    """

    feature: str
    name: str
    direction: str
    share: float
    note: ContradictionNote | None
    former: str

    @property
    def sentence(self) -> str:
        """What contradicts what, and how much it weighs."""
        found, expected = (
            ("raises", "lowers") if self.direction == ContradictionNote.Direction.UP else ("lowers", "raises")
        )
        return (
            f"In this model more of it {found} the result; the business expects that it {expected} it. "
            f"It has {100 * self.share:.0f} % of all influence."
        )


def against(drivers: Sequence[Driver], dictionary: Dictionary) -> list[Driver]:
    """The drivers that act against expectation; those below a hundredth of all influence say too little."""
    return [
        driver
        for driver in drivers
        if driver["share"] >= MENTIONED and words.verdict(driver, dictionary) == "against expectation"
    ]


def contradictions_of(explanation: Explanation, dictionary: Dictionary) -> list[Contradiction]:
    """Contradictions of a finished explanation, the heaviest first; one query where there are any."""
    drivers = against(explanation.summary["drivers"], dictionary)
    if not drivers:
        return []
    notes = list(
        ContradictionNote.objects.filter(
            project=explanation.project_id,
            model_version__name=explanation.model_version.name,
            model_version__number__lte=explanation.model_version.number,
            feature__in=[driver["feature"] for driver in drivers],
        )
        .select_related("author")
        .order_by("-pk")
    )
    found = []
    for driver in drivers:
        direction = direction_of(driver)
        about = [note for note in notes if (note.feature, note.direction) == (driver["feature"], direction)]
        own = next((note for note in about if note.model_version_id == explanation.model_version_id), None)
        found.append(
            Contradiction(
                feature=driver["feature"],
                name=label_with_unit(driver["feature"], dictionary),
                direction=direction,
                share=driver["share"],
                note=own,
                former=about[0].text if about and own is None else "",
            )
        )
    return found


def direction_of(driver: Driver) -> str:
    """What more of the feature does to the result in the model: up or down."""
    return str(ContradictionNote.Direction.UP if (driver["direction"] or 0) > 0 else ContradictionNote.Direction.DOWN)
