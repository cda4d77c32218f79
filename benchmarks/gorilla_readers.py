"""Three scripted models under all conditions: one copies, one knows the APIs by heart, one reads.

`python -m benchmarks.gorilla_readers [ROWS]`. None of them sees the right answers.

- The copier calls the API of the first document that it is shown, with the values that the request gives for it;
without a document it makes an API up.
- The closed-book model knows what each request means and every API as it is in the doc set; it looks at no document.
- The ideal reader knows what each request means, too, as values by what they are for. Which API is called, how, what
must be given and what is a default, it takes from the documents shown, and without any from what it knows.
"""

import asyncio
import json
import re
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.rows import DocRow
from toolbench.gorilla.templates import read_question
from toolbench.model import ChatAnswer, ChatRequest
from toolbench.pipeline.create_apis import ApiWishes, create_apis
from toolbench.pipeline.evaluate_apis import MEASURES, ApiEvaluation, DataSet, answered, judged, read_data_set
from toolbench.specs import open_catalogue

Document = dict[str, Any]


class Reader(ABC):
    """What the three share: what each request means, a prompt taken apart, an answer put together.

    Args:
        rows: the requests.
        docs: the doc set.
    """

    name = ""

    def __init__(self, rows: Sequence[DocRow], docs: Sequence[ApiDoc]) -> None:
        by_id = {doc.id: doc for doc in docs}
        self.known = {row.instruction: (by_id[row.api], row.closed_book.arguments) for row in rows}

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        instruction, documents = read_question(str(request.messages[-1]["content"]))
        call, domain = self.call(instruction, documents)
        return ChatAnswer(content=f"<<<domain>>>: {domain}\n<<<api_call>>>: {call or 'none'}")

    @abstractmethod
    def call(self, instruction: str, documents: list[Document]) -> tuple[str, str]:
        """Return the call, or nothing, and its domain."""

    def by_heart(self, instruction: str) -> tuple[str, str]:
        """Return the call as the API was known."""
        doc, arguments = self.known[instruction]
        return written(doc.name, dict(arguments)), doc.domain


class ClosedBook(Reader):
    """Knows the APIs, and looks at no document."""

    name = "closed-book"

    def call(self, instruction: str, documents: list[Document]) -> tuple[str, str]:  # noqa: ARG002
        return self.by_heart(instruction)


class Copier(Reader):
    """Takes the first document for the right one, whatever it is of."""

    name = "copier"

    def call(self, instruction: str, documents: list[Document]) -> tuple[str, str]:
        if not documents:
            return "assistant.do_what_is_asked()", ""
        first, (doc, meant) = documents[0], self.known[instruction]
        arguments: Document = first.get("api_arguments") or {}
        given = {name: meant_by(name, about, doc, meant, arguments) for name, about in arguments.items()}
        for name, about in arguments.items():
            if given[name] is None and about.get("required") is True:
                given[name] = found_in(instruction, about) or next(iter(meant.values()), 1)
        held = {name: value for name, value in given.items() if value is not None}
        return written(first["api_call"].partition("(")[0], held), first.get("domain", "")


class IdealReader(Reader):
    """Knows what each request means, and reads the rest."""

    name = "ideal reader"

    def call(self, instruction: str, documents: list[Document]) -> tuple[str, str]:
        if not documents:
            return self.by_heart(instruction)
        doc, meant = self.known[instruction]
        fitting = [one for one in documents if one.get("functionality") == doc.description and of_same_use(one, doc)]
        usable = [one for one in fitting if not (one.get("deprecated") and one.get("successor"))]
        if not usable:
            return "", ""
        shown = usable[0]
        arguments: Document = shown.get("api_arguments") or {}
        given: Document = {}
        for name, about in arguments.items():
            value = meant_by(name, about, doc, meant, arguments)
            if value is None and about.get("required") is True:
                value = found_in(instruction, about)
            if value is not None and not (about.get("required") is not True and about.get("default") == value):
                given[name] = value
        return written(shown["api_call"].partition("(")[0], given), shown.get("domain", "")


def of_same_use(shown: Document, doc: ApiDoc) -> bool:
    """Tell whether a document is of the API meant: most of what it takes is described alike."""
    known = [told(one.content) for one in doc.parameters]
    said = [told(about) for about in (shown.get("api_arguments") or {}).values()]
    return sum(one in known for one in said) >= len(known) - 1


def told(about: Document) -> str:
    return json.dumps(
        {key: value for key, value in about.items() if key not in ("required", "default")}, sort_keys=True
    )


def meant_by(name: str, about: Document, doc: ApiDoc, meant: Document, shown: Document) -> Any:
    """Return the value meant for an argument: by its name, or, under a name that is new, by what is said of it."""
    if doc.parameter(name) is not None:
        return meant.get(name)
    gone = [one for one in doc.parameters if one.name not in shown and told(one.content) == told(about)]
    return meant.get(gone[0].name) if gone else None


def found_in(instruction: str, about: Document) -> Any:
    """Return the value that the end of a request gives for an argument that is new."""
    last = instruction.rpartition("It should be with ")[2].rstrip(".")
    if options := about.get("enum"):
        return next((option for option in options if option in last), None)
    if about.get("type") == "integer":
        number = re.search(r"\d+", last)
        return int(number[0]) if number else None
    quoted = re.search(r'"([^"]+)"', last) or re.search(r"(\S+)$", last)
    return quoted[1] if quoted else None


def written(name: str, given: Document) -> str:
    odd = {key: value for key, value in given.items() if not key.isidentifier() or key in ("from", "class", "in")}
    parts = [f"{key}={value!r}" for key, value in given.items() if key not in odd]
    return f"{name}({', '.join([*parts, *([f'**{odd!r}'] if odd else [])])})"


def evaluated(data: DataSet) -> list[ApiEvaluation]:
    """Return how the three fare."""
    models = [kind(data.rows, data.docs) for kind in (Copier, ClosedBook, IdealReader)]
    return [judged(model.name, data, asyncio.run(answered(model, data.rows, concurrency=8)))[0] for model in models]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        create_apis(ApiWishes(apis=tuple(open_catalogue().ids()), count=count), Path(folder))
        for found in evaluated(read_data_set(Path(folder))):
            print(f"\n{found.name}: {found.rows} rows")
            print(f"  {'condition':<16}{'rows':>6}" + "".join(f"{name:>14}" for name in MEASURES))
            for name, rates in [*found.in_order(), ("all", found.overall)]:
                cells = [cell(*rates.counts.get(measure, (0, 0))) for measure in MEASURES]
                print(f"  {name:<16}{rates.answers:>6}" + "".join(f"{one:>14}" for one in cells))


def cell(some: int, total: int) -> str:
    return f"{some / total:.1%}" if total else "-"


if __name__ == "__main__":
    main()
