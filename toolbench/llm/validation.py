"""What an OpenAI-compatible endpoint accepts, as far as the scripted server is strict about it."""

import re
from collections.abc import Sequence

from toolbench.model import Json, JsonObject, is_array, is_object

ROLES = {"system", "developer", "user", "assistant", "tool"}

FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class RefusedError(Exception):
    """A request that is refused.

    Args:
        message: why, for people.
        param: the field that is wrong.
        code: a short name of the problem.
        status: HTTP status of the refusal.
    """

    def __init__(self, message: str, param: str | None = None, code: str | None = None, *, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.param, self.code, self.status = message, param, code, status

    def body(self) -> JsonObject:
        """Return the refusal as endpoints word it."""
        told = {"message": self.message, "type": "invalid_request_error", "param": self.param, "code": self.code}
        return {"error": told}


def check(request: Json, model: str) -> JsonObject:
    """Return a request to the one model there is, now known to be well formed.

    Raises:
        RefusedError: it is not.
    """
    if not is_object(request):
        raise RefusedError("The body of the request is not a JSON object.")
    if not isinstance(request.get("model"), str):
        raise RefusedError("The model is missing, or is no text.", "model")
    if request["model"] != model:
        said = f"The model `{request['model']}` does not exist; there is `{model}`."
        raise RefusedError(said, "model", "model_not_found", status=404)
    if request.get("stream"):
        raise RefusedError("Streaming is not supported here.", "stream", "unsupported_value")
    _check_messages(request.get("messages"))
    _check_tools(request.get("tools") or [])
    return request


def _check_messages(messages: Json) -> None:
    if not is_array(messages) or not messages:
        raise RefusedError("The messages are missing, or there is none.", "messages")
    for at, message in enumerate(messages):
        _check_message(message, f"messages[{at}]")
    _check_pairs(messages)


def _check_message(message: Json, at: str) -> None:
    if not is_object(message) or message.get("role") not in ROLES:
        raise RefusedError(f"A message has a role: {', '.join(sorted(ROLES))}.", f"{at}.role", "invalid_value")
    content: Json = message.get("content")
    silent = message["role"] == "assistant" and bool(message.get("tool_calls"))
    if not (isinstance(content, str) or is_array(content) or (content is None and silent)):
        raise RefusedError("The content of a message is a text or a list of parts.", f"{at}.content", "invalid_type")
    for number, call in enumerate(message.get("tool_calls") or []):
        _check_call(call, f"{at}.tool_calls[{number}]")


def _check_call(call: Json, at: str) -> None:
    function: Json = call.get("function") if is_object(call) else None
    if not is_object(call) or not call.get("id") or not is_object(function):
        raise RefusedError("A tool call needs an id and a function.", at, "invalid_type")
    _check_name(function.get("name"), f"{at}.function.name")
    if not isinstance(function.get("arguments"), str):
        raise RefusedError("The arguments of a tool call are JSON text.", f"{at}.function.arguments", "invalid_type")


def _check_pairs(messages: Sequence[JsonObject]) -> None:
    """Check that each call is answered, and nothing else, before anybody else speaks."""
    waiting: set[str] = set()
    for at, message in enumerate(messages):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                raise RefusedError("A tool message must answer a call just before it.", f"messages[{at}].tool_call_id")
            waiting.discard(message["tool_call_id"])
        elif waiting:
            raise RefusedError(f"Calls without an answer: {', '.join(sorted(waiting))}.", f"messages[{at}].role")
        else:
            calls: list[JsonObject] = message.get("tool_calls") or []
            waiting = {call["id"] for call in calls}
    if waiting:
        raise RefusedError(f"Calls without an answer: {', '.join(sorted(waiting))}.", f"messages[{len(messages)}]")


def _check_tools(tools: Json) -> None:
    if not is_array(tools):
        raise RefusedError("The tools are a list.", "tools", "invalid_type")
    for number, tool in enumerate(tools):
        function: Json = tool.get("function") if is_object(tool) else None
        if not is_object(function) or tool.get("type") != "function":
            raise RefusedError("A tool has the type `function` and a function.", f"tools[{number}]", "invalid_type")
        _check_name(function.get("name"), f"tools[{number}].function.name")
        if not is_object(function.get("parameters", {})):
            raise RefusedError("Parameters are a JSON Schema.", f"tools[{number}].function.parameters", "invalid_type")


def _check_name(name: Json, at: str) -> None:
    if not isinstance(name, str) or not FUNCTION_NAME.fullmatch(name):
        raise RefusedError("A function's name has 1 to 64 letters, digits, - and _.", at, "invalid_value")
