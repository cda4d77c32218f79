"""The runs of a folder, by name."""

import os
from collections.abc import Iterator
from pathlib import Path

DEEPEST = 3
"""Levels below the folder at which runs are looked for."""


def find_runs(folder: Path) -> dict[str, Path]:
    """Return the runs of a folder by name, sorted: the folder itself, or what lies below it.

    A run's name is its path within the folder. Hidden folders are passed over, and no symbolic link is followed: what
    is shown lies in the folder.
    """
    if _is_run(folder):
        return {folder.resolve().name: folder}
    return {path.relative_to(folder).as_posix(): path for path in sorted(_below(folder, DEEPEST))}


def _below(folder: Path, levels: int) -> Iterator[Path]:
    try:
        inner = [Path(entry) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    for path in inner:
        if path.name.startswith("."):
            continue
        if _is_run(path):
            yield path
        elif levels > 1:
            yield from _below(path, levels - 1)


def _is_run(folder: Path) -> bool:
    return (folder / "run.yaml").is_file()
