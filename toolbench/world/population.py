"""The seeded population: which entities exist before the first call, and what they look like."""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.fitting import Fitter
from toolbench.world.lexicon import email_of, is_person, office_of, slug
from toolbench.world.nouns import STATES, TERMINAL_STATES, same_name, snake, words
from toolbench.world.relations import Relations
from toolbench.world.resources import ApiModel, Resource
from toolbench.world.rng import rng
from toolbench.world.sampler import Sampler
from toolbench.world.shapes import main_type
from toolbench.world.state import Key

_TOP_LEVEL, _NESTED = (12, 20), (2, 6)
_TRIES = 40
_POOL = 3
_MOST_PREFIXES = 40
_SHARE_OF_WHOLE = 0.4
_DEEPEST_LINK = 2


class _Home(NamedTuple):
    """What the references of a value are seen from."""

    api: str
    resource: Resource | None = None
    key: Key = ()


class Population:
    """Entities as a pure function of (seed, resource, key); made when asked for, so the size of a world costs nothing.

    Args:
        models: the world's APIs, by id.
        relations: what refers to what.
        seed: the world's seed.
        now: the world's time at its beginning.
    """

    def __init__(self, models: Mapping[str, ApiModel], relations: Relations, seed: int, now: datetime) -> None:
        self._models, self._relations, self._seed = models, relations, seed
        self._samplers = {api: Sampler(model.shapes, now) for api, model in models.items()}
        self._fitters = {api: Fitter(model.shapes, self._samplers[api]) for api, model in models.items()}
        self._pools: dict[tuple[str, int], Mapping[str, Json]] = {}
        self._keys: dict[tuple[str, Key], dict[str, Json]] = {}
        self._entities: dict[tuple[str, Key], JsonObject] = {}
        # Each schema is kept beside what is shown by it, so that its id is not given to another object.
        self._insides: dict[tuple[int, str, Key], tuple[Json, Json]] = {}

    def sampler(self, api: str) -> Sampler:
        """Return the maker of values for an API's schemas."""
        return self._samplers[api]

    def fitter(self, api: str) -> Fitter:
        """Return what shows values as an API's schemas ask for them."""
        return self._fitters[api]

    def keys(self, resource: Resource, ancestors: Key) -> Mapping[str, Json]:
        """Return the own keys of the entities under given ancestors: as text, and as the entity holds them."""
        place = (resource.id, ancestors)
        if place not in self._keys:
            self._keys[place] = self._make_keys(resource, ancestors) if self.has_ancestors(resource, ancestors) else {}
        return self._keys[place]

    def has_ancestors(self, resource: Resource, ancestors: Key) -> bool:
        """Tell whether the seeded population has these ancestors."""
        return all(ancestors[i] in self.domain(resource, i, ancestors[:i]) for i in range(len(ancestors)))

    def domain(self, resource: Resource, place: int, before: Key) -> Mapping[str, Json]:
        """Return the values that the ancestor parameter at `place` can take, given those before it."""
        parent = resource.parents[place] if place < len(resource.parents) else None
        if parent is None or parent.singleton:
            return self._pool(resource, place)
        return self.keys(parent, before[-(len(parent.params) - 1) :] if len(parent.params) > 1 else ())

    def _pool(self, resource: Resource, place: int) -> Mapping[str, Json]:
        """Return the few values of a path's parameter that is no resource's key."""
        if (resource.id, place) not in self._pools:
            name = resource.params[place]
            schema: Json = resource.param_schemas[place] if place < len(resource.param_schemas) else {}
            r = rng(self._seed, resource.api, "pool", name)
            view = self._models[resource.api].shapes.view(schema)
            plain = main_type(view) in ("string", "") and not view.keys() & {"format", "pattern"}
            sampler = self._samplers[resource.api]
            made: list[Json] = [slug(r) if plain else sampler.value(schema, r, name=name) for _ in range(_POOL)]
            self._pools[resource.id, place] = {str(value): value for value in view.get("enum") or made}
        return self._pools[resource.id, place]

    def _make_keys(self, resource: Resource, ancestors: Key) -> dict[str, Json]:
        if resource.singleton:
            return {"": None}
        r = rng(self._seed, resource.id, ancestors, "keys")
        if resource.whole is not None:
            return {text: key for text, key in self.keys(resource.whole, ()).items() if r.random() < _SHARE_OF_WHOLE}
        options = self._models[resource.api].shapes.view(resource.key_schema).get("enum")
        count = r.randint(*(_NESTED if ancestors else _TOP_LEVEL))
        # Of a few keys that there can be, one is left to be made.
        some = options[: max(1, min(count, len(options) - 1))] if options else ()
        found: dict[str, Json] = {str(value): value for value in some}
        for _ in range(0 if options else _TRIES):
            if len(found) >= count:
                break
            value = self.new_key(resource, r)
            found.setdefault(str(value), value)
        return found

    def new_key(self, resource: Resource, r: random.Random) -> Json:
        """Return a key for an entity: an id made like the documented ones, or a name."""
        model = self._models[resource.api]
        schema = resource.key_schema
        view = model.shapes.view(schema)
        name = resource.key_path[-1] if resource.key_path else resource.own_param
        made_up = main_type(view) in ("integer", "number") or view.get("format") == "uuid" or not is_spoken(name)
        if made_up and not view.keys() & {"enum", "const"}:
            return self._samplers[resource.api].identifier(schema, r, resource.noun)
        return self._samplers[resource.api].value(schema, r, name=name, owner=resource.noun, depth=1)

    def prefixes(self, resource: Resource) -> Iterator[Key]:
        """Yield the ancestors' keys under which a resource has entities; a bounded number of them."""
        found: list[Key] = [()]
        for place in range(len(resource.ancestor_params)):
            found = [(*before, value) for before in found for value in self.domain(resource, place, before)]
            found = found[:_MOST_PREFIXES]
        yield from found

    def entity(self, resource: Resource, key: Key) -> JsonObject | None:
        """Return an entity as it is before the first call, or None where there is none of that key."""
        own, ancestors = ("", key) if resource.singleton else (key[-1], key[:-1])
        return self.made(resource, key) if own in self.keys(resource, ancestors) else None

    def made(self, resource: Resource, key: Key) -> JsonObject:
        """Return what an entity of a key looks like, whether or not it is there before the first call."""
        if (resource.id, key) not in self._entities:
            if resource.whole is not None:
                entity = self.made(resource.whole, key[-1:])
            else:
                entity = self._related(resource, key, self._raw(resource, key))
            self._entities[resource.id, key] = entity
        return self._entities[resource.id, key]

    def _raw(self, resource: Resource, key: Key) -> JsonObject:
        r = rng(self._seed, resource.id, key)
        made = self._samplers[resource.api].value(resource.schema, r, owner=resource.noun)
        entity: JsonObject = made if is_object(made) else {}
        if not resource.singleton:
            entity = with_key(self._named(resource, key, entity), resource, self.keys(resource, key[:-1])[key[-1]])
        return _coherent(resource.noun, self._timely(resource, entity))

    def _timely(self, resource: Resource, entity: JsonObject) -> JsonObject:
        """Take out the times of what an entity's state says has not happened: a planned sprint has no end."""
        shapes = self._models[resource.api].shapes
        properties = shapes.properties(resource.schema)
        required = shapes.view(resource.schema).get("required") or ()
        state = next((name for name in STATES if name in entity), "")
        options = [snake(str(option)) for option in shapes.view(properties.get(state)).get("enum") or ()]
        kept = dict(entity)
        for name in entity if options else ():
            if _is_to_come(name, snake(str(entity[state])), options):
                if shapes.allows_null(properties.get(name)):
                    kept[name] = None
                elif name not in required:
                    del kept[name]
        return kept

    def _named(self, resource: Resource, key: Key, entity: JsonObject) -> JsonObject:
        """Deal documented example names out in turn, so that few entities share one."""
        shapes = self._models[resource.api].shapes
        properties = shapes.properties(resource.schema)
        place = list(self.keys(resource, key[:-1])).index(key[-1])
        named = dict(entity)
        for name in ("name", "title", "subject"):
            pool = [text for text in shapes.view(properties.get(name)).get("examples") or () if isinstance(text, str)]
            if name in entity and place < len(pool) and "enum" not in shapes.view(properties[name]):
                named[name] = pool[(place + self._seed) % len(pool)]
        return named

    def _related(self, resource: Resource, key: Key, entity: JsonObject) -> JsonObject:
        r = rng(self._seed, resource.id, key, "relations")
        properties = self._models[resource.api].shapes.properties(resource.schema)
        home = _Home(resource.api, resource, key)
        linked = {
            name: value if (name,) == resource.key_path else self._link(home, name, value, properties.get(name), r)
            for name, value in entity.items()
        }
        return linked | self.ancestor_fields(resource, key)

    def related(self, api: str, value: Json, schema: Json, address: tuple[Json, ...]) -> Json:
        """Return a made-up value in which every reference leads to an entity that is there.

        Args:
            api: the API whose schema it is made for.
            value: the value.
            schema: its open schema.
            address: seeds the choice.
        """
        return self._link(_Home(api), "", value, schema, rng(*address, "relations"))

    def linked(self, resource: Resource, key: Key, name: str, value: Json, schema: Json) -> Json:
        """Return the made-up value of an entity's field with its references leading to entities that are there."""
        plain = not is_object(value) and not is_array(value)
        if plain and self._relations.target(resource.api, name, schema) is None:
            return value
        home = _Home(resource.api, resource, key)
        return self._link(home, name, value, schema, rng(self._seed, resource.id, key, "linked", name))

    def ancestor_fields(self, resource: Resource, key: Key) -> JsonObject:
        """Return the fields of an entity that repeat the keys of its ancestors: `book_id` of a copy."""
        properties = self._models[resource.api].shapes.properties(resource.schema)
        found: JsonObject = {}
        for place, param in enumerate(resource.ancestor_params):
            parent = resource.parents[place] if place < len(resource.parents) else None
            for name, schema in properties.items():
                if (name,) == resource.key_path or main_type(
                    self._models[resource.api].shapes.view(schema)
                ) == "object":
                    continue
                refers = parent is not None and self._relations.target(resource.api, name, schema) is parent
                if refers or (same_name(name, param) and name not in ("id", "name")):
                    found[name] = self.domain(resource, place, key[:place]).get(key[place], key[place])
        return found

    def _link(self, home: "_Home", name: str, value: Json, schema: Json, r: random.Random, depth: int = 0) -> Json:
        shapes = self._models[home.api].shapes
        if depth > _DEEPEST_LINK or value is None or schema is None:
            return value
        if is_object(value):
            inner = shapes.properties(schema)
            if (whole := self._embedded(home, name, schema, r)) is not None:
                return whole
            return {k: self._link(home, k, v, inner.get(k), r, depth + 1) for k, v in value.items()}
        if is_array(value):
            items = shapes.items(schema)
            return [self._link(home, name, v, items, r, depth + 1) for v in value]
        target = self._relations.target(home.api, name, schema)
        return value if target is None else self._choose(target, home, r, value)

    def _embedded(self, home: "_Home", name: str, schema: Json, r: random.Random) -> Json:
        """Return another entity to stand inside this one (`user` of an issue), or None where the schema is its own."""
        target = self._relations.embedded(home.api, name, schema)
        if target is None or target is home.resource:
            return None
        chosen = self._any(target, r)
        return None if chosen is None else self._inside(home.api, target, chosen, schema)

    def _inside(self, api: str, target: Resource, key: Key, schema: Json) -> Json:
        """Return an entity as it stands inside others; the same one stands in many."""
        address = (id(schema), target.id, key)
        if address not in self._insides:
            raw = self._raw(target, key)
            shown = self._fitters[api].fit(raw, schema, (self._seed, target.id, key), owner=target.noun)
            self._insides[address] = (schema, shown)
        return self._insides[address][1]

    def _any(self, target: Resource, r: random.Random) -> Key | None:
        prefixes = list(self.prefixes(target))
        prefix = r.choice(prefixes) if prefixes else ()
        own = list(self.keys(target, prefix))
        return (*prefix, r.choice(own)) if own else None

    def _choose(self, target: Resource, home: "_Home", r: random.Random, fallback: Json) -> Json:
        """Return the own key of an entity that a field may refer to; one under the same ancestors where they share."""
        parents = home.resource.parents if home.resource else ()
        shared = sum(1 for a, b in zip(target.parents, parents, strict=False) if a is b and a is not None)
        if target.ancestor_params and shared == len(target.ancestor_params):
            own = list(self.keys(target, home.key[:shared]).values())
        else:
            prefixes = list(self.prefixes(target))
            own = list(self.keys(target, r.choice(prefixes)).values()) if prefixes else []
        return r.choice(own) if own else fallback


