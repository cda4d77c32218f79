"""Whether an endpoint holds a model's answers to a JSON Schema, found out by asking it something trivial."""

from toolbench.errors import EndpointError, RequestRefusedError, UnreachableError
from toolbench.llm.asking import objects, without_thoughts
from toolbench.llm.journal import Journal, entry_key
from toolbench.model import Chat, ChatModel, ChatRequest, JsonObject

_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}

_PROBE = "Is water wet?"
"""It does not ask for JSON: only the schema does."""

PROBE_TOKENS = 256


def response_format(schema: JsonObject) -> JsonObject:
    """Return what a request says that wants its answer held to a schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


async def is_constrained(model: ChatModel, journal: Journal | None = None) -> bool:
    """Tell whether a model's answers are held to a schema that a request brings.

    An endpoint that says it does not know schemas, or answers without JSON, cannot; one that gives no usable answer is
    taken for one that cannot, this time.

    Args:
        model: who is asked.
        journal: remembers the answer.

    Raises:
        UnreachableError: the endpoint cannot be reached at all.
        RunError: the journal cannot be used.
    """
    key = entry_key("constrained", _SCHEMA, model.name, 0)
    if journal is not None and (known := journal.get(key)) is not None:
        return known == b"yes"
    chat = Chat([{"role": "user", "content": _PROBE}])
    request = ChatRequest(chat=chat, max_tokens=PROBE_TOKENS, response_format=response_format(_SCHEMA))
    try:
        answer = await model.chat(request)
    except UnreachableError:
        raise
    except RequestRefusedError:
        found = False
    except EndpointError:
        return False
    else:
        found = any("ok" in one for one in objects(without_thoughts(answer.content)))
    if journal is not None:
        journal.put(key, b"yes" if found else b"no")
    return found
