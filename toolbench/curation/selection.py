"""A curation on disk: which paths of a run were kept, and why the others fell."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from toolbench.errors import RunError
from toolbench.model import JsonObject, digest
from toolbench.store import Run, write_whole

FOLDER = "curations"


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of a trace."""

    trace: str
    task: str
    leaf: int | None
    """Leaf of the path in question; None where the trace hands out none."""
    kept: bool
    reason: str
    """Short name of why it fell; empty when kept."""
    detail: str
    """Why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A curation's folder."""

    path: Path

    def kept(self) -> dict[str, int]:
        """Return the leaves kept, by trace, in the order of the traces."""
        return {line["trace"]: line["leaf"] for line in _lines(self.path / "kept.jsonl")}

    def entries(self) -> Iterator[Entry]:
        """Yield what became of each trace, in the order of the traces."""
        return (Entry(**line) for line in _lines(self.path / "ledger.jsonl"))

    def config(self) -> JsonObject:
        """Return what it was curated with."""
        return orjson.loads((self.path / "config.json").read_bytes())


def write(run: Run, config: JsonObject, entries: Iterable[Entry]) -> Selection:
    """Write a curation under the digest of its configuration; the same one again replaces it."""
    folder = run.path / FOLDER / digest(config)
    rows = list(entries)
    kept = [{"trace": entry.trace, "leaf": entry.leaf} for entry in rows if entry.kept]
    write_whole(folder / "config.json", orjson.dumps(config, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
    write_whole(folder / "ledger.jsonl", _joined(asdict(entry) for entry in rows))
    # Last: its presence makes the curation whole.
    write_whole(folder / "kept.jsonl", _joined(kept))
    return Selection(folder)


def newest(run: Run) -> Selection:
    """Return the curation written last.

    Raises:
        RunError: there is none.
    """
    found = sorted((run.path / FOLDER).glob("*/kept.jsonl"), key=lambda path: (path.stat().st_mtime_ns, path))
    if not found:
        raise RunError(
            "nothing was curated here", where=str(run.path), hint=f"First run `toolbench curate {run.path}`."
        )
    return Selection(found[-1].parent)


def _joined(lines: Iterable[JsonObject]) -> bytes:
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def _lines(path: Path) -> Iterator[JsonObject]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise RunError(
                    "not JSON", where=f"{path}, line {number}", hint="Curate again with `toolbench curate`."
                ) from error
