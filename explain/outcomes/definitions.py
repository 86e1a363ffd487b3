"""What the figures of the portfolio mean, as the pages and the spreadsheet say it."""

from __future__ import annotations

DEFINITIONS: dict[str, tuple[str, str]] = {
    "net": (
        "Net benefit",
        "Benefits less costs to date, each project up to the day of its report. Nothing that lies ahead is in it. A "
        "project whose benefit is not known counts with its costs.",
    ),
    "benefits": (
        "Benefits",
        "What the improvement was worth, month by month, as far as it releases cash. Months without readings add nothing.",
    ),
    "interval": (
        "P10 to P90",
        "Eight out of ten draws lie between. For a sum, the projects are taken as independent. It is known for the whole "
        "time to date, not for a part of it.",
    ),
    "grade": (
        "Grade of evidence",
        "Verified: measured and signed by finance. Measured: enough periods before and after. Indicative: a figure with "
        "reservations. Assumed: a plan or a booking. Grades are not added to each other unless it says so.",
    ),
    "losing": (
        "Loses money",
        "Net benefit below zero, and a chance below one half that it pays over the horizon. In its first months each "
        "project has only costs, so those that are likely to pay are not listed.",
    ),
    "shortfall": (
        "Shortfall",
        "Planned net to date less realised net to date, where it is above zero. The cause is the largest line of the "
        "report's own comparison with the plan.",
    ),
    "curve": (
        "Planned and realised by month",
        "Sums of the projects by calendar month. After the day of its report a project adds nothing, so the realised "
        "curve holds no forecast.",
    ),
    "worth": (
        "Net present value",
        "Benefits less costs over the project's horizon, each month divided by (1 + rate) to the power of months / 12. "
        "Promised: of the plan. Expected: what happened so far, and the forecast of the report.",
    ),
    "chance": (
        "Chance that it pays",
        "Share of the report's 10,000 draws whose net present value over the horizon is above zero.",
    ),
    "time": (
        "Time in stage",
        "Days from the opening of a stage to its end. Stages that are still open count as lasting at least so long "
        "(Kaplan and Meier 1958). Median: half have ended by then. 85th percentile: 85 of 100 have.",
    ),
    "delay": (
        "Cost of waiting",
        "Days since the request for approval, times what a day costs: the worth of the months ahead when the project goes "
        "on now, less their worth when it goes on a month later and the end of its horizon stays, divided by 365/12.",
    ),
    "rate": (
        "Realised of promised",
        "Net benefit of the last report / net benefit of the whole plan, for closed and stopped projects whose plan "
        "promised more than zero. A stopped project that never measured a benefit counts as what it cost.",
    ),
    "discount": (
        "Suggested discount",
        "1 less the median rate, never below zero. The interval of the median assumes no distribution (order statistics, "
        "at least 95 %).",
    ),
}
