"""Writing created data in a trainer's format."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from toolbench._version import __version__
from toolbench.errors import ConfigError, WorkError
from toolbench.exporters._created import FORMATS, CreatedFormat
from toolbench.exporters._parquet import write_shards
from toolbench.model import JsonObject
from toolbench.model.created import Created, created
from toolbench.pipeline.sources import record_sources
from toolbench.store import write_whole

STORAGES = ("json", "hf")


@dataclass(slots=True)
class Saved:
    """What became of a file."""

    source: str
    """The file it was read from."""
    path: Path
    """The file written; with `hf`, the folder."""
    rows: int = 0
    """Records written."""
    left_out: Counter[str] = field(default_factory=Counter[str])
    """Records left out, by what the format has no place for, or why they cannot be read."""
    uncarried: Counter[str] = field(default_factory=Counter[str])
    """Fields that the format does not carry, each with the records that have it."""
    as_text: list[str] = field(default_factory=list[str])
    """Columns that are JSON text, as their values are of several types."""


def save_records(
    paths: Sequence[Path],
    format: str,  # noqa: A002
    output: Path,
    *,
    storage: str = "json",
    pretty: bool = True,
) -> list[Saved]:
    """Write created data in a format, a file for each file read.

    Args:
        paths: files and folders of records.
        format: name of the format.
        output: folder to write to; a name that ends in .json or .jsonl is the file for the only source.
        storage: `json`, or `hf` for a folder with Parquet shards that `datasets.load_dataset` opens.
        pretty: whether arrays are indented.

    Raises:
        ConfigError: there is no such format or storage, or one file is named for several sources.
        InputError: a file cannot be read.
        WorkError: not a single record could be written.
    """
    if format not in FORMATS:
        raise ConfigError(f"no format for created data is named {format!r}", hint=f"There are: {', '.join(FORMATS)}")
    if storage not in STORAGES:
        raise ConfigError(f"no storage is named {storage!r}", hint="There are: json, hf")
    sources = record_sources(paths)
    named = output.suffix in (".json", ".jsonl")
    if named and len(sources) > 1:
        raise ConfigError(f"{len(sources)} files cannot become one", where=str(output), hint="Name a folder.")
    saved: list[Saved] = []
    for source in sources:
        ending = f"_{format}_hf" if storage == "hf" else FORMATS[format].suffix
        one = Saved(source.path, output if named else output / f"{source.name}{ending}")
        lines = _lines(source.records, format, one)
        if lines and storage == "hf":
            one.as_text = write_shards(one.path, lines, _card(source.name, format, one))
        elif lines:
            write_whole(one.path, _bytes(lines, FORMATS[format], pretty=pretty))
        saved.append(one)
    if not any(one.rows for one in saved):
        reasons = sum((one.left_out for one in saved), Counter[str]())
        told = ", ".join(f"{count} for {reason.replace('_', ' ')}" for reason, count in reasons.most_common())
        raise WorkError(f"no record could be written as {format}: {told}")
    return saved


def _lines(records: Sequence[JsonObject], format: str, saved: Saved) -> list[JsonObject]:  # noqa: A002
    form = FORMATS[format]
    lines: list[JsonObject] = []
    for record in records:
        try:
            one = created(record)
            lines.append(form.write(one))
        except ValueError as error:
            saved.left_out[str(error)] += 1
            continue
        if not form.whole:
            saved.uncarried.update(_uncarried(one))
    saved.rows = len(lines)
    return lines


def _uncarried(one: Created) -> list[str]:
    return [name for name in one.meta if name != "tools"]


def _bytes(lines: Sequence[JsonObject], form: CreatedFormat, *, pretty: bool) -> bytes:
    if form.layout == "array":
        return orjson.dumps(list(lines), option=orjson.OPT_INDENT_2 if pretty else 0) + b"\n"
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def _card(name: str, format: str, saved: Saved) -> str:  # noqa: A002
    left_out = [f"- {count} records left out: {why.replace('_', ' ')}\n" for why, count in saved.left_out.items()]
    return (
        f"# {name}\n\n{saved.rows} rows in the format `{format}` ({FORMATS[format].summary}), made by toolbench"
        f" {__version__} of `{Path(saved.source).name}`.\n\n{''.join(left_out)}\n"
        "A model wrote them from documents; they are not verified by execution.\n"
    )
