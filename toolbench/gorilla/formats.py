"""What rows become: Gorilla's instruction and output, chats for training and for tests."""

from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.rows import DocRow
from toolbench.gorilla.templates import INSTRUCTION, OUTPUT, question_of, response, system
from toolbench.model import JsonObject


def gorilla(row: DocRow, doc: ApiDoc) -> JsonObject:
    """Return a row as APIBench's are: the prompt and the output as one text, the call, the provider, the API's data.

    Args:
        row: the row.
        doc: the document in the doc set that the instruction was written for.
    """
    right = row.answer if row.answer.covered else row.closed_book
    return {
        "code": f"{INSTRUCTION}{question_of(row)}\n{OUTPUT}{response(row.answer)}",
        "api_call": row.answer.call,
        "provider": right.provider,
        "api_data": doc.document,
    }


def openai(row: DocRow) -> JsonObject:
    """Return a row as a chat; only the answer is trained on."""
    return {
        "messages": [*prompt(row), {"role": "assistant", "content": response(row.answer), "weight": 1}],
    }


def prompt(row: DocRow) -> list[JsonObject]:
    """Return the messages that a model is asked with, in training and in tests."""
    return [
        {"role": "system", "content": system(row.policy, row.style)},
        {"role": "user", "content": question_of(row)},
    ]
