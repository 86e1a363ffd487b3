"""`make demo`: one project from charter to post-mortem over the REST API only, each step checked."""
