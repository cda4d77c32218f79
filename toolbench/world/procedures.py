"""Resources of APIs whose paths say nothing of them, from what operations are called: `CreateTable`, `/users.list`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from toolbench.model import HttpBinding, Json, JsonObject, Tool
from toolbench.world.asking import is_secret
from toolbench.world.nouns import KEY_NAMES, noun, same_name, singular, words
from toolbench.world.resources import Operation, Resource, Role, ScopeParam
from toolbench.world.results import Results
from toolbench.world.shapes import main_type

ROLES: Mapping[str, Role] = {
    **dict.fromkeys("create add insert register new".split(), "create"),
    **dict.fromkeys("get describe read fetch retrieve show view info lookup".split(), "get"),
    **dict.fromkeys("list search find query".split(), "list"),
    **dict.fromkeys("update modify edit change patch set".split(), "update"),
    **dict.fromkeys("delete remove destroy deregister terminate".split(), "delete"),
}
"""Verbs in the names of operations, and what they do."""

_ON_ENTITY: tuple[Role, ...] = ("get", "delete", "update", "action")
_SHOWING: tuple[Role, ...] = ("list", "get", "create", "update")
_INSIDE = ("query", "body")
_KEYS = ("id", "arn", *KEY_NAMES, "identifier")
_BARE = ("id", "uuid", "arn")
"""Keys that are meant even where a call may leave them out; an optional `name` is more often a new one."""
_SEGMENTS = re.compile(r"[./:]+")
_SPLIT = re.compile(r"[./:_]+")
_LIKELY = 0.8


@dataclass(frozen=True, slots=True)
class Procedure:
    """An operation by its name."""

    tool: Tool
    verb: str
    role: Role
    noun: str
    """What it is about, singular."""


@dataclass(slots=True)
class Procedures:
    """Finds resources among operations that their paths do not explain.

    Args:
        api: the API's id.
        results: reads its results.
        known: the resources that paths have shown, by noun; those of a single key may be what an operation is about.
    """

    api: str
    results: Results
    known: Mapping[str, list[Resource]]
    resources: list[Resource] = field(default_factory=list[Resource])
    """The resources found, once `understand` was called."""

    def understand(self, tools: Iterable[Tool]) -> dict[str, Operation]:
        """Return what can be said of some operations, by the tool's name; of the others nothing is known."""
        groups: dict[str, list[Procedure]] = {}
        for tool in tools:
            if (procedure := self._parsed(tool)) is not None:
                groups.setdefault(procedure.noun, []).append(procedure)
        found: dict[str, Operation] = {}
        for phrase, group in groups.items():
            if (resource := self._resource(phrase, group)) is not None:
                found |= {each.tool.name: each for each in self._operations(resource, group)}
        return found

    def _parsed(self, tool: Tool) -> Procedure | None:
        for verb, about, many in map(_verb_and_noun, _names(tool)):
            if about:
                return Procedure(tool, verb, self._role(tool, ROLES.get(verb, "action"), about, many=many), noun(about))
        return None

    def _role(self, tool: Tool, role: Role, about: str, *, many: bool) -> Role:
        """Return what an operation does: one that describes clusters lists them."""
        if role in ("get", "list"):
            lists = self.results.list_in(tool, about, sure=True) is not None
            return "list" if lists and (many or role == "list") else "get" if role == "get" else "unknown"
        reads = isinstance(tool.binding, HttpBinding) and tool.binding.method == "GET"
        return "unknown" if reads else role

    # -- resources -------------------------------------------------------------------------------------------------

    def _resource(self, phrase: str, group: list[Procedure]) -> Resource | None:
        alone = (known for known in self.known.get(phrase, ()) if len(known.params) == 1 and not known.singleton)
        if (resource := next(alone, None)) is not None:
            return resource
        roles = {each.role for each in group}
        return self._made(phrase, group) if "list" in roles or ("get" in roles and len(roles) > 1) else None

    def _made(self, phrase: str, group: list[Procedure]) -> Resource | None:
        keyed = (each for role in _ON_ENTITY for each in group if each.role == role)
        key = next((key for each in keyed if (key := self._key(each.tool, phrase))), None)
        names, schemas = ((key[0],), (key[1],)) if key else (("",), ())
        resource = Resource(f"{self.api}:/{phrase.replace(' ', '-')}", self.api, phrase, names, schemas)
        shown = (self._shown(each, resource) for role in _SHOWING for each in group if each.role == role)
        resource.schema = next((schema for schema in shown if schema is not None), None)
        taken = (other.id for others in self.known.values() for other in others)
        if resource.schema is None or resource.id in taken:
            return None
        resource.key_path = self.results.key_path(resource)
        self.resources.append(resource)
        return resource

    def _shown(self, procedure: Procedure, resource: Resource) -> Json:
        """Return the schema of the entity that an operation shows, or None where it shows none worth the name."""
        tool = procedure.tool
        if procedure.role == "list":
            shown = self.results.items(tool, self.results.list_in(tool, resource.noun, sure=True))
        else:
            shown = self.results.entity(tool.returns, resource) if tool.returns is not None else None
        return shown if self.results.shapes.properties(shown) else None

    # -- operations ------------------------------------------------------------------------------------------------

    def _operations(self, resource: Resource, group: list[Procedure]) -> Iterator[Operation]:
        for each in group:
            key = self._key(each.tool, resource.noun) if each.role in _ON_ENTITY else None
            if each.role == "unknown" or (each.role in _ON_ENTITY and key is None):
                continue
            scope = (ScopeParam(key[0], resource, "", nested=True),) if key else ()
            verb, where = each.verb if each.role == "action" else "", self._where(each, resource)
            yield Operation(each.tool, each.role, resource, scope, where, verb, confidence=_LIKELY)

    def _where(self, procedure: Procedure, resource: Resource) -> tuple[str, ...]:
        """Return where an answer holds the entity, or the list."""
        if procedure.role == "list":
            return self.results.list_in(procedure.tool, resource.noun, sure=True) or ()
        return self.results.entity_in(procedure.tool.returns, resource)

    def _key(self, tool: Tool, phrase: str) -> tuple[str, Json] | None:
        """Return the argument that says which entity is meant, with its schema, or None."""
        single = self._single(tool)
        asked = [name for name in tool.parameters.get("required") or () if name in single]
        last = phrase.rpartition(" ")[2]
        speaking = (*(f"{head} {key}" for head in (phrase, last) for key in _KEYS), phrase, last)
        for names, wanted in ((asked, speaking), (single, speaking), (asked, _KEYS), (single, _BARE)):
            for name in (name for each in wanted for name in names if same_name(name, each)):
                return name, single[name]
        return (asked[0], single[asked[0]]) if len(asked) == 1 else None

    def _single(self, tool: Tool) -> JsonObject:
        """Return the arguments that may hold a key, with their schemas."""
        properties: JsonObject = tool.parameters.get("properties") or {}
        inside = [argument.name for argument in tool.arguments if argument.location in _INSIDE and argument.key]
        return {name: properties[name] for name in inside if self._is_key(name, properties[name])}

    def _is_key(self, name: str, schema: Json) -> bool:
        view = self.results.shapes.view(schema)
        single = main_type(view) in ("string", "integer") and not view.keys() & {"enum", "const"}
        return single and not is_secret(name)


