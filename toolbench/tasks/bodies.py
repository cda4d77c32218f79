"""What a user wants written: values for a request's body, each said by the user or found first."""

import random
from dataclasses import dataclass, field

from toolbench.model import HttpBinding, Json, JsonObject
from toolbench.tasks.draft import Bound, InfeasibleError, Template
from toolbench.tasks.finding import Finder
from toolbench.tasks.naming import label_of
from toolbench.tasks.phrases import Detail
from toolbench.world.lexicon import email_of
from toolbench.world.resources import Operation, Resource
from toolbench.world.shapes import main_type
from toolbench.world.state import Key

_MOST_VALUES = 8
_LONGEST = 90
_UNSAID_FORMATS = frozenset(("binary", "byte", "password"))
_SCALARS = ("string", "integer", "number", "boolean")


@dataclass
class BodyWriter:
    """Fills in the arguments that go into a request's body."""

    finder: Finder
    operation: Operation
    place: Key
    """Ancestors' keys of the entity written, where it has any; what it refers to is sought there first."""
    r: random.Random
    details: list[Detail] = field(default_factory=list[Detail])
    """What the user says of it, in order."""
    _values: int = 0

    def required(self) -> dict[str, Template]:
        """Return the required body arguments."""
        needed = self.operation.tool.parameters.get("required", ())
        return {name: self._value((name,), schema) for name, schema in self.arguments().items() if name in needed}

    def optional(self, most: int) -> dict[str, Template]:
        """Return some optional body arguments of simple types, at most so many."""
        needed = self.operation.tool.parameters.get("required", ())
        free = [n for n, s in self.arguments().items() if n not in needed and self._is_simple(n, s)]
        chosen = self.r.sample(free, k=min(len(free), self.r.randint(0, most)))
        return {name: self._value((name,), self.arguments()[name]) for name in free if name in chosen}

    def changed(self, entity: JsonObject, most: int) -> dict[str, Template]:
        """Return one or more optional body arguments whose value differs from the entity's now.

        Raises:
            InfeasibleError: no field of the entity can be changed.
        """
        free = [n for n, s in self.arguments().items() if n in entity and self._is_simple(n, s)]
        self.r.shuffle(free)
        made: dict[str, Template] = {}
        for name in free:
            if len(made) == most:
                break
            before = len(self.details)
            value = self._value((name,), self.arguments()[name])
            if isinstance(value, Bound) and value.value != entity[name]:
                made[name] = value
            else:
                del self.details[before:]
        if not made:
            raise InfeasibleError("nothing_to_change")
        return made

    def arguments(self) -> JsonObject:
        """Return the schemas of the arguments that go into the body."""
        tool = self.operation.tool
        properties = tool.parameters.get("properties", {})
        binding = tool.binding
        inside = [a.name for a in binding.arguments if a.location == "body"] if isinstance(binding, HttpBinding) else []
        return {name: properties[name] for name in inside if name in properties}

    def _is_simple(self, name: str, schema: Json) -> bool:
        view = self._view(schema)
        if self.finder.landscape.relations.target(self.operation.tool.api, name, schema) is not None:
            return False
        return main_type(view) in _SCALARS and not view.get("deprecated") and view.get("format") not in _UNSAID_FORMATS

    def _view(self, schema: Json) -> JsonObject:
        return self.finder.landscape.models[self.operation.tool.api].shapes.view(schema)

    def _value(self, at: tuple[str, ...], schema: Json) -> Template:
        name = at[-1]
        target = self.finder.landscape.relations.target(self.operation.tool.api, name, schema)
        if target is not None:
            return self._reference(name, target)
        view = self._view(schema)
        match main_type(view):
            case "object":
                return self._object(at, view)
            case "array":
                return self._array(at, view)
            case _:
                return self._scalar(at, schema, view)

    def _reference(self, name: str, target: Resource) -> Bound:
        key = self._choose(target)
        bound = self.finder.obtain(target, key)
        label = label_of([name.removesuffix("_ids")]).removesuffix(" id").removesuffix(" ids")
        self.details.append(Detail(label, self.finder.mention(target, key)))
        return bound

    def _choose(self, target: Resource) -> Key:
        world, state = self.finder.draft.world, self.finder.draft.state
        outer = len(target.ancestor_params)
        if outer and outer <= len(self.place):
            keys = world.behaviour.keys(target, self.place[:outer], state)
        else:
            prefixes = list(world.population.prefixes(target))
            keys = world.behaviour.keys(target, self.r.choice(prefixes), state) if prefixes else []
        if not keys:
            raise InfeasibleError("nothing_to_refer_to")
        return self.r.choice(keys)

    def _object(self, at: tuple[str, ...], view: JsonObject) -> Template:
        properties: JsonObject = view.get("properties") or {}
        required = [name for name in properties if name in (view.get("required") or ())]
        if not required:
            required = [name for name, schema in properties.items() if self._is_simple(name, schema)][:2]
        if not required or len(at) > 3:
            raise InfeasibleError("free_form_body")
        return {name: self._value((*at, name), properties[name]) for name in required}

    def _array(self, at: tuple[str, ...], view: JsonObject) -> Template:
        if view.get("minItems", 1) > 2 or len(at) > 3:
            raise InfeasibleError("long_list")
        items = view.get("items", {})
        inside = ("",) if main_type(self._view(items)) == "object" else at
        return [self._value(inside, items) for _ in range(max(1, view.get("minItems", 1)))]

    def _scalar(self, at: tuple[str, ...], schema: Json, view: JsonObject) -> Bound:
        if "const" in view or len(view.get("enum") or ()) == 1:
            return Bound(view.get("const", (view.get("enum") or [None])[0]), "default")
        if view.get("format") in _UNSAID_FORMATS or main_type(view) not in _SCALARS:
            raise InfeasibleError("unsayable_body")
        self._values += 1
        if self._values > _MOST_VALUES:
            raise InfeasibleError("too_many_values")
        sampler = self.finder.draft.world.population.sampler(self.operation.tool.api)
        owner = self.operation.resource.noun if self.operation.resource else ""
        value = sampler.value(schema, self.r, name=at[-1], owner=owner, depth=2)
        if view.get("format") == "email" and (person := self._person()):
            value = email_of(person)
        if not isinstance(value, str | int | float) or (isinstance(value, str) and not 0 < len(value) <= _LONGEST):
            raise InfeasibleError("unsayable_body")
        self.details.append(Detail(label_of(at[-2:]), value))
        return Bound(value, "user")

    def _person(self) -> str:
        """Return the name already said, where it is that of a person."""
        named = {d.label: d.value for d in self.details if d.label.endswith("name") and isinstance(d.value, str)}
        halves = [named[label] for label in ("first name", "last name") if label in named]
        full = " ".join(halves) if len(halves) == 2 else next(iter(named.values()), "")
        return full if len(full.split()) == 2 else ""
