"""Asks a language model, holds its answers against the schema, and keeps them on record."""

from collections.abc import Callable, Sequence
from pathlib import Path

import jsonschema_rs
import orjson

from toolbench.errors import EndpointError, RunError, UnreachableError
from toolbench.llm.journal import Journal, JournaledModel, entry_key
from toolbench.model import (
    Call,
    Chat,
    ChatAnswer,
    ChatModel,
    ChatRequest,
    Json,
    JsonObject,
    Observation,
    canonical,
    digest,
)
from toolbench.model.base import DEEPEST, is_object, is_shallow
from toolbench.simulator.scene import PROMPTS, messages, safe
from toolbench.world.simulated import Question, Simulated
from toolbench.world.validation import problems_of
from toolbench.world.world import World

ATTEMPTS = 3
"""Times a model is asked for one body; from the second on it is told what was wrong."""

_LONGEST_PROBLEM = 300
_LONGEST_ANSWER = 4_000


class RecordedAnswers:
    """Simulated answers on record. Asks nobody.

    Args:
        model: name of the model that gave them.
        get: reads an entry of a journal.
        where: the journal's place, for messages.
    """

    def __init__(self, model: str, get: Callable[[str], bytes | None], where: str = "") -> None:
        self._model, self._get, self._where = model, get, where

    def key(self, question: Question) -> str:
        """Return the journal's key of a question."""
        return entry_key("simulate", question.identity, self._model, 0)

    def find(self, question: Question) -> Simulated | None:
        """Return what was answered to a question; None where nothing is on record.

        Raises:
            RunError: the journal cannot be read, or the entry is damaged.
        """
        key = self.key(question)
        entry = self._get(key)
        if entry is None:
            return None
        try:
            value: Json = orjson.loads(entry)
        except orjson.JSONDecodeError:
            value = None
        if not is_object(value) or value.keys() != {"answered", "body"}:
            hint = "Restore the journal; without it the run's simulated answers cannot be replayed."
            raise RunError(f"the answer recorded under {key} is damaged", where=self._where, hint=hint)
        return Simulated(answered=bool(value["answered"]), body=value["body"])


def recorded_in(journal: Path, model: str) -> RecordedAnswers:
    """Return the simulated answers in a run's journal; it is open only while an answer is read.

    Raises:
        RunError: there is no journal.
    """
    if not journal.is_file():
        hint = "The answers of its simulated calls are kept there, and a replay asks nobody; restore the file."
        raise RunError("the run's journal is missing", where=str(journal), hint=hint)

    def get(key: str) -> bytes | None:
        with Journal(journal) as opened:
            return opened.get(key)

    return RecordedAnswers(model, get, str(journal))


class Simulator:
    """Gets each question answered once.

    Args:
        model: the model in the server's place.
        journal: where its answers are kept.
    """

    def __init__(self, model: ChatModel, journal: Journal, where: str = "") -> None:
        self._model, self._journal = JournaledModel(model, journal), journal
        self.answers = RecordedAnswers(model.name, journal.get, where)

    async def settle(self, world: World, question: Question, seen: Sequence[tuple[Call, Observation]]) -> None:
        """Bring an answer to a question on record, unless one is. That the model found no valid body is recorded, too.

        Raises:
            UnreachableError: the endpoint cannot be reached at all; nothing is recorded then.
            RunError: the journal cannot be used.
        """
        if self.answers.find(question) is not None:
            return
        found = await self._ask(messages(world, question, seen), question)
        self._journal.put(self.answers.key(question), canonical({"answered": found.answered, "body": found.body}))

    async def _ask(self, chat: list[JsonObject], question: Question) -> Simulated:
        schema = question.tool.returns or {}
        if not _is_usable(schema):
            return Simulated(answered=False)
        seed = int(digest(question.identity)[:7], 16)
        for _ in range(ATTEMPTS):
            try:
                answer = await self._model.chat(ChatRequest(chat=Chat(chat), seed=seed))
            except UnreachableError:
                raise
            except EndpointError:
                break
            body, problems = read_body(answer, schema)
            if not problems:
                return Simulated(answered=True, body=body)
            told = PROMPTS.render("again", problems=[safe(problem) for problem in problems])
            chat = [*chat, {"role": "assistant", "content": _clean(answer.content)}, {"role": "user", "content": told}]
        return Simulated(answered=False)


def read_body(answer: ChatAnswer, schema: JsonObject) -> tuple[Json, list[str]]:
    """Return the body that a model's answer is, and what is wrong with it, in words; nothing where it is valid."""
    try:
        body: Json = orjson.loads(_unfenced(answer.content))
    except ValueError as error:
        cut = ", cut off at the limit of its length" if answer.finish_reason == "length" else ""
        return None, [f"not one JSON value{cut}: {error}"]
    if not is_shallow(body):
        return None, [f"nested more than {DEEPEST} levels deep"]
    problems = problems_of(body, schema)
    return body, [f"{one['pointer'] or 'the whole'}: {one['message'][:_LONGEST_PROBLEM]}" for one in problems]


def _is_usable(schema: JsonObject) -> bool:
    try:
        problems_of(None, schema)
    except jsonschema_rs.ValidationError:
        return False
    return True


def _unfenced(content: str) -> str:
    text = content.strip()
    if text.startswith("```") and text.endswith("```"):
        return text[3:-3].removeprefix("json").strip()
    return text


def _clean(content: str) -> str:
    """Return what a model said as a message that can be sent back to it."""
    return content[:_LONGEST_ANSWER].encode("utf-8", "replace").decode() or "(nothing)"
