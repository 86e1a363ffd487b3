"""Charts on paper: the figure that the browser draws, as plain marks that the typesetter draws.

No chart library draws without a browser in the web image, and a report on paper has to show what the page shows. So the
few kinds of traces that our charts use are laid out here; templates/foundation/web/chart.typ puts the marks on paper.
"""

from foundation.web.drawing.chart import drawn

__all__ = ["drawn"]
