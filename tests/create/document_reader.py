"""A model for tests that really reads what it is shown: it asks about the sentences of a text, and rates by id."""

import json
import re
import zlib
from typing import Any

import orjson

from toolbench.llm.script import Answer, text_of
from toolbench.llm.scripted import ScriptedModel
from toolbench.model import JsonObject

SENTENCE = re.compile(r"[A-Z][^.!?\n]*[.!?]")
COUNT = re.compile(r"(?:Create|Write) (\d+)")


class Reader(ScriptedModel):
    """Answers questions about texts as asked, in the form asked for.

    Args:
        knows_schemas: whether it takes `response_format`.
        spoil: told the number of the request, returns the text to answer with instead; None to answer well.
    """

    def __init__(
        self, *, name: str = "scripted", knows_schemas: bool = True, spoil: Any = None, delay: float = 0
    ) -> None:
        super().__init__(name=name)
        self.requests: list[JsonObject] = []
        self._knows_schemas, self._spoil, self._delay = knows_schemas, spoil, delay

    def answer(self, request: JsonObject) -> Answer:
        self.asked += 1
        self.requests.append(request)
        if request.get("response_format") and not self._knows_schemas:
            return Answer(status=400)
        prompt = text_of(request["messages"][-1])
        spoiled = self._spoil(self.asked, prompt) if self._spoil else None
        if isinstance(spoiled, Answer):
            return spoiled
        return Answer(content=spoiled or self._said(prompt), delay=self._delay)

    def _said(self, prompt: str) -> str:
        if "Is water wet" in prompt:
            return '{"ok": true}'
        if "Rate " in prompt:
            return _dumps([{"id": one["id"], "rating": rating(one), "difficulty": 2} for one in items(prompt)])
        if "enhanc" in prompt or "Rewrite the assistant" in prompt:
            return _dumps({"conversation": _enhanced(prompt)})
        if "ummari" in prompt[:200]:
            return "It is a text. It says this and that."
        wanted = int(COUNT.search(prompt)[1])  # type: ignore[index]
        sentences = [
            one for one in SENTENCE.findall(prompt.rpartition("Text:")[2]) if f"about {one[:40]}" not in prompt
        ]
        fields = ("question", "reasoning", "answer") if "reason" in prompt[:200] else ("question", "answer")
        rows = [dict.fromkeys(fields, one) | {"question": f"What is said about {one[:40]}?"} for one in sentences]
        # In words and fences, as models do.
        return f"Here you are:\n```json\n{_dumps(rows[:wanted])}\n```"


def rating(item: JsonObject) -> int:
    """Return the rating that an item gets: from 6 to 10, by what it asks."""
    return 6 + zlib.crc32(item["question"].encode()) % 5


def items(prompt: str) -> list[JsonObject]:
    """Return the numbered items in a rating prompt."""
    start = prompt.index('[\n  {\n    "id"')
    return _first(prompt[start:])


def _enhanced(prompt: str) -> list[JsonObject]:
    told = _first(prompt[prompt.rindex('[\n  {\n    "role"') :])
    return [
        one | {"content": f"Step 1: think. {one['content']}"} if one["role"] == "assistant" else one for one in told
    ]


def _first(text: str) -> Any:
    return json.JSONDecoder().raw_decode(text)[0]


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
