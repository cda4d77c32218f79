"""Judging others' answer files: read by their format, judged row by row, counted."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import orjson

from toolbench import plugins
from toolbench.answers._record import Named
from toolbench.answers.base import AnswerFormat, AnswerLabel, Judged, OpinionFormat, Sources, files_of
from toolbench.curation.judgements import wilson
from toolbench.errors import AnswerFileError, InputError, WorkError
from toolbench.judging.tooleval import outlook
from toolbench.model import JsonObject, is_object
from toolbench.model.verdict import Label
from toolbench.pipeline.judges import JudgeChoice
from toolbench.pipeline.opinions import AllVotes, judge_all

_LABELS: dict[Label, AnswerLabel] = {"pass": "right", "fail": "wrong", "unscored": "unscored"}


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
    opinion: AllVotes | None = None
    """What a judge said, where one was asked."""

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
            **({"opinion": self.opinion.as_json()} if self.opinion else {}),
        }


def judge_answers(
    format: str,  # noqa: A002
    paths: Sequence[Path],
    sources: Sources,
    *,
    categories: Sequence[str] = (),
    output: Path | None = None,
    choice: JudgeChoice | None = None,
) -> AnswerSummary:
    """Judge the answers of some files, or have a judge do it where nothing says what is right.

    Args:
        format: name of the format of all files.
        paths: the files, or folders of such.
        sources: what they are judged by.
        categories: the categories that count; empty for all.
        output: where each answer's verdict is written, as JSON lines; None for nowhere. A judge's answers are kept
            beside it.
        choice: the judge, for formats that need one.

    Raises:
        AnswerFileError: a file cannot be used; the message says where.
        InputError: a source is missing, or the output cannot be written.
        PluginError: there is no such format.
        UnreachableError: the judge's endpoint cannot be reached, or refuses us.
        WorkError: nothing could be judged.
    """
    kind: type[AnswerFormat | OpinionFormat] = plugins.load("answers", format)
    _require(format, kind.needs, sources, choice)
    reader, summary = kind(sources), AnswerSummary(format)
    lines: list[bytes] = []
    if isinstance(reader, OpinionFormat):
        judged = _opinions(summary, reader, files_of(paths), categories, choice, output)
    else:
        judged = _judged(reader, paths)
    for path, line, one in judged:
        if not categories or one.category in categories:
            summary.add(one)
            lines.append(orjson.dumps(_record(path, line, one)) + b"\n")
    if output is not None:
        _write(output, lines)
    if not summary.overall.scored and not summary.overall.marks:
        raise WorkError(_nothing(summary, categories))
    return summary


def _require(format: str, needs: Sequence[str], sources: Sources, choice: JudgeChoice | None) -> None:  # noqa: A002
    """Raise InputError unless all is there that answers of a format are judged by."""
    given = {need: choice if need == "judge" else getattr(sources, need) for need in needs}
    for need in (need for need, value in given.items() if not value):
        named = "NAME" if need == "judge" else "FILE"
        raise InputError(f"answers of the format {format} are judged by more", hint=f"Give `--{need} {named}`.")
    if choice and "judge" not in needs:
        raise InputError(f"`--judge` is of no use to answers of the format {format}", hint="Leave it out.")


def _opinions(
    summary: AnswerSummary,
    reader: OpinionFormat,
    paths: Sequence[Path],
    categories: Sequence[str],
    choice: JudgeChoice | None,
    output: Path | None,
) -> Iterator[tuple[Path, int, Judged]]:
    """Yield what a judge makes of answers; all are read before it is asked anything."""
    if choice is None:
        raise TypeError("answers cannot be judged without a judge")
    asked = [
        (path, line, named)
        for path, line, named in _rows(reader, paths, reader.read)
        if not categories or named.category in categories
    ]
    journal = output.with_name(f"{output.name}.journal.db") if output else None
    found = judge_all([named.answer for _, _, named in asked], choice, journal)
    summary.opinion = found
    for (path, line, named), votes in zip(asked, found.votes, strict=True):
        come_to = outlook(votes)
        label: AnswerLabel = _LABELS[come_to.label]
        kind = come_to.kind or "right"
        yield path, line, Judged(named.id, named.category, label, kind, come_to.reason, votes=tuple(votes))


def _judged(reader: AnswerFormat, paths: Sequence[Path]) -> Iterator[tuple[Path, int, Judged]]:
    for path, line, one in _rows(reader, paths, lambda row, _: reader.judge(row)):
        yield path, line, replace(one, reason=_writable(one.reason), place=_writable(one.place))


T = TypeVar("T", Judged, Named)


def _rows(
    reader: AnswerFormat | OpinionFormat, paths: Sequence[Path], read: Callable[[JsonObject, Path], T]
) -> Iterator[tuple[Path, int, T]]:
    """Yield what is read of each row, its file and its line; ids may not come twice."""
    seen: dict[str, str] = {}
    for path in paths:
        for entry in reader.rows(path):
            where = f"{path}, line {entry.line}"
            try:
                if entry.problem or not is_object(entry.content):
                    raise AnswerFileError(entry.problem or "the row is no object")
                one = read(entry.content, path)
            except AnswerFileError as error:
                raise AnswerFileError(error.message, where=where, hint=error.hint) from error
            if one.id in seen:
                raise AnswerFileError(f"a second answer to {one.id}; the first is in {seen[one.id]}", where=where)
            seen[one.id] = where
            yield path, entry.line, one


def _writable(text: str) -> str:
    """Return a text that can be written: JSON may hold halves of characters, in names of arguments too."""
    return text.encode("utf-8", "backslashreplace").decode()


def _record(path: Path, line: int, one: Judged) -> JsonObject:
    told = {"id": one.id, "category": one.category, "label": one.label, "kind": one.kind, "reason": one.reason}
    votes = [vote.model_dump() for vote in one.votes]
    more = {"votes": votes, "place": one.place, "gold_fault": one.note, "marks": dict(one.marks)}
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
