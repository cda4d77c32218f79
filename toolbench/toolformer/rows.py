"""Chat rows of annotated texts: the assistant writes the text on and calls tools where they help."""

from collections.abc import Mapping, Sequence

from toolbench.model import Call, Message, Row, RowMeta, RowTool
from toolbench.toolformer.base import Annotation, CallTool, Candidate, ToolError
from toolbench.toolformer.passages import begins_sentence

REQUEST = "Write this text on. Call a tool where it helps."
START = "Write a text. Call a tool where it helps."
"""What the user says, with the text's beginning and without one."""


def row(annotation: Annotation, calls: Sequence[Candidate], tools: Mapping[str, CallTool], model: str) -> Row:
    """Return the chat of a text with its calls, in order; what comes before the first call's sentence is given.

    Calls whose arguments cannot be told by name are left out.
    """
    held = [call for call in (_call(one, n, tools) for n, one in enumerate(calls, 1)) if call is not None]
    text = annotation.text
    start = begins_sentence(text, held[0][0].offset) if held else 0
    given = text[:start].strip()
    messages = [Message(role="user", content=f"{REQUEST}\n\n{given}" if given else START, reason="given")]
    at = start
    for one, call in held:
        said = text[at : one.offset]
        messages.append(Message(role="assistant", content=said or None, calls=(call,), train=True, reason="filtered"))
        messages.append(Message(role="tool", content=one.result or "", call=call.id, name=call.tool, reason="result"))
        at = one.offset
    messages.append(Message(role="assistant", content=text[at:], train=True, reason="written"))
    offered = tuple(
        RowTool(name=tool.name, description=tool.purpose, parameters=tool.parameters) for tool in tools.values()
    )
    meta = RowMeta(
        task=annotation.id,
        kind="toolformer",
        teacher=model,
        executor="mock",
        solution="unknown",
        verified=False,
        confidence=1.0,
        verdicts={},
    )
    return Row(trace=annotation.id, leaf=0, messages=tuple(messages), tools=offered, meta=meta)


def _call(one: Candidate, number: int, tools: Mapping[str, CallTool]) -> tuple[Candidate, Call] | None:
    tool = tools[one.tool]
    try:
        return one, Call(id=f"call_{number}", tool=tool.name, arguments=tool.arguments(one.argument))
    except ToolError:
        return None
