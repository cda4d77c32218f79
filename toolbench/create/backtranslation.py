"""Instructions for given texts, after Instruction Backtranslation: made backwards, and rated by the model itself."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from toolbench.create._given import given_pairs, given_records
from toolbench.create._grounding import location
from toolbench.create._rows import question_key, rows_in
from toolbench.create._templates import ours
from toolbench.create.base import Asker, Creator, Job, Options, Question
from toolbench.llm.asking import short
from toolbench.model import Json, JsonObject, is_object

__all__ = ["BacktranslationCreator"]

SCORES = range(1, 6)

_INSTRUCTION: JsonObject = {
    "type": "object",
    "properties": {"instruction": {"type": "string"}},
    "required": ["instruction"],
    "additionalProperties": False,
}
_SCORE: JsonObject = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "score": {"type": "integer", "enum": list(SCORES)}},
    "required": ["reason", "score"],
    "additionalProperties": False,
}


class BacktranslationOptions(Options):
    """What backtranslation can be told."""

    seed_pairs: Path | None = None
    """A file of trusted pairs: examples of the first round, and part of what is written."""
    before: Path | None = None
    """What the round before wrote: its best pairs are the examples of this one."""
    threshold: int = Field(default=4, ge=1, le=5)
    """Least score that is kept, 1 to 5."""
    examples: int = Field(default=3, ge=0)
    """Pairs shown as examples, at most."""
    system_seed: str = "You are a helpful assistant. Answer as an expert would, to the point."
    """System prompt of the trusted pairs' rows."""
    system_augmented: str = "You are a helpful assistant. Answer with what is known from documents."
    """System prompt of the rows made here, so that a model learns which is which."""


class BacktranslationCreator(Creator[BacktranslationOptions]):
    """Asks of each passage what it answers, and then how well it does."""

    suffix = "backtranslated"
    key = "pairs"
    counted = False
    options = BacktranslationOptions

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:  # noqa: ARG002
        """Return the pair of a passage, with its score."""
        if job.chunk is None:
            return []
        passage = job.chunk.text
        prompt = ours.render("backtranslation", passage=passage, examples=self._examples)
        instruction = await asker.ask(Question(({"role": "user", "content": prompt},), _INSTRUCTION), _instruction)
        if not instruction:
            return []
        prompt = ours.render("backtranslation_score", instruction=instruction, response=passage)
        judged = await asker.ask(Question(({"role": "user", "content": prompt},), _SCORE), _score)
        if judged is None:
            return []
        row = self._row(instruction, passage, "augmented") | {"score": judged[0], "reason": judged[1]}
        return [row | {"round": self._round, "location": location(job.chunk)}]

    def fault(self, row: JsonObject, job: Job) -> str:  # noqa: ARG002 - all of it is in the row
        """Return why a pair is not kept."""
        return "below_threshold" if row["score"] < self.told.threshold else ""

    def identity(self, row: JsonObject) -> str:
        """Return the instruction's words."""
        return question_key(row["instruction"])

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return the trusted pairs and those made, each with its system prompt."""
        seeds = [self._row(one["instruction"], one["output"], "seed") for one in self._seeds]
        return super().content([*seeds, *rows], preface) | {"round": self._round}

    @cached_property
    def _seeds(self) -> list[JsonObject]:
        pairs = given_pairs(self.told.seed_pairs) if self.told.seed_pairs else []
        return [{"instruction": pair.question, "output": pair.answer} for pair in pairs]

    @cached_property
    def _before(self) -> list[JsonObject]:
        """The pairs that the round before made, the best first."""
        made = given_records(self.told.before) if self.told.before else []
        made = [row for row in made if row.get("origin") == "augmented" and isinstance(row.get("score"), int)]
        return sorted(made, key=lambda row: -row["score"])

    @cached_property
    def _examples(self) -> list[JsonObject]:
        """Pairs shown: the best of the round before, or else trusted ones."""
        return [*self._before, *self._seeds][: self.told.examples]

    @property
    def _round(self) -> int:
        return 1 + max((int(row.get("round", 1)) for row in self._before), default=0)

    def _row(self, instruction: str, output: str, origin: Literal["seed", "augmented"]) -> JsonObject:
        system = self.told.system_seed if origin == "seed" else self.told.system_augmented
        return {"instruction": instruction, "output": output, "system": system, "origin": origin}


def _instruction(text: str) -> str:
    found = rows_in(text, ("instruction",))[0]["instruction"]
    if not found:
        raise ValueError(f"an empty instruction in {short(text)!r}")
    return found


def _score(text: str) -> tuple[int, str]:
    from toolbench.llm.asking import objects

    for found in objects(text):
        score: Json = found.get("score")
        if is_object(found) and isinstance(score, int | float | str) and str(score).strip() in map(str, SCORES):
            return int(str(score).strip()), str(found.get("reason") or "").strip()
    raise ValueError(f"no score from 1 to 5 in {short(text)!r}")
