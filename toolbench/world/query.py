"""Lists as real servers give them: filtered, searched, sorted, cut into pages."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.world.nouns import same_name, snake, words
from toolbench.world.shapes import main_type
from toolbench.world.state import Key

__all__ = [
    "CONTROLS",
    "Page",
    "Query",
    "Row",
    "equals",
    "is_next_cursor",
    "is_search",
    "is_understood",
    "next_argument",
    "page",
    "page_field",
    "select",
    "snake",
    "texts",
]

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
_EVERYTHING = frozenset(("all", "any", "*"))
_DEFAULT_PAGE = 20
_TIMES = ("_at", "_on", "_date", "_time")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PARTLY = re.compile(
    r"\b(parts?|partial(ly)?|contain(s|ing)?|words?|prefix|starts?|search(es)?|match(es)?|fuzzy)\b", re.IGNORECASE
)

CONTROLS = _LIMITS | _PAGES | _OFFSETS | _CURSORS | _SORTS | _ORDERS
"""Parameters that shape a list without choosing what is in it, in snake case."""


def is_search(name: str) -> bool:
    """Tell whether a query parameter searches in the text of entities."""
    return snake(name) in _SEARCHES


class Row(NamedTuple):
    """An entity of a list."""

    key: Key
    entity: JsonObject


@dataclass(frozen=True, slots=True)
class Query:
    """What a call asks of a list."""

    values: JsonObject
    """Arguments of the query, by their names on the wire."""
    views: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """Views of all parameters that the query has room for."""

    @property
    def choosing(self) -> JsonObject:
        """The arguments that decide what is in the list and in which order; the others cut pages."""
        return {name: value for name, value in self.values.items() if not _cuts(name, value)}

    def number(self, names: frozenset[str]) -> tuple[int, JsonObject] | None:
        """Return the whole number that a parameter of one of these names has, said or by default, and its view."""
        for name in self._among(names):
            view = self.views.get(name, {})
            value = self.values.get(name, view.get("default"))
            if isinstance(value, int) and not isinstance(value, bool):
                return max(0, value), view
        return None

    def text(self, names: frozenset[str]) -> str:
        """Return the text that a parameter of one of these names has, said or by default; empty for none."""
        for name in self._among(names):
            value = self.values.get(name, self.views.get(name, {}).get("default"))
            if value:
                return str(value)
        return ""

    def has(self, names: frozenset[str]) -> bool:
        """Tell whether the query has room for a parameter of one of these names."""
        return bool(self._among(names))

    def _among(self, names: frozenset[str]) -> tuple[str, ...]:
        return _among((*self.views, *self.values), names)


@lru_cache(maxsize=4096)
def _among(known: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
    """Return those of the known names that are in a set when written in snake case, in a fixed order."""
    return tuple(sorted({name for name in known if snake(name) in names}, key=lambda name: (snake(name), name)))


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list."""

    rows: Sequence[Row]
    total: int
    """How many there are in all."""
    offset: int
    """How many come before."""
    limit: int
    number: int
    """Which page, as the API counts them."""

    @property
    def more(self) -> bool:
        """Whether something comes after."""
        return self.offset + len(self.rows) < self.total

    @property
    def cursor(self) -> str:
        """What asks for the page after this one."""
        return f"c{self.offset + self.limit}"


# -- choosing ----------------------------------------------------------------------------------------------------------


def select(rows: Sequence[Row], query: Query) -> list[Row]:
    """Return the rows that the query's filters and search let through, in the order asked for."""
    kept = list(rows)
    for name, wanted in _filters(query, rows).items():
        test = _filter(name, wanted, query.views.get(name, {}), [row.entity for row in rows])
        if test is not None:
            kept = [row for row in kept if test(row.entity)]
    return _sorted(kept, query)


def is_understood(rows: Sequence[Row], query: Query) -> bool:
    """Tell whether every filter of a query can be held against the rows. What is not understood lets all through."""
    entities = [row.entity for row in rows]
    found = _filters(query, rows).items()
    return all(_filter(name, wanted, query.views.get(name, {}), entities) is not None for name, wanted in found)


def _filters(query: Query, rows: Sequence[Row]) -> JsonObject:
    """Return the values that choose, said or by default: an API that lists open issues by default says so."""
    implied = {
        name: view["default"]
        for name, view in query.views.items()
        if "enum" in view and isinstance(view.get("default"), str) and not _is_control(name, view["default"])
        if any(name in row.entity for row in rows)
    }
    chosen = {**implied, **query.values}
    return {name: value for name, value in chosen.items() if value is not None and not _is_control(name, value)}


def _cuts(name: str, value: Json) -> bool:
    """Tell whether an argument only cuts pages."""
    return _is_control(name, value) and snake(name) not in _SORTS | _ORDERS


