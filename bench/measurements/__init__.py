"""All measurements, in the order in which they run. A new one is a module with `measure(full)`, and a row here."""

from __future__ import annotations

from bench.measurements import (
    api,
    audit,
    beeswarm,
    coverage,
    crafted,
    decisions,
    engines,
    explanations,
    ingest,
    interactions,
    jobs,
    outcomes,
    pages,
    peers,
    portfolio,
    postmortems,
    reports,
    shards,
)
from bench.running import Measurement

ALL = (
    Measurement("api", "lists over REST", api.measure),
    Measurement("pages", "pages with 100 projects in the database", pages.measure),
    Measurement("decisions", "a decision and the inbox with 1,000 open rounds", decisions.measure),
    Measurement("ingest", "readings recorded in bulk", ingest.measure),
    Measurement("audit", "the audit trail", audit.measure),
    Measurement("outcomes", "what a worker computes for a report", outcomes.measure),
    Measurement("reports", "outcome reports of many projects by two workers", reports.measure),
    Measurement("portfolio", "the portfolio of many projects", portfolio.measure),
    Measurement("postmortems", "searching and counting over 10,000 post-mortems", postmortems.measure),
    Measurement("coverage", "how often the 95 % interval holds the truth", coverage.measure),
    Measurement("engines", "engines for trees, beside shap and each other", engines.measure),
    Measurement("interactions", "features of trees in pairs, beside XGBoost", interactions.measure),
    Measurement("peers", "SHAP values beside other tools, each in a process of its own", peers.measure),
    Measurement("explanations", "SHAP values in the sandbox", explanations.measure),
    Measurement("shards", "SHAP values of many rows, shared by workers", shards.measure),
    Measurement("beeswarm", "the page of an explanation of 100,000 rows", beeswarm.measure),
    Measurement("crafted", "a thousand crafted files through the real doors", crafted.measure),
    Measurement("jobs", "background work, over a real broker and worker", jobs.measure),
)
