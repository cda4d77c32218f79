"""The one form of prompts and answers, for training and for tests alike: what a model is trained on is what it is
asked.

A prompt is the instruction, and for each document shown the line `Use this API documentation for reference: {…}`. An
answer names domain, call, provider and explanation, each behind its mark.
"""

import re
from collections.abc import Sequence

import orjson

from toolbench.gorilla.docset import shown
from toolbench.gorilla.rows import Answer, DocRow, Missing
from toolbench.model import JsonObject, is_object
from toolbench.prompts import Prompts

REFERENCE = "Use this API documentation for reference: "
"""What stands before each document."""

INSTRUCTION, OUTPUT = "###Instruction: ", "###Output: "
NOTHING = "none"
"""What stands in place of a call where there is none."""

_PROMPTS = Prompts("toolbench.gorilla")
_FIELD = re.compile(r"<<<(\w+)>>>\s*:[ \t]*")


def system(policy: Missing, style: str) -> str:
    """Return what a model is told before all else."""
    return _PROMPTS.render("system", policy=policy, style=style)


def question(instruction: str, documents: Sequence[JsonObject]) -> str:
    """Return what a model is asked."""
    return "\n".join([instruction, *(f"{REFERENCE}{shown(document)}" for document in documents)])


def question_of(row: DocRow) -> str:
    """Return what a model is asked in a row."""
    return question(row.instruction, [one.content for one in row.documents])


def response(answer: Answer) -> str:
    """Return an answer as a model gives it."""
    fields = {
        "domain": answer.domain or NOTHING,
        "api_call": answer.call or NOTHING,
        "api_provider": answer.provider or NOTHING,
        "explanation": answer.explanation,
    }
    return "\n".join(f"<<<{name}>>>: {value}" for name, value in fields.items())


def read_response(text: str) -> dict[str, str]:
    """Return the fields of an answer; what lacks its marks has none."""
    parts = _FIELD.split(text)
    return {name: value.strip() for name, value in zip(parts[1::2], parts[2::2], strict=True)}


def read_question(text: str) -> tuple[str, list[JsonObject]]:
    """Return the instruction and the documents of a prompt."""
    lines = text.split("\n")
    documents = [orjson.loads(line.removeprefix(REFERENCE)) for line in lines if line.startswith(REFERENCE)]
    words = [line for line in lines if not line.startswith(REFERENCE)]
    return "\n".join(words), [document for document in documents if is_object(document)]
