"""Judging others' answer files: read by their format, judged row by row, counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from toolbench import plugins
from toolbench.answers.base import AnswerFormat, Judged, Sources
from toolbench.curation.judgements import wilson
from toolbench.errors import AnswerFileError, InputError, WorkError
from toolbench.model import JsonObject, is_object


@dataclass(slots=True)
class Tally:
    """How a group of answers fares. Answers that nobody can score count in `unscored` only."""

    right: int = 0
    unparseable: int = 0
    """Answers in which no call can be read; they count as not right."""
    scored: int = 0
    unscored: int = 0
    marks: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Of each further mark, of how many answers it holds, and how many have it."""

    def add(self, one: Judged) -> None:
        """Count an answer."""
        self.unscored += one.label == "unscored"
        self.scored += one.label != "unscored"
        self.right += one.label == "right"
        self.unparseable += one.label == "unparseable"
        for name, holds in one.marks.items():
            some, all_ = self.marks.get(name, (0, 0))
            self.marks[name] = (some + holds, all_ + 1)

    def as_json(self) -> JsonObject:
        """Return the counts, and the shares with their 95% Wilson intervals."""
        return {
            **_share(self.right, self.scored),
            "unparseable": self.unparseable,
            "unscored": self.unscored,
            "marks": {name: _share(*counts) for name, counts in sorted(self.marks.items())},
        }


def _share(some: int, total: int) -> JsonObject:
    return {"count": some, "of": total, "rate": some / total if total else None, "interval": list(wilson(some, total))}


@dataclass(slots=True)
class AnswerSummary:
    """How answers fare."""

    format: str
    overall: Tally = field(default_factory=Tally)
    categories: dict[str, Tally] = field(default_factory=dict[str, Tally])
    kinds: Counter[str] = field(default_factory=Counter[str])
    """Answers that are not right, by what is wrong with them."""
    doubtful: int = 0
    """Answers whose gold contradicts its own document."""

    def add(self, one: Judged) -> None:
        """Count an answer."""
        self.overall.add(one)
        self.categories.setdefault(one.category, Tally()).add(one)
        self.kinds[one.kind] += one.label != "right"
        self.doubtful += bool(one.note)

    def as_json(self) -> JsonObject:
        """Return all of it."""
        return {
            "format": self.format,
            "overall": self.overall.as_json(),
            "categories": {name: tally.as_json() for name, tally in sorted(self.categories.items())},
            "kinds": {kind: count for kind, count in self.kinds.most_common() if count},
            "gold_contradicts_document": self.doubtful,
        }


def judge_answers(
    format: str,  # noqa: A002
    paths: Sequence[Path],
    sources: Sources,
    *,
    categories: Sequence[str] = (),
    output: Path | None = None,
) -> AnswerSummary:
    """Judge the answers of some files.

    Args:
        format: name of the format of all files.
        paths: the files.
        sources: what they are judged by.
        categories: the categories that count; empty for all.
        output: where each answer's verdict is written, as JSON lines; None for nowhere.

    Raises:
        AnswerFileError: a file cannot be used; the message says where.
        InputError: a source is missing, or the output cannot be written.
        PluginError: there is no such format.
        WorkError: nothing could be judged.
    """
    kind: type[AnswerFormat] = plugins.load("answers", format)
    for need in kind.needs:
        if not getattr(sources, need):
            raise InputError(f"answers of the format {format} are judged by more", hint=f"Give `--{need} FILE`.")
    reader, summary = kind(sources), AnswerSummary(format)
    lines: list[bytes] = []
    for path, line, one in _judged(reader, paths):
        if not categories or one.category in categories:
            summary.add(one)
            lines.append(orjson.dumps(_record(path, line, one)) + b"\n")
    if output is not None:
        _write(output, lines)
    if not summary.overall.scored and not summary.overall.marks:
        raise WorkError(_nothing(summary, categories))
    return summary


def _judged(reader: AnswerFormat, paths: Sequence[Path]) -> Iterator[tuple[Path, int, Judged]]:
    seen: dict[str, str] = {}
    for path in paths:
        for entry in reader.rows(path):
            where = f"{path}, line {entry.line}"
            try:
                if entry.problem or not is_object(entry.content):
                    raise AnswerFileError(entry.problem or "the row is no object")
                one = reader.judge(entry.content)
            except AnswerFileError as error:
                raise AnswerFileError(error.message, where=where, hint=error.hint) from error
            if one.id in seen:
                raise AnswerFileError(f"a second answer to {one.id}; the first is in {seen[one.id]}", where=where)
            seen[one.id] = where
            yield path, entry.line, replace(one, reason=_writable(one.reason), place=_writable(one.place))


def _writable(text: str) -> str:
    """Return a text that can be written: JSON may hold halves of characters, in names of arguments too."""
    return text.encode("utf-8", "backslashreplace").decode()


def _record(path: Path, line: int, one: Judged) -> JsonObject:
    told = {"id": one.id, "category": one.category, "label": one.label, "kind": one.kind, "reason": one.reason}
    more = {"place": one.place, "gold_fault": one.note, "marks": dict(one.marks)}
    return {**told, **{name: value for name, value in more.items() if value}, "file": path.name, "line": line}


def _write(output: Path, lines: Sequence[bytes]) -> None:
    try:
        output.write_bytes(b"".join(lines))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"cannot be written: {reason}", where=str(output), hint="Choose another `-o`.") from error


def _nothing(summary: AnswerSummary, categories: Sequence[str]) -> str:
    if not summary.categories:
        return f"no answer is of the categories {', '.join(categories)}" if categories else "there are no answers"
    kinds = ", ".join(f"{count} {kind}" for kind, count in summary.kinds.most_common())
    return f"none of {summary.overall.unscored} answers could be judged ({kinds})"
