"""Responses to APIBench (Gorilla): `{question_id, text}`, one a line, with the rows of the APIs as database."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from evaluators.apibench import ApiRow, Asked, ResponseVerdict, api_row, judge_response
from toolbench.answers.base import AnswerLabel, Judged, Sources, files_of, read_entries, read_rows
from toolbench.errors import AnswerFileError, InputError
from toolbench.importers._rows import Entry
from toolbench.model import Json, JsonObject, is_object

__all__ = ["ApiBenchAnswers"]

_LABELS: dict[str, AnswerLabel] = {"right": "right", "unparseable": "unparseable"}


class ApiBenchAnswers:
    """Judges what responses call by a database of APIs, and by the rows of APIBench that say which is right.

    `right` is the domain asked for, as APIBench counts; `exact_call` the very call. `right_as_published` and
    `hallucinated_as_published` are what its own scripts make of it. Where nothing says which is right, only
    hallucinations are counted.
    """

    needs: ClassVar[tuple[str, ...]] = ("database",)

    def __init__(self, sources: Sources) -> None:
        if sources.rules:
            raise InputError("`--rules` is for calls, not for APIBench", hint="Leave it out.")
        self._database: list[ApiRow | None] = [
            api_row(row) for path in files_of(sources.database) for _, row in read_rows(path)
        ]
        if not any(self._database):
            raise AnswerFileError("no row names an API's call", where=str(sources.database[0]))
        self._asked = _asked((*sources.questions, *sources.gold))

    def rows(self, path: Path) -> Iterable[Entry]:
        """Return the rows of a file of responses."""
        return read_entries(path)

    def judge(self, row: JsonObject) -> Judged:
        """Return what a response is worth.

        Raises:
            AnswerFileError: it has no question id or text, or its question is not among those that are known.
        """
        identity, text = row.get("question_id"), row.get("text")
        if isinstance(identity, bool) or not isinstance(identity, int | str) or not isinstance(text, str):
            raise AnswerFileError("the row has no `question_id` and `text`")
        asked = self._asked.get(str(identity))
        if self._asked and asked is None:
            raise AnswerFileError(f"no question has the id {identity}", hint="Give its file with `--gold`.")
        found = judge_response(text, self._database, asked)
        label = _LABELS.get(found.kind, "wrong") if asked else "unscored"
        category = (asked.domain if asked else "") or "all"
        return Judged(str(identity), category, label, found.kind, found.reason, marks=_marks(found, asked))


def _marks(found: ResponseVerdict, asked: Asked | None) -> dict[str, bool]:
    marks = {"hallucinated": found.kind == "hallucinated"}
    if found.api is not None:
        marks["argument_hallucinated"] = bool(found.invented)
    if asked is not None:
        marks["exact_call"] = bool(found.exact)
        marks["right_as_published"] = found.published == "right"
    marks["hallucinated_as_published"] = found.published == "hallucinated"
    return marks


def _asked(paths: Iterable[Path]) -> dict[str, Asked]:
    """Return what is asked for, by question id; rows without one count from 1. Rows that say nothing of it are none."""
    found: dict[str, Asked] = {}
    for path in files_of(paths):
        for number, (_, row) in enumerate(read_rows(path), 1):
            inner: Json = row.get("api_data")
            said = inner if is_object(inner) else row
            known = api_row(said) or api_row(row)
            if known is not None:
                found[str(row.get("question_id", number))] = Asked(known.domain, known.call)
    return found