def is_spoken(name: str) -> bool:
    """Tell whether people say such a key (a name, a login), rather than look it up (an id)."""
    parts = words(name)
    return bool(parts) and parts[-1] in {
        "name", "login", "username", "slug", "title", "email", "code", "sku", "repo", "owner", "org", "symbol", "isbn",
        "country", "currency", "language", "city", "date", "year", "namespace", "branch", "tag", "label", "category",
    }  # fmt: skip


def with_key(entity: JsonObject, resource: Resource, value: Json) -> JsonObject:
    """Return an entity that holds its own key."""
    if not resource.key_path:
        return entity
    if len(resource.key_path) == 1:
        return {**entity, resource.key_path[0]: value}
    outer, inner = resource.key_path
    held = entity.get(outer)
    return {**entity, outer: {**(held if is_object(held) else {}), inner: value}}


def _is_to_come(name: str, state: str, options: list[str]) -> bool:
    """Tell whether a field says when a state was reached that comes after the present one, or instead of it."""
    parts = words(name)
    reached = "_".join(parts[:-1])
    if parts[-1:] not in (("at",), ("on",)) or reached not in options or reached == state or state not in options:
        return False
    return reached in TERMINAL_STATES or options.index(reached) > options.index(state)


def _coherent(noun: str, entity: JsonObject) -> JsonObject:
    """Make fields agree that people would compare: a name and its e-mail, a beginning and an end."""
    fixed = dict(entity)
    first, last = fixed.get("first_name", fixed.get("firstName")), fixed.get("last_name", fixed.get("lastName"))
    full = f"{first} {last}" if first and last else fixed.get("name", fixed.get("full_name"))
    email = fixed.get("email")
    if isinstance(email, str) and isinstance(full, str) and email.endswith("@example.com"):
        fixed["email"] = email_of(full) if is_person(noun) or (first and last) else office_of(full)
    for early, late in (("created_at", "updated_at"), ("createdAt", "updatedAt"), ("start", "end")):
        one, other = fixed.get(early), fixed.get(late)
        if isinstance(one, str) and isinstance(other, str) and one > other:
            fixed[early], fixed[late] = other, one
    return fixed
