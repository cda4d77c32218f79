"""What the arguments of an operation are for, beside those that are about the entity itself."""

import re

from toolbench.model import JsonObject, Tool
from toolbench.world.nouns import snake, words
from toolbench.world.query import CONTROLS
from toolbench.world.shapes import Shapes

_SECRETS = frozenset("token password secret signature".split())
_OF_THE_CALL = frozenset("version format locale lang language fields prettyprint callback client app".split())
"""Words in the names of arguments that say how to answer, or who asks, rather than what is asked about."""
_TOKENS = ("request_id", "client_token", "request_token", "nonce", "transaction_id")
_ONCE = re.compile(r"idempoten|\b(retry|retries|retried|repeated|duplicate)", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Tell whether an argument says who calls rather than what the call is about."""
    return not _SECRETS.isdisjoint(words(name)) or words(name)[-2:] == ("api", "key")


def asks_what(tool: Tool, shapes: Shapes) -> bool:
    """Tell whether a call must say in its query what it is about: `GET /convert` shows no single thing."""
    required = tool.parameters.get("required") or ()
    properties: JsonObject = tool.parameters.get("properties") or {}
    asked = (a for a in tool.arguments if a.location == "query" and a.name in required and not is_secret(a.key))
    said = (a for a in asked if _OF_THE_CALL.isdisjoint(words(a.key)) and snake(a.key) not in CONTROLS)
    return any(not shapes.view(properties[a.name]).keys() & {"default", "const", "enum"} for a in said)


def idempotency_key(tool: Tool) -> str:
    """Return the argument under which a repeated call has no further effect, by its name or by what is said of it.

    Empty where there is none.
    """
    properties: JsonObject = tool.parameters.get("properties") or {}
    for name, schema in properties.items() if tool.safety != "read" else ():
        plain, said = snake(name), str(schema.get("description", "")) if schema else ""
        if "idempoten" in plain or (plain.endswith(_TOKENS) and _ONCE.search(said)):
            return name
    return ""
