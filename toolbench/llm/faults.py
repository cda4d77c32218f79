"""What goes wrong with real endpoints, as answers of the scripted server."""

import random

from toolbench.llm.script import Answer, ScriptedCall, offered
from toolbench.model import JsonObject

PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

SERVER_FAULTS = (
    Answer(body='{"id": "chatcmpl-0", "object": "chat.completion", "choices": [{"index": 0, "mess'),
    Answer(body=PAGE, headers={"Content-Type": "text/html"}),
    Answer(empty_choices=True),
    Answer(status=429, headers={"Retry-After": "0"}),
    Answer(status=429, headers={"Retry-After": "1"}),
    Answer(status=500),
)
"""Answers that come from the server, not from the model."""


def fault(request: JsonObject, luck: random.Random) -> Answer:
    """Return one fault, chosen by luck: the server's, or, where tools are offered, a call that cannot be run."""
    return luck.choice((*SERVER_FAULTS, *_call_faults(request, luck)))


def _call_faults(request: JsonObject, luck: random.Random) -> tuple[Answer, ...]:
    functions = offered(request)
    if not functions:
        return ()
    name: str = luck.choice(functions)["name"]
    return (
        Answer(tool_calls=(ScriptedCall(name="search_everything", arguments={"query": "help"}),)),
        Answer(tool_calls=(ScriptedCall(name=name, arguments='["first", "second"]'),)),
        Answer(tool_calls=(ScriptedCall(name=name, arguments='{"id": '),)),
    )
