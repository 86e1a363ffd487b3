"""What a paper of an explanation says: the page for everybody, as plain data, for people without an account."""

from __future__ import annotations

from typing import Any, Final

from explain.attributions import page, telling
from explain.attributions.charts.frame import Chart
from explain.attributions.contradictions.selectors import contradictions_of
from explain.attributions.dictionary import Dictionary
from explain.attributions.models import Explanation
from explain.attributions.performance import shown
from foundation.web.drawing import drawn
from foundation.web.formats import day_text

_DOTS: Final = 3_000  # of the beeswarm: a paper is not zoomed into
_ROW: Final = 20.0  # pt for a feature


def told(explanation: Explanation, dictionary: Dictionary) -> dict[str, Any]:
    """All that the paper shows, as plain JSON; reads `samples`."""
    summary = explanation.summary
    story = page.story_of(explanation, dictionary, output=None, row=None)
    answers = shown.told(
        summary,
        dictionary,
        has_target=bool(explanation.data_set.target_column),
        currency=explanation.project.currency,
        asked=shown.Asked(),
    )
    charts = [
        (
            "How much each feature matters",
            story.importance,
            "Mean change of the output by each feature, strongest first",
        ),
        (
            "Where low and high values push",
            None if story.swarm is None else _thinned(story.swarm),
            "One dot for each row and feature: to the right the feature raises the output; from blue, a low value, to orange, "
            "a high one",
        ),
    ]
    return {
        "title": f"What {explanation.model_version} goes by",
        "project": explanation.project.name,
        "about": f"On {explanation.data_set.name}, {explanation.rows:,} rows. Asked by {explanation.created_by} on "
        f"{day_text(explanation.created_at.date())}.",
        "foot": f"Explanation {explanation.pk} of {explanation.project.name}, fingerprint {explanation.content_hash[:16]}",
        "opening": story.opening,
        "outcome": story.outcome,
        "drivers": [[line.name, line.share, line.text] for line in story.lines],
        "cautions": story.cautions,
        "contradictions": [
            [each.name, each.sentence, each.note.text if each.note else "The team has not said why yet."]
            for each in contradictions_of(explanation, dictionary)
        ],
        "answers": [*answers.opening, *answers.cautions] or [answers.why],
        "charts": [
            {"title": title, "drawing": _drawn(chart, alt), "headers": chart.headers, "rows": chart.rows}
            for title, chart, alt in charts
            if chart is not None
        ],
        "sentences": [found.text for found in story.sentences],
        "facts": [
            ["Rows", f"{summary['rows']:,} of {summary['rows_in_file']:,} in the file"],
            ["Engine", f"{summary['engine']}. {summary['chosen_because']}"],
            ["Values", f"{telling.exactness(summary)}; {summary['output_space']}"],
            ["Base value", telling.base_text(summary)],
            ["Background", summary["background"]],
            ["Seed", str(summary["seed"])],
            ["Stability", telling.steadiness(summary)],
            ["Versions", ", ".join(f"{name} {number}" for name, number in summary["versions"].items())],
            ["Model file", summary["model_sha256"]],
            ["Data file", summary["data_sha256"]],
            ["Content", explanation.content_hash],
        ],
    }


def _drawn(chart: Chart, alt: str) -> dict[str, Any]:
    names = len(chart.figure["layout"]["yaxis"]["ticktext"])
    return drawn(chart.figure | {"alt": alt}, height=60 + _ROW * max(2, names))


def _thinned(chart: Chart) -> Chart:
    """The same with every n-th dot, where there are very many."""
    data = []
    for trace in chart.figure["data"]:
        step = max(1, len(trace["x"]) // _DOTS)
        colour = trace["marker"]["color"]
        kept = {"color": colour if isinstance(colour, str) else colour[::step]}
        data.append(trace | {"x": trace["x"][::step], "y": trace["y"][::step], "marker": trace["marker"] | kept})
    return Chart(chart.figure | {"data": data}, chart.headers, chart.rows)
