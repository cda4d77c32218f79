"""Probing: which operations of a real API answer as its description says (after ToolLLM's filter of APIs)."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from jsonschema_rs import Draft202012Validator, ValidationError

from toolbench.executors._access import Access, Limits
from toolbench.executors._bodies import is_json
from toolbench.executors.live import LiveExecutor
from toolbench.model import Api, Call, HttpBinding, Json, JsonObject, Observation, Task, Tool, Turn, is_array, is_object

Health: TypeAlias = Literal["alive", "dead", "unclear", "skipped"]

GONE = (404, 410)
"""HTTP statuses of what is not there."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What probing an operation came to."""

    tool: str
    """The tool's name."""
    health: Health
    """`alive`: it answered as documented; `dead`: it is gone, fails, or answers something else; `unclear`: it could not
    be told, as without credentials; `skipped`: it was not called."""
    reason: str = ""
    """Why, in a few words; empty when alive."""


async def probe(api: Api, access: Access, limits: Limits) -> list[Probed]:
    """Call each operation of an API that only reads and whose arguments are known, and return what came of it.

    Known are arguments that are not required, and defaults, examples and choices in the description.

    Raises:
        ConfigError: an allowed host, a base URL or a credential cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with LiveExecutor([api], access, Path(folder) / "cassette.jsonl", limits=limits) as live:
            return [await _probed(live, api.tool(tool.name)) for tool in api.tools]


async def _probed(live: LiveExecutor, tool: Tool) -> Probed:
    if tool.safety != "read":
        return Probed(tool.name, "skipped", "it may change something")
    arguments = known_arguments(tool)
    if arguments is None:
        return Probed(tool.name, "skipped", "it needs arguments that nobody knows")
    task = Task(id="probe", kind="probe", turns=(Turn(text="Probe."),), apis=(tool.api,), world_seed=0)
    seen, _ = await live.call(Call(id="c", tool=tool.name, arguments=arguments), await live.start(task))
    return Probed(tool.name, *_judged(tool, seen))


def known_arguments(tool: Tool) -> JsonObject | None:
    """Return arguments to call a tool with that its description gives, as few as it takes, or None."""
    required: list[str] = tool.parameters.get("required", [])
    for example in tool.examples:
        given: Json = example.get("arguments")
        if is_object(given) and set(required) <= given.keys():
            return given
    found: JsonObject = {}
    for name in required:
        values = list(_values(tool.parameters["properties"][name]))
        if not values:
            return None
        found[name] = values[0]
    return found


def _values(schema: Json) -> Iterable[Json]:
    """Yield values that a schema itself names, the most telling first."""
    if not is_object(schema):
        return
    for keyword in ("default", "const"):
        if keyword in schema:
            yield schema[keyword]
    for keyword in ("examples", "enum"):
        listed: Json = schema.get(keyword)
        if is_array(listed):
            yield from listed[:1]


def _judged(tool: Tool, seen: Observation) -> tuple[Health, str]:
    match seen.status:
        case "ok":
            return _held_against_the_description(tool, seen)
        case "timeout":
            return "dead", "no answer in time"
        case "http_error" if seen.http_status is None:
            return "dead", _said(seen)
        case "http_error":
            # An example's entity need not be there any more; an operation that names none must be.
            names_entity = isinstance(tool.binding, HttpBinding) and "{" in tool.binding.path
            gone = seen.http_status in GONE and not names_entity
            return "dead" if gone or (seen.http_status or 0) >= 500 else "unclear", f"HTTP {seen.http_status}"
        case _:
            return "unclear", _said(seen)


def _held_against_the_description(tool: Tool, seen: Observation) -> tuple[Health, str]:
    if seen.truncated:
        return "unclear", "the answer is longer than the limit, or broke off"
    if tool.returns is None:
        return "alive", ""
    try:
        error = next(Draft202012Validator(tool.returns).iter_errors(seen.body), None)
    except (ValidationError, ValueError):
        return "unclear", "the documented schema is no JSON Schema"
    if error is None:
        return "alive", ""
    documented = tool.binding.response_type if isinstance(tool.binding, HttpBinding) else ""
    if isinstance(seen.body, str) and is_json(documented):
        return "dead", "the answer is not JSON"
    place = "".join(f"/{part}" for part in error.instance_path) or "its root"
    return "dead", f"not as documented at {place}: {error.message[:200]}"


def _said(seen: Observation) -> str:
    """Return what was said of a call that no server answered."""
    body = seen.body if is_object(seen.body) else {}
    error: Json = body.get("error")
    return str(error.get("message", "")) if is_object(error) else seen.status
