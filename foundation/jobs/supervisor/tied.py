"""A program that ends when its parent does: `python tied.py SIGNAL PARENT PROGRAM ARGUMENTS...`.

On Linux the kernel sends SIGNAL when the parent dies in a way it cannot answer (kill -9, out of memory); elsewhere the
program is only started. It runs as a script without site-packages, so it imports nothing else.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def tie(signal: int, parent: int) -> None:
    """From now on this process gets `signal` when `parent`, which started it, dies; it ends at once if that is past."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    tie(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # nosec B606 - the supervisor's own command lines
