"""Runs a piece of Python in the process that it is started in, after giving up whatever that process might do.

Started as a script of its own, isolated (`-I`), with the limits as arguments and the program on standard input.
"""

import ctypes
import os
import resource
import sys

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
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    program = compile(sys.stdin.read(), "exercise.py", "exec")
    _limit(seconds, memory)
    _leave_network()
    sys.argv[:] = ["exercise.py"]
    sys.addaudithook(_guard(os.path.realpath(os.getcwd()), _readable()))  # noqa: PTH109
    exec(program, {"__name__": "__main__", "__builtins__": __builtins__})  # noqa: S102 - its only purpose


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
