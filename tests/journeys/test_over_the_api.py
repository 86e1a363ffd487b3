"""`make demo` as a test: one project from charter to post-mortem over the REST API, on both kinds of installation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 240.0  # seconds until a journey that never ends is called one; nothing depends on how long it took

# One stack at a time: each has a web server, two workers and a sandbox of its own.
pytestmark = [pytest.mark.worker]


def journey(**services: str) -> dict[str, Any]:
    """The summary of a journey; DATABASE_URL and REDIS_URL are named, since the surroundings of a test are blank."""
    done = subprocess.run(
        [sys.executable, "-m", "demo.journey"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", **services},
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def holds(summary: dict[str, Any]) -> None:
    """Every step was made and held."""
    steps = summary["results"]
    assert summary["ok"] is True
    assert summary["steps"] == summary["of"] == len(steps) >= 23
    assert [step["step"] for step in steps if step["ok"] is not True] == []
    assert all(step["seen"] for step in steps)


@pytest.fixture
def fresh_database() -> Iterator[str]:
    """The address of an empty PostgreSQL database of the test's own, dropped at the end."""
    server = os.environ["TEST_DATABASE_URL"]
    name = f"tollgate_journey_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_project_goes_its_whole_way_with_nothing_but_pip_packages() -> None:
    holds(journey(DATABASE_URL="", REDIS_URL=""))


@pytest.mark.postgres
@pytest.mark.redis
def test_a_project_goes_its_whole_way_on_postgresql_and_redis(fresh_database: str) -> None:
    holds(journey(DATABASE_URL=fresh_database, REDIS_URL=os.environ["TEST_REDIS_URL"]))
