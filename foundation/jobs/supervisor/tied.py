"""Runs a program that ends when its parent does: `python tied.py SIGNAL PARENT PROGRAM ARGUMENTS...`.

On Linux the kernel sends SIGNAL when the supervisor dies in a way it cannot answer (kill -9, out of memory);
elsewhere the program is only started.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent = int(sys.argv[2])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sys.argv[1]))
        if os.getppid() != parent:  # it died before the line above
            sys.exit(1)
    os.execvp(sys.argv[3], sys.argv[3:])  # nosec B606 - the supervisor's own command lines
