"""Instructions by a language model: self-instruct, with hand-written examples, and held to the same checks."""

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import yaml

from toolbench.gorilla.answers import needed
from toolbench.gorilla.checks import argument_problems, instruction_problems, leaks
from toolbench.gorilla.docset import ApiDoc, shown
from toolbench.gorilla.instructions import Unwritten, Wish
from toolbench.gorilla.replies import TRIES, checked_reply
from toolbench.llm.asking import objects
from toolbench.model import ChatModel, Json, JsonObject, is_object
from toolbench.prompts import Prompts
from toolbench.world.rng import rng

EXAMPLES = 3
"""Examples shown for each API."""

_PROMPTS = Prompts("toolbench.gorilla")

Reply: TypeAlias = tuple[str, JsonObject, str]
"""Instruction, arguments and explanation."""


class SelfInstruct:
    """Has a model write instructions.

    Args:
        model: who writes.
        seed: the run's seed.
    """

    def __init__(self, model: ChatModel, seed: int) -> None:
        self._model, self._seed = model, seed

    async def wish(self, doc: ApiDoc, ordinal: int) -> Wish | Unwritten:
        """Return an instruction for an API, with the values that it names, or why none of the replies would do.

        Raises:
            UnreachableError: the endpoint cannot be reached, or refuses us.
        """
        examples = rng(self._seed, "gorilla", "examples", doc.id, ordinal).sample(examples_of(_group(doc)), EXAMPLES)
        heard, wrong = await checked_reply(
            self._model,
            lambda wrong: _PROMPTS.render(
                "self_instruct", examples=examples, document=shown(doc.document), problems=wrong
            ),
            _read,
            lambda reply: _problems(doc, reply),
            address=(self._seed, "gorilla", doc.id, ordinal),
            ordinal=ordinal,
        )
        if heard is None:
            return Unwritten(f"the model's reply: {_kind(wrong)}", TRIES, tuple(wrong))
        text, _, explanation = heard
        said = "" if leaks(text, doc) else explanation
        return Wish(text, needed(doc, _given(doc, heard)), self._model.name, said)


def _given(doc: ApiDoc, reply: Reply) -> JsonObject:
    return {name: value for name, value in reply[1].items() if name not in doc.fixed}


def _problems(doc: ApiDoc, reply: Reply) -> list[str]:
    arguments = _given(doc, reply)
    return [*argument_problems(doc, arguments), *instruction_problems(reply[0], doc, arguments)]


def _kind(problems: Sequence[str]) -> str:
    """Return what is wrong, without the names and values that make each case another."""
    first = problems[0] if problems else "it is none"
    return (
        "it must say a value" if first.startswith("it must say") else first.partition("`")[0].strip() or "an argument"
    )


def _read(text: str) -> Reply:
    """Return instruction, arguments and explanation.

    Raises:
        ValueError: they are not there.
    """
    for found in objects(text):
        instruction, arguments = found.get("instruction"), found.get("arguments", {})
        if isinstance(instruction, str) and is_object(arguments):
            said: Json = found.get("explanation")
            return " ".join(instruction.split()), arguments, said.strip() if isinstance(said, str) else ""
    raise ValueError("there is no JSON object with `instruction` and `arguments` in it")


def _group(doc: ApiDoc) -> str:
    if doc.written:
        return "model"
    return "service" if "method" in doc.extra else "function"


@cache
def examples_of(group: str) -> list[dict[str, str]]:
    """Return the hand-written examples of a group (`service`, `function`, `model`), each a document and its answer."""
    text = (files("toolbench.gorilla") / "prompts" / "examples.yaml").read_text("utf-8")
    loaded: dict[str, list[dict[str, Any]]] = yaml.load(text, Loader=yaml.CSafeLoader)
    return [
        {"document": shown(one["document"]), "answer": json.dumps({k: v for k, v in one.items() if k != "document"})}
        for one in loaded[group]
    ]
