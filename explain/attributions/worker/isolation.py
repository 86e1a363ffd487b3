"""Giving up rights, in the fresh child and before any file of a stranger is opened. Standard library only."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Final

_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 38, 9
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ: Final = 0b1101  # execute, read file, read directory
_ALL_V1: Final = (1 << 13) - 1
_READABLE: Final = (
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/dev/urandom",
    "/dev/zero",
)

_libc: Final = ctypes.CDLL(None, use_errno=True)


def give_up_rights(*, project: Path, memory: int, cpu: int, file: int, user: tuple[int, int] | None) -> dict[str, str]:
    """Limit this process for good and say what was possible: {"user", "network", "filesystem"}, in words.

    Raises OSError when a limit that must hold cannot be set.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file, file))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, most), min(512, most)))
    facts = {"network": _leave_network()}
    if user is not None:
        os.setgroups([])
        os.setgid(user[1])
        os.setuid(user[0])
        facts["user"] = f"unprivileged (uid {user[0]})"
    else:
        facts["user"] = f"unchanged (uid {os.getuid()})"
    # after the change of user, which clears it: the child never outlives its parent
    _libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    facts["filesystem"] = _lock_files(project)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    return facts


def _leave_network() -> str:
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    if _libc.unshare(flags) == 0:
        return "none (a network namespace of its own)"
    return f"not cut off: {os.strerror(ctypes.get_errno())}"


def _lock_files(project: Path) -> str:
    """Landlock (Linux 5.13): read the interpreter and its libraries, write the job's folder, nothing else."""
    version = _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return "the user's rights (the kernel offers no Landlock)"
    handled = _ALL_V1 | (1 << 13 if version >= 2 else 0) | (1 << 14 if version >= 3 else 0)
    wanted = struct.pack("<Q", handled)
    ruleset = _libc.syscall(_LANDLOCK_CREATE, wanted, ctypes.c_size_t(len(wanted)), ctypes.c_uint32(0))
    if ruleset < 0:
        return "the user's rights (Landlock was refused)"
    try:
        own = [
            project / "explain",
            *map(Path, (sys.prefix, sys.base_prefix, sys.exec_prefix)),
            *map(Path, _READABLE),
        ]
        for path in own:
            _allow(ruleset, path.resolve(), _READ)
        _allow(ruleset, Path("/dev/null"), 0b110)
        _allow(ruleset, Path.cwd(), handled)
        if _libc.syscall(_LANDLOCK_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) != 0:
            return "the user's rights (Landlock was refused)"
    finally:
        os.close(ruleset)
    return "its own folder, and the libraries to read (Landlock)"


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= 0b100_0000_0000_0111  # what a file can be asked for
        rule = struct.pack("<Qi", access, place)
        _libc.syscall(_LANDLOCK_ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(place)
