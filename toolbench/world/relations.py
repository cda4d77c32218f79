"""Which field holds the key of which resource, within an API and across the APIs of a world."""

import re
from collections.abc import Iterator, Mapping, Sequence

from toolbench.model import Json, JsonObject, is_object
from toolbench.model.pointers import parts
from toolbench.world.nouns import noun, singular, words
from toolbench.world.resources import ApiModel, Resource
from toolbench.world.shapes import main_type

_KEY_WORDS = frozenset("id ids uuid uuids uid key keys number ref".split())
_PARTICULAR = frozenset(("key", "number", "ref"))
"""Key words that speak of a field of that name: an order's number is not its id."""
_PEOPLE = frozenset("user agent member employee person staff customer contact practitioner account".split())
_ROLES = frozenset(
    "assignee owner author creator reviewer organizer organiser manager requester reporter sender recipient "
    "approver lead host sponsor supervisor".split()
)
_TEXTS = frozenset(
    "note comment message description label tag category name title status text content type reason email phone "
    "address city country currency language state location summary review answer question".split()
)
"""Nouns that more often name a text than refer to something."""
_ID_OF = re.compile(r"\b(?:id|identifier|uuid|key)\s+of\s+(?:the|an?)?\s*([a-z][a-z -]{2,60})", re.IGNORECASE)
_WHICH = re.compile(r"\b(?:customer|user|agent|member|[a-z]+)\b", re.IGNORECASE)


class Relations:
    """Finds the resource that a field refers to.

    Args:
        models: the world's APIs, by id.
    """

    def __init__(self, models: Mapping[str, ApiModel]) -> None:
        self._models = models
        self._nouns: dict[str, dict[str, list[Resource]]] = {}
        for api, model in models.items():
            index = self._nouns.setdefault(api, {})
            for resource in sorted(model.resources.values(), key=lambda r: (len(r.params), r.id)):
                if not resource.singleton:
                    index.setdefault(resource.noun, []).append(resource)
        self._inside: dict[tuple[str, str, int], tuple[Json, Resource | None]] = {}
        self._found: dict[tuple[str, str, int], tuple[Json, Resource | None]] = {}
        for model in models.values():
            self._note_links(model)

    def _note_links(self, model: ApiModel) -> None:
        """Believe what a description says itself: that a field of a result goes into a parameter of an operation."""
        for operation in model.operations.values():
            for link in operation.tool.links:
                consumer = model.operations.get(link.tool)
                params = consumer.scope if consumer else ()
                target = next((param.target for param in params if param.name == link.argument), None)
                found = _field_at(model, operation.tool.returns, parts(link.source)) if target else None
                if found is not None:
                    name, schema = found
                    self._found[model.api.id, name, id(schema)] = (schema, target)

    def target(self, api: str, name: str, schema: Json) -> Resource | None:
        """Return the resource whose key a field holds, or None.

        Args:
            api: the API the field belongs to.
            name: the field's name (`order_id`, `customer`).
            schema: the field's open schema.
        """
        address = (api, name, id(schema))
        if address not in self._found:
            self._found[address] = (schema, self._search(api, name, schema))
        return self._found[address][1]

    def embedded(self, api: str, name: str, schema: Json) -> Resource | None:
        """Return the resource whose entity stands whole inside another: `user` of an issue, or None.

        Args:
            api: the API the field belongs to.
            name: the field's name.
            schema: the field's open schema, an object's.
        """
        address = (api, name, id(schema))
        if address not in self._inside:
            shapes = self._models[api].shapes
            options = [r for r in self._models[api].resources.values() if not r.singleton and len(r.params) == 1]
            wanted = shapes.reference(schema)
            same = (r for r in options if wanted and shapes.reference(r.schema) == wanted)
            named = (r for r in options if r.noun == noun(name) and _shows_key(r, shapes.properties(schema)))
            self._inside[address] = (schema, next(same, None) or next(named, None))
        return self._inside[address][1]

    def _search(self, api: str, name: str, schema: Json) -> Resource | None:
        parts = words(name)
        shapes = self._models[api].shapes
        view = shapes.view(schema)
        if not parts or main_type(view) not in ("string", "integer", "number", "") or "enum" in view:
            return None
        if view.get("format") in ("date", "date-time", "email", "uri", "time"):
            return None
        description = str(schema.get("description", "")) if is_object(schema) else ""
        if len(parts) > 1 and parts[-1] in _KEY_WORDS:
            phrases = [noun(name), *self._phrases(parts[:-1], description)]
        elif shown := self._shown(api, shapes.reference(schema)):
            return shown if self._agrees(shown, view) else None
        elif noun(name) not in _TEXTS:
            return next((r for r in self._candidates(api, [noun(name)]) if r.api == api and self._is_id(r, view)), None)
        else:
            return None
        fitting = (r for r in self._candidates(api, phrases) if self._agrees(r, view))
        return next((r for r in fitting if parts[-1] not in _PARTICULAR or _keyed_by(r, parts[-1])), None)

    def _shown(self, api: str, definition: str) -> Resource | None:
        """Return the resource whose entities a definition describes."""
        if not definition:
            return None
        model = self._models[api]
        found = (
            r for r in model.resources.values() if not r.singleton and model.shapes.reference(r.schema) == definition
        )
        return min(found, key=lambda r: (len(r.params), r.id), default=None)

    def _is_id(self, resource: Resource, view: JsonObject) -> bool:
        """Tell whether a field that bears a resource's bare noun may hold its id: ids are looked up, not said."""
        return resource.key_path[-1:] in (("id",), ("uuid",), ("uid",)) and self._agrees(resource, view)

    def _phrases(self, parts: tuple[str, ...], description: str) -> list[str]:
        base = (*parts[:-1], singular(parts[-1]))
        phrases = [" ".join(base[i:]) for i in range(len(base))]
        if said := _ID_OF.search(description):
            phrases += [singular(word.lower()) for word in _WHICH.findall(said.group(1))]
        if _ROLES.intersection(base):
            phrases += sorted(_PEOPLE)
        return phrases

    def _candidates(self, api: str, phrases: list[str]) -> Iterator[Resource]:
        others = sorted(other for other in self._nouns if other != api)
        for phrase in phrases:
            for home in (api, *others):
                yield from self._nouns[home].get(phrase, ())

    def _agrees(self, resource: Resource, view: JsonObject) -> bool:
        """Tell whether a field may hold such keys: of the same type, and made alike where both say how."""
        key = self._models[resource.api].shapes.view(resource.key_schema)
        ours, theirs = main_type(view), main_type(key)
        alike = all(view[k] == key[k] for k in ("pattern", "format") if k in view and k in key)
        return alike and (not ours or not theirs or (ours == "string") == (theirs == "string"))


def _field_at(model: ApiModel, schema: Json, place: Sequence[str]) -> tuple[str, Json] | None:
    """Return the name and the schema of the field of a result that a pointer leads to, or None."""
    name = ""
    for part in place:
        items = model.shapes.items(schema)
        schema, name = (items, name) if items is not None else (model.shapes.properties(schema).get(part), part)
        if schema is None:
            return None
    return (name, schema) if name else None


def _keyed_by(resource: Resource, word: str) -> bool:
    return word in (words(name)[-1] for name in (*resource.key_path[-1:], resource.own_param) if words(name))


def _shows_key(resource: Resource, properties: JsonObject) -> bool:
    return bool(resource.key_path) and resource.key_path[0] in properties
