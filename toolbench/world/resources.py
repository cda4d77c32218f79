"""What an API is about, inferred from its operations alone: resources, their keys, and what each operation does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from toolbench.model import Api, HttpBinding, Json, JsonObject, Tool
from toolbench.world.nouns import noun, same_name, words
from toolbench.world.shapes import Shapes, main_type

Role = Literal["list", "create", "get", "update", "replace", "delete", "action", "unknown"]

Template = tuple[str, ...]
"""A path as segments, each parameter written as `{}`."""

_ENVELOPES = ("data", "items", "results", "entries", "values", "records", "resources", "list", "nodes", "hits")
_KEY_NAMES = ("id", "uuid", "key", "number", "slug", "login", "username", "code", "sku", "name")
_ITEM_ROLES: dict[str, Role] = {
    "GET": "get",
    "HEAD": "get",
    "PUT": "replace",
    "PATCH": "update",
    "POST": "update",
    "DELETE": "delete",
}
_CERTAIN, _LIKELY, _GUESS = 1.0, 0.8, 0.3


@dataclass(slots=True)
class Resource:
    """A collection of entities, or a single one (`singleton`)."""

    id: str
    """`API:/path/of/the/collection`, parameters as `{}`."""
    api: str
    noun: str
    """Singular noun phrase: `line item`."""
    params: tuple[str, ...]
    """Names of the item path's parameters: the ancestors' keys, then its own. A singleton has no own one."""
    param_schemas: tuple[Json, ...] = ()
    """Open schemas of `params`."""
    schema: Json = None
    """Open schema of an entity; the richest that the operations show."""
    key_path: tuple[str, ...] = ()
    """Where an entity holds its own key; empty when nowhere."""
    singleton: bool = False
    parents: tuple["Resource | None", ...] = ()
    """For each ancestor parameter, the resource whose key it is, or None."""
    tools: dict[Role, list[str]] = field(default_factory=dict[Role, list[str]])
    """Names of the operations by role."""

    @property
    def own_param(self) -> str:
        """Name of the parameter that holds an entity's own key; empty for a singleton."""
        return "" if self.singleton or not self.params else self.params[-1]

    @property
    def ancestor_params(self) -> tuple[str, ...]:
        """Names of the ancestors' parameters."""
        return self.params if self.singleton else self.params[:-1]


class ScopeParam(NamedTuple):
    """A parameter in an operation's path."""

    name: str
    """The argument's name."""
    target: Resource | None
    """The resource whose key it is, or None."""
    literal: str
    """The segment before it."""
    nested: bool
    """Whether the target's own ancestors are the parameters before it."""


