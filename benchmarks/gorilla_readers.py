"""Three scripted models under all conditions: one copies, one knows the APIs by heart, one reads.

`python -m benchmarks.gorilla_readers [ROWS]`. The copier calls the API of the first document that it is shown, with
whatever values stand in quotation marks or as numbers; without a document it makes one up. The closed-book model knows every
API as it was, and looks at no document. The ideal reader picks the document whose answer the row asks for, as the
documents shown tell it, and says so where there is none.
"""

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path

from toolbench.gorilla.rows import DocRow
from toolbench.gorilla.templates import read_question, response
from toolbench.model import ChatAnswer, ChatRequest
from toolbench.pipeline.create_apis import ApiWishes, create_apis
from toolbench.pipeline.evaluate_apis import MEASURES, ApiEvaluation, DataSet, answered, judged, read_data_set
from toolbench.specs import open_catalogue


class Copier:
    """Copies the first document's call."""

    name = "copier"

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        instruction, documents = read_question(str(request.messages[-1]["content"]))
        if not documents:
            return ChatAnswer(content="<<<api_call>>>: assistant.do_what_is_asked()")
        first = documents[0]
        values = [json.dumps(value) for value in re.findall(r'"([^"]+)"', instruction)] or ["1"]
        names = [name for name, about in (first.get("api_arguments") or {}).items() if about.get("required") is True]
        given = ", ".join(f"{name}={values[min(at, len(values) - 1)]}" for at, name in enumerate(names))
        name = first["api_call"].partition("(")[0]
        call = f"{name}({given})" if "api_arguments" in first else first["api_call"]
        return ChatAnswer(content=f"<<<domain>>>: {first.get('domain')}\n<<<api_call>>>: {call}")


class FromRows:
    """Answers what a table of prompts says.

    Args:
        name: its name.
        answers: what is answered, by instruction.
    """

    def __init__(self, name: str, answers: dict[str, str]) -> None:
        self.name, self._answers = name, answers

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        instruction, _ = read_question(str(request.messages[-1]["content"]))
        return ChatAnswer(content=self._answers[instruction])


def closed_book(rows: tuple[DocRow, ...]) -> FromRows:
    return FromRows("closed-book", {row.instruction: response(row.closed_book) for row in rows})


def ideal(rows: tuple[DocRow, ...]) -> FromRows:
    return FromRows("ideal reader", {row.instruction: response(row.answer) for row in rows})


def evaluated(data: DataSet) -> list[ApiEvaluation]:
    """Return how the three fare."""
    models = (Copier(), closed_book(data.rows), ideal(data.rows))
    return [
        judged(model.name, data, asyncio.run(answered(model, data.rows, concurrency=8)))[0] for model in models
    ]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        create_apis(ApiWishes(apis=tuple(open_catalogue().ids()), count=count), Path(folder))
        for found in evaluated(read_data_set(Path(folder))):
            print(f"\n{found.name}: {found.rows} rows")
            print(f"  {'condition':<16}{'rows':>6}" + "".join(f"{name:>14}" for name in MEASURES))
            for name, rates in [*found.conditions.items(), ("all", found.overall)]:
                cells = [_cell(*rates.counts.get(measure, (0, 0))) for measure in MEASURES]
                print(f"  {name:<16}{rates.answers:>6}" + "".join(f"{cell:>14}" for cell in cells))


def _cell(some: int, total: int) -> str:
    return f"{some / total:.1%}" if total else "-"


if __name__ == "__main__":
    main()
