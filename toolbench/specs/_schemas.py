"""Schemas of any OpenAPI version as JSON Schema 2020-12, with the shared ones gathered under `$defs`."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.specs._discriminators import ContradictionError, selection
from toolbench.specs._json import as_list, as_object
from toolbench.specs._keywords import DROP, VALUES, regex, settle
from toolbench.specs._names import DefinitionNames
from toolbench.specs._references import Place, References, reference_of
from toolbench.specs.base import Note

View: TypeAlias = Literal["input", "output"]
"""Who writes the value: a caller (`readOnly` properties are left out) or the server (`writeOnly` ones are)."""

HIDDEN: dict[View, str] = {"input": "readOnly", "output": "writeOnly"}
"""The flag that takes a property out of a view."""

_REFERENCE = "#/$defs/"
_ONE = ("contains", "contentSchema", "else", "if", "not", "propertyNames", "then")
_ONE_OR_BOOLEAN = ("additionalProperties", "items", "unevaluatedItems", "unevaluatedProperties")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("dependentSchemas", "patternProperties", "properties")
_IN_PLACE = ("allOf", "anyOf", "dependentSchemas", "else", "if", "not", "oneOf", "then")
_LOST = frozenset(("$dynamicRef", "$recursiveRef", "dependencies"))
_BESIDE_REFERENCE = frozenset(
    ("default", "deprecated", "description", "example", "examples", "nullable", "readOnly", "title", "writeOnly")
)


class Schemas:
    """Converts the schemas of one description, each shared one once.

    Args:
        references: where references lead.
        components: places of the description's named schemas, whose names are kept.
        siblings: whether all keywords beside a `$ref` count (OpenAPI 3.1), or only those that describe.
        notes: takes what is mended on the way.
    """

    def __init__(
        self, references: References, components: Sequence[Place], notes: list[Note], *, siblings: bool
    ) -> None:
        self.references, self.notes, self.siblings = references, notes, siblings
        self._components = frozenset(components)
        self._naming = DefinitionNames(place.tokens[-1] for place in components)
        self._views = _Views(references)
        self._names: dict[tuple[Place, View | None], str] = {}
        self._waiting: list[tuple[str, Place, View, Json]] = []
        self._places: dict[str, Place] = {}
        self._definitions: dict[str, JsonObject] = {}
        self._converted: dict[tuple[Place, View], JsonObject] = {}
        self._defined: dict[tuple[Path, str, View], str] = {}
        self._hidden: dict[tuple[Path, str, View], bool] = {}

    def convert(self, raw: Json, at: Place, view: View) -> JsonObject:
        """Return a schema in JSON Schema 2020-12, with references to shared schemas as `#/$defs/NAME`.

        Raises:
            SpecError: a reference in it leads nowhere.
        """
        key = (at, view)
        if key not in self._converted:
            self._converted[key] = _Walk(self, at, view).schema(raw)
        return self._converted[key]

    def definitions(self) -> dict[str, JsonObject]:
        """Return the shared schemas that the schemas converted so far need, by name, sorted.

        Raises:
            SpecError: a reference in one of them leads nowhere.
        """
        while self._waiting:
            name, place, view, raw = self._waiting.pop()
            self._definitions[name] = _Walk(self, place, view).schema(raw)
        for name in cut_endless(self._definitions):
            self.note("`$ref` that leads back to its own schema dropped", self._places[name])
        return dict(sorted(self._definitions.items()))

    def shared(self, reference: str, view: View, file: Path, at: Callable[[], Place]) -> str:
        """Return the `$ref` to the definition that the target of a reference becomes.

        Raises:
            SpecError: the reference leads nowhere, or round in a circle.
        """
        key = (file, reference, view)
        if key not in self._defined:
            raw, place = self.references.target(reference, at())
            self.references.follow(raw, place)
            self._defined[key] = _REFERENCE + self._define(raw, place, view)
        return self._defined[key]

    def _define(self, raw: Json, place: Place, view: View) -> str:
        # A schema without flags is the same in both views, so one definition serves them.
        distinct = view if self._views.differ(raw, place) else None
        key = (place, distinct)
        if key not in self._names:
            name = self._names[key] = self._naming.name(
                place.tokens or (place.file.stem,),
                identity=f"{place.file.name}#{place.pointer} {distinct or ''}",
                component=place in self._components,
                suffix="Input" if distinct == "input" else "",
            )
            self._places[name] = place
            self._waiting.append((name, place, view, raw))
        return self._names[key]

    def is_hidden(self, raw: Json, view: View, file: Path, at: Callable[[], Place]) -> bool:
        """Tell whether a property is left out of a view, by a flag beside its `$ref` or behind it."""
        if not is_object(raw):
            return False
        reference = reference_of(raw)
        if raw.get(HIDDEN[view]) is True or reference is None:
            return raw.get(HIDDEN[view]) is True
        key = (file, reference, view)
        if key not in self._hidden:
            target, _ = self.references.follow_object(raw, at())
            self._hidden[key] = target.get(HIDDEN[view]) is True
        return self._hidden[key]

    def note(self, message: str, place: Place) -> None:
        """Write down what was mended."""
        file = "" if place.file == self.references.root.file else f"{place.file.name}#"
        self.notes.append(Note(message, f"{file}{place.pointer}"))


class _Walk:
    """Converts one schema, down to its references. `trail` is where it is, below the schema it began with."""

    def __init__(self, schemas: Schemas, at: Place, view: View) -> None:
        self._schemas, self._at = schemas, at
        self._view: View = view
        self._trail: list[str] = []

    def schema(self, raw: Json) -> JsonObject:
        if not is_object(raw):
            return self._degenerate(raw)
        schema: JsonObject = {}
        reference = reference_of(raw)
        if reference is not None:
            schema["$ref"] = self._schemas.shared(reference, self._view, self._at.file, self._place)
        for key, value in raw.items():
            if reference is None or self._schemas.siblings or key in _BESIDE_REFERENCE:
                self._keyword(schema, key, value)
        if is_object(discriminator := raw.get("discriminator")):
            self._select(schema, raw, discriminator)
        if "required" in schema:
            self._require_shown(schema, as_object(raw.get("properties")))
        for mended in settle(schema, raw):
            self._note(mended)
        return schema

    def _select(self, schema: JsonObject, raw: JsonObject, discriminator: JsonObject) -> None:
        """Let each alternative say by which value a `discriminator` selects it."""
        for keyword in ("oneOf", "anyOf"):
            for index, branch in enumerate(as_list(raw.get(keyword)) if keyword in schema else ()):
                at = self._place().at(keyword, str(index))
                try:
                    wanted = selection(branch, discriminator, at, self._schemas.references, HIDDEN[self._view])
                except ContradictionError as error:
                    self._schemas.note(f"`discriminator`: an alternative forbids the `{error}` that selects it", at)
                else:
                    own = schema[keyword][index]
                    schema[keyword][index] = {"allOf": [own, wanted]} if wanted else own

    def _degenerate(self, raw: Json) -> JsonObject:
        if raw is False:
            return {"not": {}}
        if raw is not True:
            self._note("something else than a schema taken as any value")
        return {}

    def _keyword(self, schema: JsonObject, key: str, value: Json) -> None:
        clean = VALUES.get(key)
        if clean:
            self._keep(schema, key, key, clean(value))
        elif key in _NESTED:
            # A list of `items` is how drafts before 2020-12 wrote `prefixItems`.
            name = "prefixItems" if key == "items" and is_array(value) else key
            self._trail.append(key)
            kept = _NESTED[name](self, value)
            self._trail.pop()
            self._keep(schema, key, name, kept)
        elif key in _LOST:
            self._note(f"`{key}` is not supported: dropped")

    def _keep(self, schema: JsonObject, key: str, name: str, value: Json) -> None:
        if value is DROP:
            self._note(f"invalid `{key}` dropped")
        else:
            schema[name] = value

    def _require_shown(self, schema: JsonObject, written: JsonObject) -> None:
        shown = as_object(schema.get("properties"))
        schema["required"] = [name for name in schema["required"] if name in shown or name not in written]

    def one(self, value: Json) -> Json:
        return self.schema(value) if isinstance(value, dict | bool) else DROP

    def one_or_boolean(self, value: Json) -> Json:
        return value if isinstance(value, bool) else self.one(value)

    def several(self, value: Json) -> Json:
        members = [value] if is_object(value) else as_list(value)
        return [self._below(str(index), member) for index, member in enumerate(members)] or DROP

    def named(self, value: Json) -> Json:
        return {name: self._below(name, member) for name, member in value.items()} if is_object(value) else DROP

    def properties(self, value: Json) -> Json:
        if not is_object(value):
            return DROP
        return {name: self._below(name, member) for name, member in value.items() if not self._is_hidden(name, member)}

    def patterns(self, value: Json) -> Json:
        if not is_object(value) or any(regex(pattern) != pattern for pattern in value):
            return DROP
        return self.named(value)

    def _is_hidden(self, name: str, member: Json) -> bool:
        return self._schemas.is_hidden(member, self._view, self._at.file, lambda: self._place().at(name))

    def _below(self, token: str, raw: Json) -> JsonObject:
        self._trail.append(token)
        schema = self.schema(raw)
        self._trail.pop()
        return schema

    def _place(self) -> Place:
        return self._at.at(*self._trail)

    def _note(self, message: str) -> None:
        self._schemas.note(message, self._place())


_NESTED: dict[str, Callable[[_Walk, Json], Json]] = {
    **dict.fromkeys(_ONE, _Walk.one),
    **dict.fromkeys(_ONE_OR_BOOLEAN, _Walk.one_or_boolean),
    **dict.fromkeys(_SEVERAL, _Walk.several),
    **dict.fromkeys(_NAMED, _Walk.named),
    "patternProperties": _Walk.patterns,
    "properties": _Walk.properties,
}


class _Views:
    """Knows which schemas look different to caller and server: those that can reach a `readOnly` or `writeOnly`."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._known: dict[Place, bool] = {}
        self._scans: dict[Place, tuple[bool, list[tuple[Json, Place]]]] = {}

    def differ(self, raw: Json, at: Place) -> bool:
        """Tell whether the schema's two views differ. Follows references as far as needed, each once."""
        if at not in self._known:
            self._explore(raw, at)
        return self._known[at]

    def _explore(self, raw: Json, at: Place) -> None:
        seen, waiting = {at}, [(raw, at)]
        while waiting:
            flagged, targets = self._scan(*waiting.pop())
            if flagged or any(self._known.get(place) for _, place in targets):
                self._known[at] = True
                return
            fresh = [(target, place) for target, place in targets if place not in self._known and place not in seen]
            seen.update(place for _, place in fresh)
            waiting += fresh
        self._known.update(dict.fromkeys(seen, False))

    def _scan(self, raw: Json, at: Place) -> tuple[bool, list[tuple[Json, Place]]]:
        if at not in self._scans:
            inside = list(_subschemas(raw, ()))
            references = [(reference_of(part), tokens) for part, tokens in inside]
            targets = [self._references.target(text, at.at(*tokens)) for text, tokens in references if text is not None]
            # A flag of the schema itself hides it in others, not anything in it.
            shown = [part for part, tokens in inside if tokens] + [as_object(target) for target, _ in targets]
            flagged = any(part.get(flag) is True for part in shown for flag in HIDDEN.values())
            self._scans[at] = (flagged, targets)
        return self._scans[at]


