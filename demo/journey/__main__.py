"""Runs the journey: one line a step, a summary as JSON, exit 0 only if each step's result was checked and held."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

from demo.journey.stack import Stack
from demo.journey.steps import Journey
from demo.training import train_triage


def main() -> int:
    """0 when all steps held, 1 at the first that did not."""
    began = time.monotonic()
    trained = train_triage()
    summary: list[dict[str, object]] = []
    broken = ""
    with Stack() as stack:
        print(f"The portal answers at {stack.url} after {time.monotonic() - began:.1f} s", flush=True)
        journey = Journey(stack.url, trained, datetime.now(UTC).date())
        steps = journey.steps()
        for number, (name, deed) in enumerate(steps, start=1):
            started = time.monotonic()
            try:
                seen = deed()
            except Exception as error:
                broken = f"{type(error).__name__}: {error}"
                seen = broken
            took = round(time.monotonic() - started, 2)
            print(f"{number:2}/{len(steps)} {'ok ' if not broken else 'NOT'} {took:6.2f} s  {name}: {seen}", flush=True)
            summary.append({"step": name, "ok": not broken, "seconds": took, "seen": seen})
            if broken:
                print("\n".join(stack.lines[-15:]), file=sys.stderr)
                break
        done = len(summary) == len(steps) and not broken
    print(
        json.dumps(
            {
                "ok": done,
                "steps": len(summary),
                "of": len(steps),
                "seconds": round(time.monotonic() - began, 1),
                "results": summary,
            },
            ensure_ascii=False,
        )
    )
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
