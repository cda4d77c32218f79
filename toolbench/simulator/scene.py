"""What a model is told of a call: documentation, the entities around it, the calls so far. All of it is untrusted."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import orjson

from toolbench.model import Call, HttpBinding, Json, JsonObject, Observation
from toolbench.model.pointers import leaves
from toolbench.model.shown import observation_text, shortened
from toolbench.prompts import Prompts
from toolbench.simulator.outline import outline
from toolbench.world.inputs import as_key
from toolbench.world.nouns import singular, words
from toolbench.world.resources import Resource
from toolbench.world.simulated import Question, only_asks
from toolbench.world.state import Key
from toolbench.world.world import World

PROMPTS = Prompts("toolbench.simulator")

MOST_ENTITIES = 12
"""Entities shown."""

MOST_CALLS = 16
"""Earlier calls shown, the latest."""

_ENTITY_BYTES, _CALL_BYTES, _PARAMETERS_BYTES = 700, 1_200, 3_000
_LONGEST_TEXT = 2_000
_MOST_VALUES = 12
_EXAMPLES = 3


def messages(world: World, question: Question, seen: Sequence[tuple[Call, Observation]]) -> list[JsonObject]:
    """Return the chat that asks for the body of an answer.

    Args:
        world: the world.
        question: what is asked.
        seen: the calls so far, with what came back.
    """
    told = PROMPTS.render(
        "call",
        now=world.now.date().isoformat(),
        api=safe(_api(world, question)),
        operation=safe(_operation(question)),
        returns=safe(outline(question.tool.returns or {})),
        entities=[safe(entity) for entity in _entities(world, question)],
        calls=[safe(_earlier(call, observation)) for call, observation in seen[-MOST_CALLS:]],
        call=safe({"tool": question.tool.name, "arguments": question.arguments}),
    )
    return [{"role": "system", "content": PROMPTS.render("system")}, {"role": "user", "content": told}]


def safe(value: Json) -> str:
    """Return a value as JSON on one line, without a `<`: nothing in it can end the tag it stands in."""
    return orjson.dumps(value).decode().replace("<", "\\u003c")


def _api(world: World, question: Question) -> JsonObject:
    api = world.landscape.apis[question.tool.api]
    return {"title": api.title, "description": api.description[:_LONGEST_TEXT]}


def _operation(question: Question) -> JsonObject:
    tool = question.tool
    request = f"{tool.binding.method} {tool.binding.path}" if isinstance(tool.binding, HttpBinding) else ""
    return {
        "name": tool.name,
        "request": request,
        "description": tool.description[:_LONGEST_TEXT],
        "changes_something": not only_asks(tool),
        "parameters": outline(tool.parameters, _PARAMETERS_BYTES),
    }


def _earlier(call: Call, seen: Observation) -> JsonObject:
    answer: Json = orjson.loads(observation_text(seen, limit=_CALL_BYTES))
    return {"tool": call.tool, "arguments": call.arguments, "answer": answer}


# -- entities ----------------------------------------------------------------------------------------------------------


def _entities(world: World, question: Question) -> Iterator[JsonObject]:
    """Yield entities: those that the call names, those that were changed, then some of the kinds it speaks of."""
    places = chain(_named(world, question), _changed(world, question), _examples(world, question))
    shown = 0
    for resource, key in dict.fromkeys(places):
        entity = world.entity(resource, key, question.state)
        if entity is not None:
            yield {"kind": resource.noun, "entity": shortened(entity, limit=_ENTITY_BYTES)}
            shown += 1
        if shown == MOST_ENTITIES:
            return


def _named(world: World, question: Question) -> Iterator[tuple[Resource, Key]]:
    values = {as_key(value): None for _, value in leaves(question.arguments) if isinstance(value, str | int)}
    texts = [text for text in islice(values, _MOST_VALUES) if text]
    for resource in _resources(world, question):
        if len(resource.params) == 1 and not resource.singleton:
            yield from ((resource, (text,)) for text in texts)


def _changed(world: World, question: Question) -> Iterator[tuple[Resource, Key]]:
    for name, key in sorted(question.state.entities):
        yield world.landscape.resources[name], key


def _examples(world: World, question: Question) -> Iterator[tuple[Resource, Key]]:
    tool = question.tool
    path = tool.binding.path if isinstance(tool.binding, HttpBinding) else ""
    spoken = {singular(word) for word in words(f"{tool.name} {path} {' '.join(question.arguments)}")}
    for resource in _resources(world, question):
        if resource.noun.rpartition(" ")[2] in spoken:
            place = next(iter(world.population.prefixes(resource)), ())
            keys = world.behaviour.keys(resource, place, question.state)
            yield from ((resource, key) for key in keys[:_EXAMPLES])


def _resources(world: World, question: Question) -> list[Resource]:
    return [resource for resource in world.landscape.resources.values() if resource.api == question.tool.api]
