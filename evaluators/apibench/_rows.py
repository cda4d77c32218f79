"""APIs as a database describes them, and what tells one from another."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluators.apibench._texts import FoundCall, calls_in, strings
from toolbench.model import Json, JsonObject, is_array, is_object

_IDENTIFYING = {"torch.hub.load": ("repo_or_dir", "model")}
"""Functions of which only some arguments tell which API it is; of others all texts among them do."""

_TEXTUAL = ("**kwargs", "kwargs", "**")
"""Argument names that stand for any others."""


@dataclass(frozen=True, slots=True)
class ApiRow:
    """An API of a database."""

    domain: str
    """What it is for; empty where nothing is said."""
    call: FoundCall
    """How it is called; without arguments where only the callable's name is known."""
    identifying: tuple[str, ...]
    """Values that its call must hold, whatever the arguments are called."""
    arguments: frozenset[str]
    """Names of its arguments; empty where nothing is said of them."""
    written: str = ""
    """The call as the row has it."""

    @property
    def is_open(self) -> bool:
        """Whether nothing can be said of what other arguments it takes."""
        return not self.arguments or any(name in self.arguments for name in _TEXTUAL)


def api_row(row: JsonObject) -> ApiRow | None:
    """Return a row of a database: APIBench's, API Zoo's, or a function's document; None where it names no callable."""
    written: Json = row.get("api_call") or row.get("name")
    if not isinstance(written, str) or not written.strip():
        return None
    found = calls_in(written)
    call = found[0] if found else FoundCall(written.strip(), written.strip())
    names = frozenset(_names(row, call))
    return ApiRow(str(row.get("domain") or ""), call, tuple(_identifying(call)), names, written)


def _identifying(call: FoundCall) -> list[str]:
    named = call.named()
    picked = _IDENTIFYING.get(call.name)
    return strings([named.get(name) for name in picked] if picked else list(named.values()))


def _names(row: JsonObject, call: FoundCall) -> Iterator[str]:
    """Yield the argument names that a row documents, and those that its call uses."""
    documented: Json = row.get("api_arguments")
    schema: Json = row.get("parameters")
    properties: Json = schema.get("properties") if is_object(schema) else None
    for said in (documented, properties):
        yield from said if is_object(said) else _listed(said)
    yield from call.named()


def _listed(said: Json) -> Iterator[str]:
    """Yield names from a list of names, of `name=value`, or of objects with a name; or from a text of such."""
    items = said.split(",") if isinstance(said, str) else said if is_array(said) else ()
    for item in items:
        name: Json = item.get("name") if is_object(item) else item
        if isinstance(name, str) and (bare := name.partition("=")[0].partition(":")[0].strip(" '\"[]{}()")):
            yield bare
