"""Tests that guard habits: settings are documented, the web stays light, addresses ask for sign-in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from portal.environment import Environment

ROOT = Path(__file__).resolve().parent.parent
HEAVY = [
    "shap", "numba", "sklearn", "statsmodels", "scipy", "pandas", "numpy", "xgboost", "lightgbm", "skops", "pyarrow", "matplotlib",
]  # fmt: skip


def test_each_setting_is_documented_with_its_own_words() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", page, flags=re.MULTILINE))
    assert rows == settings.ENVIRONMENT.known


def test_the_web_process_imports_no_model_or_statistics_library() -> None:
    code = (
        "import json, sys, django; django.setup(); import portal.wsgi; from django.urls import get_resolver; "
        "get_resolver().url_patterns; import portal.celery; "
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment, check=True
    )
    assert json.loads(done.stdout.strip().splitlines()[-1]) == []


def test_a_bad_value_becomes_a_problem_that_says_what_to_do() -> None:
    environment = Environment(source={"PORT": "eighty", "FLAG": "maybe", "DATABASE_URL": "mysql://u:secret@h/x"})
    assert environment.number("PORT", 8000, "Port", high=65535) == 8000
    assert environment.flag("FLAG", False, "Flag") is False
    environment.database("DATABASE_URL", "sqlite:///x.sqlite3", "Database")
    messages = [problem.message for problem in environment.problems]
    assert [problem.name for problem in environment.problems] == ["PORT", "FLAG", "DATABASE_URL"]
    assert all(problem.hint for problem in environment.problems)
    assert not any("secret" in message for message in messages)
