"""What the results of operations show: an entity, a list of them, the key of each."""

from dataclasses import dataclass

from toolbench.model import Json, Tool
from toolbench.world.nouns import KEY_NAMES, noun, same_name, without_noun
from toolbench.world.resources import Resource, is_named, wraps
from toolbench.world.shapes import Shapes, main_type

_ENVELOPES = frozenset(
    (
        "data items results entries values value records resources list nodes hits elements objects members rows "
        "content collection _embedded"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Results:
    """Reads the schemas of one API's results."""

    shapes: Shapes

    def one(self, schema: Json) -> Json:
        """Return the schema of one thing where a schema asks for one or a list of them."""
        items = self.shapes.items(schema)
        return schema if items is None else items

    def entity(self, schema: Json, resource: Resource) -> Json:
        """Return the schema of the entity in a result that may wrap it: `{"order": {…}}`, `{"data": [{…}]}`."""
        whole = self.one(schema)
        properties = self.shapes.properties(whole)
        keys = (resource.own_param, without_noun(resource.own_param, resource.noun), "id", "uuid")
        if any(same_name(name, key) for name in properties for key in keys):
            return whole
        for name, inner in properties.items():
            inside = self.shapes.properties(self.one(inner))
            keyed = any(same_name(held, key) for held in inside for key in (*keys, *KEY_NAMES))
            if inside and wraps(name, resource.noun) and (keyed or is_named(name, resource.noun)):
                return self.one(inner)
        return whole

    def entity_in(self, returns: Json, resource: Resource) -> tuple[str, ...]:
        """Return where a result holds the entity; empty when it is the entity."""
        known = self.shapes.properties(resource.schema).keys()
        properties = self.shapes.properties(returns)
        shared = len(properties.keys() & known)
        for name, inner in properties.items():
            inside = self.shapes.properties(self.one(inner)).keys() & known
            if len(inside) > shared and (wraps(name, resource.noun) or len(inside) > 1 >= shared):
                return (name,)
        return ()

    def list_in(self, tool: Tool, name: str, *, sure: bool) -> tuple[str, ...] | None:
        """Return where a result holds a list of things, or None where it is no list.

        Args:
            tool: the tool.
            name: what the things are called: `orders`.
            sure: whether it must be a list of them, so that the only list there is will do, whatever its name.
        """
        if tool.returns is None:
            return None
        if main_type(self.shapes.view(tool.returns)) == "array":
            return ()
        wanted = noun(name)
        properties = self.shapes.properties(tool.returns)
        lists = [held for held, schema in properties.items() if self.shapes.items(schema) is not None]
        for held in lists:
            if held.lower() in _ENVELOPES or is_named(held, wanted):
                return (held,)
        for held, schema in properties.items():
            for deeper, inside in self.shapes.properties(schema).items() if held.lower() in _ENVELOPES else ():
                if self.shapes.items(inside) is not None and is_named(deeper, wanted):
                    return (held, deeper)
        return (lists[0],) if sure and len(lists) == 1 else None

    def items(self, tool: Tool, where: tuple[str, ...] | None) -> Json:
        """Return the schema of the things in the list that a result holds; None where it holds none."""
        if where is None:
            return None
        schema: Json = tool.returns
        for name in where:
            schema = self.shapes.properties(schema)[name]
        return self.shapes.items(schema)

    def key_path(self, resource: Resource) -> tuple[str, ...]:
        """Return where an entity holds its own key; empty when nowhere."""
        properties = self.shapes.properties(resource.schema)
        own = resource.own_param
        said = main_type(self.shapes.view(resource.param_schemas[-1])) if own and resource.param_schemas else ""
        for wanted in dict.fromkeys((own, without_noun(own, resource.noun), *KEY_NAMES)):
            for name, schema in properties.items():
                if same_name(name, wanted) and _agree(main_type(self.shapes.view(schema)), said):
                    return (name,)
        inner = self.shapes.properties(properties.get("metadata"))
        return next((("metadata", name) for name in (own, "name", "uid") if name in inner), ())

    def key_schema(self, resource: Resource) -> Json:
        """Return what a key must be: valid where the entity holds it, and where a call gives it."""
        held: Json = resource.schema
        for name in resource.key_path:
            held = self.shapes.properties(held).get(name, {})
        taken: Json = resource.param_schemas[-1] if resource.own_param and resource.param_schemas else {}
        if resource.key_path and taken:
            return {"allOf": [held, taken]}
        return held if resource.key_path else taken or {"type": "string"}


def _agree(field: str, param: str) -> bool:
    """Tell whether a field of one type may be the key that a parameter of another type carries."""
    return field in ("string", "integer", "number") and (not param or (field == "string") == (param == "string"))
