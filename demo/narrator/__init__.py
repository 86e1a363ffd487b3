"""Tells a story through the portal's own services: each deed by the person who would do it."""

from demo.narrator.figures import TellsFigures
from demo.narrator.learning import Learns
from demo.narrator.looking_back import LooksBack
from demo.narrator.promises import TellsPromises
from demo.narrator.sharing import Shares
from demo.narrator.stages import TellsStages
from demo.narrator.teller import Course

__all__ = ["Course", "Narrator"]


class Narrator(TellsStages, TellsFigures, TellsPromises, Shares, LooksBack, Learns):
    """One project's story."""