def _is_control(name: str, value: Json) -> bool:
    plain = snake(name)
    if plain in _LIMITS | _OFFSETS:
        return isinstance(value, int)
    if plain in _CURSORS:
        return not _DATE.match(str(value))
    return plain in CONTROLS


def _filter(
    name: str, wanted: Json, view: JsonObject, entities: Sequence[JsonObject]
) -> Callable[[JsonObject], bool] | None:
    if is_search(name):
        return lambda entity: _holds_words(entity, str(wanted))
    fields = {field for entity in entities for field in entity}
    if exact := _field(name, fields):
        return _test_of(exact, wanted, view, entities)
    if bound := _bound(words(name), fields):
        field, low = bound
        return lambda entity: _within(entity.get(field), wanted, low=low)
    if inner := _inner(words(name), entities):
        outer, deep = inner
        return lambda entity: equals(_get(entity.get(outer), deep), wanted)
    return None


def _field(name: str, fields: set[str]) -> str | None:
    """Return the field a parameter compares: of the same name, or holding the id of what it names."""
    same = (field for field in sorted(fields) if same_name(field, name))
    return next(same, next((field for field in sorted(fields) if words(field) == (*words(name), "id")), None))


def _test_of(
    field: str, wanted: Json, view: JsonObject, entities: Sequence[JsonObject]
) -> Callable[[JsonObject], bool] | None:
    everything = isinstance(wanted, str) and wanted.lower() in _EVERYTHING
    if everything and not any(equals(entity.get(field), wanted) for entity in entities):
        return None
    if isinstance(wanted, str) and "enum" not in view and _PARTLY.search(str(view.get("description", ""))):
        return lambda entity: _holds_words(entity.get(field), wanted)
    return lambda entity: equals(entity.get(field), wanted)


def _get(value: Json, name: str) -> Json:
    return value.get(name) if is_object(value) else None


def _inner(parts: tuple[str, ...], entities: Sequence[JsonObject]) -> tuple[str, str] | None:
    for entity in entities:
        for outer, held in entity.items():
            for deep in held if is_object(held) else ():
                if words(outer) + words(deep) == parts:
                    return outer, deep
    return None


def _bound(parts: tuple[str, ...], fields: set[str]) -> tuple[str, bool] | None:
    for edge, rest in ((parts[-1:], parts[:-1]), (parts[:1], parts[1:])):
        if not edge or not rest or edge[0] not in _FROM | _TO:
            continue
        stem = "_".join(rest)
        for name in sorted(fields, key=lambda name: (not _names_bound(snake(name), stem), name)):
            if _names_bound(snake(name), stem) or snake(name).startswith(stem):
                return name, edge[0] in _FROM
    if len(parts) == 1 and parts[0] in _FROM | _TO:
        return _bound_in_time(parts[0], fields)
    return None


def _names_bound(plain: str, stem: str) -> bool:
    return plain == stem or any(plain == stem.removesuffix(time) + time for time in _TIMES)


def _bound_in_time(edge: str, fields: set[str]) -> tuple[str, bool] | None:
    """Return the time that a bare `since` or `from` speaks of."""
    wanted = ("start", "start_time", "start_at", "starts_at", "start_date", "date", "updated_at", "created_at")
    found = {snake(field): field for field in sorted(fields)}
    field = next((found[name] for name in wanted if name in found), None)
    return None if field is None else (field, edge in _FROM)


def _within(value: Json, bound: Json, *, low: bool) -> bool:
    if isinstance(value, str) and isinstance(bound, str):
        shown = value[: len(bound)]
        return shown >= bound if low else shown <= bound
    if isinstance(value, int | float) and isinstance(bound, int | float):
        return value >= bound if low else value <= bound
    return False


def equals(value: Json, wanted: Json) -> bool:
    """Tell whether a field's value is the one asked for: text without case; in a list, any of its items."""
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower() or (len(wanted) == len("2026-01-01") and value[:11] == f"{wanted}T")
    if is_array(wanted):
        return any(equals(value, option) for option in wanted)
    if is_array(value):
        return any(equals(item, wanted) for item in value)
    if is_object(value):
        return any(equals(value.get(key), wanted) for key in ("id", "name", "login", "slug"))
    if isinstance(value, bool) or isinstance(wanted, bool):
        return str(value).lower() == str(wanted).lower()
    return str(value) == str(wanted)


def _holds_words(value: Json, query: str) -> bool:
    text = " ".join(texts(value)).lower()
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


# -- ordering and cutting ----------------------------------------------------------------------------------------------


