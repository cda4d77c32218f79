"""Models that put a user's words into other words, rightly or in ways that must be found out. No language model."""

import re

from toolbench.llm.script import Answer, text_of
from toolbench.llm.scripted import ScriptedModel
from toolbench.model import ChatAnswer

WRITES = "You write what a person types"
PLAIN = re.compile(r"in plain wording:\n\n(.*?)(?:\n\nThese must be there:|\Z)", re.DOTALL)
OPENINGS = ("So, here is what I am after. ", "Right, next thing on my list. ", "Listen, I have got something for you. ")


def plain_wording(messages):
    """The scripted words that a request is about."""
    return PLAIN.search(text_of(messages[1]))[1].strip()


class Rephraser:
    """Says the same with another beginning; `spoil` makes something else of it, the first `times` times."""

    name = "rephraser"

    def __init__(self, spoil=None, times=10**6, same=True):
        self.spoil, self.times, self.same = spoil, times, same
        self.requests = []

    async def chat(self, request):
        self.requests.append(request)
        return ChatAnswer(content=self.answer(list(request.messages)))

    def answer(self, messages):
        if WRITES not in text_of(messages[0]):
            return '{"difference": "", "same": %s}' % ("true" if self.same else "false")
        words = plain_wording(messages)
        if self.spoil and self.times > 0:
            self.times -= 1
            return self.spoil(words)
        return OPENINGS[len(words) % len(OPENINGS)] + words


class Served(ScriptedModel):
    """The same behind an endpoint."""

    def __init__(self, **given):
        super().__init__()
        self.inner = Rephraser(**given)

    def answer(self, request):
        self.asked += 1
        return Answer(content=self.inner.answer(request["messages"]))
