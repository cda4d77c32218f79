"""Working out from an API's operations alone what it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from toolbench.model import Api, HttpBinding, Json, Tool
from toolbench.world.nouns import KEY_NAMES, noun, same_name, singular, words
from toolbench.world.query import is_search
from toolbench.world.resources import (
    ApiModel,
    Operation,
    Resource,
    Role,
    Scope,
    ScopeParam,
    Template,
    is_named,
    template,
    wraps,
)
from toolbench.world.shapes import Shapes, main_type

_ENVELOPES = frozenset(
    (
        "data items results entries values value records resources list nodes hits elements objects members rows "
        "content collection _embedded"
    ).split()
)
_ITEM_ROLES: dict[str, Role] = {
    "GET": "get",
    "HEAD": "get",
    "PUT": "replace",
    "PATCH": "update",
    "POST": "update",
    "DELETE": "delete",
}
_SHOWING = ("GET", "PUT", "PATCH", "POST")
_LIKELY, _GUESS = 0.8, 0.3


def infer(api: Api) -> ApiModel:
    """Return what an API is about."""
    return _Inference(api).run()


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
        self._products: dict[Template, Resource] = {}
        self._lookups: dict[Template, Resource] = {}
        self._by_noun: dict[str, list[Resource]] = {}
        self._by_reference: dict[str, list[Resource]] = {}

    def run(self) -> ApiModel:
        self._find_items()
        for path, resource in self._items.items():
            resource.parents = self._parents(path[:-1], resource.params)
        self._borrow_schemas()
        self._find_others()
        operations = {tool.name: self._finished(self._understand(path, tool), path) for path, tool in self._tools}
        resources = [*self._items.values(), *self._singles.values(), *self._products.values()]
        for resource in resources:
            resource.key_schema = self._key_schema(resource)
        for name, operation in operations.items():
            if operation.resource is not None:
                operation.resource.tools.setdefault(operation.role, []).append(name)
        return ApiModel(self._api, self._shapes, {r.id: r for r in resources}, operations)

    # -- resources -------------------------------------------------------------------------------------------------

    def _find_items(self) -> None:
        for path in sorted(self._methods, key=len):
            if len(path) < 2 or path[-1] != "{}" or not self._is_item(path):
                continue
            if (known := self._looked_up(path)) is not None:
                self._lookups[path] = known
            else:
                self._add_item(path, self._methods[path])

    def _is_item(self, path: Template) -> bool:
        methods = self._methods[path]
        if methods.keys() == {"GET"} and self._shapes.items(methods["GET"].returns) is not None:
            return False
        return bool(methods.keys() & {"GET", "PUT", "PATCH", "DELETE"}) or path[:-1] in self._methods

    def _looked_up(self, path: Template) -> Resource | None:
        """Return the resource that a path only looks up by another field: `/orders/by-number/{}`."""
        methods = self._methods[path]
        if methods.keys() != {"GET"} or path[:-1] in self._methods:
            return None
        same = self._by_reference.get(self._shapes.reference(methods["GET"].returns), ())
        return next((r for r in same if self._field_of(r, _path_arguments(methods["GET"])[-1])), None)

    def _field_of(self, resource: Resource, param: str) -> str:
        wanted = (param, _strip_noun(param, resource.noun))
        properties = self._shapes.properties(resource.schema)
        return next((name for name in properties if any(same_name(name, want) for want in wanted)), "")

    def _add_item(self, path: Template, methods: Mapping[str, Tool]) -> None:
        literal = next((s for s in reversed(path) if s != "{}"), self._api.id)
        resource = self._resource(path[:-1], next(iter(methods.values())), literal)
        self._describe(resource, self._item_schema(resource, path, methods))
        self._items[path] = resource
        self._register(resource)

    def _resource(self, path: Template, tool: Tool, literal: str, *, own: tuple[str, ...] = ()) -> Resource:
        names = (*_path_arguments(tool), *own)
        resource = Resource(f"{self._api.id}:/{'/'.join(path)}", self._api.id, noun(literal), names)
        resource.parents = self._parents(path, names)
        resource.param_schemas = tuple(self._param_schema(tool, name) for name in names)
        return resource

    def _describe(self, resource: Resource, schema: Json) -> None:
        resource.schema = schema
        resource.key_path = () if resource.singleton else self._key_path(resource)

    def _register(self, resource: Resource) -> None:
        self._by_noun.setdefault(resource.noun, []).append(resource)
        self._refer(resource)

    def _refer(self, resource: Resource) -> None:
        if reference := self._shapes.reference(resource.schema):
            self._by_reference.setdefault(reference, []).append(resource)

    def _param_schema(self, tool: Tool, name: str) -> Json:
        """Return the schema of one value of a parameter; a list of keys in a path stands for one of them."""
        return self._one(tool.parameters.get("properties", {}).get(name, {}))

    def _borrow_schemas(self) -> None:
        """Give resources that show nothing of themselves the schema of a list elsewhere that bears their noun."""
        lists: dict[str, list[Json]] = {}
        for path, methods in self._methods.items():
            if "GET" in methods and path and path[-1] != "{}":
                schema = self._items_schema(methods["GET"], path)
                if schema is not None and self._shapes.properties(schema):
                    lists.setdefault(noun(path[-1]), []).append(schema)
        for resource in self._items.values():
            if resource.noun in lists and not self._shapes.properties(resource.schema):
                self._describe(resource, lists[resource.noun][0])
                self._refer(resource)

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

    def _item_schema(self, resource: Resource, path: Template, methods: Mapping[str, Tool]) -> Json:
        collection = self._methods.get(path[:-1], {})
        shown = [methods[m].returns for m in _SHOWING if m in methods]
        shown.append(collection["POST"].returns if "POST" in collection else None)
        candidates = [self._unwrapped(schema, resource) for schema in shown if schema is not None]
        candidates.append(self._items_schema(collection["GET"], path[:-1]) if "GET" in collection else None)
        for schema in candidates:
            if schema is not None and self._shapes.properties(schema):
                return schema
        return self._body_schema(collection.get("POST") or methods.get("PUT"))

    def _unwrapped(self, schema: Json, resource: Resource) -> Json:
        """Return the schema of the entity in an answer that may wrap it: `{"order": {…}}`, `{"data": [{…}]}`."""
        whole = self._one(schema)
        properties = self._shapes.properties(whole)
        keys = (resource.own_param, _strip_noun(resource.own_param, resource.noun), "id", "uuid")
        if any(same_name(name, key) for name in properties for key in keys):
            return whole
        for name, inner in properties.items():
            inside = self._shapes.properties(self._one(inner))
            keyed = any(same_name(held, key) for held in inside for key in (*keys, *KEY_NAMES))
            if inside and wraps(name, resource.noun) and (keyed or is_named(name, resource.noun)):
                return self._one(inner)
        return whole

    def _one(self, schema: Json) -> Json:
        """Return the schema of one thing where a schema asks for one or a list of them."""
        items = self._shapes.items(schema)
        return schema if items is None else items

    def _body_schema(self, tool: Tool | None) -> Json:
        if tool is None:
            return {"type": "object", "properties": {}}
        binding = tool.binding
        body = {a.name for a in binding.arguments if a.location == "body"} if isinstance(binding, HttpBinding) else ()
        properties = {k: v for k, v in tool.parameters.get("properties", {}).items() if k in body}
        return {"type": "object", "properties": properties}

    def _items_schema(self, tool: Tool, path: Template) -> Json:
        found = self._list_in(tool, path)
        if found is None:
            return None
        schema: Json = tool.returns
        for name in found:
            schema = self._shapes.properties(schema)[name]
        return self._shapes.items(schema)

    def _list_in(self, tool: Tool, path: Template) -> tuple[str, ...] | None:
        """Return where a result holds a list of things, or None where it is no list."""
        if tool.returns is None:
            return None
        if main_type(self._shapes.view(tool.returns)) == "array":
            return ()
        literal = next((s for s in reversed(path) if s != "{}"), "")
        lists = [k for k, v in self._shapes.properties(tool.returns).items() if self._shapes.items(v) is not None]
        for name in lists:
            if name.lower() in _ENVELOPES or is_named(name, noun(literal)):
                return (name,)
        for name, schema in self._shapes.properties(tool.returns).items():
            for deeper, inside in self._shapes.properties(schema).items() if name.lower() in _ENVELOPES else ():
                if self._shapes.items(inside) is not None and is_named(deeper, noun(literal)):
                    return (name, deeper)
        return (lists[0],) if len(lists) == 1 and (*path, "{}") in self._methods else None

    def _key_path(self, resource: Resource) -> tuple[str, ...]:
        properties = self._shapes.properties(resource.schema)
        own = resource.own_param
        said = main_type(self._shapes.view(resource.param_schemas[-1])) if own and resource.param_schemas else ""
        for wanted in dict.fromkeys((own, _strip_noun(own, resource.noun), *KEY_NAMES)):
            for name, schema in properties.items():
                if same_name(name, wanted) and _agree(main_type(self._shapes.view(schema)), said):
                    return (name,)
        inner = self._shapes.properties(properties.get("metadata"))
        return next((("metadata", name) for name in (own, "name", "uid") if name in inner), ())

    def _key_schema(self, resource: Resource) -> Json:
        """Return what a key must be: valid where the entity holds it, and where a path takes it."""
        held: Json = resource.schema
        for name in resource.key_path:
            held = self._shapes.properties(held).get(name, {})
        taken: Json = resource.param_schemas[-1] if resource.own_param and resource.param_schemas else {}
        if resource.key_path and taken:
            return {"allOf": [held, taken]}
        return held if resource.key_path else taken or {"type": "string"}

    def _find_others(self) -> None:
        for path, methods in self._methods.items():
            if not path or path[-1] == "{}" or (*path, "{}") in self._items or self._viewed(path):
                continue
            shown, alias = methods.get("GET"), self._alias(path)
            if shown is None:
                if methods.keys() >= {"PUT", "DELETE"}:
                    self._add_singleton(path, methods)
            elif alias is None and self._list_in(shown, path) is None:
                self._add_singleton(path, methods)
            elif alias is None or self._is_choice(alias):
                self._add_keyless(path, shown)
        for resource in self._items.values():
            if self._is_choice(resource):
                same = self._by_reference.get(self._shapes.reference(resource.schema), [])
                resource.whole = next((r for r in same if len(r.params) == 1 and not self._is_choice(r)), None)

    def _is_choice(self, resource: Resource) -> bool:
        """Tell whether entities are only put in a collection and taken out: `PUT /me/albums/{}` without a body."""
        path = (*resource.id.partition(":/")[2].split("/"), "{}")
        methods = self._methods.get(path, {})
        if len(resource.params) != 1 or not {"PUT", "DELETE"} <= methods.keys() <= {"GET", "PUT", "DELETE"}:
            return False
        binding = methods["PUT"].binding
        return isinstance(binding, HttpBinding) and all(a.location != "body" for a in binding.arguments)

    def _viewed(self, path: Template) -> Resource | None:
        """Return the resource of which a path shows the entity once more: `/pods/{}/status`."""
        owner, methods = self._items.get(path[:-1]), self._methods[path]
        shown = methods.get("GET")
        if owner is None or shown is None or not methods.keys() & {"PUT", "PATCH"}:
            return None
        reference = self._shapes.reference(shown.returns)
        return owner if reference and reference == self._shapes.reference(owner.schema) else None

    def _add_singleton(self, path: Template, methods: Mapping[str, Tool]) -> None:
        resource = self._resource(path, next(iter(methods.values())), path[-1])
        resource.singleton = True
        shown = [methods[m].returns for m in _SHOWING if m in methods]
        self._describe(resource, next((s for s in shown if s is not None), self._body_schema(methods.get("PUT"))))
        self._singles[path] = resource

    def _add_keyless(self, path: Template, tool: Tool) -> None:
        resource = self._resource(path, tool, path[-1], own=("",))
        self._describe(resource, self._items_schema(tool, path))
        self._items[(*path, "{}")] = resource
        self._register(resource)

    def _alias(self, path: Template) -> Resource | None:
        """Return the resource that a collection elsewhere shows: `/customers/{}/orders` shows `/orders`."""
        methods = self._methods[path]
        tool = methods.get("GET") or methods.get("POST")
        if tool is None or not path:
            return None
        schema = self._items_schema(tool, path) if "GET" in methods else tool.returns
        same = [r for r in self._by_noun.get(noun(path[-1]), ()) if not r.singleton]
        by_schema = self._by_reference.get(self._shapes.reference(schema), [])
        both = [r for r in same if r in by_schema]
        if "GET" not in methods:
            return (both or [None])[0]
        return next(iter(both or by_schema or [r for r in same if len(r.params) == 1]), None)

    # -- operations ------------------------------------------------------------------------------------------------

    def _understand(self, path: Template, tool: Tool) -> Operation:
        method, scope = _method(tool), self._scope(path, tool)
        if path and path[-1] == "{}":
            return self._on_item(path, tool, method, scope)
        if (*path, "{}") in self._items:
            return self._on_collection(path, tool, method, scope, self._items[(*path, "{}")])
        if path and (viewed := self._viewed(path)) and method in _ITEM_ROLES:
            return Operation(tool, _ITEM_ROLES[method], viewed, scope, confidence=_LIKELY)
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
            if direct is not None and direct.whole is not None and _method(tool) == "PUT":
                params.append(ScopeParam(name, direct.whole, literal, nested=False))
            else:
                params.append(ScopeParam(name, direct or self._named(name, literal), literal, direct is not None))
        return tuple(params)

    def _on_item(self, path: Template, tool: Tool, method: str, scope: Scope) -> Operation:
        resource = self._items.get(path)
        if path in self._lookups:
            known = self._lookups[path]
            return Operation(tool, "get", known, scope, by=self._field_of(known, scope[-1].name))
        if resource is None and (alias := self._alias(path)):
            return self._on_alias(path, tool, method, scope, alias)
        if resource is None or method not in _ITEM_ROLES:
            return Operation(tool, "unknown", None, scope, confidence=_GUESS)
        return Operation(tool, _ITEM_ROLES[method], resource, scope)

    def _on_collection(self, path: Template, tool: Tool, method: str, scope: Scope, resource: Resource) -> Operation:
        if method == "GET" and (found := self._list_in(tool, path)) is not None:
            return Operation(tool, "list", resource, scope, found)
        if method == "POST":
            return Operation(tool, "create", resource, scope)
        return Operation(tool, "unknown", None, scope, confidence=_GUESS)

    def _on_singleton(self, path: Template, tool: Tool, method: str, scope: Scope) -> Operation:
        role = _ITEM_ROLES.get(method, "unknown")
        return Operation(tool, role, self._singles[path] if role != "unknown" else None, scope, confidence=_LIKELY)

    def _on_alias(self, path: Template, tool: Tool, method: str, scope: Scope, alias: Resource) -> Operation:
        found = self._list_in(tool, path)
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

    def _finished(self, operation: Operation, path: Template) -> Operation:
        """Return an operation with what can only be said once it is understood."""
        resource = operation.resource
        lists = self._searched(operation.tool)
        if len(lists) > 1 or (lists and (resource is None or resource.singleton)):
            return replace(operation, role="unknown", resource=None, searches=lists)
        if resource is None or operation.role == "list":
            return operation
        if operation.role == "action" and (made := self._product(operation, resource, path)) is not None:
            envelope = self._entity_in(operation.tool.returns, made)
            # `POST /tickets/{}/notes` adds one of many; `POST /orders/{}/ship` does something to the order as well.
            if singular(operation.verb) != operation.verb and _method(operation.tool) == "POST":
                return replace(operation, role="create", resource=made, envelope=envelope, verb="")
            return replace(operation, makes=made, envelope=envelope)
        return replace(operation, envelope=self._entity_in(operation.tool.returns, resource))

    def _searched(self, tool: Tool) -> tuple[tuple[str, Resource], ...]:
        """Return what a search over several resources finds, by the answer's lists; empty where it is no search."""
        binding = tool.binding
        if not isinstance(binding, HttpBinding) or binding.method != "GET":
            return ()
        if not any(a.location == "query" and is_search(a.key) for a in binding.arguments):
            return ()
        lists = {name: self._shapes.items(inner) for name, inner in self._shapes.properties(tool.returns).items()}
        found = {name: self._by_reference.get(self._shapes.reference(items)) for name, items in lists.items()}
        return tuple((name, resources[0]) for name, resources in found.items() if resources)

    def _entity_in(self, returns: Json, resource: Resource) -> tuple[str, ...]:
        """Return where an answer holds the entity; empty when it is the entity."""
        known = self._shapes.properties(resource.schema).keys()
        properties = self._shapes.properties(returns)
        shared = len(properties.keys() & known)
        for name, inner in properties.items():
            inside = self._shapes.properties(self._one(inner)).keys() & known
            if len(inside) > shared and (wraps(name, resource.noun) or len(inside) > 1 >= shared):
                return (name,)
        return ()

    def _product(self, operation: Operation, owner: Resource, path: Template) -> Resource | None:
        """Return the resource of what an action answers with, where that is a thing of its own."""
        returns = operation.tool.returns
        properties = self._shapes.properties(returns)
        reference = self._shapes.reference(returns)
        if owner.singleton or operation.by or not reference or reference == self._shapes.reference(owner.schema):
            return None
        if not any(same_name(name, key) for name in properties for key in ("id", "uuid")):
            return None
        known = self._by_reference.get(reference, [])
        return next((r for r in known if _is_under(r, owner)), None) if known else self._add_product(operation, path)

    def _add_product(self, operation: Operation, path: Template) -> Resource:
        if path not in self._products:
            resource = self._resource(path, operation.tool, path[-1], own=("",))
            self._describe(resource, operation.tool.returns)
            self._products[path] = resource
        return self._products[path]


