"""Annotating a corpus: every document once, what is finished on disk, the data sets made of it at the end."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

from toolbench.engine.local import run_loop, run_ordered
from toolbench.errors import InputError, RunError
from toolbench.events import ItemDone, Sink, StageFinished, StageStarted, ignore
from toolbench.exporters.openai import OpenAIExporter
from toolbench.llm.direct import read_weights
from toolbench.llm.embedded import EMBEDDED
from toolbench.model import Document, Json, JsonObject, LanguageModel, digest, is_object
from toolbench.pipeline.annotating import AnnotateConfig, open_models, open_tools
from toolbench.pipeline.corpus import count, documents, files
from toolbench.store import Lines, Table, write_whole
from toolbench.toolformer.annotate import Annotator, explain
from toolbench.toolformer.base import Annotation, CallTool, Settings
from toolbench.toolformer.figures import CorpusFigures
from toolbench.toolformer.markers import Markers, choose
from toolbench.toolformer.merge import chosen, merge
from toolbench.toolformer.prompting import head
from toolbench.toolformer.rows import row
from toolbench.world.rng import rng

SETTINGS, FINISHED = "annotate.yaml", "annotations.jsonl"
"""Files of a folder of annotations: what was asked for, and each document with its candidates."""

TEXTS, ROWS, LEDGER, JOURNAL = "annotated.jsonl", "rows.jsonl", "ledger.jsonl", "journal.db"
"""Files made of them: texts with calls, chats, every candidate; and the answers of endpoints."""


@dataclass(frozen=True, slots=True)
class AnnotateSummary:
    """What came of it."""

    folder: Path
    figures: CorpusFigures
    """What was counted."""
    settings: JsonObject
    """What the annotations were made with."""
    written: int
    """Texts that were written: those with calls, and the share of the others."""
    calls: int
    """Calls in them."""
    new: int
    """Documents annotated now; the others were there."""
    seconds: float
    """Wall time of those."""

    def as_json(self) -> JsonObject:
        """Return it as JSON."""
        speed = 60 * self.new / self.seconds if self.seconds and self.new else None
        return {
            "folder": str(self.folder),
            "written": self.written,
            "calls": self.calls,
            "new": self.new,
            "seconds": round(self.seconds, 1),
            "texts_per_minute": round(speed, 1) if speed else None,
            **self.figures.as_json(),
        }


def annotate(paths: list[Path], folder: Path, config: AnnotateConfig, sink: Sink = ignore) -> AnnotateSummary:
    """Annotate a corpus into a folder. What was annotated there before is not annotated again, unless it failed.

    Raises:
        InputError: something asked for is not there, or the folder holds annotations of another kind.
        UnreachableError: an endpoint cannot be reached.
    """
    config.check()
    found = files(paths)
    _make(folder)
    return run_loop(_annotate(found, folder, config, sink))


def explain_one(paths: list[Path], config: AnnotateConfig, wanted: str, folder: Path) -> str:
    """Return the whole reckoning of one document, in words; nothing is written but the answers of endpoints.

    Args:
        paths: the corpus.
        config: what is asked for.
        wanted: the document's id, the beginning of it, or its name.
        folder: where the answers of endpoints are kept.

    Raises:
        InputError: there is no such document; and as `annotate`.
    """
    config.check()
    found = next((one for one in documents(files(paths), config.field) if _is_meant(one, wanted)), None)
    if found is None:
        raise InputError(f"no document is {wanted!r}", hint="Give its id, as the ledger has it, or its name.")
    _make(folder)
    return run_loop(_explain(found, folder, config))


def _is_meant(document: Document, wanted: str) -> bool:
    return document.name == wanted or (len(wanted) >= 6 and document.id.startswith(wanted))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot write here: {error.strerror}", where=str(folder), hint="Choose another.") from error


async def _explain(document: Document, folder: Path, config: AnnotateConfig) -> str:
    async with open_tools(config, folder / JOURNAL) as tools, open_models(config, folder / JOURNAL) as models:
        settings = {name: config.settings(tool) for name, tool in tools.items()}
        markers = await choose(models[0])
        annotator = _annotator(models[0], markers, tools, settings, config)
        return explain(await annotator.annotate(document), settings)


def _annotator(
    model: LanguageModel,
    markers: Markers,
    tools: Mapping[str, CallTool],
    settings: Mapping[str, Settings],
    config: AnnotateConfig,
) -> Annotator:
    return Annotator(model, markers, tools, settings, config.options, config.seed, patience=config.patience)


async def _annotate(paths: list[Path], folder: Path, config: AnnotateConfig, sink: Sink) -> AnnotateSummary:
    async with open_tools(config, folder / JOURNAL) as tools:
        settings = {name: config.settings(tool) for name, tool in tools.items()}
        total = count(paths)
        async with open_models(config, folder / JOURNAL) as models:
            markers = await choose(models[0])
            _settle(folder, config, tools, settings, models[0], markers)
            table = Table(folder / FINISHED, Annotation)
            _forget_failed(table)
            known = set(table.ids())
            sink(StageStarted("annotate", total, len(known)))
            started = time.perf_counter()
            annotators = [_annotator(model, markers, tools, settings, config) for model in models]
            new = await _work(_fresh(paths, config, known), annotators, table, sink)
            seconds = time.perf_counter() - started
        sink(StageFinished("annotate", seconds))
        written, calls, figures = _derive(folder, table, tools, settings, config)
    return AnnotateSummary(folder, figures, read_settings(folder), written, calls, new, seconds)


def _forget_failed(table: Table[Annotation]) -> None:
    """Take out documents that could not be annotated: they are tried again, after the others."""
    if not any(annotation.failure for annotation in table):
        return
    draft = table.path.with_name(f".{table.path.name}.draft")
    draft.unlink(missing_ok=True)
    with Lines(draft) as out:
        for annotation in table:
            if not annotation.failure:
                out.append(annotation.model_dump_json().encode())
    draft.replace(table.path)


def _fresh(paths: list[Path], config: AnnotateConfig, known: set[str]) -> Iterator[Document]:
    return (document for document in documents(paths, config.field) if document.id not in known)


async def _work(items: Iterator[Document], annotators: list[Annotator], table: Table[Annotation], sink: Sink) -> int:
    """Annotate documents, each by an annotator that is free, and write them in their order; return how many."""
    free: asyncio.Queue[Annotator] = asyncio.Queue()
    for annotator in annotators:
        free.put_nowait(annotator)

    async def work(document: Document) -> Annotation:
        annotator = await free.get()
        try:
            return await annotator.annotate(document)
        finally:
            free.put_nowait(annotator)

    new = kept = 0
    with table.writer() as writer:
        async for annotation in run_ordered(items, work, concurrency=len(annotators)):
            writer.add(annotation)
            new += 1
            kept += sum(one.kept for one in annotation.candidates)
            sink(ItemDone(annotation.name, f"{kept} calls kept"))
    return new


def _settle(
    folder: Path,
    config: AnnotateConfig,
    tools: Mapping[str, CallTool],
    settings: Mapping[str, Settings],
    model: LanguageModel,
    markers: Markers,
) -> None:
    """Write down what is asked for; refuse to go on where something else was asked for before."""
    asked: JsonObject = {
        **config.identity(),
        "weights": read_weights() if config.model == EMBEDDED else "",
        "markers": {"open": markers.open, "close": markers.close, "tokens": list(markers.ids)},
        "begin": list(model.begin),
        "tools": {
            name: {**settings[name].model_dump(), "prompt": digest(head(tool, markers))} for name, tool in tools.items()
        },
    }
    held = read_settings(folder)
    if other := [name for name in asked if held and held.get(name) != asked[name]]:
        hint = f"Choose another folder, or ask for what {SETTINGS} says."
        raise RunError(f"the folder holds annotations made with another `{other[0]}`", where=str(folder), hint=hint)
    if not held:
        write_whole(folder / SETTINGS, yaml.safe_dump(asked, sort_keys=False, allow_unicode=True).encode())


def read_settings(folder: Path) -> JsonObject:
    """Return what the annotations in a folder were made with; nothing where none are there.

    Raises:
        RunError: the file holds something else.
    """
    path = folder / SETTINGS
    try:
        held: Json = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) if path.is_file() else {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RunError(f"not YAML: {error}", where=str(path), hint="Restore it, or choose another folder.") from error
    if not is_object(held):
        raise RunError("no settings", where=str(path), hint="Restore it, or choose another folder.")
    return held


def _derive(
    folder: Path,
    table: Table[Annotation],
    tools: Mapping[str, CallTool],
    settings: Mapping[str, Settings],
    config: AnnotateConfig,
) -> tuple[int, int, CorpusFigures]:
    """Make the data sets of what is finished, each whole or not at all; return how many texts and calls they have."""
    figures, written, calls = CorpusFigures(settings), 0, 0
    exporter = OpenAIExporter()
    drafts = {name: folder / f".{name}.draft" for name in (TEXTS, ROWS, LEDGER)}
    for draft in drafts.values():
        draft.unlink(missing_ok=True)
    with ExitStack() as stack:
        out = {name: stack.enter_context(Lines(draft)) for name, draft in drafts.items()}
        for annotation in table:
            figures.add(annotation)
            for number, one in enumerate(annotation.candidates):
                entry = {"document": annotation.id, "number": number, **one.model_dump()}
                out[LEDGER].append(orjson.dumps(entry))
            kept = chosen(annotation, config.options.most_calls)
            if not kept and not _stays(annotation, config):
                continue
            written, calls = written + 1, calls + len(kept)
            out[TEXTS].append(orjson.dumps(_text(annotation, config)))
            for line in exporter.rows(row(annotation, kept, tools, config.model)):
                out[ROWS].append(orjson.dumps(line))
    for name, draft in drafts.items():
        draft.replace(folder / name)
    return written, calls, figures


def _stays(annotation: Annotation, config: AnnotateConfig) -> bool:
    """Tell whether a text without calls is kept."""
    is_whole = bool(annotation.text.strip()) and not annotation.failure
    return is_whole and rng(config.seed, "plain", annotation.id).random() < config.keep_plain


def _text(annotation: Annotation, config: AnnotateConfig) -> JsonObject:
    merged = merge(annotation.text, chosen(annotation, config.options.most_calls))
    inserted = [
        {
            "start": call.start,
            "end": call.end,
            "tool": call.candidate.tool,
            "call": call.candidate.call,
            "result": call.candidate.result,
            "gain": call.candidate.gain,
        }
        for call in merged.calls
    ]
    source = {"id": annotation.id, "name": annotation.name, "source": annotation.source, "date": annotation.date}
    return {**source, "text": merged.text, "calls": inserted}
