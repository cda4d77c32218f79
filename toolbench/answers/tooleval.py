"""Answers as ToolEval converts them: an object of `{query, available_tools, answer}` by question id. A judge says."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from toolbench.answers._record import Named, answer, branch, call_line, cut_line
from toolbench.answers.base import Sources, no_sources, read_entries
from toolbench.errors import AnswerFileError
from toolbench.importers._rows import Entry
from toolbench.judging.answer import Line
from toolbench.model import Json, JsonObject, is_array, is_object

__all__ = ["ToolEvalAnswers"]


class ToolEvalAnswers:
    """Reads converted answers. The file's name is what they are counted with: `G1_instruction`, …"""

    needs: ClassVar[tuple[str, ...]] = ("judge",)

    def __init__(self, sources: Sources) -> None:
        no_sources("tooleval", sources)

    def rows(self, path: Path) -> Iterable[Entry]:
        """Return the answers of a file, each with its id under `id`."""
        for entry in read_entries(path):
            if not is_object(entry.content):
                yield entry
                continue
            for identity, content in entry.content.items():
                if is_object(content):
                    yield Entry(entry.line, {**content, "id": f"{path.stem}/{identity}"})
                else:
                    yield Entry(entry.line, problem=f"the answer to {identity!r} is no object")

    def read(self, row: JsonObject, path: Path) -> Named:
        """Return an answer.

        Raises:
            AnswerFileError: the row is none.
        """
        said: Json = row.get("answer")
        details: Json = said.get("answer_details") if is_object(said) else None
        if not is_object(said) or not is_array(details):
            raise AnswerFileError(f"{row['id']} has no `answer` with `answer_details`")
        steps = branch((one for one in details if is_object(one)), "next")
        query: Json = row.get("query")
        found = answer(
            row["id"], query, row.get("available_tools"), list(_lines(steps, query)), said.get("final_answer")
        )
        return Named(row["id"], path.stem, found)


def _lines(steps: Iterable[JsonObject], query: Json) -> Iterator[Line]:
    """Yield what was said and done; the query, with which a record begins, is none of it."""
    for step in steps:
        message: Json = step.get("message")
        if step.get("role") == "user" and isinstance(message, str) and message != query:
            yield Line("user", message.strip())
        if step.get("role") == "assistant" and isinstance(message, str) and message.strip():
            yield Line("assistant", message.strip())
        elif step.get("role") == "tool":
            if is_object(message):
                yield call_line(message.get("name"), message.get("arguments"), message.get("response"))
            else:
                yield cut_line(str(message))
