"""Rating of created data: a model is shown numbered items, and answers ids with figures. It never rewrites data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from toolbench.llm.asking import Silence, ask, short, values
from toolbench.llm.constraint import response_format
from toolbench.llm.own_prompts import user_message
from toolbench.model import Chat, ChatModel, ChatRequest, Json, JsonObject, is_array, is_object
from toolbench.prompts import Prompts

HIGHEST = 10
"""The best rating, where nothing else is said; the worst is 1."""

DEEPEST = 4
"""Levels of an answer in which ratings are looked for."""

_PROMPTS = Prompts("toolbench.curation")
_NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:/\s*\d+\s*)?\Z")
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "ratings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "reason": {"type": "string"},
                    "rating": {"type": "number"},
                },
                "required": ["id", "reason", "rating"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["ratings"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Rating:
    """What a rater thinks of an item."""

    rating: float
    """1 to the highest."""
    more: Mapping[str, float] = field(default_factory=dict[str, float])
    """Other figures it gave, such as `difficulty`."""


@dataclass(frozen=True, slots=True)
class Rubric:
    """What is rated, and how."""

    text: str = ""
    """What to look at; a text that names `{pairs}` is the whole prompt. Ours where empty."""
    highest: int = HIGHEST
    """The best rating."""


class Rater:
    """A chat model that rates items.

    Args:
        model: the model.
        rubric: what is rated, and how.
        temperature: sampling temperature.
        constrained: whether the model's answers are held to a schema.
    """

    def __init__(self, model: ChatModel, rubric: Rubric, *, temperature: float, constrained: bool) -> None:
        self._model, self._rubric, self._temperature, self._constrained = model, rubric, temperature, constrained

    async def rate(self, items: Sequence[JsonObject], sample: int) -> dict[int, Rating] | Silence:
        """Return the ratings of items by their place, from 0; those left out are unscored.

        Args:
            items: what the rater is shown of each; not empty.
            sample: which of several equal questions.

        Raises:
            UnreachableError: the endpoint cannot be reached, or refuses us.
        """
        is_whole = "{pairs}" in self._rubric.text
        request = ChatRequest(
            chat=Chat([self._message(items, is_whole=is_whole)]),
            temperature=self._temperature,
            # A prompt of the user's may ask for more than our schema holds.
            response_format=response_format(_SCHEMA) if self._constrained and not is_whole else None,
            seed=sample,
            sample=sample,
        )
        return await ask(self._model, request, lambda text: read_ratings(text, len(items), self._rubric.highest))

    def _message(self, items: Sequence[JsonObject], *, is_whole: bool) -> JsonObject:
        numbered = [{"id": number, **item} for number, item in enumerate(items, 1)]
        shown = orjson.dumps(numbered, option=orjson.OPT_INDENT_2).decode()
        text, highest = self._rubric.text, self._rubric.highest
        if is_whole:
            return user_message(text, {"pairs": shown}, [_PROMPTS.render("rating_ids", highest=highest)])
        prompt = _PROMPTS.render("rating", items=shown, rubric=text.strip(), highest=highest)
        return {"role": "user", "content": prompt}


def read_ratings(text: str, count: int, highest: int = HIGHEST) -> dict[int, Rating]:
    """Return the ratings in an answer, by place from 0. An id that is rated twice, and otherwise, is unscored.

    Args:
        text: the answer.
        count: items shown; ids are 1 to that.
        highest: the best rating; one that is beyond it, or below 1, is none.

    Raises:
        ValueError: there is not one.
    """
    found: dict[int, set[float]] = {}
    more: dict[int, dict[str, float]] = {}
    for one in (one for value in values(text) for one in _rated(value, 0)):
        number, rating = _number(one.get("id")), _number(one.get("rating"))
        if number is None or rating is None or not (number in range(1, count + 1) and 1 <= rating <= highest):
            continue
        place = int(number) - 1
        found.setdefault(place, set()).add(rating)
        more[place] = {
            name: float(value)
            for name, value in one.items()
            if name not in {"id", "rating"} and isinstance(value, int | float) and not isinstance(value, bool)
        }
    ratings = {place: Rating(next(iter(all_)), more[place]) for place, all_ in found.items() if len(all_) == 1}
    if not ratings:
        raise ValueError(f"no rating from 1 to {highest} with the id of an item in {short(text)!r}")
    return ratings


def _rated(value: Json, depth: int) -> Iterator[JsonObject]:
    if depth > DEEPEST:
        return
    if is_object(value) and "rating" in value:
        yield value
        return
    inner = list(value.values()) if is_object(value) else value if is_array(value) else []
    for one in inner:
        yield from _rated(one, depth + 1)


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    match = _NUMBER.match(str(value))
    return float(match[1]) if match else None
