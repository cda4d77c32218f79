"""An MCP server for tests: on stdio, or given a port, over streamable HTTP on loopback."""

import asyncio
import os
import sys
import time
from typing import TypedDict

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

app = MCPServer("Weather Station", version="1.2", instructions="Ask for <b>weather</b>.")
READS = ToolAnnotations(read_only_hint=True)


class Weather(TypedDict):
    city: str
    degrees: float


@app.tool(annotations=READS)
def weather(city: str, day: int = 0) -> Weather:
    """Tell the weather of a city."""
    sys.stderr.write("noise\n")
    return {"city": city, "degrees": 20.5 + day}


@app.tool(annotations=READS, structured_output=False)
def forecast(city: str) -> str:
    """Tell the forecast, as JSON in a text."""
    return f'{{"city": "{city}", "rain": [1, 2]}}'


@app.tool(annotations=READS, structured_output=False)
def environment(name: str) -> str:
    """Return an environment variable."""
    return os.environ.get(name, "unset")


@app.tool(annotations=READS, structured_output=False)
def long(size: int) -> str:
    """Return a long text."""
    return "x" * size


@app.tool(annotations=READS)
async def slow() -> str:
    """Take too long."""
    await asyncio.sleep(60)
    return "late"


@app.tool(annotations=ToolAnnotations(destructive_hint=False))
def note(text: str) -> str:
    """Write something down."""
    return text


@app.tool()
def wipe(what: str) -> str:
    """Fail to wipe."""
    raise ToolError(f"{what} cannot be wiped")


@app.tool(annotations=READS)
def crash() -> str:
    """End the server."""
    time.sleep(0.05)
    os._exit(3)


if __name__ == "__main__":
    app.run()
