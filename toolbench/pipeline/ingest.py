"""Documents of all formats as texts with their structure: the first of the general stages."""

import asyncio
import multiprocessing
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import orjson

from toolbench.documents.loading import RECORD, Names, Source, find, load
from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import ConfigError, InputError, WorkError
from toolbench.model import Document, Json, is_object
from toolbench.store import write_whole

Format: TypeAlias = Literal["txt", "json"]
"""`txt`: a text, and the record with its structure beside it. `json`: the record alone."""

OUTPUT = Path("data/output")
"""Where texts go by default, as synthetic-data-kit has it."""


@dataclass(slots=True)
class Ingested:
    """What came of it."""

    documents: list[Document] = field(default_factory=list[Document])
    """The documents, in order."""
    files: list[Path] = field(default_factory=list[Path])
    """The file of each: the text, or with `json` the record."""
    errors: list[str] = field(default_factory=list[str])
    """Why sources gave nothing, one line each."""


def ingest(
    places: Collection[str | Path],
    output: Path = OUTPUT,
    *,
    form: Format = "txt",
    workers: int = 1,
    allow_hosts: Collection[str] = (),
    on_error: Callable[[str], None] | None = None,
) -> Ingested:
    """Read documents and write each as a text.

    The text is `NAME.txt`, its record, with headings, pages and tables apart, `NAME.json` beside it. A name
    belongs to a source: another source of the same name gets one that tells it apart, also in a later call.

    Args:
        places: paths of files and folders, and URLs.
        output: folder for what is written.
        form: what is written.
        workers: processes that read.
        allow_hosts: servers at private addresses that may be asked, each an exact `HOST:PORT`.
        on_error: told of each source that cannot be read.

    Raises:
        ConfigError: no such format, or no worker.
        DocumentError: a path does not exist.
        RunError: the output cannot be written.
        WorkError: nothing came of any source.
    """
    if form not in get_args(Format) or workers < 1:
        hint = f"Formats are {', '.join(get_args(Format))}; at least one worker reads."
        raise ConfigError(f"cannot ingest to {form!r} with {workers} workers", hint=hint)
    sources = list(find(places, without=output))
    done = Ingested()
    names = Names(partial(_is_free, _records(output)))
    run_loop(_all(sources, done, names, output, form, workers, allow_hosts, on_error))
    if not done.documents:
        reason = f"none of {len(sources)} sources could be read" if sources else "there are no files of a known format"
        raise WorkError(f"nothing came out: {reason}")
    return done


async def _all(
    sources: list[Source],
    done: Ingested,
    names: Names,
    output: Path,
    form: Format,
    workers: int,
    allow_hosts: Collection[str],
    on_error: Callable[[str], None] | None,
) -> None:
    async with aclosing(_read(sources, min(workers, len(sources)), tuple(allow_hosts))) as results:
        async for result in results:
            if isinstance(result, str):
                done.errors.append(result)
                if on_error is not None:
                    on_error(result)
                continue
            for document in result:
                named = document.model_copy(update={"name": names.take(document)})
                done.documents.append(named)
                done.files.append(_write(named, output, form))


async def _read(
    sources: Iterable[Source], workers: int, allow_hosts: tuple[str, ...]
) -> AsyncGenerator[list[Document] | str, None]:
    """Yield of each source its documents, or why there are none."""
    if workers <= 1:
        for source in sources:
            yield attempt(source, allow_hosts)
        return
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(workers, mp_context=_processes()) as pool:

        async def work(source: Source) -> list[Document] | str:
            try:
                return await loop.run_in_executor(pool, attempt, source, allow_hosts)
            except BrokenProcessPool:
                # Whichever source it was that ended the process: each is tried again alone.
                return await loop.run_in_executor(None, _alone, source, allow_hosts)

        async with aclosing(run_ordered(sources, work, concurrency=workers)) as results:
            async for result in results:
                yield result


def _processes() -> BaseContext:
    """Return how processes are begun: forked, where that can be, from one that has loaded what they need."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _alone(source: Source, allow_hosts: tuple[str, ...]) -> list[Document] | str:
    """Return the same as `attempt`, in a process that may die of it."""
    with ProcessPoolExecutor(1, mp_context=_processes()) as pool:
        try:
            return pool.submit(attempt, source, allow_hosts).result()
        except BrokenProcessPool:
            return f"{source.place}: reading it ends the process that does so. Leave it out."


def attempt(source: Source, allow_hosts: tuple[str, ...]) -> list[Document] | str:
    """Return the documents of a source, or the line that says why there are none."""
    try:
        return load(source, allow_hosts)
    except InputError as error:
        return str(error)


def _records(output: Path) -> dict[str, Path]:
    """Return the records that are there, by their names in small letters."""
    return {path.name.removesuffix(RECORD).casefold(): path for path in output.glob(f"*{RECORD}")}


def _is_free(records: Mapping[str, Path], name: str, document: Document) -> bool:
    """Tell whether a name is nobody's yet in the output, or this document's own from an earlier call."""
    record = records.get(name.casefold())
    if record is None:
        return True
    try:
        there: Json = orjson.loads(record.read_bytes())
    except (OSError, ValueError):
        return False
    return is_object(there) and there.get("source") == document.source


def _write(document: Document, output: Path, form: Format) -> Path:
    record, text = output / f"{document.name}{RECORD}", output / f"{document.name}.txt"
    write_whole(record, orjson.dumps(document.model_dump(mode="json"), option=orjson.OPT_INDENT_2) + b"\n")
    if form == "json":
        return record
    write_whole(text, document.text.encode("utf-8", "replace") + b"\n")
    return text
