"""ToolBench's answer files, one a question: `10160_DFS_woFilter_w2.json` in the folder of a test set. A judge says."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from toolbench.answers._record import FINISH, Named, answer, branch, call_line
from toolbench.answers.base import Sources, no_sources, read_entries
from toolbench.errors import AnswerFileError
from toolbench.importers._rows import Entry
from toolbench.judging.answer import Line
from toolbench.model import Json, JsonObject, is_array, is_object

__all__ = ["ToolBenchAnswers"]


class ToolBenchAnswers:
    """Reads answer files: of a valid one the conversation that led to the answer, else where the search got to."""

    needs: ClassVar[tuple[str, ...]] = ("judge",)

    def __init__(self, sources: Sources) -> None:
        no_sources("toolbench", sources)

    def rows(self, path: Path) -> Iterable[Entry]:
        """Return the one answer of a file; its id is the file's name up to the first underscore."""
        for entry in read_entries(path):
            named = {"id": f"{path.parent.name}/{path.stem.partition('_')[0]}"}
            yield Entry(entry.line, {**entry.content, **named}) if is_object(entry.content) else entry

    def read(self, row: JsonObject, path: Path) -> Named:
        """Return an answer.

        Raises:
            AnswerFileError: the file is none.
        """
        made: Json = row.get("answer_generation")
        if not is_object(made):
            raise AnswerFileError("the file has no `answer_generation`")
        messages: Json = made.get("train_messages")
        told = messages[-1] if made.get("valid_data") and is_array(messages) and messages else None
        lines = _said(told) if is_array(told) else _searched(row)
        found = answer(row["id"], made.get("query"), made.get("function"), list(lines), made.get("final_answer"))
        return Named(row["id"], path.parent.name, found)


def _said(messages: list[Json]) -> Iterator[Line]:
    """Yield what a conversation holds after the user's words."""
    for place, message in enumerate(messages):
        if not is_object(message) or message.get("role") != "assistant":
            continue
        if text := str(message.get("content") or "").strip():
            yield Line("assistant", text)
        call: Json = message.get("function_call")
        if is_object(call):
            after: Json = messages[place + 1] if place + 1 < len(messages) else None
            response: Json = after.get("content") if is_object(after) and after.get("role") == "function" else ""
            yield call_line(call.get("name"), call.get("arguments"), "" if call.get("name") == FINISH else response)


def _searched(row: JsonObject) -> Iterator[Line]:
    """Yield the last way that the search went: of a tree, or of several tries."""
    tries: Json = row.get("trys")
    tree: Json = row.get("tree")
    root: Json = tree.get("tree") if is_object(tree) else None
    if is_array(tries) and tries and is_object(tries[-1]):
        chain: Json = tries[-1].get("chain")
        steps: Iterable[JsonObject] = (one for one in (chain if is_array(chain) else ()) if is_object(one))
    else:
        steps = branch([root] if is_object(root) else [], "children")
    name = ""
    for step in steps:
        text = str(step.get("description") or "").strip()
        match step.get("node_type"):
            case "Thought" if text:
                yield Line("assistant", text)
            case "Action":
                name = text
            case "Action Input":
                yield call_line(name, text, step.get("observation", ""))
            case _:
                continue