def _is_under(resource: Resource, owner: Resource) -> bool:
    """Tell whether an owner's key says where an entity belongs: beneath it, beside it, or nowhere in particular."""
    parents, outer = resource.parents[: len(resource.ancestor_params)], owner.parents[: len(owner.ancestor_params)]
    return parents in ((), outer, (*outer, owner))


def _agree(field: str, param: str) -> bool:
    """Tell whether a field of one type may be the key that a parameter of another type carries."""
    return field in ("string", "integer", "number") and (not param or (field == "string") == (param == "string"))


def _method(tool: Tool) -> str:
    return tool.binding.method if isinstance(tool.binding, HttpBinding) else ""


def _path_arguments(tool: Tool) -> tuple[str, ...]:
    """Return the names of the arguments that fill the `{}` of a path's template, in order."""
    if not isinstance(tool.binding, HttpBinding):
        return ()
    names = {a.key: a.name for a in tool.binding.arguments if a.location == "path"}
    return tuple(names.get(key, key) for key in _template_keys(tool.binding.path))


def _template_keys(path: str) -> Iterator[str]:
    for segment in path.strip("/").split("/"):
        if segment.startswith("{") and "}" in segment:
            yield segment[1 : segment.index("}")]


def _without_key_word(name: str) -> str:
    parts = words(name)
    return " ".join(parts[:-1]) if len(parts) > 1 and parts[-1] in KEY_NAMES else " ".join(parts)


def _strip_noun(name: str, phrase: str) -> str:
    parts, prefix = list(words(name)), phrase.split(" ")
    for head in (prefix, prefix[-1:]):
        if parts[: len(head)] == head and len(parts) > len(head):
            return "_".join(parts[len(head) :])
    return name
