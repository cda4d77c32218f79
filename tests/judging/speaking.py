"""Models that say what a function has them say, and answers to be judged."""

import asyncio
import json

from toolbench.judging.answer import Answer, Line
from toolbench.judging.asking import Judge
from toolbench.judging.tooleval import ToolEval
from toolbench.model import ChatAnswer


def said(verdict, reason="because"):
    return json.dumps({"reason": reason, "verdict": verdict})


class Speaker:
    """Says what a function makes of the prompt: a text, a `ChatAnswer`, or an exception to raise."""

    def __init__(self, function, name="speaker"):
        self.name, self._function = name, function
        self.prompts = []

    async def chat(self, request):
        (message,) = request.messages
        self.prompts.append(message["content"])
        await asyncio.sleep(0)
        found = self._function(message["content"])
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, ChatAnswer) else ChatAnswer(content=found)


def kind_of(prompt):
    """Return which question a prompt asks."""
    if "You compare two" in prompt:
        return "better"
    if "can be fulfilled with the tools" in prompt:
        return "task"
    return "detail" if "Look at the way it took" in prompt else "status"


def scripted(**words):
    """Return a speaker with a fixed word for each kind of question."""
    return Speaker(lambda prompt: said(words[kind_of(prompt)]))


def tooleval(speaker):
    return ToolEval(Judge(speaker))


def answer(final="The sum is 7.", task="t1", finished=True, more=()):
    lines = (*more, Line("tool", '{"sum":7}', "add", '{"a":3,"b":4}'), Line("assistant", final))
    tool = {"name": "add", "description": "Adds.", "parameters": {"type": "object"}}
    return Answer(task, "What is 3 and 4?", (tool,), lines, final, finished)
