"""Short stories of simple words only, after TinyStories: required words and features, difficulties 1 to 5."""

import random
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from toolbench.create._readability import measure
from toolbench.create._templates import ours
from toolbench.create._vocabulary import ADJECTIVES, NOUNS, VERBS, Vocabulary, read_vocabulary, simple
from toolbench.create.base import Asker, Creator, Job, Options, Question, Source
from toolbench.llm.asking import short
from toolbench.model import JsonObject

__all__ = ["StoryCreator"]

LEVELS = 5

SLOTS = 400
"""Different draws of words and features for a level, before any comes twice."""

FEATURES = (
    "somebody says what they think, in their own words",
    "it ends badly",
    "it ends with a lesson",
    "something happens that nobody expected",
    "an early sentence hints at how it ends",
    "somebody helps somebody else",
    "two who quarrelled become friends again",
    "somebody is afraid at first",
)

LENGTHS = ((20, 60), (30, 90), (40, 140), (60, 200), (80, 300))
"""Fewest and most words of a story, by level; a third more or less is let pass."""

SENTENCES = (6, 8, 10, 12, 15)
"""Words of a sentence that are asked for, at most, by level."""


class StoryOptions(Options):
    """What stories can be told."""

    vocabulary: Path | None = None
    """A text of words in place of the built-in 1,400, perhaps under `[nouns]`, `[verbs]` and `[adjectives]`."""
    words: int = 3
    """Words that a story must have: a verb, a noun, an adjective, and so on in turn."""
    max_grade: float = 6.0
    """Highest Flesch-Kincaid grade of a story."""


class StoryCreator(Creator[StoryOptions]):
    """Asks for a story at a time; what it holds is checked by code."""

    reads = "nothing"
    suffix = "stories"
    key = "stories"
    count = 20
    options = StoryOptions

    def jobs(self, source: Source) -> Sequence[Job]:
        """Return the draws, level by level."""
        slots = range(1, SLOTS + 1)
        return [Job(f"level {level}, {slot}", source) for level in range(1, LEVELS + 1) for slot in slots]

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:
        """Return stories, each with the words and the feature that it was to have, and what was measured in it."""
        made: list[JsonObject] = []
        for number in range(len(known), len(known) + wanted):
            told = self._draw(job, number)
            prompt = ours.render("story", **told, known_words=self._sample(job, number))
            story = await asker.ask(Question(({"role": "user", "content": prompt},)), _story)
            made += [_row(story, told)] if story else []
        return made

    def fault(self, row: JsonObject, job: Job) -> str:  # noqa: ARG002 - all of it is in the row
        """Return why a story is not kept."""
        fewest, most = LENGTHS[int(row["asked_level"]) - 1]
        if self._vocabulary.strangers(row["text"]):
            return "outside_vocabulary"
        if self._vocabulary.missing(row["text"], row["words"]):
            return "required_word_missing"
        if not 2 / 3 * fewest <= measure(row["text"]).words <= 4 / 3 * most:
            return "wrong_length"
        return "hard_to_read" if row["grade"] > self.told.max_grade else ""

    def identity(self, row: JsonObject) -> str:
        """Return the story's words."""
        return " ".join(row["text"].casefold().split())

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return the stories in the order of their difficulty, each with the level that it falls into."""
        return super().content(_levelled(rows), preface) | {"vocabulary": self._vocabulary.size}

    def parts(self, rows: Sequence[JsonObject]) -> Mapping[str, Sequence[JsonObject]]:
        """Return the levels of the curriculum."""
        levelled = _levelled(rows)
        levels = range(1, LEVELS + 1)
        return {f"level_{level}": [row for row in levelled if row["level"] == level] for level in levels}

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return read_vocabulary(self.told.vocabulary) if self.told.vocabulary else simple()

    def _draw(self, job: Job, number: int) -> JsonObject:
        luck = random.Random(f"{self.settings.seed}/{job.id}/{number}")
        level = int(job.id.split(",")[0].removeprefix("level "))
        kinds = self._vocabulary.kinds
        all_words = [word for words in kinds.values() for word in words]
        turns = [kinds.get(kind) or all_words for kind in (VERBS, NOUNS, ADJECTIVES)]
        words = [luck.choice(turns[turn % 3]) for turn in range(self.told.words)]
        fewest, most = LENGTHS[level - 1]
        return {
            "words": list(dict.fromkeys(words)),
            "feature": luck.choice(FEATURES),
            "asked_level": level,
            "fewest": fewest,
            "most": most,
            "sentence": SENTENCES[level - 1],
        }

    def _sample(self, job: Job, number: int) -> list[str]:
        """Return some words of the vocabulary, to show of what kind they are."""
        luck = random.Random(f"{self.settings.seed}/{job.id}/{number}/shown")
        words = sorted({word for words in self._vocabulary.kinds.values() for word in words})
        return sorted(luck.sample(words, min(60, len(words))))


def _story(text: str) -> str:
    story = text.strip().strip("`").strip()
    if len(story.split()) < 5:
        raise ValueError(f"no story in {short(text)!r}")
    return story


def _row(story: str, told: JsonObject) -> JsonObject:
    measured = measure(story)
    return {
        "text": story,
        "words": told["words"],
        "feature": told["feature"],
        "asked_level": told["asked_level"],
        "grade": round(measured.grade, 2),
        "difficulty": round(measured.difficulty, 6),
    }


def _levelled(rows: Sequence[JsonObject]) -> list[JsonObject]:
    """Return rows in the order of their measured difficulty, cut into levels of about the same size."""
    ordered = sorted(rows, key=lambda row: (row["difficulty"], row["text"]))
    edges = [len(ordered) * level // LEVELS for level in range(LEVELS + 1)]
    return [
        row | {"level": level} for level, (begin, end) in enumerate(pairwise(edges), 1) for row in ordered[begin:end]
    ]
