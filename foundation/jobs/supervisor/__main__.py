"""What `make run` executes. Looks at Python and the libraries before anything imports them."""

from __future__ import annotations

import sys

from foundation.jobs.supervisor.preflight import missing

if problem := missing():
    print(problem, file=sys.stderr)
    sys.exit(1)

from foundation.jobs.supervisor.command import main

sys.exit(main(sys.argv[1:]))
