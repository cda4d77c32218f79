"""Arguments for a schema, drawn from a conversation's evidence, and guessed where it holds none."""

import random
import re
from typing import Any

from toolbench.llm.evidence import Evidence, Leaf, Mention, words_of
from toolbench.model import Json, JsonObject, is_array, is_object

DEPTH = 5
"""Levels of a schema that are followed; recursive schemas have no end."""

NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")

FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*"),
    "email": re.compile(r"\S+@\S+"),
}


class Guesser:
    """Fills one tool's arguments. `guesses` counts the values that nothing spoke for."""

    def __init__(self, evidence: Evidence, tool: str, root: JsonObject, luck: random.Random) -> None:
        self.guesses = 0
        self._evidence, self._root, self._luck = evidence, root, luck
        self._tool = frozenset(words_of(tool))
        self._used: set[str] = set()

    def fill(self) -> Json:
        """Return a value for the whole schema."""
        return self._value("", self._root, 0)

    def _value(self, name: str, schema: Json, depth: int) -> Json:
        plain = self._resolved(schema, depth)
        if "const" in plain:
            return plain["const"]
        if plain.get("enum"):
            return self._chosen(plain)
        kind = _type(plain)
        if kind == "object":
            return self._object(plain, depth)
        if kind == "array":
            return [self._value(name, plain.get("items", {}), depth + 1)]
        return self._scalar(name, kind, plain)

    def _object(self, schema: JsonObject, depth: int) -> JsonObject:
        if depth >= DEPTH:
            return {}
        required: list[str] = schema.get("required", [])
        properties: JsonObject = schema.get("properties", {})
        return {
            name: self._value(name, part, depth + 1)
            for name, part in properties.items()
            if name in required or self._spoken_of(name, self._resolved(part, depth))
        }

    def _spoken_of(self, name: str, schema: JsonObject) -> bool:
        """Tell whether the user speaks of an optional argument: the last word of its name leads to a value."""
        if schema.get("enum"):
            return self._said(schema) is not None
        return _type(schema) not in {"object", "array"} and self._labelled(name, schema) is not None

    def _chosen(self, schema: JsonObject) -> Json:
        said = self._said(schema)
        if said is not None:
            return said
        self.guesses += 1
        return schema.get("default", self._luck.choice(schema["enum"]))

    def _said(self, schema: JsonObject) -> Json:
        options: list[Json] = schema["enum"]
        return next((option for option in options if set(words_of(str(option))) & self._evidence.words), None)

    def _scalar(self, name: str, kind: str, schema: JsonObject) -> Json:
        mention = self._labelled(name, schema)
        if mention:
            return self._take(mention, kind)
        leaf = self._seen(name, kind)
        if leaf:
            return leaf.value
        documented = _documented(schema)
        if documented is not None:
            return documented
        mention = next((m for m in self._evidence.mentions if m.text not in self._used and _fits(m, schema)), None)
        if mention:
            return self._take(mention, kind)
        self.guesses += 1
        return _stopgap(kind)

    def _labelled(self, name: str, schema: JsonObject) -> Mention | None:
        label = [word for word in words_of(name) if word != "id"][-1:]
        fitting = (mention for mention in self._evidence.mentions if _fits(mention, schema))
        return next((mention for mention in fitting if mention.lead.issuperset(label) and label), None)

    def _take(self, mention: Mention, kind: str) -> Json:
        self._used.add(mention.text)
        if kind == "integer":
            return int(float(mention.text))
        return float(mention.text) if kind == "number" else mention.text

    def _seen(self, name: str, kind: str) -> Leaf | None:
        wanted = tuple(words_of(name))
        leaves = (leaf for result in self._evidence.results for leaf in result)
        return next((leaf for leaf in leaves if _is(leaf.value, kind) and self._same(wanted, leaf)), None)

    def _same(self, wanted: tuple[str, ...], leaf: Leaf) -> bool:
        """Tell whether a leaf is what an argument asks for: `order_id` is an order's `id`, and the other way round."""
        if wanted == leaf.key:
            return True
        if leaf.key == ("id",) and wanted[-1:] == ("id",):
            return leaf.around.issuperset(wanted[:-1])
        return wanted == ("id",) and leaf.key[-1:] == ("id",) and self._tool.issuperset(leaf.key[:-1])

    def _resolved(self, schema: Json, depth: int) -> JsonObject:
        """Return a schema without references and alternatives: the first that is not null stands for all."""
        for _ in range(DEPTH - depth):
            if not is_object(schema):
                return {}
            several = _alternatives(schema)
            if isinstance(schema.get("$ref"), str):
                schema = self._target(schema["$ref"])
            elif several:
                schema = several[0]
            else:
                break
        return schema if is_object(schema) else {}

    def _target(self, reference: str) -> Json:
        at: Json = self._root
        for part in reference.removeprefix("#").split("/")[1:]:
            at = at.get(part.replace("~1", "/").replace("~0", "~")) if is_object(at) else None
        return at


def _alternatives(schema: JsonObject) -> list[Json]:
    listed: list[Json] = schema.get("allOf") or schema.get("anyOf") or schema.get("oneOf") or []
    return [part for part in listed if part != {"type": "null"}]


def _documented(schema: JsonObject) -> Json:
    """Return a schema's default, or else its first example; None when it has neither."""
    examples: Json = schema.get("examples")
    return schema.get("default", examples[0] if is_array(examples) and examples else schema.get("example"))


def _type(schema: JsonObject) -> str:
    kinds: Any = schema.get("type")
    if is_array(kinds):
        kinds = next((kind for kind in kinds if kind != "null"), "string")
    return kinds if isinstance(kinds, str) else "object" if "properties" in schema else "string"


def _fits(mention: Mention, schema: JsonObject) -> bool:
    kind = _type(schema)
    if kind in {"integer", "number"}:
        return NUMBER.fullmatch(mention.text) is not None
    form = FORMATS.get(schema.get("format", ""))
    return kind == "string" and (form is None or form.fullmatch(mention.text) is not None)


def _is(value: Json, kind: str) -> bool:
    types = {"integer": int, "number": (int, float), "boolean": bool}
    return isinstance(value, types.get(kind, str))


def _stopgap(kind: str) -> Json:
    return {"integer": 1, "number": 1.0, "boolean": True, "null": None}.get(kind, "example")
