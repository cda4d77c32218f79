"""What `toolbench specs` shows to people."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table

from toolbench.model import (
    Api,
    HttpBinding,
    Json,
    JsonObject,
    McpBinding,
    NoBinding,
    PythonBinding,
    Tool,
    is_array,
    is_object,
)
from toolbench.model.tool import Binding
from toolbench.registry import ApiSummary, ToolSummary
from toolbench.specs.base import Note, Reading

if TYPE_CHECKING:
    from toolbench.pipeline.probe import Probed

SHOWN_DESCRIPTION = 120
"""Characters of an argument's description that a table shows."""

SHOWN_CHOICES = 6
"""Values of an enumeration that a type shows."""


def show(*parts: RenderableType) -> None:
    """Print parts one below the other. Brackets and colons in descriptions are text, not markup."""
    console = Console(markup=False, highlight=False, emoji=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))


def facts(reading: Reading) -> JsonObject:
    """Return what a description holds, in numbers."""
    api = reading.api
    return {
        "id": api.id,
        "title": api.title,
        "dialect": reading.dialect,
        "operations": len(api.tools),
        "definitions": len(api.definitions),
        "safety": _by_safety(api),
        "notes": len(reading.notes),
        "sha256": api.source.sha256,
    }


def counted(notes: Sequence[Note]) -> list[JsonObject]:
    """Return each kind of note once, with how often it is there and where first; the most frequent first."""
    first: dict[str, str] = {}
    for note in notes:
        first.setdefault(note.message, note.pointer)
    counts = Counter(note.message for note in notes)
    ordered = sorted(first, key=lambda message: (-counts[message], message))
    return [{"message": message, "count": counts[message], "first": first[message]} for message in ordered]


def added(reading: Reading) -> str:
    """Return a line on an API that was added."""
    api = reading.api
    notes = f"; remarks: {len(reading.notes):,}, see `toolbench specs check`" if reading.notes else ""
    return f"Added {api.id}: {api.title}, {len(api.tools):,} tools ({reading.dialect}){notes}"


def apis(lines: Sequence[ApiSummary]) -> RenderableType:
    """Return a table of APIs."""
    rows = [(line.id, line.title, f"{line.operations:,}", "bundled" if line.bundled else line.kind) for line in lines]
    return _table(("id", "title", "tools", "origin"), rows, whole=("id", "tools", "origin"))


def hits(found: Sequence[tuple[ToolSummary, float]]) -> RenderableType:
    """Return a table of what a search found."""
    rows = [(f"{score:.2f}", tool.name, tool.description) for tool, score in found]
    return _table(("score", "tool", "description"), rows, whole=("score",)) if rows else "No tool fits."


def report(reading: Reading, problems: Sequence[str]) -> list[RenderableType]:
    """Return what there is to say of a description."""
    api = reading.api
    by_safety = ", ".join(f"{count:,} {kind}" for kind, count in _by_safety(api).items() if count)
    parts: list[RenderableType] = [
        f"{api.title} ({reading.dialect}), id {api.id}",
        f"{len(api.tools):,} operations ({by_safety or 'none'}), {len(api.definitions):,} shared schemas",
        "",
    ]
    rows = [(str(note["count"]), note["message"], note["first"]) for note in counted(reading.notes)]
    if rows:
        parts += [_table(("times", "remark", "first at"), rows, whole=("times",)), ""]
    return [*parts, *([f"Problem: {line}" for line in problems] or ["It can be used."])]


def health(found: Sequence["Probed"]) -> RenderableType:
    """Return a table of what probing came to."""
    return _table(("state", "tool", "why"), [(each.health, each.tool, each.reason) for each in found], whole=("state",))


def portrait(tool: Tool) -> list[RenderableType]:
    """Return what there is to say of a closed tool."""
    parameters = tool.parameters["properties"]
    required = set(tool.parameters.get("required", []))
    signature = ", ".join(name if name in required else f"{name}?" for name in parameters)
    parts: list[RenderableType] = [f"{tool.name}({signature})"]
    parts.append(_way(tool.binding))
    parts += ["", tool.description or "(no description)", ""]
    places = _places(tool)
    rows = [
        (name, type_of(schema), "yes" if name in required else "", places.get(name, ""), _first_line(schema))
        for name, schema in parameters.items()
    ]
    if rows:
        heads = ("argument", "type", "required", "goes to", "description")
        parts += [_table(heads, rows, whole=("required",)), ""]
    return [*parts, *_facts_of_tool(tool)]


def _way(binding: Binding) -> str:
    """Return how a tool is called."""
    match binding:
        case HttpBinding():
            return f"{binding.method} {binding.path}"
        case PythonBinding():
            return f"Python {binding.target}"
        case McpBinding():
            return f"MCP tool {binding.tool} of {binding.server}"
        case NoBinding():
            return "Only described: it can be simulated, not called"


def _facts_of_tool(tool: Tool) -> list[str]:
    result = type_of(tool.returns) if tool.returns else "nothing that is documented"
    status = f" ({tool.binding.success})" if isinstance(tool.binding, HttpBinding) else ""
    lines = [f"Gives: {result}{status}"]
    if tool.errors:
        lines.append(f"Fails with: {', '.join(sorted(tool.errors))}")
    lines.append(f"Safety: {tool.safety}{', deprecated' if tool.deprecated else ''}")
    lines.append(f"Origin: {tool.source.spec}#{tool.source.pointer}, sha256 {tool.source.sha256[:12]}…")
    return lines


def _places(tool: Tool) -> dict[str, str]:
    if not isinstance(tool.binding, HttpBinding):
        return {}
    return {
        each.name: each.location if each.key in ("", each.name) else f"{each.location}, as {each.key}"
        for each in tool.binding.arguments
    }


def _by_safety(api: Api) -> dict[str, int]:
    counts = Counter(tool.safety for tool in api.tools)
    return {"read": counts["read"], "write": counts["write"], "destructive": counts["destructive"]}


def type_of(schema: Json) -> str:
    """Return a schema's type in a few words."""
    if not is_object(schema):
        return "any"
    if "$ref" in schema:
        return schema["$ref"].removeprefix("#/$defs/")
    if "enum" in schema:
        more = " | …" if len(schema["enum"]) > SHOWN_CHOICES else ""
        return " | ".join(map(str, schema["enum"][:SHOWN_CHOICES])) + more
    for keyword, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if keyword in schema:
            return sign.join(dict.fromkeys(type_of(member) for member in schema[keyword]))
    return _plain_type(schema)


def _plain_type(schema: JsonObject) -> str:
    kind: Json = schema.get("type", "any")
    if kind == "array":
        return f"array of {type_of(schema.get('items'))}"
    name = " | ".join(kind) if is_array(kind) else kind
    return f"{name} ({schema['format']})" if "format" in schema else name


def _first_line(schema: JsonObject) -> str:
    return textwrap.shorten(schema.get("description", "").partition("\n")[0], SHOWN_DESCRIPTION, placeholder=" …")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], whole: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        right = head in ("score", "times", "tools")
        table.add_column(head, no_wrap=head in whole, overflow="fold", justify="right" if right else "left")
    for row in rows:
        table.add_row(*row)
    return table
