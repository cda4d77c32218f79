"""Names: of APIs, tools, arguments and shared schemas. All are made the same way whatever else there is to name."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from toolbench.model.tool import Location

MAX_NAME = 64
"""Longest name of a tool or an argument."""

MAX_API_ID = 32
"""Longest id of an API."""

_API_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_EXTENSION = re.compile(r"\.(?:json|ya?ml)$", re.IGNORECASE)
_DOMAIN_ENDINGS = frozenset(("cloud", "example", "info", "local", "online", "site", "tech"))
_GENERIC = frozenset(("", "api", "index", "openapi", "spec", "swagger"))
_HOST_PREFIXES = frozenset(("api", "www"))
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[^/]+")
_STRUCTURE = frozenset(
    (
        *("$defs", "allOf", "anyOf", "components", "content", "definitions", "oneOf", "parameters", "paths"),
        *("properties", "requestBodies", "requestBody", "responses", "schema", "schemas"),
    )
)
_LOCATIONS: tuple[Location, ...] = ("path", "query", "header", "cookie", "body")


def is_api_id(text: str) -> bool:
    """Tell whether a text can be an API's id."""
    return bool(_API_ID.fullmatch(text))


def api_id_of(file_name: str, title: str) -> str:
    """Return an API's id, made from its file's name, or from its title where the name says nothing.

    `api.github.com.json` gives `github`. An id made here holds no underscore, so that in a tool's name the first one
    ends the id, and tools of different APIs never share a name.
    """
    return _slug(_host(_EXTENSION.sub("", file_name.lower())), fallback=_slug(title.lower(), fallback="unnamed"))


def _host(stem: str) -> str:
    labels = [label for label in stem.split(".") if label]
    if len(labels) > 1 and labels[0] in _HOST_PREFIXES:
        labels = labels[1:]
    if len(labels) > 1 and _is_domain_ending(labels[-1]):
        labels = labels[:-1]
    return "-".join(labels)


def _is_domain_ending(label: str) -> bool:
    return label.isalpha() and (len(label) <= 3 or label in _DOMAIN_ENDINGS)


def _slug(text: str, *, fallback: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:MAX_API_ID].strip("-")
    return fallback if slug in _GENERIC else slug


def template_names(path: str) -> list[str]:
    """Return the names between braces in a path template, each once, in order."""
    return list(dict.fromkeys(_TEMPLATE.findall(path)))


def operation_name(method: str, path: str) -> str:
    """Return a name for an operation that has none: `GET /orders/{order_id}` gives `get_orders_by_order_id`."""
    spoken = _TEMPLATE.sub(r" by \1 ", path)
    return _legal(f"{method.lower()} {spoken}")


class ToolNames:
    """Gives the operations of one API their tools' names, in the order of the description."""

    def __init__(self, api_id: str) -> None:
        self._api_id = api_id
        self._taken: set[str] = set()

    def name(self, operation: str, method: str, path: str) -> str:
        """Return a legal, unused name.

        It is the API's id and the operation's own name; cut and ended with a hash of the full name where it is too
        long, and with a hash of method and path too where the name is taken.
        """
        own = _legal(operation) or operation_name(method, path)
        full = f"{self._api_id}_{operation or own}"
        name = _legal(f"{self._api_id}_{own}")
        if len(name) > MAX_NAME:
            name = _hashed(name, full)
        while name in self._taken:
            full = f"{full} {method} {path}"
            name = _hashed(name, full)
        self._taken.add(name)
        return name


def _legal(text: str) -> str:
    return re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_-]", "_", text)).strip("_")


def _hashed(name: str, full: str) -> str:
    return f"{name[: MAX_NAME - 9].rstrip('_')}_{_hash(full)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def argument_names(keys: Sequence[tuple[str, Location]]) -> list[str]:
    """Return a name for each thing that a call carries, given its name on the wire and its location.

    Names are legal and unique. Where several want the same one, the first location of path, query, header, cookie and
    body has it, and the others end with their location (`id`, `id_query`, `id_body`).
    """
    wanted = [_legal(key)[:MAX_NAME] or location for key, location in keys]
    order = sorted(range(len(keys)), key=lambda i: (wanted[i] != keys[i][0], _LOCATIONS.index(keys[i][1]), i))
    owners: dict[str, int] = {}
    for i in order:
        owners.setdefault(wanted[i], i)
    names = {i: name for name, i in owners.items()}
    for i in order:
        if i not in names:
            names[i] = _unused(f"{wanted[i][: MAX_NAME - 12]}_{keys[i][1]}", owners)
            owners[names[i]] = i
    return [names[i] for i in range(len(keys))]


def _unused(name: str, taken: Iterable[str]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


class DefinitionNames:
    """Gives shared schemas their names. A component keeps its own; everything else gives way to components."""

    def __init__(self, components: Iterable[str]) -> None:
        self._components = frozenset(components)
        self._taken: set[str] = set()

    def name(self, tokens: Sequence[str], *, identity: str, component: bool, suffix: str = "") -> str:
        """Return an unused name.

        Args:
            tokens: the JSON pointer's tokens, or what else tells of the schema; the last ones count.
            identity: what tells it from all other schemas.
            component: whether it is one of the components.
            suffix: put behind the name.
        """
        own = _definition(tokens[-1]) if component else _derived(tokens)
        name = f"{own}{suffix}"
        keeps_own = component and not suffix and name == tokens[-1]
        if not keeps_own and (name in self._components or name in self._taken):
            name = f"{name}_{_hash(identity)}"
        self._taken.add(name)
        return name


def _definition(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("_") or "schema"


def _derived(tokens: Sequence[str]) -> str:
    telling = [
        token
        for token in tokens
        if token not in _STRUCTURE and not token.isdigit() and not _MEDIA_TYPE.fullmatch(token)
    ]
    return _definition("_".join(telling[-2:]))[:MAX_NAME]
