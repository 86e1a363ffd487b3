"""`python -m bench [NAME ...] [--full] [--json FILE]`: measures, prints a table, and leaves nothing behind."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import surroundings  # noqa: F401 - first: settings are read from what it sets

# isort: split
from django.conf import settings

from bench.measurements import ALL
from bench.running import chosen, run


def main(argv: Sequence[str]) -> int:
    """0 when every measurement ran or was skipped, 1 when one broke, 2 for a name that is none."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Speed and memory as ratios beside a reference in the same run. Works in a data folder of its own.",
        epilog="Measurements: " + "; ".join(f"{one.name}: {one.about}" for one in ALL) + ".",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these measurements")
    parser.add_argument("--full", action="store_true", help="larger sizes, a few minutes more")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures of all rounds there")
    arguments = parser.parse_args(argv)
    try:
        wanted = chosen(arguments.names, ALL)
    except ValueError as error:
        parser.error(str(error))
    settings.ROOT_URLCONF = "bench.addresses"
    found = run(wanted, lambda text: print(text, flush=True), full=arguments.full)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 1 if any(one["problem"].startswith("broke") for one in found["measurements"]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
