"""OpenAPI links: which field of a result may go into which argument of another operation (OpenAPI 3.1, 4.8.20)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from toolbench.model import HttpBinding, Json, Tool
from toolbench.model.tool import Link
from toolbench.specs._json import as_object, as_text
from toolbench.specs._references import Place, References

_FROM_BODY = re.compile(r"\$response\.body#(/.*)")
_LOCATIONS = ("path", "query", "header", "cookie")


@dataclass(frozen=True, slots=True)
class WrittenLink:
    """A link as a description has it: its target is told by name or by place."""

    operation: str
    """The target's `operationId`, else the JSON pointer to it in the same document."""
    parameter: str
    """Name of the target's parameter, sometimes after its location and a dot."""
    source: str
    """JSON pointer into the result."""


def written_links(responses: Json, at: Place, references: References) -> tuple[WrittenLink, ...]:
    """Return the links of an operation's successful responses that lead from a body into a parameter."""
    found: list[WrittenLink] = []
    for status, response in as_object(responses).items():
        if status.startswith("2"):
            shown, place = references.follow_object(response, at.at(status))
            for name, link in as_object(shown.get("links")).items():
                found += _of_link(references.follow_object(link, place.at("links", name))[0])
    return tuple(found)


def _of_link(link: Mapping[str, Json]) -> Iterator[WrittenLink]:
    operation = as_text(link.get("operationId")) or unquote(as_text(link.get("operationRef")).partition("#")[2])
    for parameter, expression in as_object(link.get("parameters")).items():
        if operation and (found := _FROM_BODY.fullmatch(as_text(expression))):
            yield WrittenLink(operation, parameter, found[1])


def with_links(tools: Sequence[Tool], written: Mapping[str, tuple[WrittenLink, ...]]) -> tuple[Tool, ...]:
    """Return tools with their links; those that lead nowhere are left out.

    Args:
        tools: the tools.
        written: their links, by the tool's name.
    """
    targets = {key: tool for tool in tools for key in (tool.source.name, tool.source.pointer) if key}
    return tuple(
        tool.model_copy(update={"links": links}) if (links := _resolved(written.get(tool.name, ()), targets)) else tool
        for tool in tools
    )


def _resolved(written: Sequence[WrittenLink], targets: Mapping[str, Tool]) -> tuple[Link, ...]:
    found: list[Link] = []
    for each in written:
        target = targets.get(each.operation)
        argument = _argument(target, each.parameter) if target else ""
        if target and argument:
            found.append(Link(source=each.source, tool=target.name, argument=argument))
    return tuple(found)


def _argument(target: Tool, parameter: str) -> str:
    location, _, rest = parameter.partition(".")
    named = rest if location in _LOCATIONS and rest else parameter
    arguments = target.binding.arguments if isinstance(target.binding, HttpBinding) else ()
    return next((a.name for a in arguments if a.key == named and a.location != "body"), "")
