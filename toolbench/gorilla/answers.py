"""Answers: the call that a document asks for, an explanation that keeps to what is shown, the domain."""

from collections.abc import Mapping, Sequence

import orjson

from toolbench.gorilla.docset import ApiDoc, is_identifier
from toolbench.gorilla.rows import Answer
from toolbench.model import Json, JsonObject, is_object
from toolbench.model.wording import say
from toolbench.tasks.english import listed
from toolbench.tasks.fields import label_of

_SPOKEN = {"q": "search text", "query": "search text", "search": "search text", "per page": "page size"}
"""Labels that are not what people say."""

LONGEST_VALUE = 60
"""Characters of a value that an explanation repeats."""


def needed(doc: ApiDoc, wanted: JsonObject) -> JsonObject:
    """Return the arguments that a call must give to have values as wanted: those that are defaults are left out."""
    kept: JsonObject = {}
    for parameter in doc.parameters:
        if parameter.name in wanted:
            value = wanted[parameter.name]
            is_default = parameter.has_default and _same(parameter.content["default"], value)
            if parameter.required or not is_default:
                kept[parameter.name] = value
    return kept


def effective(doc: ApiDoc, arguments: JsonObject) -> JsonObject:
    """Return the values that hold when a call gives these arguments: defaults included."""
    defaults = {one.name: one.content["default"] for one in doc.parameters if one.has_default and not one.required}
    return defaults | arguments


def answer(doc: ApiDoc, wanted: JsonObject, *, style: str, grounded: bool = True, note: str = "") -> Answer:
    """Return the right call by a document.

    Args:
        doc: the document.
        wanted: values by parameter.
        style: how the call is written.
        grounded: whether the document is shown; the explanation rests on it only then.
        note: what else the explanation says.
    """
    arguments = {**doc.fixed, **needed(doc, wanted)}
    return Answer(
        call=write_call(doc, needed(doc, wanted), style),
        name=doc.name,
        placed=doc.placed,
        arguments=arguments,
        explanation=_explanation(doc, wanted, grounded=grounded, note=note),
        domain=doc.domain,
        provider=doc.framework,
    )


def not_covered(shown: Sequence[ApiDoc]) -> Answer:
    """Return the answer that no document covers what is asked; it tells what they do cover."""
    what = listed([f"{doc.title or doc.name}" for doc in shown])
    told = f"The documentation given is of {what}. " if shown else ""
    explanation = f"{told}None of it does what is asked for, so there is no call to give."
    return Answer(covered=False, explanation=explanation)


def write_call(doc: ApiDoc, arguments: JsonObject, style: str) -> str:
    """Return a call as text: of Python, or as a JSON object with `name` and `arguments`."""
    if style == "json":
        given = {f"#{place + 1}": value for place, value in enumerate(doc.placed)} | doc.fixed | arguments
        return orjson.dumps({"name": doc.name, "arguments": given}).decode()
    if doc.written and not arguments:
        return doc.written
    head = doc.written.rpartition(")")[0] if doc.written else f"{doc.name}("
    parts = [f"{name}={value!r}" for name, value in arguments.items() if is_identifier(name)]
    odd = {name: value for name, value in arguments.items() if not is_identifier(name)}
    parts += [f"**{odd!r}"] if odd else []
    joint = ", " if parts and not head.endswith("(") else ""
    return f"{head}{joint}{', '.join(parts)})"


def _explanation(doc: ApiDoc, wanted: JsonObject, *, grounded: bool, note: str) -> str:
    called = f"`{doc.title}` of {doc.framework}" if doc.title and doc.framework else f"`{doc.name}`"
    said = [f"{called} is the API that does what is asked for."]
    if grounded and doc.purpose:
        said = [f'The documentation says of {called}: "{doc.purpose}"' + ("" if doc.purpose[-1] in ".!?" else ".")]
    given = needed(doc, wanted)
    if given:
        told = [f"`{name}` is {brief(value)}" for name, value in given.items()]
        said.append(f"As asked for, {listed(told)}.")
    if left := [name for name in wanted if name not in given]:
        told = [f"`{name}`" for name in left]
        said.append(f"What is wanted for {listed(told)} is the documented default, so nothing is given for it.")
    return " ".join([*said, *([note] if note else [])])


def brief(value: Json) -> str:
    """Return a value as an explanation repeats it."""
    text = say(value) if isinstance(value, str | int | float | bool) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def labels(values: Mapping[str, Json], at: tuple[str, ...] = ()) -> list[tuple[str, Json]]:
    """Return the values that an instruction must say, each with what people call it; those in objects one by one."""
    found: list[tuple[str, Json]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += labels(_object(value), (*at, name))
        else:
            label = label_of([*at, name][-2:])
            found.append((_SPOKEN.get(label, label), value))
    return found


def _object(value: Json) -> JsonObject:
    return value if is_object(value) else {}


def _same(one: Json, other: Json) -> bool:
    return type(one) is type(other) and one == other