def _sorted(rows: list[Row], query: Query) -> list[Row]:
    wanted, order = query.text(_SORTS), query.text(_ORDERS).lower()
    stem, _, suffix = wanted.lstrip("+-").replace(" ", ":").partition(":")
    descending = wanted.startswith("-") or suffix.lower() == "desc" or order in ("desc", "descending")
    if not stem:
        return rows
    held = sorted(set[str]().union(*(row.entity for row in rows)))
    names = (name for form in (stem, f"{stem}_at") for name in held if same_name(name, form))
    name = next(names, None)
    if name is None:
        return rows
    return _ordered(rows, [row.entity.get(name) for row in rows], descending=descending)


def _ordered(rows: list[Row], values: list[Json], *, descending: bool) -> list[Row]:
    # Text, the usual case, need not be ranked.
    ranks = values if set(map(type, values)) == {str} else [_rank(value) for value in values]
    places = sorted(range(len(rows)), key=ranks.__getitem__, reverse=descending)
    return [rows[place] for place in places]


def _rank(value: Json) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (0, float(value), "")
    return (1, 0.0, str(value)) if value is not None else (2, 0.0, "")


def page(rows: Sequence[Row], query: Query) -> Page:
    """Return the page that the query asks for; all there is where the query has no room for pages."""
    total = len(rows)
    limit = _limit(query, total)
    number, view = query.number(_PAGES) or (1, {})
    first = _first(view, usual=1)
    start, view = query.number(_OFFSETS) or (0, {})
    offset = max(0, number - first) * limit or max(0, start - _first(view, usual=0))
    cursor = query.text(_CURSORS).removeprefix("c")
    if cursor.isdecimal():
        offset = int(cursor)
    return Page(rows[offset : offset + limit], total, offset, limit, offset // limit + first)


def _first(view: JsonObject, *, usual: int) -> int:
    """Return the number by which an API calls the first page or place, 0 or 1."""
    named = (view[keyword] for keyword in ("default", "minimum") if view.get(keyword) in (0, 1))
    return next(named, usual)


def _limit(query: Query, total: int) -> int:
    said = query.number(_LIMITS)
    if said is not None:
        return max(1, said[0])
    most = next((v["maximum"] for n, v in query.views.items() if snake(n) in _LIMITS and "maximum" in v), _DEFAULT_PAGE)
    paged = any(query.has(names) for names in (_LIMITS, _PAGES, _CURSORS)) or query.number(_OFFSETS) is not None
    return min(_DEFAULT_PAGE, int(most)) if paged else max(1, total)


_TOTALS = ("total", "total_count", "total_items", "total_results", "total_elements", "matches")

_TOLD: dict[str, Callable[[Page], Json]] = {
    **dict.fromkeys(_TOTALS, lambda page: page.total),
    **dict.fromkeys(("returned", "size", "result_count", "count"), lambda page: len(page.rows)),
    **dict.fromkeys(("page", "page_number", "current_page"), lambda page: page.number),
    **dict.fromkeys(("limit", "per_page", "page_size"), lambda page: page.limit),
    **dict.fromkeys(("offset", "skip", "start", "start_index"), lambda page: page.offset),
    **dict.fromkeys(("total_pages", "page_count", "pages", "last_page"), lambda page: -(-page.total // page.limit)),
    **dict.fromkeys(("has_more", "has_next", "has_next_page", "more"), lambda page: page.more),
    "remaining_item_count": lambda page: max(0, page.total - page.offset - len(page.rows)),
    "incomplete_results": lambda _: False,
}
"""What the fields of a list's envelope say about a page, by name."""


def page_field(name: str, result: Page, siblings: Sequence[str] = ()) -> Json:
    """Return what a field of a list's envelope says about the page; None where the name says nothing of the kind.

    Args:
        name: the field's name.
        result: the page.
        siblings: names of the fields beside it.
    """
    tell = _TOLD.get(snake(name))
    if tell is None:
        return None
    # Where no other field holds the total, `count` does.
    alone = snake(name) == "count" and not any(snake(other) in _TOTALS for other in siblings)
    return result.total if alone else tell(result)


def is_next_cursor(name: str) -> bool:
    """Tell whether a field of an envelope leads to the next page."""
    return snake(name) in {"next_cursor", "next_page_token", "next", "next_token", "cursor", "continue", "after"}


def next_argument(views: Mapping[str, JsonObject], result: Page) -> tuple[str, Json] | None:
    """Return the query parameter that asks for the page after this one, and its value; None where there is none."""
    after: tuple[tuple[frozenset[str], Json], ...] = (
        (_CURSORS, result.cursor),
        (_PAGES, result.number + 1),
        (_OFFSETS, result.offset + result.limit),
    )
    for names, value in after:
        for name, view in views.items():
            if snake(name) in names and (main_type(view) == "string") == isinstance(value, str):
                return name, value
    return None
