"""Questions that take reasoning, each with the reasoning and the answer."""

from collections.abc import Sequence

from toolbench.create._grounding import ground, location
from toolbench.create._pairs import MOST_NAMED, pairs_schema
from toolbench.create._rows import question_key, rows_in
from toolbench.create._summaries import summarise
from toolbench.create._templates import ours
from toolbench.create.base import Asker, Creator, Job, Options, Question, Source
from toolbench.llm.own_prompts import user_message
from toolbench.model import JsonObject

__all__ = ["CotCreator"]

FIELDS = ("question", "reasoning", "answer")


class CotOptions(Options):
    """What examples with reasoning can be told."""

    summary: bool = True
    """Whether the file begins with a summary of the document, as synthetic-data-kit writes it."""


class CotCreator(Creator[CotOptions]):
    """Asks for examples made of each chunk."""

    suffix = "cot_examples"
    key = "cot_examples"
    count = 5
    options = CotOptions

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:
        """Return examples made of a chunk, each with its place."""
        found = await asker.ask(self._question(job, wanted, known), lambda text: rows_in(text, FIELDS)) or []
        return [self._placed(row, job) for row in found]

    def fault(self, row: JsonObject, job: Job) -> str:  # noqa: ARG002 - the place is in the row
        """Return why an example is not kept."""
        return "" if all(row[name] for name in FIELDS) else "incomplete"

    def identity(self, row: JsonObject) -> str:
        """Return the question's words."""
        return question_key(row["question"])

    async def preface(self, source: Source, asker: Asker) -> JsonObject:
        """Return the summary."""
        return {"summary": (await summarise(source, self.settings, asker) or "") if self.told.summary else ""}

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return the content of the file: the examples, and the same as conversations."""
        return {**super().content(rows, preface), "conversations": [_conversation(row) for row in rows]}

    def _question(self, job: Job, wanted: int, known: Sequence[JsonObject]) -> Question:
        asked = [row["question"] for row in known][-MOST_NAMED:]
        own, text = self.settings.prompts.get("cot_generation"), job.chunk.text if job.chunk else ""
        if own:
            note = ours.render("known", known=asked)
            values = {"num_examples": wanted, "num_pairs": wanted, "text": text}
            return Question((user_message(own, values, [note] if note else []),))
        headings = job.chunk.headings if job.chunk else ()
        prompt = ours.render("cot", wanted=wanted, text=text, headings=headings, known=asked)
        return Question(({"role": "user", "content": prompt},), pairs_schema("cot_examples", FIELDS))

    def _placed(self, row: JsonObject, job: Job) -> JsonObject:
        if job.chunk is None:
            return row
        # A conclusion need not stand in the text, so nothing is dropped for it.
        grounds = ground(f"{row['reasoning']} {row['answer']}", job.chunk)
        support = round(grounds.support, 3) if grounds else 0.0
        return row | {"location": location(job.chunk, grounds), "support": support}


def _conversation(row: JsonObject) -> list[JsonObject]:
    return [
        {"role": "user", "content": row["question"]},
        {"role": "assistant", "content": f"{row['reasoning']}\n\n{row['answer']}"},
    ]
