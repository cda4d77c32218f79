"""Whether an API, as read, is fit for use: what loading cannot see tool by tool."""

import jsonschema_rs

from toolbench.model import Api, JsonObject


def problems(api: Api) -> list[str]:
    """Return what makes an API unusable, a line each: no operations, or schemas that no validator takes."""
    if not api.tools:
        return ["it has no operations"]
    return [line for tool in api.tools for line in _of_tool(api, tool.name)]


def _of_tool(api: Api, name: str) -> list[str]:
    tool = api.tool(name)
    schemas = {"parameters": tool.parameters, "returns": tool.returns or {}, **tool.errors}
    faults = {part: _fault(schema) for part, schema in schemas.items()}
    return [f"{name}: {part}: {fault}" for part, fault in faults.items() if fault]


def _fault(schema: JsonObject) -> str:
    try:
        jsonschema_rs.Draft202012Validator(schema)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error).partition("\n")[0]
    return ""