Scope = tuple[ScopeParam, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """What an operation does."""

    tool: Tool
    role: Role
    resource: Resource | None
    """What it works on; None when unknown."""
    scope: Scope = ()
    """The path's parameters, in order."""
    envelope: tuple[str, ...] = ()
    """For `list`: where the result holds its items; empty when the result is the array itself."""
    verb: str = ""
    """For `action`: the verb."""
    by: str = ""
    """The field by which the path names the entity, where it is not by its full key; empty otherwise."""
    part: str = ""
    """For `update` and `replace`: the field that the body stands for; empty when it is the entity."""
    confidence: float = _CERTAIN
    """How sure the inference is, 0 to 1."""


def template(path: str) -> Template:
    """Return a path's template: `/orders/{order_id}:cancel` gives (`orders`, `{}`, `cancel`)."""
    segments: list[str] = []
    for segment in path.strip("/").removesuffix(".json").split("/"):
        if segment.startswith("{") and "}" in segment:
            segments.append("{}")
            rest = segment.partition("}")[2].lstrip(":.")
            if rest and "{" not in rest:
                segments.append(rest)
        elif segment:
            segments.append(segment)
    return tuple(segments)


def infer(api: Api) -> "ApiModel":
    """Return what an API is about."""
    return _Inference(api).run()


@dataclass(slots=True)
class ApiModel:
    """An API understood: its resources, and what its operations do."""

    api: Api
    shapes: Shapes
    resources: dict[str, Resource]
    """By id."""
    operations: dict[str, Operation]
    """By tool name."""


class _Inference:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._shapes = Shapes(api.definitions)
        self._tools = [(template(t.binding.path), t) for t in api.tools if isinstance(t.binding, HttpBinding)]
        self._methods: dict[Template, dict[str, Tool]] = {}
        for path, tool in self._tools:
            self._methods.setdefault(path, {})[_method(tool)] = tool
        self._items: dict[Template, Resource] = {}
        self._singles: dict[Template, Resource] = {}
        self._lookups: dict[Template, Resource] = {}
        self._by_noun: dict[str, list[Resource]] = {}
        self._operations: dict[str, Operation] = {}

    def run(self) -> ApiModel:
        self._find_items()
        self._borrow_schemas()
        self._find_others()
        for path, tool in self._tools:
            self._operations[tool.name] = self._understand(path, tool)
        self._enrich()
        everything = [*self._items.values(), *self._singles.values()]
        return ApiModel(self._api, self._shapes, {r.id: r for r in everything}, self._operations)

    def _find_items(self) -> None:
        for path in sorted(self._methods, key=len):
            if len(path) < 2 or path[-1] != "{}" or not self._is_item(path):
                continue
            if (known := self._looked_up(path)) is not None:
                self._lookups[path] = known
            else:
                self._add_item(path, self._methods[path])

    def _borrow_schemas(self) -> None:
        """Give resources that show nothing of themselves the schema of a list elsewhere that bears their noun."""
        for resource in self._items.values():
            if self._shapes.properties(resource.schema):
                continue
            for path, methods in self._methods.items():
                if "GET" in methods and path and noun(path[-1]) == resource.noun:
                    schema = self._items_schema(methods["GET"], path)
                    if schema is not None and self._shapes.properties(schema):
                        resource.schema = schema
                        resource.key_path = self._key_path(resource)
                        break

    def _looked_up(self, path: Template) -> Resource | None:
        """Return the resource that a path only looks up by another field: `/orders/by-number/{}`."""
        methods = self._methods[path]
        if methods.keys() != {"GET"} or path[:-1] in self._methods:
            return None
        wanted = self._shapes.reference(methods["GET"].returns)
        same = [r for r in self._items.values() if wanted and self._shapes.reference(r.schema) == wanted]
        return next((r for r in same if self._field_of(r, _path_arguments(methods["GET"])[-1])), None)

    def _field_of(self, resource: Resource, param: str) -> str:
        wanted = (param, _strip_noun(param, resource.noun))
        properties = self._shapes.properties(resource.schema)
        return next((name for name in properties if any(same_name(name, want) for want in wanted)), "")

    def _is_item(self, path: Template) -> bool:
        methods = self._methods[path].keys()
        return bool(methods & {"GET", "PUT", "PATCH", "DELETE"}) or path[:-1] in self._methods

    def _add_item(self, path: Template, methods: Mapping[str, Tool]) -> None:
        literal = next((s for s in reversed(path) if s != "{}"), self._api.id)
        names = _path_arguments(next(iter(methods.values())))
        resource = Resource(f"{self._api.id}:/{'/'.join(path[:-1])}", self._api.id, noun(literal), names)
        resource.parents = self._parents(path[:-1], names)
        resource.param_schemas = _param_schemas(next(iter(methods.values())), names)
        resource.schema = self._item_schema(path, methods)
        resource.key_path = self._key_path(resource)
        self._items[path] = resource
        self._by_noun.setdefault(resource.noun, []).append(resource)

    def _parents(self, path: Template, names: tuple[str, ...]) -> tuple[Resource | None, ...]:
        ends = [i for i, segment in enumerate(path) if segment == "{}"]
        found: list[Resource | None] = []
        for end, name in zip(ends, names, strict=False):
            direct = self._items.get(path[: end + 1])
            found.append(direct or self._named(name, path[end - 1] if end else ""))
        return tuple(found)

    def _named(self, name: str, literal: str) -> Resource | None:
        """Return the top-level resource a parameter's name or the segment before it speaks of."""
        for phrase in (_without_key_word(name), noun(literal)):
            for resource in self._by_noun.get(phrase, ()):
                if len(resource.params) == 1:
                    return resource
        return None

    def _item_schema(self, path: Template, methods: Mapping[str, Tool]) -> Json:
        collection = self._methods.get(path[:-1], {})
        shown = [methods[m].returns for m in ("GET", "PUT", "PATCH", "POST") if m in methods]
        shown.append(collection["POST"].returns if "POST" in collection else None)
        shown.append(self._items_schema(collection["GET"], path[:-1]) if "GET" in collection else None)
        candidates = [schema for schema in shown if schema is not None and self._shapes.properties(schema)]
        if candidates:
            return candidates[0]
        return self._body_schema(collection.get("POST") or methods.get("PUT"))

    def _body_schema(self, tool: Tool | None) -> Json:
        if tool is None:
            return {"type": "object", "properties": {}}
        binding = tool.binding
        body = {a.name for a in binding.arguments if a.location == "body"} if isinstance(binding, HttpBinding) else ()
        properties = {k: v for k, v in tool.parameters.get("properties", {}).items() if k in body}
        return {"type": "object", "properties": properties}

    def _items_schema(self, tool: Tool, path: Template) -> Json:
        found = self.envelope(tool, path)
        if found is None:
            return None
        schema: Json = tool.returns
        for name in found:
            schema = self._shapes.properties(schema)[name]
        return self._shapes.items(schema)

    def envelope(self, tool: Tool, path: Template) -> tuple[str, ...] | None:
        """Return where a result holds a list of things, or None where it is no list."""
        if tool.returns is None:
            return None
        if main_type(self._shapes.view(tool.returns)) == "array":
            return ()
        lists = [k for k, v in self._shapes.properties(tool.returns).items() if self._shapes.items(v) is not None]
        literal = next((s for s in reversed(path) if s != "{}"), "")
        for name in lists:
            if name in _ENVELOPES or same_name(name, literal) or noun(name) == noun(literal):
                return (name,)
        for name, schema in self._shapes.properties(tool.returns).items():
            inner = self._shapes.properties(schema) if name in _ENVELOPES else {}
            for deeper, inside in inner.items():
                if self._shapes.items(inside) is not None and noun(deeper) == noun(literal):
                    return (name, deeper)
        return None

    def _key_path(self, resource: Resource) -> tuple[str, ...]:
        properties = self._shapes.properties(resource.schema)
        own = resource.own_param
        short = _strip_noun(own, resource.noun)
        said = main_type(self._shapes.view(resource.param_schemas[-1])) if own and resource.param_schemas else ""
        for wanted in dict.fromkeys((own, short, *_KEY_NAMES)):
            for name, schema in properties.items():
                if same_name(name, wanted) and _agree(main_type(self._shapes.view(schema)), said):
                    return (name,)
        inner = self._shapes.properties(properties.get("metadata"))
        return next((("metadata", name) for name in (own, "name", "uid") if name in inner), ())

    def _find_others(self) -> None:
        for path, methods in self._methods.items():
            if not path or path[-1] == "{}" or (*path, "{}") in self._items:
                continue
            if "GET" in methods and self.envelope(methods["GET"], path) is None and self._alias(path) is None:
                self._add_singleton(path, methods)
            elif "GET" in methods and self._alias(path) is None:
                self._add_keyless(path, methods)
            elif "GET" not in methods and methods.keys() & {"PUT", "DELETE"} == {"PUT", "DELETE"}:
                self._add_singleton(path, methods)

    def _add_singleton(self, path: Template, methods: Mapping[str, Tool]) -> None:
        names = _path_arguments(next(iter(methods.values())))
        resource = Resource(f"{self._api.id}:/{'/'.join(path)}", self._api.id, noun(path[-1]), names, singleton=True)
        resource.parents = self._parents(path, names)
        resource.param_schemas = _param_schemas(next(iter(methods.values())), names)
        shown = [methods[m].returns for m in ("GET", "PUT", "PATCH", "POST") if m in methods]
        resource.schema = next((s for s in shown if s is not None), self._body_schema(methods.get("PUT")))
        self._singles[path] = resource

    def _add_keyless(self, path: Template, methods: Mapping[str, Tool]) -> None:
        names = (*_path_arguments(methods["GET"]), "")
        resource = Resource(f"{self._api.id}:/{'/'.join(path)}", self._api.id, noun(path[-1]), names)
        resource.parents = self._parents(path, names[:-1])
        resource.param_schemas = _param_schemas(methods["GET"], names)
        resource.schema = self._items_schema(methods["GET"], path)
        resource.key_path = self._key_path(resource)
        self._items[(*path, "{}")] = resource
        self._by_noun.setdefault(resource.noun, []).append(resource)

    def _alias(self, path: Template) -> Resource | None:
        """Return the resource that a collection elsewhere shows: `/customers/{}/orders` shows `/orders`."""
        methods = self._methods[path]
        tool = methods.get("GET") or methods.get("POST")
        if tool is None or not path:
            return None
        schema = self._items_schema(tool, path) if "GET" in methods else tool.returns
        wanted = self._shapes.reference(schema)
        same = [r for r in self._by_noun.get(noun(path[-1]), ()) if not r.singleton]
        by_schema = [r for r in self._items.values() if wanted and self._shapes.reference(r.schema) == wanted]
        both = [r for r in same if r in by_schema]
        if "GET" not in methods:
            return (both or [None])[0]
        return next(iter(both or by_schema or [r for r in same if len(r.params) == 1]), None)

    def _understand(self, path: Template, tool: Tool) -> Operation:
        method, scope = _method(tool), self._scope(path, tool)
        if path and path[-1] == "{}":
            return self._on_item(path, tool, method, scope)
        if (*path, "{}") in self._items:
            return self._on_collection(path, tool, method, scope, self._items[(*path, "{}")])
        if path in self._singles:
            return self._on_singleton(path, tool, method, scope)
        if alias := self._alias(path):
            return self._on_alias(path, tool, method, scope, alias)
        return self._on_verb(path, tool, method, scope)

    def _scope(self, path: Template, tool: Tool) -> Scope:
        names = _path_arguments(tool)
        ends = [i for i, segment in enumerate(path) if segment == "{}"]
        params: list[ScopeParam] = []
        for end, name in zip(ends, names, strict=False):
            literal = path[end - 1] if end else ""
            direct = self._items.get(path[: end + 1])
            params.append(ScopeParam(name, direct or self._named(name, literal), literal, direct is not None))
        return tuple(params)

    def _on_item(self, path: Template, tool: Tool, method: str, scope: Scope) -> Operation:
        resource = self._items.get(path)
        if path in self._lookups:
            known = self._lookups[path]
            return Operation(tool, "get", known, scope, by=self._field_of(known, scope[-1].name))
        if resource is None or method not in _ITEM_ROLES:
            return Operation(tool, "unknown", None, scope, confidence=_GUESS)
        return Operation(tool, _ITEM_ROLES[method], resource, scope)

    def _on_collection(self, path: Template, tool: Tool, method: str, scope: Scope, resource: Resource) -> Operation:
        if method == "GET" and (found := self.envelope(tool, path)) is not None:
            return Operation(tool, "list", resource, scope, found)
        if method == "POST":
            return Operation(tool, "create", resource, scope)
        return Operation(tool, "unknown", None, scope, confidence=_GUESS)

    def _on_singleton(self, path: Template, tool: Tool, method: str, scope: Scope) -> Operation:
        role = _ITEM_ROLES.get(method, "unknown")
        return Operation(tool, role, self._singles[path] if role != "unknown" else None, scope, confidence=_LIKELY)

    def _on_alias(self, path: Template, tool: Tool, method: str, scope: Scope, alias: Resource) -> Operation:
        found = self.envelope(tool, path)
        if method == "GET" and found is not None:
            return Operation(tool, "list", alias, scope, found, confidence=_LIKELY)
        if method == "GET":
            return Operation(tool, "unknown", None, scope, confidence=_GUESS)
        if method == "POST" and noun(path[-1]) == alias.noun:
            return Operation(tool, "create", alias, scope, confidence=_LIKELY)
        return self._on_verb(path, tool, method, scope)

    def _on_verb(self, path: Template, tool: Tool, method: str, scope: Scope) -> Operation:
        owner, by = self._items.get(path[:-1]), ""
        if owner is None and len(path) > 2 and path[-2] == "{}" and (flat := self._keyed_alone(path[:-1])):
            owner, by = flat, flat.key_path[-1]
            scope = (*scope[:-1], scope[-1]._replace(target=flat, nested=False))
        if owner is None or method not in ("POST", "PUT", "PATCH", "DELETE"):
            return Operation(tool, "unknown", None, scope, confidence=_GUESS)
        last = path[len(path) - 1]
        part = next((n for n in self._shapes.properties(owner.schema) if same_name(n, last)), "")
        if part and method in ("PUT", "PATCH"):
            return Operation(tool, "update", owner, scope, by=by, part=part, confidence=_LIKELY)
        verb = last if method != "DELETE" else f"un{last}"
        return Operation(tool, "action", owner, scope, verb=verb, by=by, confidence=_LIKELY)

    def _keyed_alone(self, path: Template) -> Resource | None:
        """Return the nested resource whose entities a path names without their ancestors: `/shipments/{}`."""
        if len(path) < 2 or "{}" in path[:-1]:
            return None
        found = [r for r in self._by_noun.get(noun(path[-2]), ()) if len(r.params) > 1 and len(r.key_path) == 1]
        return found[0] if len(found) == 1 else None

    def _enrich(self) -> None:
        for name, operation in self._operations.items():
            if operation.resource is not None:
                operation.resource.tools.setdefault(operation.role, []).append(name)


def _agree(field: str, param: str) -> bool:
    """Tell whether a field of one type may be the key that a parameter of another type carries."""
    return field in ("string", "integer", "number") and (not param or (field == "string") == (param == "string"))


def _method(tool: Tool) -> str:
    return tool.binding.method if isinstance(tool.binding, HttpBinding) else ""


def _path_arguments(tool: Tool) -> tuple[str, ...]:
    """Return the names of the arguments that go in the path, in the order they stand there."""
    if not isinstance(tool.binding, HttpBinding):
        return ()
    path = tool.binding.path
    inside = [a for a in tool.binding.arguments if a.location == "path"]
    return tuple(a.name for a in sorted(inside, key=lambda a: path.find("{" + a.key + "}")))


def _param_schemas(tool: Tool, names: tuple[str, ...]) -> tuple[Json, ...]:
    properties: JsonObject = tool.parameters.get("properties", {})
    return tuple(properties.get(name, {}) for name in names)


def _without_key_word(name: str) -> str:
    parts = words(name)
    return " ".join(parts[:-1]) if len(parts) > 1 and parts[-1] in _KEY_NAMES else " ".join(parts)


def _strip_noun(name: str, phrase: str) -> str:
    parts, prefix = list(words(name)), phrase.split(" ")
    for head in (prefix, prefix[-1:]):
        if parts[: len(head)] == head and len(parts) > len(head):
            return "_".join(parts[len(head) :])
    return name
