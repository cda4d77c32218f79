"""What instructions, answers and quotes are held to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from toolbench.gorilla.answers import effective
from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.rows import Answer
from toolbench.gorilla.values import leaves
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.model.wording import mentions
from toolbench.world.nouns import singular, words

LEAST, LONGEST = 12, 1200
"""Characters of an instruction."""

SHORTEST_OVERLAP = 6
"""Words in a row, from a document that is not shown, on which an answer may not rest."""

_PASSED_OVER = frozenset("a an the of to for in on by with and or all my our your this that these those is are".split())
_WORD = re.compile(r"[^\W_]+")
_CODE = re.compile(r"\b(?:[a-z0-9]+_[a-z0-9_]+|[a-z]+[A-Z]\w+|\w+\(\w*)|[`{}]|<<<|>>>")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


def leaks(text: str, doc: ApiDoc) -> bool:
    """Tell whether a text names an API: its name, or the words of its name one after the other, little words aside."""
    lowered = text.lower()
    if any(re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", lowered) for name in _names(doc)):
        return True
    said = _content_words(text)
    return any(_stand_together(wanted, said) for wanted in _names_in_words(doc.operation, doc.title))


def _names(doc: ApiDoc) -> set[str]:
    """Return the names of an API as they are written."""
    return {name for name in (doc.name, doc.operation, doc.title, doc.id) if name}


@lru_cache(maxsize=4096)
def _names_in_words(operation: str, title: str) -> tuple[tuple[str, ...], ...]:
    found = [tuple(_content_words(" ".join(words(name)))) for name in (operation, title.rpartition("/")[2]) if name]
    return tuple(name for name in found if name)


def _content_words(text: str) -> list[str]:
    split = (part for word in _WORD.findall(text) for part in words(word) or (word.lower(),))
    return [singular(word) for word in split if word not in _PASSED_OVER]


def _stand_together(wanted: Sequence[str], said: Sequence[str]) -> bool:
    size = len(wanted)
    return any(tuple(said[at : at + size]) == tuple(wanted) for at in range(len(said) - size + 1))


def instruction_problems(text: str, doc: ApiDoc, wanted: JsonObject) -> list[str]:
    """Return what is wrong with an instruction, as one tells a writer; nothing where all is well."""
    return list(_instruction_problems(text, doc, wanted))


def _instruction_problems(text: str, doc: ApiDoc, wanted: JsonObject) -> Iterator[str]:
    if not LEAST <= len(text) <= LONGEST:
        yield f"it must have {LEAST} to {LONGEST} characters"
    if leaks(text, doc):
        yield "it names the API"
    values = list(leaves(wanted))
    unsaid = [value for value in values if not mentions(text, value)]
    if unsaid:
        yield f"it must say {unsaid[0]!r}"
    spoken = " ".join(value for value in values if isinstance(value, str))
    if any(found not in spoken for found in _CODE.findall(text)):
        yield "it uses technical names or code"


def argument_problems(doc: ApiDoc, arguments: JsonObject) -> list[str]:
    """Return in what ways arguments do not keep to a document."""
    return list(_argument_problems(doc, arguments))


def _argument_problems(doc: ApiDoc, arguments: JsonObject) -> Iterator[str]:
    for parameter in doc.parameters:
        if parameter.required and parameter.name not in arguments:
            yield f"`{parameter.name}` is missing"
    for name, value in arguments.items():
        parameter = doc.parameter(name)
        if parameter is not None:
            yield from (f"`{name}` {problem}" for problem in value_problems(value, parameter.content))
        elif name not in doc.fixed and not doc.is_open:
            yield f"there is no parameter `{name}`"


def value_problems(value: Json, content: JsonObject) -> Iterator[str]:
    """Yield in what ways a value does not keep to what a document says of it."""
    kind: Json = content.get("type")
    kinds = kind if is_array(kind) else [kind]
    if kind and not any(_is_of(value, str(one)) for one in kinds):
        yield f"is no {' or '.join(map(str, kinds))}"
    if content.get("enum") and value not in content["enum"]:
        yield f"is none of {content['enum']}"
    if is_array(value) and is_object(content.get("items")):
        for inner in value:
            yield from value_problems(inner, content["items"])
    if is_object(value) and is_object(properties := content.get("properties")):
        for name in content.get("required_properties") or ():
            if name not in value:
                yield f"lacks `{name}`"
        for name, inner in value.items():
            if name in properties:
                yield from value_problems(inner, properties[name])


def _is_of(value: Json, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and kind == "integer":
        return value.is_integer()
    return kind not in _TYPES or isinstance(value, _TYPES[kind])


def matches(answer: Answer, doc: ApiDoc, wanted: JsonObject) -> bool:
    """Tell whether a call is right by a document: of its API, allowed by it, with the effect that is wanted."""
    if not answer.covered or answer.name != doc.name or answer.placed != doc.placed:
        return False
    if any(answer.arguments.get(name) != value for name, value in doc.fixed.items()):
        return False
    given = {name: value for name, value in answer.arguments.items() if name not in doc.fixed}
    if argument_problems(doc, given):
        return False
    return is_as_wanted(doc, given, wanted)


def is_as_wanted(doc: ApiDoc, given: JsonObject, wanted: JsonObject) -> bool:
    """Tell whether a call with these arguments has the values that are wanted; what nobody asked for stays as it is."""
    holds = effective(doc, given)
    asked = effective(doc, wanted)
    return holds == asked


def rests_on(text: str, removed: ApiDoc, known: Iterable[str]) -> bool:
    """Tell whether a text repeats a document that is not shown: several words in a row that nothing shown has."""
    open_words = _spelled(" \n ".join(known))
    known_runs = {tuple(open_words[at : at + SHORTEST_OVERLAP]) for at in range(len(open_words))}
    hidden = _spelled(f"{removed.description} {removed.text}")
    runs = {tuple(hidden[at : at + SHORTEST_OVERLAP]) for at in range(len(hidden) - SHORTEST_OVERLAP + 1)}
    said = _spelled(text)
    return any(
        tuple(said[at : at + SHORTEST_OVERLAP]) in runs - known_runs for at in range(len(said) - SHORTEST_OVERLAP + 1)
    )


def _spelled(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


BEGIN, END = "##begin_quote##", "##end_quote##"
"""What stands around a quote."""

_QUOTE = re.compile(rf"{BEGIN}\s?(.*?)\s?{END}", re.DOTALL)


def quotes(text: str) -> list[str]:
    """Return what a text quotes, in order."""
    return _QUOTE.findall(text)