def _subschemas(raw: Json, tokens: tuple[str, ...]) -> Iterator[tuple[JsonObject, tuple[str, ...]]]:
    """Yield a schema as written, and all schemas inside it, each with the way to it."""
    if not is_object(raw):
        return
    yield raw, tokens
    for key, value in raw.items():
        if key in _NAMED and is_object(value):
            for name, member in value.items():
                yield from _subschemas(member, (*tokens, key, name))
        elif key in _NESTED and is_array(value):
            for index, member in enumerate(value):
                yield from _subschemas(member, (*tokens, key, str(index)))
        elif key in _NESTED:
            yield from _subschemas(value, (*tokens, key))


def cut_endless(definitions: dict[str, JsonObject]) -> list[str]:
    """Take out, in place, references by which a definition applies to its own instance again, which no checker ends.

    Returns:
        The names of the definitions that held such a reference.
    """
    done: set[str] = set()
    cut: list[str] = []
    for name in sorted(definitions):
        _cut_from(name, definitions, [], done, cut)
    return cut


def _cut_from(name: str, definitions: dict[str, JsonObject], above: list[str], done: set[str], cut: list[str]) -> None:
    if name in done:
        return
    above.append(name)
    for holder in list(_in_place(definitions[name])):
        target = holder["$ref"].removeprefix(_REFERENCE)
        if target in above:
            del holder["$ref"]
            cut.append(name)
        else:
            _cut_from(target, definitions, above, done, cut)
    above.pop()
    done.add(name)


def _in_place(schema: JsonObject) -> Iterator[JsonObject]:
    """Yield the parts of a schema that hold a `$ref` and apply to the very instance that the schema applies to."""
    if "$ref" in schema:
        yield schema
    for keyword in _IN_PLACE:
        value = schema.get(keyword, [])
        members = value if is_array(value) else [*value.values()] if keyword == "dependentSchemas" else [value]
        for member in members:
            yield from _in_place(member)
