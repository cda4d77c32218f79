"""Which field holds the key of which resource, within an API and across the APIs of a world."""

import re
from collections.abc import Iterator, Mapping

from toolbench.model import Json, is_object
from toolbench.world.nouns import noun, singular, words
from toolbench.world.resources import ApiModel, Resource
from toolbench.world.shapes import main_type

_KEY_WORDS = frozenset("id ids uuid uuids uid key keys number ref".split())
_PEOPLE = frozenset("user agent member employee person staff customer contact practitioner account".split())
_ROLES = frozenset(
    "assignee owner author creator reviewer organizer organiser manager requester reporter sender recipient "
    "approver lead host sponsor supervisor".split()
)
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
        self._found: dict[tuple[str, str, int], tuple[Json, Resource | None]] = {}

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
            phrases = self._phrases(parts[:-1], description)
        elif shapes.reference(schema) and len(parts) <= 2:
            phrases = [noun(name)]
        else:
            return None
        return next((r for r in self._candidates(api, phrases) if self._agrees(r, view)), None)

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

    def _agrees(self, resource: Resource, view: Json) -> bool:
        model = self._models[resource.api]
        key: Json = model.shapes.view(key_schema(model, resource))
        ours, theirs = main_type(view), main_type(key)
        return not ours or not theirs or (ours == "string") == (theirs == "string")


def key_schema(model: ApiModel, resource: Resource) -> Json:
    """Return the schema of a resource's own key: the entity's field, else the path parameter."""
    schema = resource.schema
    for name in resource.key_path:
        schema = model.shapes.properties(schema).get(name, {})
    if resource.key_path:
        return schema
    return resource.param_schemas[-1] if resource.param_schemas and not resource.singleton else {"type": "string"}
