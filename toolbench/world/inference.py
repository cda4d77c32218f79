"""Working out from an API's operations alone what it is about."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolbench.model import Api, HttpBinding, Json, Tool
from toolbench.world import bulk
from toolbench.world.asking import asks_what, idempotency_key
from toolbench.world.nouns import KEY_NAMES, noun, same_name, singular, without_noun, words
from toolbench.world.procedures import Procedures, is_procedural
from toolbench.world.query import is_search
from toolbench.world.resources import (
    ApiModel,
    Operation,
    Resource,
    Role,
    Scope,
    ScopeParam,
    Template,
    template,
)
from toolbench.world.results import Results
from toolbench.world.shapes import Shapes

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
        self._results = Results(self._shapes)
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
        self._join_items()
        for path, resource in self._items.items():
            resource.parents = self._parents(path[:-1], resource.params, resource.param_schemas)
        self._borrow_schemas()
        self._find_others()
        operations = {tool.name: self._finished(self._understand(path, tool), path) for path, tool in self._tools}
        # Of what is no HTTP operation there is no path and no method to tell what it does.
        others = (tool for tool in self._api.tools if tool.name not in operations)
        operations |= {tool.name: Operation(tool, "unknown", None, confidence=_GUESS) for tool in others}
        procedures = Procedures(self._api.id, self._results, self._by_noun)
        operations |= procedures.understand(e.tool for e in operations.values() if self._is_unexplained(e))
        found = (self._items, self._singles, self._products)
        resources = [*(resource for group in found for resource in group.values()), *procedures.resources]
        for resource in resources:
            resource.key_schema = self._results.key_schema(resource)
        operations = {name: replace(each, once=idempotency_key(each.tool)) for name, each in operations.items()}
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

    def _join_items(self) -> None:
        """Take what a path only shows for what is made elsewhere: `/users/{}` for one of `/organizations/users`."""
        for path, resource in list(self._items.items()):
            made = self._made_elsewhere(path, resource)
            if made is not None:
                self._items[path] = made
                self._by_noun[resource.noun].remove(resource)
                for known in self._by_reference.values():
                    known[:] = [made if each is resource else each for each in known]

    def _made_elsewhere(self, path: Template, resource: Resource) -> Resource | None:
        if self._methods[path].keys() != {"GET"} or path[:-1] in self._methods or len(resource.params) != 1:
            return None
        found = [
            other
            for at, other in self._items.items()
            if "POST" in self._methods.get(at[:-1], {})
            and "GET" not in self._methods[at]
            and self._alike(resource, other)
        ]
        return found[0] if len(found) == 1 else None

    def _alike(self, one: Resource, other: Resource) -> bool:
        """Tell whether two collections that stand at the top show the same things, under the same keys."""
        if one.noun != other.noun or len(other.params) != 1 or not same_name(one.own_param, other.own_param):
            return False
        ours, theirs = self._shapes.properties(one.schema), self._shapes.properties(other.schema)
        shared = len(ours.keys() & theirs.keys())
        return one.key_path == other.key_path != () and shared * 2 >= min(len(ours), len(theirs))

    def _is_item(self, path: Template) -> bool:
        methods = self._methods[path]
        if methods.keys() == {"GET"} and self._shapes.items(methods["GET"].returns) is not None:
            return False
        if methods.keys() <= {"GET", "POST"} and (*path, "{}") in self._methods and self._shows_many(methods):
            return False  # The flags of a project: `/flags/{project}`, each of which is `/flags/{project}/{flag}`.
        return bool(methods.keys() & {"GET", "PUT", "PATCH", "DELETE"}) or path[:-1] in self._methods

    def _shows_many(self, methods: Mapping[str, Tool]) -> bool:
        return "GET" in methods and self._results.list_in(methods["GET"], "", sure=False) is not None

    def _looked_up(self, path: Template) -> Resource | None:
        """Return the resource that a path only looks up by another field: `/orders/by-number/{}`."""
        methods = self._methods[path]
        if methods.keys() != {"GET"} or path[:-1] in self._methods:
            return None
        same = self._by_reference.get(self._shapes.reference(methods["GET"].returns), ())
        return next((r for r in same if self._field_of(r, _path_arguments(methods["GET"])[-1])), None)

    def _field_of(self, resource: Resource, param: str) -> str:
        wanted = (param, without_noun(param, resource.noun))
        properties = self._shapes.properties(resource.schema)
        return next((name for name in properties if any(same_name(name, want) for want in wanted)), "")

    def _add_item(self, path: Template, methods: Mapping[str, Tool]) -> None:
        literal = next((s for s in reversed(path) if s != "{}"), self._api.id)
        resource = self._resource(path[:-1], self._calling_as_most(path, methods), literal)
        self._describe(resource, self._item_schema(resource, path, methods))
        self._items[path] = resource
        self._register(resource)

    def _calling_as_most(self, path: Template, methods: Mapping[str, Tool]) -> Tool:
        """Return an operation under an item's path that calls its key as most do: `{id}`, not `{number}`."""
        place = path.count("{}") - 1
        names = {t.name: _path_arguments(t)[place] for p, t in self._tools if p[: len(path)] == path}
        counts = Counter(names.values())
        tools = [*methods.values(), *(t for p, t in self._tools if p[: len(path)] == path)]
        return max(tools, key=lambda tool: counts[names[tool.name]])

    def _resource(self, path: Template, tool: Tool, literal: str, *, own: tuple[str, ...] = ()) -> Resource:
        names = (*_path_arguments(tool), *own)
        resource = Resource(f"{self._api.id}:/{'/'.join(path)}", self._api.id, noun(literal), names)
        resource.param_schemas = tuple(self._param_schema(tool, name) for name in names)
        resource.parents = self._parents(path, names, resource.param_schemas)
        return resource

    def _describe(self, resource: Resource, schema: Json) -> None:
        resource.schema = schema
        resource.key_path = () if resource.singleton else self._results.key_path(resource)

    def _register(self, resource: Resource) -> None:
        self._by_noun.setdefault(resource.noun, []).append(resource)
        self._refer(resource)

    def _refer(self, resource: Resource) -> None:
        if reference := self._shapes.reference(resource.schema):
            self._by_reference.setdefault(reference, []).append(resource)

    def _param_schema(self, tool: Tool, name: str) -> Json:
        """Return the schema of one value of a parameter; a list of keys in a path stands for one of them."""
        return self._results.one(tool.parameters.get("properties", {}).get(name, {}))

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

    def _parents(
        self, path: Template, names: tuple[str, ...], schemas: tuple[Json, ...]
    ) -> tuple[Resource | None, ...]:
        ends = [i for i, segment in enumerate(path) if segment == "{}"]
        found: list[Resource | None] = []
        for end, name, schema in zip(ends, names, schemas, strict=False):
            direct = self._items.get(path[: end + 1])
            found.append(direct or self._named(name, path[end - 1] if end else "", schema, found))
        return tuple(found)

    def _named(self, name: str, literal: str, schema: Json, before: Sequence[Resource | None]) -> Resource | None:
        """Return the resource that a parameter's name or the segment before it speaks of.

        It stands at the top, or under just those things that the parameters before are the keys of: the endpoint of
        `/apps/{}/attempts/by-endpoint/{}` is one of `/apps/{}/endpoints`. One of a few fixed words is no key.
        """
        if "enum" in self._shapes.view(schema):
            return None
        for phrase in (_without_key_word(name), noun(literal)):
            resources = self._by_noun.get(phrase, ())
            alone = (resource for resource in resources if len(resource.params) == 1)
            beside = (r for r in resources if before and r.parents == tuple(before) and not r.singleton)
            if (found := next(alone, None) or next(beside, None)) is not None:
                return found
        return None

    def _item_schema(self, resource: Resource, path: Template, methods: Mapping[str, Tool]) -> Json:
        collection = self._methods.get(path[:-1], {})
        shown = [methods[m].returns for m in _SHOWING if m in methods]
        shown.append(collection["POST"].returns if "POST" in collection else None)
        candidates = [self._results.entity(schema, resource) for schema in shown if schema is not None]
        candidates.append(self._items_schema(collection["GET"], path[:-1]) if "GET" in collection else None)
        for schema in candidates:
            if schema is not None and self._shapes.properties(schema):
                return schema
        return self._body_schema(collection.get("POST") or methods.get("PUT"))

    def _body_schema(self, tool: Tool | None) -> Json:
        if tool is None:
            return {"type": "object", "properties": {}}
        body = {a.name for a in tool.arguments if a.location == "body"}
        properties = {k: v for k, v in tool.parameters.get("properties", {}).items() if k in body}
        return {"type": "object", "properties": properties}

    def _list_in(self, tool: Tool, path: Template) -> tuple[str, ...] | None:
        """Return where the result of a path's operation holds a list of things, or None where it is no list."""
        literal = next((segment for segment in reversed(path) if segment != "{}"), "")
        return self._results.list_in(tool, literal, sure=(*path, "{}") in self._methods)

    def _items_schema(self, tool: Tool, path: Template) -> Json:
        return self._results.items(tool, self._list_in(tool, path))

    def _find_others(self) -> None:
        for path, methods in self._methods.items():
            if not path or path[-1] == "{}" or (*path, "{}") in self._items or self._viewed(path):
                continue
            shown, alias = methods.get("GET"), self._alias(path)
            if shown is None:
                if methods.keys() >= {"PUT", "DELETE"}:
                    self._add_singleton(path, methods)
            elif alias is None and self._list_in(shown, path) is None:
                if not asks_what(shown, self._shapes) or methods.keys() & {"PUT", "PATCH", "DELETE"}:
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
        return all(a.location != "body" for a in methods["PUT"].arguments)

    def _is_unexplained(self, operation: Operation) -> bool:
        """Tell whether a path says little of an operation, or says what is done rather than what there is."""
        if operation.scope or operation.searches:
            return False
        resource = operation.resource
        path = resource.id.partition(":/")[2] if resource else ""
        alone = resource is None or resource.singleton or not self._methods.get((*path.split("/"), "{}"))
        return operation.role == "unknown" or (alone and is_procedural(operation.tool))

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
        if path and path[-1] == "{}" and (path in self._items or (*path, "{}") not in self._items):
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
                before = [param.target for param in params]
                target = direct or self._named(name, literal, self._param_schema(tool, name), before)
                nested = direct is not None or (target is not None and len(target.params) > 1)
                params.append(ScopeParam(name, target, literal, nested))
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
        by = self._other_name(resource, scope[-1].name) if method == "GET" else ""
        return Operation(tool, _ITEM_ROLES[method], resource, scope, by=by)

    def _other_name(self, resource: Resource, param: str) -> str:
        """Return the field by which a path names an entity where it is not the key: `/orders/{number}`."""
        field = "" if same_name(param, resource.own_param) else self._field_of(resource, param)
        return "" if (field,) == resource.key_path else field

    def _on_collection(self, path: Template, tool: Tool, method: str, scope: Scope, resource: Resource) -> Operation:
        if method == "GET" and (found := self._list_in(tool, path)) is not None:
            return Operation(tool, "list", resource, scope, found)
        if (form := bulk.on_collection(tool, resource, self._shapes)) is not None:
            return self._on_many(path, tool, scope, resource, form)
        if method == "POST":
            return Operation(tool, "create", resource, scope)
        return Operation(tool, "unknown", None, scope, confidence=_GUESS)

    def _on_many(self, path: Template, tool: Tool, scope: Scope, resource: Resource, form: bulk.Form) -> Operation:
        where = self._list_in(tool, path) or ()
        return Operation(
            tool, "bulk", resource, scope, where, form.verb, each=form.each, items=form.items, confidence=_LIKELY
        )

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
        whole = self._items.get((*path[:-1], "{}"))
        if whole is not None and (form := bulk.on_verb(path[-1], tool, whole, self._shapes)) is not None:
            return self._on_many(path[:-1], tool, scope, whole, form)
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
        if resource is None or operation.role in ("list", "bulk"):
            return operation
        if operation.role == "action" and (made := self._product(operation, resource, path)) is not None:
            envelope = self._results.entity_in(operation.tool.returns, made)
            # `POST /tickets/{}/notes` adds one of many; `POST /orders/{}/ship` does something to the order as well.
            if singular(operation.verb) != operation.verb and _method(operation.tool) == "POST":
                return replace(operation, role="create", resource=made, envelope=envelope, verb="")
            return replace(operation, makes=made, envelope=envelope)
        return replace(operation, envelope=self._results.entity_in(operation.tool.returns, resource))

    def _searched(self, tool: Tool) -> tuple[tuple[str, Resource], ...]:
        """Return what a search over several resources finds, by the answer's lists; empty where it is no search."""
        if _method(tool) != "GET" or not any(a.location == "query" and is_search(a.key) for a in tool.arguments):
            return ()
        lists = {name: self._shapes.items(inner) for name, inner in self._shapes.properties(tool.returns).items()}
        found = {name: self._by_reference.get(self._shapes.reference(items)) for name, items in lists.items()}
        return tuple((name, resources[0]) for name, resources in found.items() if resources)

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
