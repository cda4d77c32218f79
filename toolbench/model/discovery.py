"""The open domain: an agent that is offered one tool, to find the others with."""

from collections.abc import Iterable

from toolbench.model.base import is_array, is_object
from toolbench.model.tool import NoBinding, Source, Tool
from toolbench.model.trace import Node

SEARCH = "search_tools"
"""Name of the tool that finds tools. No tool of an API is called so."""

MOST_FOUND = 10
"""Tools that a search names at most."""

SEARCH_TOOL = Tool(
    name=SEARCH,
    api="",
    category="catalogue",
    description="Finds the tools that fit a description of what is to be done, the best first. Those found can be "
    "called from then on.",
    parameters={
        "type": "object",
        "properties": {
            "query": {"type": "string", "minLength": 1, "description": "What the tool should do, in a few words."},
            "k": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST_FOUND,
                "default": 5,
                "description": "How many to name at most.",
            },
        },
        "required": ["query"],
        "additionalProperties": False,
    },
    returns={
        "type": "object",
        "properties": {
            "tools": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "description": {"type": "string"}},
                    "required": ["name", "description"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["tools"],
        "additionalProperties": False,
    },
    binding=NoBinding(),
    safety="read",
    source=Source(spec="", kind="builtin", sha256="0" * 64),
)
"""The tool that finds tools."""


def found_on(path: Iterable[Node]) -> list[str]:
    """Return the names of the tools that the searches on a path found, each once, in the order they came up."""
    seen = (observation for node in path if node.step for observation in _searches(node))
    return list(dict.fromkeys(name for body in seen for name in _names(body)))


def _searches(node: Node) -> Iterable[object]:
    step = node.step
    pairs = zip(step.calls, step.observations, strict=False) if step else ()
    return [seen.body for call, seen in pairs if call.tool == SEARCH and seen.status == "ok"]


def _names(body: object) -> Iterable[str]:
    tools = body.get("tools") if is_object(body) else None
    return [str(tool["name"]) for tool in tools if is_object(tool) and "name" in tool] if is_array(tools) else ()
