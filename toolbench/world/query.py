"""Lists as real servers give them: filtered, searched, sorted, cut into pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.nouns import same_name, words

_LIMITS = frozenset(
    "limit per_page page_size max_results count size first take top rows results_per_page max page_limit".split()
)
_PAGES = frozenset("page page_number page_index p".split())
_OFFSETS = frozenset("offset skip start start_index from_index".split())
_CURSORS = frozenset("cursor page_token after starting_after continue next_token next_cursor marker".split())
_SORTS = frozenset("sort sort_by order_by sort_field orderby".split())
_ORDERS = frozenset("order direction sort_order sort_direction dir sort_dir".split())
_SEARCHES = frozenset("q query search keyword keywords term text search_term search_query".split())
_FROM = frozenset("after from min gte gt since start".split())
_TO = frozenset("before to max lte lt until end".split())
_DEFAULT_PAGE = 20
_TIMES = ("_at", "_on", "_date", "_time")

CONTROLS = _LIMITS | _PAGES | _OFFSETS | _CURSORS | _SORTS | _ORDERS
"""Parameters that shape a list without choosing what is in it, in snake case."""


def snake(name: str) -> str:
    """Return an identifier in snake case."""
    return "_".join(words(name))


def is_search(name: str) -> bool:
    """Tell whether a query parameter searches in the text of entities."""
    return snake(name) in _SEARCHES


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list."""

    items: Sequence[JsonObject]
    total: int
    """How many there are in all."""
    offset: int
    """How many come before."""
    limit: int
    number: int
    """Which page, from 1."""

    @property
    def more(self) -> bool:
        """Whether something comes after."""
        return self.offset + len(self.items) < self.total


def select(entities: Sequence[JsonObject], arguments: JsonObject) -> list[JsonObject]:
    """Return the entities that the query's filters and search let through, in the order asked for."""
    kept = list(entities)
    for name, wanted in arguments.items():
        test = _filter(name, wanted, kept)
        if test is not None:
            kept = [entity for entity in kept if test(entity)]
    return _sorted(kept, arguments)


def _filter(name: str, wanted: Json, entities: Sequence[JsonObject]) -> Callable[[JsonObject], bool] | None:
    plain = snake(name)
    if plain in CONTROLS or wanted is None:
        return None
    if plain in _SEARCHES:
        return lambda entity: _holds_words(entity, str(wanted))
    fields = {field for entity in entities for field in entity}
    if exact := next((field for field in sorted(fields) if same_name(field, name)), None):
        return lambda entity: equals(entity.get(exact), wanted)
    if bound := _bound(words(name), fields):
        field, low = bound
        return lambda entity: _within(entity.get(field), wanted, low=low)
    if inner := _inner(words(name), entities):
        outer, deep = inner
        return lambda entity: equals(_get(entity.get(outer), deep), wanted)
    return None


def filter_field(name: str, fields: Sequence[str]) -> str | None:
    """Return the field that a query parameter compares for equality, or None."""
    return next((field for field in fields if same_name(field, name)), None)


def _get(value: Json, name: str) -> Json:
    return value.get(name) if is_object(value) else None


def _inner(parts: tuple[str, ...], entities: Sequence[JsonObject]) -> tuple[str, str] | None:
    for entity in entities[:1]:
        for outer, held in entity.items():
            if is_object(held):
                for deep in held:
                    if words(outer) + words(deep) == parts:
                        return outer, deep
    return None


def _bound(parts: tuple[str, ...], fields: set[str]) -> tuple[str, bool] | None:
    for edge, rest in ((parts[-1:], parts[:-1]), (parts[:1], parts[1:])):
        if not edge or not rest or edge[0] not in _FROM | _TO:
            continue
        stem = "_".join(rest)
        for field in sorted(fields):
            plain = snake(field)
            if plain == stem or any(plain == stem.removesuffix(t) + t for t in _TIMES) or plain.startswith(stem):
                return field, edge[0] in _FROM
    if len(parts) == 1 and parts[0] in {"since", "after", "before", "until"}:
        stamp = next((field for field in ("updated_at", "created_at", "createdAt") if field in fields), None)
        return (stamp, parts[0] in _FROM) if stamp else None
    return None


