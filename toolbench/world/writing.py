"""Creating, changing and deleting entities, and doing things to them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from toolbench.model import HttpBinding, Json, JsonObject, is_array, is_object
from toolbench.model.wording import as_date
from toolbench.world.answers import UNSURE, Answers, ApiError, Response
from toolbench.world.beginnings import Beginning, Beginnings
from toolbench.world.conditions import check_body, check_references, check_transition, check_unique
from toolbench.world.entities import Entities
from toolbench.world.inputs import Inputs
from toolbench.world.moments import stamp
from toolbench.world.nouns import STATES, is_made_on, one, resulting_states, same_name, snake, undone, words
from toolbench.world.patches import merged_into, patched
from toolbench.world.population import with_key
from toolbench.world.resources import Operation, Resource, template
from toolbench.world.rng import rng
from toolbench.world.shapes import main_type
from toolbench.world.state import Key, WorldState

_NUMBERED = (("id",), ("uuid",), ("number",))
_KEY_TRIES = 40


@dataclass(frozen=True, slots=True)
class Writer:
    """Carries out the operations that write."""

    entities: Entities
    answers: Answers
    now: datetime
    """The world's time at its beginning."""
    beginnings: Beginnings = field(default_factory=Beginnings)
    """Knows how new entities begin."""

    # -- creating --------------------------------------------------------------------------------------------------

    def create(self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState) -> Response:
        """Make an entity."""
        check_references(self.entities, operation, inputs, state)
        key, after = self.add(operation, resource, inputs, state)
        return self.answers.of_entity(operation, resource, key, after)

    def add(
        self, operation: Operation, resource: Resource, inputs: Inputs, state: WorldState
    ) -> tuple[Key, WorldState]:
        """Make an entity whose references lead somewhere; return its key and the state after it."""
        check_body(operation, inputs)
        body = {**inputs.body, **self._scope_fields(operation, resource, inputs)}
        ancestors = self._new_place(operation, resource, inputs, body)
        check_unique(self.entities, resource, (*ancestors, ""), body, state)
        return self._add(resource, ancestors, body, state)

    def _add(self, resource: Resource, ancestors: Key, body: JsonObject, state: WorldState) -> tuple[Key, WorldState]:
        own = self._own_key(resource, ancestors, body, state)
        key = (*ancestors, str(own))
        return key, state.add((resource.id, key), self._new_entity(resource, key, own, body, state))

    def _scope_fields(self, operation: Operation, resource: Resource, inputs: Inputs) -> JsonObject:
        """Return the fields that the path says, where it is not the resource's own collection's."""
        found: JsonObject = {}
        for param in () if is_home(operation, resource) else operation.scope:
            if link := self.entities.link(resource, param.target, param.name):
                found[link] = self.entities.typed(resource, link, inputs.path[param.name])
        return found

    def _new_place(self, operation: Operation, resource: Resource, inputs: Inputs, body: JsonObject) -> Key:
        said = tuple(inputs.path.get(param.name, "") for param in operation.scope)
        if is_home(operation, resource) or len(said) == len(resource.ancestor_params):
            return said
        fallback = next(iter(self.entities.population.prefixes(resource)), ())
        return tuple(
            inputs.path.get(name) or str(body.get(name) or (fallback[place] if place < len(fallback) else ""))
            for place, name in enumerate(resource.ancestor_params)
        )

    def _own_key(self, resource: Resource, ancestors: Key, body: JsonObject, state: WorldState) -> Json:
        held: Json = body
        for name in resource.key_path:
            held = held.get(name) if is_object(held) else None
        if held is None:
            held = next((value for name, value in body.items() if resource.is_key(name)), None)
        if self._is_key(resource, held):
            if self.entities.read(resource, (*ancestors, str(held)), state) is not None:
                raise ApiError(409, f"{one(resource.noun)} {held!r} exists")
            return held
        if not resource.own_param and not resource.key_path:
            return f"n{state.serial + 1}"
        population = self.entities.population
        r = rng(self.entities.seed, resource.id, ancestors, "created", state.serial)
        for _ in range(_KEY_TRIES):
            own = population.new_key(resource, r)
            if self.entities.read(resource, (*ancestors, str(own)), state) is None:
                return own
        raise ApiError(409, f"No further {resource.noun} can be made")

    def _is_key(self, resource: Resource, held: Json) -> bool:
        if not isinstance(held, str | int) or isinstance(held, bool) or held == "":
            return False
        return self.entities.population.fitter(resource.api).accepts(held, resource.key_schema)

    def _new_entity(self, resource: Resource, key: Key, own: Json, body: JsonObject, state: WorldState) -> JsonObject:
        beginnings = self.beginnings.of(resource, self.entities.shapes(resource))
        entity: JsonObject = {}
        for name, schema in self.entities.properties(resource).items():
            if name in body:
                entity[name] = self._stored(resource, key, name, body[name], schema, state)
            elif (made := self._begun(resource, key, name, schema, beginnings[name], state)) is not None:
                entity[name] = made
            elif beginnings[name].null:
                entity[name] = None
        entity |= {name: value for name, value in body.items() if name not in entity}
        return with_key(entity, resource, own) | self.entities.population.ancestor_fields(resource, key)

    def _begun(
        self, resource: Resource, key: Key, name: str, schema: Json, beginning: Beginning, state: WorldState
    ) -> Json:
        """Return what a field holds in a new entity when the caller says nothing of it; None for nothing."""
        if beginning.moment is not None:
            return self._moment(beginning.moment, state)
        if not beginning.made_up:
            return beginning.value
        population = self.entities.population
        r = rng(self.entities.seed, resource.id, key, "initial", name)
        made = population.sampler(resource.api).value(schema, r, name=name, owner=resource.noun, depth=1)
        return population.linked(resource, key, name, made, schema)

    def _stored(self, resource: Resource, key: Key, name: str, value: Json, schema: Json, state: WorldState) -> Json:
        """Return a field as an entity holds it; where it shows another entity whole, what the caller names is found."""
        fitter = self.entities.population.fitter(resource.api)
        if value is not None and fitter.accepts(value, schema):
            return value
        items = self.entities.shapes(resource).items(schema)
        if is_array(value) and items is not None:
            value = [self._resolved(resource, name, item, items, state) for item in value]
        else:
            value = self._resolved(resource, name, value, schema, state)
        address = (self.entities.seed, resource.id, key, name)
        return fitter.fit(value, schema, address, name=name, owner=resource.noun)

    def _resolved(self, resource: Resource, name: str, value: Json, schema: Json, state: WorldState) -> Json:
        if not isinstance(value, str | int) or isinstance(value, bool):
            return value
        fitter = self.entities.population.fitter(resource.api)
        if fitter.accepts(value, schema):
            return value
        target = self.entities.relations.embedded(resource.api, name, schema)
        key = self.entities.named(target, value, state) if target is not None else None
        return value if target is None or key is None else self.entities.read(target, key, state)

    # -- changing --------------------------------------------------------------------------------------------------

    def update(self, operation: Operation, resource: Resource, key: Key, inputs: Inputs, state: WorldState) -> Response:
        """Change an entity that is there."""
        before = self.entities.read(resource, key, state) or {}
        body = self._change(operation, before, inputs)
        check_unique(self.entities, resource, key, body, state)
        check_references(self.entities, operation, inputs, state)
        after = state.put((resource.id, key), self._changed(resource, key, before, body, state))
        return self.answers.of_entity(operation, resource, key, after)

    def put(self, operation: Operation, resource: Resource, key: Key, inputs: Inputs, state: WorldState) -> Response:
        """Make the entity that a `PUT` names and that is not there yet.

        Raises:
            ApiError: such keys are handed out by the server.
        """
        if not resource.singleton and resource.whole is None and resource.key_path[-1:] in _NUMBERED:
            raise ApiError(404, f"No {resource.noun} {key[-1]!r} was found")
        if resource.whole is not None:
            entity = self.entities.read(resource.whole, key[-1:], state) or {}
            return self.answers.of_entity(operation, resource, key, state.add((resource.id, key), entity))
        check_references(self.entities, operation, inputs, state)
        entity = self._new_entity(resource, key, "" if resource.singleton else key[-1], inputs.body, state)
        address = (resource.id, key)
        after = state.put(address, entity) if resource.singleton else state.add(address, entity)
        return self.answers.of_entity(operation, resource, key, after)

    def _change(self, operation: Operation, before: JsonObject, inputs: Inputs) -> JsonObject:
        """Return the fields that a body changes, as they are to be."""
        if inputs.patch:
            after: JsonObject = patched(before, inputs.patch)
            return {name: after.get(name) for name in before | after if after.get(name) != before.get(name)}
        body = _of_part(operation.part, inputs.body) if operation.part else inputs.body
        binding = operation.tool.binding
        if isinstance(binding, HttpBinding) and binding.method == "PATCH":
            return {name: merged_into(before.get(name), value) for name, value in body.items()}
        return body

    def _changed(
        self, resource: Resource, key: Key, before: JsonObject, body: JsonObject, state: WorldState
    ) -> JsonObject:
        properties = self.entities.properties(resource)
        after = dict(before)
        for name, value in body.items():
            if (name,) == resource.key_path:
                continue
            schema = properties.get(name)
            after[name] = value if schema is None else self._stored(resource, key, name, value, schema, state)
        if len(resource.key_path) > 1:
            after = with_key(after, resource, key[-1])
        if after != before:
            for name in properties:
                if is_made_on(name, ("updated", "modified")) and isinstance(before.get(name), str):
                    after[name] = self._touched(
                        before[name], self.entities.shapes(resource).view(properties[name]), state
                    )
        return after

    def delete(self, operation: Operation, resource: Resource, key: Key, state: WorldState) -> Response:
        """Delete an entity."""
        entity = self.entities.read(resource, key, state) or {}
        gone = {**entity, "deleted": True, "success": True, "status": "deleted"}
        return self.answers.of(operation, resource, key, gone, state.put((resource.id, key), None))

    # -- acting ----------------------------------------------------------------------------------------------------

    def act(self, operation: Operation, resource: Resource, key: Key, inputs: Inputs, state: WorldState) -> Response:
        """Do something to an entity, as a verb says."""
        before = self.entities.read(resource, key, state) or {}
        check_references(self.entities, operation, inputs, state)
        effects = self._effects(resource, operation.verb, before, state)
        known = self.entities.properties(resource)
        said = {name: value for name, value in inputs.body.items() if name in known}
        after = self._changed(resource, key, before, {**said, **effects}, state)
        changed = state.put((resource.id, key), after) if after != before else state
        if operation.makes is not None:
            return self._leave(operation, resource, operation.makes, key, inputs, changed)
        response = self.answers.of_entity(operation, resource, key, changed)
        if effects or said:
            return response
        shown = self.entities.shapes(resource).properties(operation.tool.returns).keys() & known.keys()
        tells = shown - set(resource.key_path[:1])
        return replace(response, confidence=UNSURE, source="mock" if tells else "made_up")

    def _leave(
        self, operation: Operation, owner: Resource, made: Resource, key: Key, inputs: Inputs, state: WorldState
    ) -> Response:
        """Make what an action leaves behind; it carries over what its owner says under the same names."""
        entity = self.entities.read(owner, key, state) or {}
        body = dict(inputs.body)
        for name, schema in self.entities.properties(made).items():
            if self.entities.relations.target(made.api, name, schema) is owner:
                body[name] = self.entities.typed(made, name, key[-1])
            elif name in entity and (name,) not in (made.key_path, owner.key_path) and _carries_over(name):
                body.setdefault(name, entity[name])
        new, after = self._add(made, key[: len(made.ancestor_params)], body, state)
        return self.answers.of_entity(operation, made, new, after)

    def _effects(self, resource: Resource, verb: str, before: JsonObject, state: WorldState) -> JsonObject:
        """Return what a verb does to an entity's fields.

        Raises:
            ApiError: its state does not allow it.
        """
        shapes = self.entities.shapes(resource)
        effects: JsonObject = {}
        for name, schema in self.entities.properties(resource).items():
            view = shapes.view(schema)
            if options := [option for option in view.get("enum") or () if isinstance(option, str)]:
                if (reached := _reached(verb, options)) is not None:
                    check_transition(resource, verb, before.get(name), reached, options)
                    effects[name] = reached
            elif main_type(view) == "boolean" and (switched := _switched(verb, name)) is not None:
                effects[name] = switched
            elif view.get("format") in ("date-time", "date") and is_made_on(name, resulting_states(verb)):
                effects[name] = self._moment(view, state)
            elif main_type(view) == "integer" and snake(name) in (f"{verb}als", f"{verb}_count", f"{verb}s"):
                effects[name] = int(before.get(name) or 0) + 1
        return effects

    def _time(self, state: WorldState) -> datetime:
        return self.now + timedelta(seconds=state.clock)

    def _touched(self, before: str, view: JsonObject, state: WorldState) -> str:
        """Return the time of a change in the form that the field has; as it was where the field has room for none."""
        moment = stamp(self._time(state))
        if as_date(before):
            return moment[:10]
        return moment if view.get("maxLength", len(moment)) >= len(moment) else before

    def _moment(self, view: JsonObject, state: WorldState) -> str:
        moment = stamp(self._time(state))
        return moment if view["format"] == "date-time" else moment[:10]


def _of_part(part: str, body: JsonObject) -> JsonObject:
    """Return what a body sent to a field's own path changes: it holds the field by its name, or is the field."""
    named = next((name for name in body if same_name(name, part)), None)
    if named is None:
        return {part: body}
    return {part if name == named else name: value for name, value in body.items()}


def is_home(operation: Operation, resource: Resource) -> bool:
    """Tell whether the operation's path is the resource's own collection rather than another view of it."""
    path = operation.tool.binding.path if isinstance(operation.tool.binding, HttpBinding) else ""
    here = "/".join(template(path)) == resource.id.partition(":/")[2]
    return here and len(operation.scope) == len(resource.ancestor_params)


def _carries_over(name: str) -> bool:
    return snake(name) not in STATES and words(name)[-1] not in ("id", "at", "on", "url")


def _reached(verb: str, options: list[str]) -> str | None:
    plain = {snake(option): option for option in options}
    return next((plain[form] for form in resulting_states(verb) if form in plain), None)


def _switched(verb: str, name: str) -> bool | None:
    plain = snake(name).removeprefix("is_")
    undoes = undone(verb)
    if plain in resulting_states(verb) or plain == verb:
        return True
    return False if undoes and plain in (undoes, *resulting_states(undoes)) else None
