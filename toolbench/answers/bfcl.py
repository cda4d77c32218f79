"""Result files of the Berkeley Function-Calling Leaderboard: `{id, result}`, a list of calls or a text of such."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from evaluators.matching import NamedCall, UnreadableError, check_calls, decode, rules_of
from toolbench.answers.base import Judged, Sources, files_of, read_entries, read_rows
from toolbench.errors import AnswerFileError, InputError, TaskFileError
from toolbench.importers._accepted import NO_CALL, accepted_calls
from toolbench.importers._rows import Entry
from toolbench.importers.bfcl import GOLD_FOLDER
from toolbench.model import AcceptedCall, Json, JsonObject, is_array, is_object

__all__ = ["BfclAnswers"]

SOME_CALL = "relevance"
"""In a question's id: some call is right, whichever."""

_NUMBER = re.compile(r"_\d+(-\d+)*$")
_OTHER_LANGUAGES = ("java", "javascript")


class BfclAnswers:
    """Judges answers by the possible answers to the question of the same id."""

    needs: ClassVar[tuple[str, ...]] = ("questions",)

    def __init__(self, sources: Sources) -> None:
        try:
            self._rules = rules_of(sources.rules or "bfcl")
        except ValueError as error:
            raise InputError(f"--rules: {error}", hint="It looks like bfcl or exact,order_free") from error
        questions = files_of(sources.questions)
        beside = (path.parent / GOLD_FOLDER / path.name for path in questions)
        gold = files_of(sources.gold) or [path for path in beside if path.is_file()]
        self._functions = {identity: _functions(row) for identity, row in _by_id(questions, "question").items()}
        self._accepted = _by_id(gold, "ground_truth") if gold else {}

    def rows(self, path: Path) -> Iterable[Entry]:
        """Return the rows of a file of results."""
        return read_entries(path)

    def judge(self, row: JsonObject) -> Judged:
        """Return what an answer is worth.

        Raises:
            AnswerFileError: it has no id or result, or there is no question of its id.
        """
        identity, result = row.get("id"), row.get("result")
        if not isinstance(identity, str) or "result" not in row:
            raise AnswerFileError("the row has no `id` and `result`")
        if identity not in self._functions:
            raise AnswerFileError(f"no question has the id {identity!r}", hint="Give its file with `--questions`.")
        category = _NUMBER.sub("", identity)
        if why := self._unjudgeable(identity, category):
            return Judged(identity, category, "unscored", "no_gold", why)
        accepted = self._right(identity, category)
        try:
            calls = decode(result, self._rules)
        except UnreadableError as error:
            return _unreadable(identity, category, str(error), accepted)
        return self._judged(identity, category, calls, accepted)

    def _unjudgeable(self, identity: str, category: str) -> str:
        """Return why answers to a question cannot be judged; empty where they can."""
        if category.endswith(_OTHER_LANGUAGES):
            return "its values are those of Java or JavaScript"
        if identity in self._accepted or NO_CALL in category or SOME_CALL in category:
            one_turn = identity not in self._accepted or _calls(self._accepted[identity]) is not None
            return "" if one_turn else "its possible answers are not those of one turn"
        return "it has no possible answer"

    def _right(self, identity: str, category: str) -> tuple[AcceptedCall, ...] | None:
        if NO_CALL in category:
            return ()
        return _calls(self._accepted[identity]) if identity in self._accepted else None

    def _judged(
        self, identity: str, category: str, calls: tuple[NamedCall, ...], accepted: tuple[AcceptedCall, ...] | None
    ) -> Judged:
        found = check_calls(self._functions[identity], calls, accepted, rules=self._rules)
        label = "right" if found.valid else "wrong" if found.scored else "unscored"
        return Judged(identity, category, label, found.kind, found.reason, found.place, note=found.gold_fault)


def _unreadable(identity: str, category: str, why: str, accepted: tuple[AcceptedCall, ...] | None) -> Judged:
    """Return what an answer without readable calls is worth: where no call is right, it is right."""
    if accepted == ():
        return Judged(identity, category, "right", "right")
    return Judged(identity, category, "unparseable", "unparseable", why)


def _by_id(paths: Sequence[Path], key: str) -> dict[str, JsonObject]:
    """Return the rows that have a key, by their id: beside them lie files of other things.

    Raises:
        AnswerFileError: a file cannot be read, such a row has no id, its possible answers are of no known form, or
            there is none.
    """
    found: dict[str, JsonObject] = {}
    for path in paths:
        for line, row in read_rows(path):
            if key not in row:
                continue
            identity = row.get("id")
            if not isinstance(identity, str):
                raise AnswerFileError("the row has no id", where=f"{path}, line {line}")
            found[identity] = row
            try:
                _calls(row)
            except TaskFileError as error:
                raise AnswerFileError(error.message, where=f"{path}, line {line}") from error
    if not found:
        raise AnswerFileError(f"no row has `{key}`", where=str(paths[0]), hint="Check the path.")
    return found


def _calls(row: JsonObject) -> tuple[AcceptedCall, ...] | None:
    return accepted_calls(row) if "ground_truth" in row else None


def _functions(row: JsonObject) -> list[JsonObject]:
    listed: Json = row.get("function")
    return [one for one in (listed if is_array(listed) else [listed]) if is_object(one)]
