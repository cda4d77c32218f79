"""Answers to questions, out of a corpus."""

import re

from toolbench.model import Document
from toolbench.toolformer.base import CallTool, Sample, ToolError, one_text
from toolbench.toolformer.candidates import unquoted
from toolbench.toolformer.passages import Passages, sentences, telling

__all__ = ["QA"]

PASSAGES = 5
"""Passages in which the answer is looked for."""

LEAST = 0.5
"""Share of a question's words that the answer's sentence must have."""

_NAME = r"[A-Z][\w'\u2019-]*(?:\s+(?:(?:of|the|de|van|von)\s+)?[A-Z][\w'\u2019-]*)*"
_DATE = r"(?:[A-Z][a-z]+ \d{1,2}, )?\b\d{4}\b"
_NUMBER = r"\b\d[\d,]*(?:\.\d+)?(?:\s+[a-z]+)?"
_FORMS = (
    (re.compile(r"\b(?:when|what year|which year)\b", re.IGNORECASE), re.compile(_DATE)),
    (re.compile(r"\bhow (?:many|much|old|long|tall|far|high|deep|large)\b", re.IGNORECASE), re.compile(_NUMBER)),
    (re.compile(r"\b(?:who|whom|whose)\b", re.IGNORECASE), re.compile(_NAME)),
    (re.compile(r"\bwhere\b", re.IGNORECASE), re.compile(rf"(?:(?<=in )|(?<=at )|(?<=on )|(?<=near )){_NAME}")),
)
_WORD = re.compile(r"[\w'\u2019-]+")


class QA(CallTool):
    """Finds the sentence that fits a question best, and in it what is asked for.

    Args:
        corpus: where it looks.
    """

    name = "QA"
    purpose = "It answers a question about a fact."
    advice = "In the parentheses stands the question, in quotes."
    samples = (
        Sample(
            "The lighthouse of Garrow Point was built by Edmund Stroud in 1841.",
            'The lighthouse of Garrow Point was built by <API>QA("Who built the lighthouse of Garrow Point?")</API>'
            " Edmund Stroud in 1841.",
        ),
        Sample(
            "Coca-Cola, or Coke, was first sold in Atlanta.",
            'Coca-Cola, or Coke, was first sold in <API>QA("Where was Coca-Cola first sold?")</API> Atlanta.',
        ),
        Sample(
            "The abbey was closed in 1538 and its library was lost.",
            'The abbey was closed in <API>QA("When was the abbey closed?")</API> 1538 and its library was lost.',
        ),
        Sample(
            "The valley is known for its cheese, which ripens in caves.",
            'The valley is known for <API>QA("What is the valley known for?")</API> its cheese, which ripens in caves.',
        ),
    )
    parameters = one_text("question", "A question about a fact.")

    def __init__(self, corpus: Passages) -> None:
        self._corpus = corpus

    async def run(self, argument: str, document: Document) -> str:
        """Return the answer, a few words."""
        del document
        question = unquoted(argument)
        found = [line for passage in self._corpus.find(question, PASSAGES) for line in sentences(passage.text)]
        wanted = set(telling(question))
        ranked = sorted(dict.fromkeys(found), key=lambda line: -len(wanted & set(telling(line))))
        for line in ranked:
            if len(wanted & set(telling(line))) < LEAST * len(wanted):
                break
            if answer := _answer(question, line):
                return answer
        raise ToolError("no answer is found")


def _answer(question: str, line: str) -> str:
    """Return what a sentence says that a question asks for; empty where it says nothing of the kind."""
    known = {word.casefold() for word in re.findall(r"\w+", question)}
    form = next((answer for asked, answer in _FORMS if asked.search(question)), None)
    if form:
        new = (found[0] for found in form.finditer(line) if not _words(found[0]) <= known)
        return next((text for text in new if text.split()[0].casefold() not in known), "")
    # What else is asked for is the longest run of words that the question does not have, after those that it has.
    runs, run = list[str](), list[str]()
    for word in (*_WORD.findall(line), ""):
        if word and word.casefold() not in known:
            run.append(word)
        elif run:
            runs.append(" ".join(run))
            run = []
    return max(runs[1:] or runs, key=len, default="")


def _words(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"\w+", text)}
