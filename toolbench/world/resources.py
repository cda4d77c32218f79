"""What an API is about: resources, their keys, and what each operation does to them."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from toolbench.model import Api, Json, Tool
from toolbench.world.nouns import noun, without_noun, words
from toolbench.world.shapes import Shapes

_WRAPPERS = frozenset("data result item response object entity record resource attributes".split())

Role = Literal["list", "create", "get", "update", "replace", "delete", "action", "bulk", "unknown"]

Template = tuple[str, ...]
"""A path as segments, each parameter written as `{}`."""


@dataclass(slots=True, eq=False)
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
    key_schema: Json = None
    """Open schema of the own key: what the field and the path's parameter both allow."""
    singleton: bool = False
    parents: tuple["Resource | None", ...] = ()
    """For each ancestor parameter, the resource whose key it is, or None."""
    whole: "Resource | None" = None
    """For a choice of another resource's entities (the albums a user has saved): that resource."""
    tools: dict[Role, list[str]] = field(default_factory=dict[Role, list[str]])
    """Names of the operations by role."""

    @property
    def own_param(self) -> str:
        """Name of the parameter that holds an entity's own key; empty for a singleton."""
        return "" if self.singleton or not self.params else self.params[-1]

    def is_key(self, name: str) -> bool:
        """Tell whether a field is another word for an own key: `channelName` for `name`, `id` for `portalId`."""
        if len(self.key_path) != 1 or not self.own_param:
            return False
        return _is_word_for(name, self.key_path[0], self.own_param, self.noun)

    @property
    def ancestor_params(self) -> tuple[str, ...]:
        """Names of the ancestors' parameters."""
        return self.params if self.singleton else self.params[:-1]


@lru_cache(maxsize=16384)
def _is_word_for(name: str, key: str, param: str, phrase: str) -> bool:
    """Tell whether a name is that of a key's field or its parameter, but for the noun before it."""
    bare, *known = (words(without_noun(each, phrase)) for each in (name, key, param))
    return bare in known


class ScopeParam(NamedTuple):
    """A parameter that says which entity an operation is about: in its path, or where paths say nothing, elsewhere."""

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
    """The parameters that lead to the entity, in order: the path's."""
    envelope: tuple[str, ...] = ()
    """Where the result holds its items (for `list`) or the entity; empty when it is them."""
    verb: str = ""
    """For `action`: the verb."""
    by: str = ""
    """The field by which the path names the entity, where it is not by its full key; empty otherwise."""
    part: str = ""
    """For `update` and `replace`: the field that the body stands for; empty when it is the entity."""
    makes: Resource | None = None
    """For `action`: the resource of what it leaves behind and answers with: the shipment of an order shipped."""
    searches: tuple[tuple[str, Resource], ...] = ()
    """For a search over several resources: which list of the answer shows which."""
    each: Role = "unknown"
    """For `bulk`: what is done to each of many."""
    items: str = ""
    """For `bulk`: the argument that lists them; empty where they are all that the query lets through."""
    once: str = ""
    """The argument that names a call: repeated under the same name, it has no further effect (an idempotency key)."""
    confidence: float = 1.0
    """How sure the inference is, 0 to 1."""


@lru_cache(maxsize=16384)
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


@dataclass(slots=True)
class ApiModel:
    """An API understood: its resources, and what its operations do."""

    api: Api
    shapes: Shapes
    resources: dict[str, Resource]
    """By id."""
    operations: dict[str, Operation]
    """By tool name."""


def is_named(name: str, phrase: str) -> bool:
    """Tell whether a field bears a noun phrase, or the last word of it."""
    return noun(name) in (phrase, phrase.rpartition(" ")[2])


def wraps(name: str, phrase: str) -> bool:
    """Tell whether a field of that name may hold the whole entity: `data`, or for an order `order`."""
    return name.lower() in _WRAPPERS or is_named(name, phrase)
