"""Runs a Python file in the process that it is started in, after giving up whatever that process might do.

Started as a script of its own, isolated (`-I`), in the file's folder. Its arguments: the file's name, the limits, and
the status it ends with where the program came to its end. One that leaves early has not passed its tests.
"""

import ast
import ctypes
import os
import resource
import runpy
import sys
import traceback
from pathlib import Path

NEW_NETWORK_AND_USER = 0x40000000 | 0x10000000
"""Linux: CLONE_NEWNET | CLONE_NEWUSER, a network of its own without any device."""

REFUSED = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.kill",
    "os.chmod",
    "os.chown",
    "os.link",
    "os.symlink",
    "ctypes.",
    "pty.",
    "signal.pthread_kill",
    "webbrowser.",
    "urllib.",
    "http.",
    "ftplib.",
    "smtplib.",
    "sys.addaudithook",
)
"""Beginnings of the audit events (PEP 578) that end in an error."""

CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "shutil.")
"""Those that do so outside the folder."""


def main() -> None:
    """Confine the process, then run the program."""
    name, (seconds, memory, done) = sys.argv[1], map(int, sys.argv[2:])
    last = ast.parse(Path(name).read_bytes(), name).body[-1:]
    _limit(seconds, memory)
    _leave_network()
    sys.argv[:] = [name]
    sys.addaudithook(_guard(os.path.realpath(os.getcwd()), _readable()))  # noqa: PTH109
    try:
        runpy.run_path(name, run_name="__main__")
    except SystemExit as left:
        # `unittest.main()` leaves so, too, but as the last thing that is done.
        if left.code not in (None, 0, False) or not last or _line(left, name) < last[0].lineno:
            sys.exit(f"it leaves before its end: {left.code}")
    sys.exit(done)


def _line(error: BaseException, name: str) -> int:
    """Return the line of a file's outermost code at which an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in frames if os.path.basename(frame.filename) == name), 0)  # noqa: PTH119


def _limit(seconds: int, memory: int) -> None:
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 1_000_000,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))


def _leave_network() -> None:
    """Go into a network without any device, where the system lets us; the guard refuses sockets in any case."""
    if sys.platform == "linux":
        ctypes.CDLL(None).unshare(NEW_NETWORK_AND_USER)


def _readable() -> tuple[str, ...]:
    """Return where files may be read outside the folder: Python's own libraries."""
    return tuple(os.path.realpath(path) for path in {sys.prefix, sys.base_prefix, *sys.path} if path)


def _guard(folder: str, readable: tuple[str, ...]):  # noqa: ANN202 - a hook
    def inside(path: object, roots: tuple[str, ...]) -> bool:
        if isinstance(path, int):
            return True
        try:
            real = os.path.realpath(os.fsdecode(path))  # pyright: ignore[reportArgumentType]
        except (TypeError, ValueError):
            return False
        return any(real == root or real.startswith(root + os.sep) for root in roots)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(REFUSED):
            raise PermissionError(f"{event} is not allowed here")
        if event == "open":
            path, mode, flags = arguments
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if not inside(path, (folder,) if writes else (folder, *readable)):
                raise PermissionError(f"{path!r} is not to be opened here")
        elif event.startswith(CHANGES) and not inside(arguments[0], (folder,)):
            raise PermissionError(f"{event} is not allowed here")

    return hook


if __name__ == "__main__":
    main()
