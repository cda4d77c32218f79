"""The run directory: append-only JSON lines, joined by id. A line is whole or absent."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

import orjson
import yaml
from pydantic import ValidationError

from toolbench.errors import RunError
from toolbench.model import Api, Calibration, Json, JsonObject, Record, Task, Tool, Trace, Verdict

R = TypeVar("R", bound=Record)

SYNC_EVERY = 100
"""Lines between two calls of fsync."""


class Lines:
    """An append-only file of JSON lines. One unbuffered write a line; a torn last line is cut on opening."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _cut_torn_tail(path)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._unsynced = 0

    def append(self, line: bytes) -> None:
        """Append one line; `line` holds no line break."""
        os.write(self._descriptor, line + b"\n")
        self._unsynced += 1
        if self._unsynced >= SYNC_EVERY:
            os.fsync(self._descriptor)
            self._unsynced = 0

    def close(self) -> None:
        """Flush to disk and close."""
        os.fsync(self._descriptor)
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _cut_torn_tail(path: Path) -> None:
    if not path.exists():
        return
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        keep, block = end, b""
        while keep and b"\n" not in block:
            start = max(0, keep - 65536)
            file.seek(start)
            block = file.read(keep - start)
            keep = start
        whole = keep + block.rfind(b"\n") + 1
        if whole != end:
            file.truncate(whole)


class Table(Generic[R]):
    """One kind of record in one file of a run."""

    def __init__(self, path: Path, kind: type[R]) -> None:
        self.path, self._kind = path, kind

    def __iter__(self) -> Iterator[R]:
        """Yield the records in the order written. A torn last line is passed over; any other bad line is an error."""
        return (record for _, record in self.placed())

    def placed(self) -> Iterator[tuple[int, R]]:
        """Yield the records as `iter` does, each with where its line begins in the file, in bytes."""
        begin = 0
        for number, line in _whole_lines(self.path):
            yield begin, self._read(line, f"{self.path}, line {number}")
            begin += len(line)

    def at(self, begin: int) -> R:
        """Return the record whose line begins at a place that `placed` gave.

        Raises:
            RunError: no record begins there any more.
        """
        with self.path.open("rb") as file:
            file.seek(begin)
            return self._read(file.readline(), f"{self.path}, byte {begin}")

    def _read(self, line: bytes, where: str) -> R:
        try:
            return self._kind.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            at = ".".join(str(part) for part in first["loc"])
            raise RunError(
                f"not a {self._kind.__name__.lower()} record: {at}: {first['msg']}",
                where=where,
                hint="The file was changed by hand or by another version; restore it or start a new run.",
            ) from error

    def ids(self, name: str = "id") -> list[str]:
        """Return the records' ids (or another field), in the order written, without checking the rest of them."""
        return [orjson.loads(line)[name] for _, line in _whole_lines(self.path)]

    def writer(self) -> "Writer[R]":
        """Open the file for appending, mending a torn tail."""
        return Writer(self.path)


class Writer(Lines, Generic[R]):
    """Appends records of one kind."""

    def add(self, record: R) -> None:
        """Append a record."""
        self.append(record.model_dump_json().encode())


def _whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                yield number, line


CALIBRATION = "calibration.json"
"""The file that says how good the judges of a run are."""


class Run:
    """A run directory.

    Raises:
        RunError: the folder cannot be made or read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.apis = Table(path / "apis.jsonl", Api)
        self.tools = Table(path / "tools.jsonl", Tool)
        self.tasks = Table(path / "tasks.jsonl", Task)
        self.traces = Table(path / "traces.jsonl", Trace)
        self.verdicts = Table(path / "verdicts.jsonl", Verdict)

    @property
    def events_path(self) -> Path:
        """Where events go."""
        return self.path / "events.jsonl"

    @property
    def journal_path(self) -> Path:
        """Where the answers of endpoints are kept."""
        return self.path / "journal.db"

    def read_calibration(self) -> Calibration | None:
        """Return how good the judges of the run are; None where none was calibrated.

        Raises:
            RunError: the file holds something else.
        """
        path = self.path / CALIBRATION
        try:
            return Calibration.model_validate_json(path.read_bytes()) if path.is_file() else None
        except ValidationError as error:
            hint = "Remove it, and calibrate again."
            raise RunError(f"not a calibration: {error.errors()[0]['msg']}", where=str(path), hint=hint) from error

    def write_calibration(self, calibration: Calibration) -> None:
        """Write how good the judges of the run are."""
        write_whole(self.path / CALIBRATION, calibration.model_dump_json(indent=2).encode())

    def make(self) -> None:
        """Make the folder where it is missing."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with Lines(self.path / "events.jsonl"):
                pass
        except OSError as error:
            raise RunError(
                f"cannot write here: {error.strerror}", where=str(self.path), hint="Choose another folder."
            ) from error

    def require(self) -> None:
        """Raise RunError unless a run is here."""
        if not (self.path / "run.yaml").is_file():
            raise RunError("no run is here", where=str(self.path), hint="Make one with `toolbench generate`.")

    def read_config(self) -> JsonObject | None:
        """Return what run.yaml holds, or None where there is none."""
        path = self.path / "run.yaml"
        if not path.is_file():
            return None
        try:
            loaded: Json = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise RunError(f"not YAML: {error}", where=str(path), hint="Restore it or start a new run.") from error
        if not isinstance(loaded, dict):
            raise RunError("not a mapping", where=str(path), hint="Restore it or start a new run.")
        return loaded  # pyright: ignore[reportUnknownVariableType]

    def write_config(self, config: JsonObject) -> None:
        """Write run.yaml, whole or not at all."""
        write_whole(self.path / "run.yaml", yaml.safe_dump(config, sort_keys=False, allow_unicode=True).encode())


def make_folder(path: Path) -> None:
    """Make a folder where it is missing.

    Raises:
        RunError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Choose another folder."
        raise RunError(f"cannot write here: {error.strerror}", where=str(path), hint=hint) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file through a temporary one and a rename: readers see all of it or none.

    Raises:
        RunError: the file cannot be written.
    """
    draft = path.parent / f".{path.name}.draft"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        hint = "Choose another place."
        raise RunError(f"cannot write here: {error.strerror}", where=str(path), hint=hint) from error
