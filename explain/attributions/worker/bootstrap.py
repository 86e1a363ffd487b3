"""First lines of the sandboxed process: `python -I bootstrap.py PROJECT PIPE`, in the job's own folder.

Run as a file, isolated from the environment; it gives up rights before it imports anything that could open a
stranger's
file, and the project's folder is put on the path by hand.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path


def main() -> int:
    """Run the request in request.json; the outcome goes up the pipe."""
    project, pipe = Path(sys.argv[1]), int(sys.argv[2])
    sys.path.insert(0, str(project))
    request = json.loads(Path("request.json").read_text())

    from explain.attributions.limits import Limits
    from explain.attributions.refused import ExplainRefused
    from explain.attributions.worker.isolation import give_up_rights
    from explain.attributions.worker.report import Reporter

    limits = Limits(**request["limits"])
    user = request["user"]
    facts = give_up_rights(
        project=project,
        memory=limits.memory_bytes,
        cpu=limits.cpu_seconds,
        file=limits.file_bytes,
        user=None if user is None else (user[0], user[1]),
    )
    if os.getppid() != request["parent"]:  # it was killed before this process was tied to it
        return 1
    with os.fdopen(pipe, "w") as stream:
        report = Reporter(stream)
        try:
            from explain.attributions.worker import run

            if request["task"] == "inspect":
                run.inspect(request, limits)
            elif request["task"] == "shard":
                run.shard(request, limits, report)
            elif request["task"] == "join":
                run.join(request, limits, report)
            elif request["task"] == "what_if":
                run.what_if(request, limits, report)
            else:
                run.explain(request, limits, report)
        except ExplainRefused as refused:
            report.refused(refused.code, refused.message)
        except MemoryError:
            report.refused("limit_exceeded", _memory(limits.memory_bytes))
        except OSError as error:
            if error.errno == errno.EFBIG:
                report.refused(
                    "limit_exceeded",
                    f"The result is larger than {limits.file_bytes:,} bytes. Ask for fewer rows.",
                )
            elif error.errno == errno.ENOMEM:
                report.refused("limit_exceeded", _memory(limits.memory_bytes))
            else:
                raise
        except Exception as error:
            if "bad_alloc" in str(error) or "llocate memory" in str(error):
                report.refused("limit_exceeded", _memory(limits.memory_bytes))
            else:
                raise
        else:
            report.finished(facts, _peak_mb())
    return 0


def _memory(limit: int) -> str:
    return (
        f"The computation needs more than the {limit // 1024 // 1024:,} MB of memory it may use. "
        "Ask for fewer rows, or upload a smaller model."
    )


def _peak_mb() -> float:
    # not ru_maxrss, which a fresh process inherits from the one that started it
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


if __name__ == "__main__":
    sys.exit(main())
