"""Questions of the Berkeley Function-Calling Leaderboard: `{id, question: [[message]], function: […]}`, one a line."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from toolbench.errors import TaskFileError
from toolbench.importers._accepted import NO_CALL, accepted_calls
from toolbench.importers._messages import Conversation
from toolbench.importers._rows import entries
from toolbench.importers.base import Asked, Described, Question, Skipped, document_of
from toolbench.model import AcceptedCall, Json, JsonObject, is_array, is_object

__all__ = ["BfclImporter"]

FUNCTION_DOCS = "multi_turn_func_doc"
"""The folder, beside the questions, with the functions of the classes that several questions share."""

FILES = {
    "TravelAPI": "travel_booking",
    "TwitterAPI": "posting_api",
    "VehicleControlAPI": "vehicle_control",
    "WebSearchAPI": "web_search",
}
"""Classes whose file there is not named after them."""

GOLD_FOLDER = "possible_answer"
"""The folder, beside the questions, with what is right, in files of the same names."""

RECALLED = "MemoryAPI"
"""The class of questions about earlier conversations, which stand elsewhere."""

MORE_TOOLS = "There are more functions now than before. Can you do it with them?"
"""What the user says in a turn that only brings functions: there BFCL's rows have no words."""

_READ = frozenset(("id", "question", "function", "involved_classes", "excluded_function", "missed_function"))
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class BfclImporter:
    """Takes questions of one turn or several. Possible answers (`ground_truth`) become accepted calls of the question
    of the same id; those of several turns are left out.

    Args:
        gold: the file of the possible answers; None: the file of the questions' name in `possible_answer/` beside them,
            where it is there.
    """

    def __init__(self, gold: Path | None = None) -> None:
        self._gold = gold
        self._read: dict[Path, dict[str, JsonObject]] = {}

    def with_gold(self, path: Path) -> "BfclImporter":
        """Return an importer that takes the possible answers from a file.

        Raises:
            TaskFileError: it cannot be read, or holds none.
        """
        if not _possible_answers(path):
            raise TaskFileError("there are no possible answers in it", where=str(path), hint="Check the path.")
        return BfclImporter(path)

    def recognises(self, row: JsonObject) -> bool:
        """Tell whether a row is a question, or a question's possible answers."""
        return "id" in row and (is_array(row.get("question")) or "ground_truth" in row)

    def read(self, row: JsonObject, file: Path) -> Question | Skipped:
        """Return the user's turns: one for each list of messages, and more where an answer stands between them.

        Functions come from the row, or for its `involved_classes` from the folder beside the file.

        Raises:
            TaskFileError: a message or a function is none, or its functions are not there.
        """
        if "question" not in row and "ground_truth" in row:
            return Skipped("possible answers: they belong to questions")
        left_out = {key for key in row if key not in _READ}
        tools = list(_functions(row, file, left_out))
        held_back = _held_back(row)
        heard, turns = Conversation(), list[Asked]()
        for place, messages in enumerate(_turns(row)):
            heard.close_turn()
            before = len(heard.turns)
            heard.hear(messages)
            if not messages and place in held_back:
                heard.turns.append(MORE_TOOLS)
            waiting = {name for later, names in held_back.items() if later > place for name in names}
            offered = tuple(tool for tool in tools if tool.document["name"] not in waiting)
            turns += [Asked(text, offered) for text in heard.turns[before:]]
        return Question(
            id=str(row.get("id") or ""),
            turns=tuple(turns),
            system="\n\n".join(heard.system),
            accepted=self._accepted(str(row.get("id") or ""), file),
            left_out=(*left_out, *heard.left_out),
        )

    def _accepted(self, identity: str, file: Path) -> tuple[AcceptedCall, ...] | None:
        if NO_CALL in identity:
            return ()
        beside = file.parent / GOLD_FOLDER / file.name
        path = self._gold or (beside if beside.is_file() else None)
        if path is None:
            return None
        if path not in self._read:
            self._read[path] = _possible_answers(path)
        row = self._read[path].get(identity)
        return accepted_calls(row) if row else None


def _possible_answers(path: Path) -> dict[str, JsonObject]:
    """Return the rows of a file that hold possible answers, by id."""
    rows = [entry.content for entry in entries(path)]
    return {str(row.get("id")): row for row in rows if is_object(row) and "ground_truth" in row}


def _turns(row: JsonObject) -> list[Json]:
    turns = row.get("question")
    if not is_array(turns):
        raise TaskFileError("the question is no list of turns")
    return turns


def _functions(row: JsonObject, file: Path, left_out: set[str]) -> Iterator[Described]:
    listed = row.get("function")
    for raw in listed if is_array(listed) else [listed] if is_object(listed) else []:
        if not is_object(raw):
            raise TaskFileError("a function is no object")
        document, others = document_of(raw)
        left_out.update(f"function: {key}" for key in others)
        yield Described(document)
    excluded = _names(row.get("excluded_function"))
    for name in _names(row.get("involved_classes")):
        yield from (tool for tool in _of_class(name, file.parent) if tool.document["name"] not in excluded)


@cache
def _of_class(name: str, folder: Path) -> tuple[Described, ...]:
    """Return the functions of a class."""
    if name == RECALLED:
        raise TaskFileError(f"it asks about earlier conversations ({name}), which are not in the file")
    stem = FILES.get(name, _CAPITAL.sub("_", name).lower())
    path = folder / FUNCTION_DOCS / f"{stem}.json"
    if not path.is_file():
        raise TaskFileError(f"the functions of {name} are not there: no file {FUNCTION_DOCS}/{stem}.json beside it")
    rows = [entry.content for entry in entries(path)]
    if not all(map(is_object, rows)):
        raise TaskFileError(f"{path.name} is no list of functions")
    return tuple(Described(document_of(row)[0], toolset=stem) for row in rows)


def _held_back(row: JsonObject) -> Mapping[int, list[str]]:
    """Return the functions that come in a later turn only, by the turn's place from 0."""
    missed: Json = row.get("missed_function", {})
    if not is_object(missed) or not all(place.isdecimal() for place in missed):
        raise TaskFileError("`missed_function` does not say turn by turn which functions come")
    return {int(place): _names(names) for place, names in missed.items()}


def _names(value: Json) -> list[str]:
    names = value if is_array(value) else []
    return [name for name in names if isinstance(name, str)]
