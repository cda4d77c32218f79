"""What each kind of operation does to the state, and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from toolbench.model import HttpBinding, Json, JsonObject, Tool, is_array, is_object
from toolbench.world.nouns import TERMINAL_STATES, resulting_states, same_name, undone, words
from toolbench.world.population import Population, with_key
from toolbench.world.query import CONTROLS, Page, equals, is_next_cursor, page, page_field, select, snake
from toolbench.world.relations import Relations
from toolbench.world.resources import ApiModel, Operation, Resource, template
from toolbench.world.rng import rng
from toolbench.world.sampler import stamp
from toolbench.world.shapes import main_type
from toolbench.world.state import Key, WorldState

_UNIQUE = frozenset("email slug sku username login isbn code key iban".split())
_REOPENING = frozenset("reopen resume restore reactivate activate unarchive".split())
_STATES = ("status", "state", "stage", "phase", "condition")


class ApiError(Exception):
    """A call the API turns down.

    Args:
        status: HTTP status.
        message: what a person reads.
        details: what is wrong where, each with `pointer` and `message`.
    """

    def __init__(self, status: int, message: str, details: tuple[JsonObject, ...] = ()) -> None:
        self.status, self.message, self.details = status, message, details
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer of the world."""

    status: int
    body: Json = None
    state: WorldState = field(default_factory=WorldState)
    """The state after it."""
    confidence: float = 1.0
    """How sure the world is that a real server would behave so."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """A call's arguments, by the part of the request they go in."""

    path: dict[str, str]
    query: JsonObject
    body: JsonObject

    @staticmethod
    def of(tool: Tool, arguments: JsonObject) -> "Inputs":
        """Return a call's arguments, sorted into the parts of the request, under their names on the wire."""
        path: dict[str, str] = {}
        query: JsonObject = {}
        body: JsonObject = {}
        binding = tool.binding
        for argument in binding.arguments if isinstance(binding, HttpBinding) else ():
            if argument.name not in arguments:
                continue
            value = arguments[argument.name]
            if argument.location == "path":
                path[argument.name] = str(value)
            elif argument.location == "query":
                query[argument.key] = value
            elif argument.location == "body":
                body |= {argument.key: value} if argument.key else (value if is_object(value) else {})
        return Inputs(path, query, body)


