"""Conversations whose answers are given reasoning; what users say is never changed."""

from collections.abc import Sequence

import orjson

from toolbench.create._templates import ours
from toolbench.create.base import Asker, Creator, Job, Options, Question
from toolbench.llm.asking import short, values
from toolbench.llm.own_prompts import user_message
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.created import created

__all__ = ["CotEnhanceCreator"]

_MESSAGE = {
    "type": "object",
    "properties": {"role": {"type": "string", "enum": ["system", "user", "assistant"]}, "content": {"type": "string"}},
    "required": ["role", "content"],
    "additionalProperties": False,
}
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"conversation": {"type": "array", "items": _MESSAGE}},
    "required": ["conversation"],
    "additionalProperties": False,
}


class CotEnhanceOptions(Options):
    """What the giving of reasoning can be told."""

    simple_steps: bool = False
    """Whether simple answers are given reasoning, too."""


class CotEnhanceCreator(Creator[CotEnhanceOptions]):
    """Asks for each conversation with reasoning in its answers, and takes the answers alone."""

    reads = "records"
    suffix = "enhanced"
    key = "conversations"
    counted = False
    options = CotEnhanceOptions

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:  # noqa: ARG002
        """Return the conversation with its new answers."""
        told = _plain(job.record)
        answers = sum(message["role"] == "assistant" for message in told)
        found = await asker.ask(self._question(told), lambda text: _answers(text, answers))
        return [{"conversations": _with(told, found)}] if found else []

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return the content of the file: bare conversations, as synthetic-data-kit reads them."""
        return super().content([row["conversations"] for row in rows], preface)

    def _question(self, told: list[JsonObject]) -> Question:
        own = self.settings.prompts.get("cot_enhancement")
        shown = orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()
        if own:
            simple = str(self.told.simple_steps).lower()
            return Question((user_message(own, {"conversations": shown, "include_simple_steps": simple}),))
        prompt = ours.render("cot_enhance", conversation=shown, simple=self.told.simple_steps)
        return Question(({"role": "user", "content": prompt},), _SCHEMA)


def _plain(record: JsonObject) -> list[JsonObject]:
    messages = created(record).messages
    return [{"role": message.role, "content": message.content or ""} for message in messages]


def _answers(text: str, wanted: int) -> list[str]:
    """Return what the assistant says in the conversation that an answer holds.

    Raises:
        ValueError: no conversation in it has as many answers.
    """
    for value in values(text):
        for conversation in _conversations(value, 0):
            said = [one.get("content") for one in conversation if one.get("role") == "assistant"]
            if len(said) == wanted and all(isinstance(one, str) and one.strip() for one in said):
                return [str(one).strip() for one in said]
    raise ValueError(f"no conversation with {wanted} answers in {short(text)!r}")


def _conversations(value: Json, depth: int) -> list[list[JsonObject]]:
    """Return the lists of messages in a value, the outer ones first."""
    if depth > 4:
        return []
    if is_array(value) and value and all(is_object(one) and "role" in one for one in value):
        return [value]
    inner = list(value.values()) if is_object(value) else value if is_array(value) else []
    return [found for one in inner for found in _conversations(one, depth + 1)]


def _with(told: list[JsonObject], answers: list[str]) -> list[JsonObject]:
    left = iter(answers)
    return [one | {"content": next(left)} if one["role"] == "assistant" else one for one in told]
