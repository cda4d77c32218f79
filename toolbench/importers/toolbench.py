"""ToolBench's queries: a list of `{query, query_id, api_list, "relevant APIs"}`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from toolbench.errors import SpecError, TaskFileError
from toolbench.importers.base import Asked, Described, Question
from toolbench.model import Json, JsonObject, is_array, is_object
from toolbench.specs._rapidapi import function_name, parameters, safety_of

__all__ = ["ToolBenchImporter"]

_RELEVANT = "relevant APIs"
_READ = frozenset(("query", "query_id", "api_list", _RELEVANT))
_READ_OF_API = frozenset(
    "category_name tool_name api_name api_description required_parameters optional_parameters method".split()
)


class ToolBenchImporter:
    """Takes queries with the APIs they are asked over. A RapidAPI tool becomes an API, each of its APIs a tool.

    APIs that the row does not call relevant are distractors.
    """

    def recognises(self, row: JsonObject) -> bool:
        """Tell whether a row has a query and a list of APIs."""
        return "query" in row and is_array(row.get("api_list"))

    def read(self, row: JsonObject, file: Path) -> Question:
        """Return the query as one turn.

        Raises:
            TaskFileError: there is no query, or an API is none.
        """
        del file
        listed = row.get("api_list")
        apis: list[Json] = listed if is_array(listed) else []
        tools = {_key(api): _tool(api) for api in map(_checked, apis)}
        relevant = set(_relevant(row.get(_RELEVANT)))
        aside = tuple(tool for key, tool in tools.items() if relevant and key not in relevant)
        identity = row.get("query_id")
        return Question(
            id="" if identity is None else str(identity),
            turns=(Asked(_text(row.get("query")), tuple(tools.values())),),
            distractors=() if len(aside) == len(tools) else aside,
            left_out=tuple(_left_out(row, apis)),
        )


def _text(query: Json) -> str:
    """Return a query; some are lists of its sentences."""
    parts: list[Json] = query if is_array(query) else [query]
    texts = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    if not texts or len(texts) < len(parts):
        raise TaskFileError("the query is no text")
    return " ".join(texts)


def _checked(api: Json) -> JsonObject:
    for name in ("tool_name", "api_name"):
        if not is_object(api) or not isinstance(api.get(name), str) or not api[name]:
            raise TaskFileError(f"an API has no `{name}`")
    return api


def _key(api: JsonObject) -> tuple[str, str]:
    return api["tool_name"], api["api_name"]


def _tool(api: JsonObject) -> Described:
    tool, name = _key(api)
    try:
        schema = parameters(api.get("required_parameters"), api.get("optional_parameters"))
    except SpecError as error:
        raise TaskFileError(f"the API {name!r}: {error.message}") from error
    document = {"name": name, "description": str(api.get("api_description") or ""), "parameters": schema}
    return Described(
        document,
        toolset=tool,
        category=str(api.get("category_name") or ""),
        safety=safety_of(str(api.get("method") or "")),
        alias=function_name(name, tool),
    )


def _relevant(listed: Json) -> Iterator[tuple[str, str]]:
    for pair in listed if is_array(listed) else ():
        if is_array(pair) and len(pair) > 1:
            yield str(pair[0]), str(pair[1])


def _left_out(row: JsonObject, apis: Iterable[JsonObject]) -> Iterator[str]:
    yield from (key for key in row if key not in _READ)
    yield from (f"api_list: {key}" for api in apis for key in api if key not in _READ_OF_API)
