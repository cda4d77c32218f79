"""ToolEval's converted answers: every trace's answer, kept or not, for its judge to score. No training data."""

import orjson

from toolbench.exporters.base import AnswersExporter, Handed, function
from toolbench.model import Json, JsonObject, Message

__all__ = ["ToolEvalExporter"]

FINISH = "Finish"
"""Name of the function that ends the work there."""


class ToolEvalExporter(AnswersExporter):
    """Writes `query`, `available_tools` and `answer`, in one object by question id."""

    file = "answers.json"
    note = (
        "ToolEval judges answers of one question each. What the user says later stands between the steps, as further"
        " `user` messages, which its own prompts pass over."
    )

    def entry(self, handed: Handed) -> JsonObject:
        """Return what is written of an answer."""
        messages = [message for message in handed.row.messages if message.role != "system"]
        final = messages.pop().content if handed.finished else None
        ended = (
            {"return_type": "give_answer", "final_answer": final} if final else {"return_type": "give_up_and_restart"}
        )
        results = {message.call: message.content or "" for message in messages if message.role == "tool"}
        steps = [step for message in messages for step in _steps(message, results)]
        steps.append(_tool(FINISH, ended, ""))
        return {
            "query": next(message.content for message in messages if message.role == "user"),
            "available_tools": [function(tool)["function"] for tool in handed.row.tools],
            "answer": {
                "method": handed.method,
                "total_steps": sum(step["role"] != "user" for step in steps),
                "final_answer": _text(ended),
                "answer_details": _chain(steps),
            },
        }


def _steps(message: Message, results: dict[str, str]) -> list[JsonObject]:
    """Return what a message becomes: what is said, then each call with its result."""
    if message.role == "tool":
        return []
    said: list[JsonObject] = [{"role": message.role, "message": message.content}] if message.content else []
    return said + [_tool(call.tool, call.arguments, results.get(call.id, "")) for call in message.calls]


def _tool(name: str, arguments: JsonObject, response: str) -> JsonObject:
    return {"role": "tool", "message": {"name": name, "arguments": _text(arguments), "response": response}}


def _chain(steps: list[JsonObject]) -> list[JsonObject]:
    """Return the first of the steps, each holding the next."""
    inner: list[JsonObject] = []
    for step in reversed(steps):
        inner = [{**step, "next": inner}]
    return inner


def _text(value: Json) -> str:
    return orjson.dumps(value).decode()
