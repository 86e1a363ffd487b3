"""The command line of the supervisor: look at what must be right, then start."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from foundation.jobs.broker import NoBroker, embedded
from foundation.jobs.supervisor.preflight import CannotStart, bind, check_folder, note_in, take_lock
from foundation.jobs.supervisor.run import ROOT, Supervisor, say


def check(data: Path) -> int:
    """Only look: settings, folder, address, database; one line for each fault."""
    problems = [f"{problem.message} {problem.hint}" for problem in settings.ENVIRONMENT.problems]
    try:
        if not problems:
            check_folder(data)
            with take_lock(data):
                bind(settings.HOST, settings.PORT).close()
            if not settings.REDIS_URL:
                embedded(data)
    except (CannotStart, NoBroker) as error:
        problems.append(str(error))
    for problem in problems:
        say(problem)
    if problems:
        return 1
    if subprocess.run([sys.executable, "manage.py", "prepare", "--check"], cwd=ROOT, check=False).returncode:
        return 1
    say("All is well: `make run` can start.")
    return 0


def main(arguments: list[str]) -> int:
    """Start the portal, or with --check only look. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m foundation.jobs.supervisor", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only look whether the portal can start")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    wanted = parser.parse_args(arguments)
    data = Path(settings.DATA_DIR)
    if wanted.check:
        return check(data)
    problems = settings.ENVIRONMENT.problems
    for problem in problems:
        say(f"{problem.message} {problem.hint}")
    if problems:
        return 1
    try:
        check_folder(data)
        lock = take_lock(data)
        with lock:
            listening = bind(settings.HOST, settings.PORT)
            (data / "log").mkdir(exist_ok=True)
            supervisor = Supervisor(data, listening)
            note_in(lock, supervisor.url)
            return supervisor.run()
    except CannotStart as error:
        say(str(error))
        return 1
