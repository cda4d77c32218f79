"""What a user wants written: values for a request's body, each said by the user or found first."""

import random
from dataclasses import dataclass, field

from toolbench.model import Json, JsonObject
from toolbench.tasks.draft import Bound, InfeasibleError, Template
from toolbench.tasks.fields import label_of, reference_label
from toolbench.tasks.finding import Finder
from toolbench.tasks.naming import FORMAL
from toolbench.tasks.phrases import Detail, Mention
from toolbench.tasks.related import Relatives
from toolbench.tasks.schedule import Schedule
from toolbench.world.lexicon import email_of
from toolbench.world.resources import Operation, Resource
from toolbench.world.shapes import Shapes, main_type

_MOST_VALUES = 8
_LONGEST = 90
_UNSAID_FORMATS = frozenset(("binary", "byte", "password", "unix-time"))
_SCALARS = ("string", "integer", "number", "boolean")


@dataclass
class BodyWriter:
    """Fills in the arguments that go into a request's body."""

    finder: Finder
    operation: Operation
    r: random.Random
    relatives: Relatives
    """Chooses what is referred to."""
    before: JsonObject = field(default_factory=dict[str, Json])
    """The entity written, as it is now."""
    details: list[Detail] = field(default_factory=list[Detail])
    """What the user says of it, in order."""
    _values: int = 0
    _outer: str = ""
    """Name of the object that the value said last stands in."""

    def __post_init__(self) -> None:
        """Note the times the entity has now."""
        self._schedule = Schedule(self.before, self.finder.draft.world.now, self.r)

    def required(self) -> dict[str, Template]:
        """Return the required body arguments."""
        needed = self.operation.tool.parameters.get("required", ())
        return {name: self._value((name,), schema) for name, schema in self.arguments().items() if name in needed}

    def optional(self, most: int) -> dict[str, Template]:
        """Return some optional body arguments of simple types that leave a trace, at most so many."""
        resource = self.operation.resource
        needed = self.operation.tool.parameters.get("required", ())
        kept = self._shapes.properties(resource.schema) if resource else {}
        free = [n for n, s in self.arguments().items() if n not in needed and n in kept and self._is_simple(n, s)]
        chosen = self.r.sample(free, k=min(len(free), self.r.randint(0, most)))
        return {name: self._value((name,), self.arguments()[name]) for name in free if name in chosen}

    def changed(self, most: int) -> dict[str, Template]:
        """Return one or more optional body arguments whose value differs from the entity's now.

        Raises:
            InfeasibleError: no field of the entity can be changed.
        """
        free = [n for n, s in self.arguments().items() if n in self.before and self._is_simple(n, s)]
        made: dict[str, Template] = {}
        for name in self.r.sample(free, k=len(free)):
            if len(made) == most:
                break
            said = len(self.details)
            value = self._value((name,), self.arguments()[name])
            if isinstance(value, Bound) and value.value != self.before[name]:
                made[name] = value
            else:
                del self.details[said:]
        if not made:
            raise InfeasibleError("nothing_to_change")
        return made

    def arguments(self) -> JsonObject:
        """Return the schemas of the arguments that go into the body."""
        tool = self.operation.tool
        properties = tool.parameters.get("properties", {})
        apart = {param.name for param in self.operation.scope} | {self.operation.once}
        inside = [a.name for a in tool.arguments if a.location == "body" and a.name not in apart]
        return {name: properties[name] for name in inside if name in properties}

    def _whole(self) -> list[str]:
        """Return the name of the argument that is the whole body, where there is one."""
        arguments = self.operation.tool.arguments
        return [argument.name for argument in arguments if argument.location == "body" and not argument.key]

    @property
    def _shapes(self) -> Shapes:
        return self.finder.landscape.models[self.operation.tool.api].shapes

    def _target(self, name: str, schema: Json) -> Resource | None:
        return self.finder.landscape.relations.target(self.operation.tool.api, name, schema)

    def _is_simple(self, name: str, schema: Json) -> bool:
        view = self._shapes.view(schema)
        if self._target(name, schema) is not None or view.get("deprecated") or label_of([name]) in FORMAL:
            return False
        return main_type(view) in _SCALARS and view.get("format") not in _UNSAID_FORMATS

    def _value(self, at: tuple[str, ...], schema: Json) -> Template:
        target = self._target(at[-1], schema)
        if target is not None:
            return self._reference(at[-1], target)
        view = self._shapes.view(schema)
        match main_type(view):
            case "object":
                return self._object(at, view)
            case "array":
                return self._array(at, view)
            case _:
                return self._scalar(at, schema, view)

    def _reference(self, name: str, target: Resource) -> Bound:
        key = self.relatives.choose(target)
        bound = self.finder.obtain(target, key)
        mention = self.finder.mention(target, key)
        if any(detail.value == mention.outer for detail in self.details):
            mention = Mention(mention.noun, mention.traits)
        self.details.append(Detail(reference_label(name) or mention.noun, mention))
        return bound

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
        inside = ("",) if main_type(self._shapes.view(items)) == "object" else at
        return [self._value(inside, items) for _ in range(max(1, view.get("minItems", 1)))]

    def _scalar(self, at: tuple[str, ...], schema: Json, view: JsonObject) -> Bound:
        if "const" in view or len(view.get("enum") or ()) == 1:
            return Bound(view.get("const", (view.get("enum") or [None])[0]), "default")
        if view.get("format") in _UNSAID_FORMATS or main_type(view) not in _SCALARS:
            raise InfeasibleError("unsayable_body")
        self._values += 1
        if self._values > _MOST_VALUES:
            raise InfeasibleError("too_many_values")
        value = self._sampled(at, schema, view)
        if not isinstance(value, str | int | float) or (isinstance(value, str) and not _is_sayable(value)):
            raise InfeasibleError("unsayable_body")
        self.details.append(Detail(self._label(at), value))
        return Bound(value, "user")

    def _label(self, at: tuple[str, ...]) -> str:
        """Return what a value is called; the thing it is part of is said once: `address street`, then `city`."""
        if len(at) == 1 and at[0] != self.operation.part:
            at = (self.operation.part, *at)
        elif len(at) > 1 and at[0] in self._whole():
            at = at[1:]
        outer, self._outer = self._outer, at[-2] if len(at) > 1 else ""
        return label_of(at[-1:] if outer == self._outer else at[-2:])

    def _sampled(self, at: tuple[str, ...], schema: Json, view: JsonObject) -> Json:
        sampler = self.finder.draft.world.population.sampler(self.operation.tool.api)
        owner = self.operation.resource.noun if self.operation.resource else ""
        value = sampler.value(schema, self.r, name=at[-1], owner=owner, depth=2)
        if len(at) == 1 and self.operation.role == "create" and "examples" in view and value in self._taken(at[0]):
            value = sampler.value({**view, "examples": []}, self.r, name=at[-1], owner=owner, depth=2)
        if view.get("format") == "email" and (person := self._person()):
            return email_of(person)
        if isinstance(value, str) and view.get("format") in ("date", "date-time"):
            return self._schedule.fit(at[-1], value)
        return value

    def _taken(self, name: str) -> list[Json]:
        """Return the values that other such entities have: documented examples are few."""
        world, state, resource = self.finder.draft.world, self.finder.draft.state, self.operation.resource
        if resource is None or resource.singleton:
            return []
        keys = [
            key
            for prefix in world.population.prefixes(resource)
            for key in world.behaviour.keys(resource, prefix, state)
        ]
        return [(world.entity(resource, key, state) or {}).get(name) for key in keys]

    def _person(self) -> str:
        """Return the name already said, where it is that of a person."""
        named = {d.label: d.value for d in self.details if d.label.endswith("name") and isinstance(d.value, str)}
        halves = [named[label] for label in ("first name", "last name") if label in named]
        full = " ".join(halves) if len(halves) == 2 else next(iter(named.values()), "")
        return full if len(full.split()) == 2 else ""


def _is_sayable(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text == text.strip() and text.isprintable()
