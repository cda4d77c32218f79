"""The outline of a textbook: concepts of a topic, each with those that have to be understood before it."""

from collections.abc import Sequence

from toolbench.create._rows import question_key
from toolbench.create._templates import ours
from toolbench.create.base import Asker, Creator, Job, Options, Question, Source
from toolbench.errors import ConfigError
from toolbench.llm.asking import objects, short
from toolbench.model import Json, JsonObject, is_array, is_object

__all__ = ["OutlineCreator"]

_TEXT: JsonObject = {"type": "string"}
_CONCEPT: JsonObject = {
    "type": "object",
    "properties": {"concept": _TEXT, "prerequisites": {"type": "array", "items": _TEXT}, "explains": _TEXT},
    "required": ["concept", "prerequisites", "explains"],
    "additionalProperties": False,
}
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"concepts": {"type": "array", "items": _CONCEPT}},
    "required": ["concepts"],
    "additionalProperties": False,
}


class OutlineOptions(Options):
    """What an outline can be told."""

    topic: str = ""
    """What the textbook is about."""


class OutlineCreator(Creator[OutlineOptions]):
    """Asks for the concepts of a topic."""

    reads = "nothing"
    suffix = "concepts"
    key = "concepts"
    count = 12
    options = OutlineOptions

    def jobs(self, source: Source) -> Sequence[Job]:
        """Return the topic.

        Raises:
            ConfigError: none is named.
        """
        if not self.told.topic.strip():
            raise ConfigError("an outline has a topic", hint="Name it: --set topic='Python for beginners'.")
        return [Job("topic", source)]

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:  # noqa: ARG002
        """Return concepts of the topic."""
        prompt = ours.render("outline", topic=self.told.topic, wanted=wanted, known=[row["concept"] for row in known])
        found = await asker.ask(Question(({"role": "user", "content": prompt},), _SCHEMA), _concepts) or []
        return [row | {"topic": self.told.topic} for row in found]

    def identity(self, row: JsonObject) -> str:
        """Return the concept's words."""
        return question_key(row["concept"])


def _concepts(text: str) -> list[JsonObject]:
    for value in objects(text):
        listed: Json = next((inner for inner in value.values() if is_array(inner)), None) or [value]
        found = [_concept(one) for one in listed if is_object(one) and str(one.get("concept") or "").strip()]
        if found:
            return found
    raise ValueError(f"no concepts in {short(text)!r}")


def _concept(found: JsonObject) -> JsonObject:
    before: Json = found.get("prerequisites")
    return {
        "concept": str(found["concept"]).strip(),
        "prerequisites": [str(one).strip() for one in before if str(one).strip()] if is_array(before) else [],
        "explains": str(found.get("explains") or "").strip(),
    }
