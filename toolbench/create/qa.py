"""Questions with answers, each traced to the place in the document that it comes from."""

from collections.abc import Sequence
from typing import Literal

from toolbench.create._grounding import ground, location
from toolbench.create._pairs import MOST_NAMED, pairs_schema
from toolbench.create._rows import question_key, rows_in
from toolbench.create._summaries import summarise
from toolbench.create._templates import ours
from toolbench.create.base import Asker, Creator, Job, Options, Question, Source
from toolbench.llm.own_prompts import user_message
from toolbench.model import JsonObject

__all__ = ["QaCreator"]

FIELDS = ("question", "answer")


class QaOptions(Options):
    """What questions with answers can be told."""

    grounded: Literal["auto", "drop", "mark"] = "auto"
    """What becomes of an answer of which nothing is found in its chunk: it is dropped, or kept and marked. `auto`
    drops it, unless the prompt is the user's own, which may ask for something else than what the text says."""
    summary: bool = True
    """Whether the file begins with a summary of the document, as synthetic-data-kit writes it."""


class QaCreator(Creator[QaOptions]):
    """Asks for questions about each chunk."""

    suffix = "qa_pairs"
    key = "qa_pairs"
    count = 25
    options = QaOptions

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:
        """Return pairs made of a chunk, each with its place."""
        found = await asker.ask(self._question(job, wanted, known), lambda text: rows_in(text, FIELDS)) or []
        return [self._placed(row, job) for row in found]

    def fault(self, row: JsonObject, job: Job) -> str:  # noqa: ARG002 - the place is in the row
        """Return why a pair is not kept."""
        if not (row["question"] and row["answer"]):
            return "incomplete"
        return "ungrounded" if row["support"] == 0 and self._drops() else ""

    def identity(self, row: JsonObject) -> str:
        """Return the question's words."""
        return question_key(row["question"])

    async def preface(self, source: Source, asker: Asker) -> JsonObject:
        """Return the summary."""
        if not self.told.summary:
            return {"summary": ""}
        return {"summary": await summarise(source, self.settings, asker) or ""}

    def _question(self, job: Job, wanted: int, known: Sequence[JsonObject]) -> Question:
        asked = [row["question"] for row in known][-MOST_NAMED:]
        own, text = self.settings.prompts.get("qa_generation"), job.chunk.text if job.chunk else ""
        if own:
            # What form the answer has, the prompt itself says.
            note = ours.render("known", known=asked)
            return Question((user_message(own, {"num_pairs": wanted, "text": text}, [note] if note else []),))
        headings = job.chunk.headings if job.chunk else ()
        prompt = ours.render("qa", wanted=wanted, text=text, headings=headings, known=asked)
        return Question(({"role": "user", "content": prompt},), pairs_schema("qa_pairs", FIELDS))

    def _placed(self, row: JsonObject, job: Job) -> JsonObject:
        if job.chunk is None:
            return row | {"support": 0.0}
        grounds = ground(row["answer"], job.chunk, row["question"])
        return row | {
            "location": location(job.chunk, grounds),
            "support": round(grounds.support, 3) if grounds else 0.0,
        }

    def _drops(self) -> bool:
        own = "qa_generation" in self.settings.prompts
        return not own if self.told.grounded == "auto" else self.told.grounded == "drop"