class Behaviour:
    """Runs operations against a state.

    Args:
        models: the world's APIs, by id.
        relations: what refers to what.
        population: the entities before the first call.
        seed: the world's seed.
        now: the world's time at its beginning.
    """

    def __init__(
        self, models: dict[str, ApiModel], relations: Relations, population: Population, seed: int, now: datetime
    ) -> None:
        self._models, self._relations, self._population = models, relations, population
        self._seed, self._now = seed, now

    def run(self, operation: Operation, arguments: JsonObject, state: WorldState) -> Response:
        """Return the answer to a call with valid arguments.

        Raises:
            ApiError: the API turns the call down; the state stays as it is.
        """
        inputs = Inputs.of(operation.tool, arguments)
        resource = operation.resource
        if resource is None:
            return self._unknown(operation, arguments, state)
        self._check_scope(operation, inputs, state)
        match operation.role:
            case "list":
                return self._list(operation, resource, inputs, state)
            case "create":
                return self._create(operation, resource, inputs, state)
            case "get":
                return self._answer(operation, resource, self._key(operation, resource, inputs, state), state)
            case "update" | "replace":
                return self._update(operation, resource, inputs, state)
            case "delete":
                return self._delete(operation, resource, inputs, state)
            case "action":
                return self._act(operation, resource, inputs, state)
            case "unknown":
                return self._unknown(operation, arguments, state)

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, resource: Resource, key: Key, state: WorldState) -> JsonObject | None:
        """Return an entity as it is in a state, or None where there is none."""
        address = (resource.id, key)
        if address in state.entities:
            return state.entities[address]
        return self._population.entity(resource, key)

    def keys(self, resource: Resource, ancestors: Key, state: WorldState) -> list[Key]:
        """Return the keys of the entities there are in a state under given ancestors, seeded ones first."""
        own = [*self._population.keys(resource, ancestors), *state.created.get((resource.id, ancestors), ())]
        found = [ancestors if resource.singleton else (*ancestors, name) for name in own]
        return [key for key in found if state.entities.get((resource.id, key), key) is not None]

    def _everywhere(self, resource: Resource, state: WorldState) -> list[Key]:
        prefixes = dict.fromkeys(self._population.prefixes(resource))
        prefixes |= dict.fromkeys(place[1] for place in state.created if place[0] == resource.id)
        return [key for prefix in prefixes for key in self.keys(resource, prefix, state)]

    def _check_scope(self, operation: Operation, inputs: Inputs, state: WorldState) -> None:
        values = tuple(inputs.path.get(param.name, "") for param in operation.scope)
        resource = operation.resource
        for place, param in enumerate(operation.scope):
            if (
                param.target is None
                or param.target.singleton
                or (param.target is resource and operation.role != "list")
            ):
                continue
            key = values[: place + 1] if param.nested else (values[place],)
            if len(key) == len(param.target.params) and self.read(param.target, key, state) is None:
                raise ApiError(404, f"No {param.target.noun} {values[place]!r} was found")

    def _key(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Key:
        key = tuple(inputs.path.get(param.name, "") for param in operation.scope)[: len(resource.params)]
        if operation.by:
            return self._key_by(operation, resource, key[-1], state)
        if self.read(resource, key, state) is None:
            named = f" {key[-1]!r}" if key and not resource.singleton else ""
            raise ApiError(404, f"No {resource.noun}{named} was found")
        return key

    def _key_by(self, operation: Operation, resource: Resource, value: str, state: WorldState) -> Key:
        for key in self._everywhere(resource, state):
            if equals((self.read(resource, key, state) or {}).get(operation.by), value):
                return key
        raise ApiError(404, f"No {resource.noun} with {' '.join(words(operation.by))} {value!r} was found")

    def _answer(self, operation: Operation, resource: Resource, key: Key, state: WorldState) -> Response:
        tool = operation.tool
        status = tool.binding.success if isinstance(tool.binding, HttpBinding) else 200
        if tool.returns is None or status == 204:
            return Response(status, None, state, operation.confidence)
        entity = self.read(resource, key, state)
        body = self._show(operation, resource, key, entity if entity is not None else {})
        return Response(status, body, state, operation.confidence)

    def _show(self, operation: Operation, resource: Resource, key: Key, entity: JsonObject) -> Json:
        schema = operation.tool.returns
        sampler = self._population.sampler(resource.api)
        address = (self._seed, resource.id, key)
        shapes = self._models[resource.api].shapes
        properties = shapes.properties(schema)
        shared = len(properties.keys() & entity.keys())
        for name, inner in properties.items():
            # An answer that wraps the entity (`{"order": {…}}`) rather than being it.
            if shared <= 1 and len(shapes.properties(inner).keys() & entity.keys()) > max(1, shared):
                return {
                    k: self._population.fitter(resource.api).fit(entity, v, address, owner=resource.noun) if k == name
                    else sampler.value(v, rng(*address, k), name=k, owner=resource.noun, depth=2)
                    for k, v in properties.items()
                    if k == name or k in (shapes.view(schema).get("required") or ())
                }  # fmt: skip
        return self._population.fitter(resource.api).fit(entity, schema, address, owner=resource.noun)

    # -- lists -----------------------------------------------------------------------------------------------------

    def _list(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        keys = self._visible(operation, resource, inputs, state)
        found = [(key, self.read(resource, key, state)) for key in keys]
        entities = {id(entity): (key, entity) for key, entity in found if entity is not None}
        chosen = select([entity for _, entity in entities.values()], inputs.query)
        cut = page(chosen, inputs.query)
        items = [entities[id(entity)] for entity in cut.items]
        return Response(200, self._envelope(operation, resource, items, cut), state, operation.confidence)

    def _visible(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> list[Key]:
        values = tuple(inputs.path.get(param.name, "") for param in operation.scope)
        if _is_home(operation, resource):
            return self.keys(resource, values, state)
        keys = self._everywhere(resource, state)
        for param, value in zip(operation.scope, values, strict=True):
            keys = [key for key in keys if self._belongs(resource, key, param.target, param.name, value, state)]
        return keys

    def _belongs(
        self, resource: Resource, key: Key, target: Resource | None, name: str, value: str, state: WorldState
    ) -> bool:
        """Tell whether an entity stands under a parameter of a path that is not its own collection's."""
        for place, parent in enumerate(resource.parents):
            if (parent is target and target is not None) or same_name(resource.params[place], name):
                return key[place] == value
        link = self.link(resource, target, name)
        if link is not None:
            return equals((self.read(resource, key, state) or {}).get(link), value)
        return rng(self._seed, "membership", name, value, resource.id, key).random() < 1 / 3

    def link(self, resource: Resource, target: Resource | None, name: str) -> str | None:
        """Return the field of an entity that refers to a target, or repeats a parameter's name."""
        for field_name, schema in self._models[resource.api].shapes.properties(resource.schema).items():
            refers = target is not None and self._relations.target(resource.api, field_name, schema) is target
            if refers or (same_name(field_name, name) and name != "id"):
                return field_name
        return None

    def _envelope(
        self, operation: Operation, resource: Resource, items: list[tuple[Key, JsonObject]], cut: Page
    ) -> Json:
        model, sampler = self._models[resource.api], self._population.sampler(resource.api)
        schema: Json = operation.tool.returns
        inside = schema
        for name in operation.envelope:
            inside = model.shapes.properties(inside)[name]
        shape = model.shapes.items(inside)
        shown = [
            self._population.fitter(resource.api).fit(e, shape, (self._seed, resource.id, key), owner=resource.noun)
            for key, e in items
        ]
        return self._wrap(operation, schema, operation.envelope, shown, cut)

    def _wrap(self, operation: Operation, schema: Json, where: tuple[str, ...], shown: list[Json], cut: Page) -> Json:
        if not where:
            return shown
        model = self._models[operation.tool.api]
        view = model.shapes.view(schema)
        result: JsonObject = {}
        for name, inner in model.shapes.properties(schema).items():
            if name == where[0]:
                result[name] = self._wrap(operation, inner, where[1:], shown, cut)
            else:
                made = self._envelope_field(operation, name, inner, cut, required=name in (view.get("required") or ()))
                result |= made
        return result

    def _envelope_field(
        self, operation: Operation, name: str, schema: Json, cut: Page, *, required: bool
    ) -> JsonObject:
        shapes = self._models[operation.tool.api].shapes
        view = shapes.view(schema)
        if inner := shapes.properties(schema):
            deep: JsonObject = {}
            needed = view.get("required") or ()
            for key, part in inner.items():
                deep |= self._envelope_field(operation, key, part, cut, required=key in needed)
            return {name: deep} if deep or required else {}
        if (known := page_field(name, cut)) is not None and shapes.accepts(known, view):
            return {name: known}
        if is_next_cursor(name) and main_type(view) == "string" and view.get("format") != "uri":
            if cut.more:
                return {name: f"c{cut.offset + cut.limit}"}
            return {name: None} if shapes.allows_null(schema) else ({name: ""} if required else {})
        if not required:
            return {}
        if shapes.allows_null(schema):
            return {name: None}
        r = rng(self._seed, operation.tool.name, name)
        return {name: self._population.sampler(operation.tool.api).value(schema, r, name=name, depth=2)}

    # -- writing ---------------------------------------------------------------------------------------------------

    def _create(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        self._check_references(operation, inputs)
        body = {**inputs.body, **self._scope_fields(operation, resource, inputs)}
        ancestors = self._new_place(operation, resource, inputs, body)
        self._check_unique(resource, ancestors, body, state)
        self._check_targets(resource, body, state)
        own = self._own_key(resource, ancestors, body, state)
        key = (*ancestors, str(own))
        entity = self._new_entity(resource, key, own, body, state)
        after = state.add((resource.id, key), entity)
        return self._answer(operation, resource, key, after)

    def _check_references(self, operation: Operation, inputs: Inputs) -> None:
        if not isinstance(operation.tool.binding, HttpBinding):
            return
        whole = any(a.location == "body" and not a.key for a in operation.tool.binding.arguments)
        if whole and not inputs.body and operation.tool.parameters.get("required") == ["body"]:
            raise ApiError(422, "The body is empty", ({"pointer": "/body", "message": "must not be empty"},))

    def _scope_fields(self, operation: Operation, resource: Resource, inputs: Inputs) -> JsonObject:
        found: JsonObject = {}
        if _is_home(operation, resource):
            return found
        for param in operation.scope:
            if link := self.link(resource, param.target, param.name):
                found[link] = self._typed(resource, link, inputs.path[param.name])
        return found

    def _typed(self, resource: Resource, name: str, text: str) -> Json:
        shapes = self._models[resource.api].shapes
        kind = main_type(shapes.view(shapes.properties(resource.schema).get(name)))
        return int(text) if kind in ("integer", "number") and text.lstrip("-").isdigit() else text

    def _new_place(self, operation: Operation, resource: Resource, inputs: Inputs, body: JsonObject) -> Key:
        if _is_home(operation, resource):
            return tuple(inputs.path.get(param.name, "") for param in operation.scope)
        given = {param.name: inputs.path[param.name] for param in operation.scope}
        fallback = next(iter(self._population.prefixes(resource)), ())
        return tuple(
            given.get(name) or str(body.get(name) or (fallback[place] if place < len(fallback) else ""))
            for place, name in enumerate(resource.ancestor_params)
        )

    def _check_unique(self, resource: Resource, ancestors: Key, body: JsonObject, state: WorldState) -> None:
        for name in body:
            if words(name)[-1:] and words(name)[-1] in _UNIQUE and isinstance(body[name], str):
                for key in self.keys(resource, ancestors, state):
                    if equals((self.read(resource, key, state) or {}).get(name), body[name]):
                        detail: JsonObject = {"pointer": f"/{name}", "message": "is taken already"}
                        raise ApiError(409, f"A {resource.noun} with this {' '.join(words(name))} exists", (detail,))

    def _check_targets(self, resource: Resource, body: JsonObject, state: WorldState) -> None:
        """Turn down a reference to something that is not there."""
        properties = self._models[resource.api].shapes.properties(resource.schema)
        for name, value in body.items():
            if value is None or isinstance(value, bool) or (name,) == resource.key_path or name not in properties:
                continue
            for pointer, inner, held in self._references(resource.api, f"/{name}", name, properties[name], value):
                if not any(key[-1] == str(held) for key in self._everywhere(inner, state)):
                    detail: JsonObject = {"pointer": pointer, "message": f"no such {inner.noun}"}
                    raise ApiError(422, f"No {inner.noun} {held!r} was found", (detail,))

    def _references(
        self, api: str, pointer: str, name: str, schema: Json, value: Json
    ) -> list[tuple[str, Resource, Json]]:
        shapes = self._models[api].shapes
        if is_array(value):
            items = shapes.items(schema)
            return [
                found
                for i, item in enumerate(value)
                for found in self._references(api, f"{pointer}/{i}", name, items, item)
            ]
        if is_object(value):
            inner = shapes.properties(schema)
            return [
                found
                for key, item in value.items()
                for found in self._references(api, f"{pointer}/{key}", key, inner.get(key), item)
            ]
        target = self._relations.target(api, name, schema) if schema is not None and value is not None else None
        return [] if target is None else [(pointer, target, value)]

    def _own_key(self, resource: Resource, ancestors: Key, body: JsonObject, state: WorldState) -> Json:
        held: Json = body
        for name in resource.key_path:
            held = held.get(name) if is_object(held) else None
        if isinstance(held, str | int) and resource.key_path and resource.key_path[-1] not in ("id", "uuid"):
            if self.read(resource, (*ancestors, str(held)), state) is not None:
                raise ApiError(409, f"A {resource.noun} {held!r} exists")
            return held
        if not resource.own_param and not resource.key_path:
            return f"n{state.serial + 1}"
        r = rng(self._seed, resource.id, ancestors, "created", state.serial)
        own = self._population.new_key(resource, r)
        while self.read(resource, (*ancestors, str(own)), state) is not None:
            own = self._population.new_key(resource, r)
        return own

    def _new_entity(self, resource: Resource, key: Key, own: Json, body: JsonObject, state: WorldState) -> JsonObject:
        model = self._models[resource.api]
        view = model.shapes.view(resource.schema)
        required: set[str] = set(view.get("required") or ())
        entity: JsonObject = {}
        for name, schema in model.shapes.properties(resource.schema).items():
            if name in body:
                entity[name] = self._population.fitter(resource.api).fit(
                    body[name], schema, (self._seed, resource.id, key, name), name=name, owner=resource.noun
                )
            elif (made := self._initial(resource, key, name, schema, state, required=name in required)) is not None:
                entity[name] = made
            elif model.shapes.allows_null(schema):
                entity[name] = None
        entity |= {name: value for name, value in body.items() if name not in entity}
        return with_key(entity, resource, own) | self._population.ancestor_fields(resource, key)

    def _initial(
        self, resource: Resource, key: Key, name: str, schema: Json, state: WorldState, *, required: bool
    ) -> Json:
        model = self._models[resource.api]
        view = model.shapes.view(schema)
        if is_made_on(name, ("created", "updated", "placed", "opened", "submitted")) and "format" in view:
            moment = self.time(state)
            return stamp(moment) if view["format"] == "date-time" else moment.date().isoformat()
        if "default" in view:
            return view["default"]
        if snake(name) in _STATES and view.get("enum"):
            return view["enum"][0]
        if not required or model.shapes.allows_null(schema):
            return None
        if main_type(view) == "array" and not view.get("minItems"):
            return []
        if main_type(view) == "integer" and words(name)[-1] in ("count", "total", "renewals"):
            return max(0, view.get("minimum", 0))
        r = rng(self._seed, resource.id, key, "initial", name)
        return self._population.sampler(resource.api).value(schema, r, name=name, owner=resource.noun, depth=1)

    def _update(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        key = tuple(inputs.path.get(param.name, "") for param in operation.scope)[: len(resource.params)]
        before = self.read(resource, key, state)
        if before is None and not operation.by and operation.role == "replace" and not self._is_numbered(resource):
            own = key[-1] if key and not resource.singleton else ""
            after = state.add((resource.id, key), self._new_entity(resource, key, own, inputs.body, state))
            return self._answer(operation, resource, key, after)
        key = self._key(operation, resource, inputs, state)
        body = {operation.part: inputs.body} if operation.part else inputs.body
        if operation.part and [operation.part] == list(inputs.body):
            body = inputs.body
        self._check_targets(resource, body, state)
        changed = self._changed(resource, key, self.read(resource, key, state) or {}, body, state)
        return self._answer(operation, resource, key, state.put((resource.id, key), changed))

    def _is_numbered(self, resource: Resource) -> bool:
        return not resource.singleton and resource.key_path[-1:] in (("id",), ("uuid",), ("number",))

    def _changed(
        self, resource: Resource, key: Key, before: JsonObject, body: JsonObject, state: WorldState
    ) -> JsonObject:
        properties = self._models[resource.api].shapes.properties(resource.schema)
        sampler = self._population.sampler(resource.api)
        after = dict(before)
        for name, value in body.items():
            if (name,) == resource.key_path and str(value) != key[-1]:
                continue
            address = (self._seed, resource.id, key, name)
            schema = properties.get(name)
            after[name] = (
                value
                if schema is None
                else self._population.fitter(resource.api).fit(value, schema, address, name=name, owner=resource.noun)
            )
        if after != before:
            for name in properties:
                if is_made_on(name, ("updated", "modified")) and isinstance(before.get(name), str):
                    after[name] = stamp(self.time(state))[: len(before[name])]
        return after

    def _delete(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        key = self._key(operation, resource, inputs, state)
        entity = self.read(resource, key, state) or {}
        after = state.put((resource.id, key), None)
        tool = operation.tool
        status = tool.binding.success if isinstance(tool.binding, HttpBinding) else 204
        if tool.returns is None or status == 204:
            return Response(status, None, after, operation.confidence)
        shown = {**entity, "deleted": True, "success": True, "status": "deleted"}
        return Response(status, self._show(operation, resource, key, shown), after, operation.confidence)

    # -- actions ---------------------------------------------------------------------------------------------------

    def _act(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        key = self._key(operation, resource, inputs, state)
        before = self.read(resource, key, state) or {}
        self._check_targets(resource, inputs.body, state)
        effects = self._effects(resource, operation.verb, before, state)
        known = self._models[resource.api].shapes.properties(resource.schema)
        said = {name: value for name, value in inputs.body.items() if name in known}
        after = self._changed(resource, key, before, {**said, **effects}, state)
        changed = state.put((resource.id, key), after) if after != before else state
        response = self._answer(operation, resource, key, changed)
        sure = operation.confidence if effects or said else 0.3
        return Response(response.status, response.body, response.state, sure)

    def _effects(self, resource: Resource, verb: str, before: JsonObject, state: WorldState) -> JsonObject:
        shapes = self._models[resource.api].shapes
        effects: JsonObject = {}
        for name, schema in shapes.properties(resource.schema).items():
            view = shapes.view(schema)
            if options := [option for option in view.get("enum") or () if isinstance(option, str)]:
                if (reached := _reached(verb, options)) is not None:
                    _check_transition(resource, verb, before.get(name), reached, options)
                    effects[name] = reached
            elif main_type(view) == "boolean" and (switched := _switched(verb, name)) is not None:
                effects[name] = switched
            elif view.get("format") in ("date-time", "date") and is_made_on(name, resulting_states(verb)):
                moment = stamp(self.time(state))
                effects[name] = moment if view["format"] == "date-time" else moment[:10]
            elif main_type(view) == "integer" and snake(name) in (f"{verb}als", f"{verb}_count", f"{verb}s"):
                effects[name] = int(before.get(name) or 0) + 1
        return effects

    def _unknown(self, operation: Operation, arguments: JsonObject, state: WorldState) -> Response:
        tool = operation.tool
        status = tool.binding.success if isinstance(tool.binding, HttpBinding) else 200
        if tool.returns is None or status == 204:
            return Response(status, None, state, operation.confidence)
        kept = {name: value for name, value in sorted(arguments.items()) if snake(name) not in CONTROLS}
        r = rng(self._seed, tool.name, repr(kept))
        body = self._population.sampler(tool.api).value(tool.returns, r)
        return Response(status, body, state, operation.confidence)

    def time(self, state: WorldState) -> datetime:
        """Return the world's time in a state."""
        return self._now + timedelta(seconds=state.clock)


def _is_home(operation: Operation, resource: Resource) -> bool:
    """Tell whether the operation's path is the resource's own collection rather than another view of it."""
    names = tuple(param.target for param in operation.scope)
    path = operation.tool.binding.path if isinstance(operation.tool.binding, HttpBinding) else ""
    return len(names) == len(resource.ancestor_params) and "/".join(template(path)) == resource.id.partition(":/")[2]


def is_made_on(name: str, verbs: tuple[str, ...]) -> bool:
    """Tell whether a field says when something was done: `cancelled_at` for `cancelled`."""
    parts = words(name)
    return len(parts) > 1 and parts[-1] in ("at", "on", "date", "time") and "_".join(parts[:-1]) in verbs


def _reached(verb: str, options: list[str]) -> str | None:
    plain = {snake(option): option for option in options}
    return next((plain[form] for form in resulting_states(verb) if form in plain), None)


def _check_transition(resource: Resource, verb: str, now: Json, then: str, options: list[str]) -> None:
    """Turn down what a state machine would: the same state again, leaving a last state, going back in the order."""
    if now == then:
        raise ApiError(409, f"The {resource.noun} is {then} already")
    if now not in options or words(verb)[0] in _REOPENING:
        return
    ended = snake(str(now)) in TERMINAL_STATES
    backwards = options.index(then) < options.index(str(now)) and not undone(verb)
    if (ended or backwards) and not then.startswith(("refund", "return", "archiv")):
        raise ApiError(409, f"A {resource.noun} that is {now} cannot be {then}")


def _switched(verb: str, name: str) -> bool | None:
    plain = snake(name).removeprefix("is_")
    undoes = undone(verb)
    if plain in resulting_states(verb) or plain == verb:
        return True
    return False if undoes and plain in (undoes, *resulting_states(undoes)) else None