def is_procedural(tool: Tool) -> bool:
    """Tell whether a path ends in what is to be done rather than in what there is: `/users.list`, `/cards/view`."""
    return _verb_and_noun(_tail(tool))[0] in ROLES


def _names(tool: Tool) -> Iterator[str]:
    """Yield what an operation goes by: the end of a path that says what is done, then its name in the description."""
    if is_procedural(tool):
        yield _tail(tool)
    yield tool.source.name


def _tail(tool: Tool) -> str:
    path = tool.binding.path if isinstance(tool.binding, HttpBinding) else ""
    return "/".join(path.partition("#")[0].removesuffix(".json").split("/")[-2:])


def _verb_and_noun(name: str) -> tuple[str, str, bool]:
    """Split a name into a verb, a noun, and whether the noun is plural: `ListTables` gives `list`, `tables`, true.

    In `tables.create` the noun is the collection's name, and its plural says nothing. Without a noun both are empty.
    """
    last = words(_SEGMENTS.split(name)[-1])
    if len(last) > 1 and last[0] in ROLES:
        return last[0], "_".join(last[1:]), singular(last[-1]) != last[-1]
    parts = [found for part in _SPLIT.split(name) if (found := words(part))]
    verb, *rest = parts[-1] if parts else ("",)
    if rest:
        return verb, "_".join(rest), singular(rest[-1]) != rest[-1]
    return (verb, "_".join(parts[-2]), False) if verb in ROLES and len(parts) > 1 else ("", "", False)