def _within(value: Json, bound: Json, *, low: bool) -> bool:
    if isinstance(value, str) and isinstance(bound, str):
        shown = value[: len(bound)]
        return shown >= bound if low else shown <= bound
    if isinstance(value, int | float) and isinstance(bound, int | float):
        return value >= bound if low else value <= bound
    return False


def equals(value: Json, wanted: Json) -> bool:
    """Tell whether a field's value is the one asked for: text without case; in a list, any of its items."""
    if is_array(wanted):
        return any(equals(value, option) for option in wanted)
    if is_array(value):
        return any(equals(item, wanted) for item in value)
    if is_object(value):
        return any(equals(value.get(key), wanted) for key in ("id", "name", "login", "slug"))
    if isinstance(value, bool) or isinstance(wanted, bool):
        return str(value).lower() == str(wanted).lower()
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower() or (len(wanted) == len("2026-01-01") and value[:11] == f"{wanted}T")
    return str(value) == str(wanted)


def _holds_words(entity: JsonObject, query: str) -> bool:
    text = " ".join(texts(entity)).lower()
    return all(word in text for word in query.lower().split())


def texts(value: Json) -> list[str]:
    """Return all text inside a value."""
    if isinstance(value, str):
        return [value]
    if is_object(value):
        return [text for inner in value.values() for text in texts(inner)]
    if is_array(value):
        return [text for inner in value for text in texts(inner)]
    return []


def _sorted(entities: list[JsonObject], arguments: JsonObject) -> list[JsonObject]:
    named = {snake(name): value for name, value in arguments.items()}
    wanted = next((str(named[name]) for name in sorted(_SORTS) if named.get(name)), "")
    order = next((str(named[name]).lower() for name in sorted(_ORDERS) if named.get(name)), "")
    field, _, suffix = wanted.lstrip("+-").partition(":")
    descending = wanted.startswith("-") or suffix == "desc" or order in ("desc", "descending")
    held = {name for entity in entities for name in entity}
    name = next((n for n in sorted(held) if same_name(n, field) or same_name(n, f"{field}_at")), None)
    if name is None or not field:
        return entities
    return sorted(entities, key=lambda entity: _rank(entity.get(name)), reverse=descending)


def _rank(value: Json) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (0, float(value), "")
    return (1, 0.0, str(value)) if value is not None else (2, 0.0, "")


def page(entities: Sequence[JsonObject], arguments: JsonObject) -> Page:
    """Return the page that the query asks for; 20 a page where it does not say."""
    named = {snake(name): value for name, value in arguments.items()}
    limit = max(1, _whole(named, _LIMITS, _DEFAULT_PAGE))
    number = max(1, _whole(named, _PAGES, 1))
    offset = _whole(named, _OFFSETS, (number - 1) * limit)
    cursor = next((str(named[name]) for name in sorted(_CURSORS) if named.get(name)), "")
    if cursor.removeprefix("c").isdigit():
        offset = int(cursor.removeprefix("c"))
    return Page(entities[offset : offset + limit], len(entities), offset, limit, offset // limit + 1)


def _whole(named: JsonObject, names: frozenset[str], default: int) -> int:
    found = next((named[name] for name in sorted(names) if isinstance(named.get(name), int)), default)
    return max(0, int(found))


def page_field(name: str, result: Page) -> Json:
    """Return what a field of a list's envelope says about the page; None where the name says nothing of the kind."""
    plain = snake(name)
    pages = -(-result.total // result.limit)
    known: JsonObject = {
        **dict.fromkeys(
            ("total", "total_count", "total_items", "total_results", "total_elements", "matches"), result.total
        ),
        **dict.fromkeys(("count", "returned", "size", "result_count"), len(result.items)),
        **dict.fromkeys(("page", "page_number", "current_page"), result.number),
        **dict.fromkeys(("limit", "per_page", "page_size"), result.limit),
        **dict.fromkeys(("offset", "skip", "start", "start_index"), result.offset),
        **dict.fromkeys(("total_pages", "page_count", "pages", "last_page"), pages),
        **dict.fromkeys(("has_more", "has_next", "has_next_page", "more"), result.more),
        **dict.fromkeys(("incomplete_results",), False),
    }
    return known.get(plain)


def is_next_cursor(name: str) -> bool:
    """Tell whether a field of an envelope leads to the next page."""
    return snake(name) in {"next_cursor", "next_page_token", "next", "next_token", "cursor", "continue", "after"}
