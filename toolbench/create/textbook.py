"""Sections of a textbook, after Textbooks Are All You Need: exposition, exercises, solutions; in an order."""

import random
from collections.abc import Sequence

import networkx
from pydantic import Field

from toolbench.create import _sandbox
from toolbench.create._rows import question_key
from toolbench.create._templates import ours
from toolbench.create.base import Asker, Creator, Job, Options, Question, Source
from toolbench.errors import InputError
from toolbench.llm.asking import objects, short
from toolbench.model import Json, JsonObject, is_array, is_object

__all__ = ["TextbookCreator"]

EXERCISE = ("question", "solution", "code", "tests")

_TEXT: JsonObject = {"type": "string"}
_SECTION: JsonObject = {
    "type": "object",
    "properties": {
        "exposition": _TEXT,
        "exercises": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": dict.fromkeys(EXERCISE, _TEXT),
                "required": list(EXERCISE),
                "additionalProperties": False,
            },
        },
    },
    "required": ["exposition", "exercises"],
    "additionalProperties": False,
}
_VALUE: JsonObject = {
    "type": "object",
    "properties": {"reason": _TEXT, "value": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["reason", "value"],
    "additionalProperties": False,
}


class TextbookOptions(Options):
    """What sections can be told."""

    exercises: int = Field(default=2, ge=0)
    """Exercises of a section."""
    variations: int = Field(default=1, ge=1)
    """Sections made of each concept, each for other readers and with another setting."""
    audiences: tuple[str, ...] = (
        "pupils of twelve",
        "students in their first year",
        "professionals of another field",
        "self-taught programmers",
        "curious adults",
    )
    """Readers, drawn by the seed."""
    settings: tuple[str, ...] = (
        "everyday life",
        "sports",
        "cooking",
        "music",
        "nature",
        "travelling",
        "running a small shop",
        "games",
        "a laboratory",
    )
    """Where examples and exercises are set, drawn by the seed."""
    threshold: int = Field(default=7, ge=1, le=10)
    """Least educational value that is kept, 1 to 10, by the model's own opinion."""
    execute: bool = False
    """Whether code of exercises is executed with its tests, in a process of its own within limits. Without it such
    exercises are marked as unexecuted."""


class TextbookCreator(Creator[TextbookOptions]):
    """Asks for a section on each concept of an outline, and for its value."""

    reads = "records"
    suffix = "textbook"
    key = "sections"
    counted = False
    options = TextbookOptions

    def jobs(self, source: Source) -> Sequence[Job]:
        """Return the concepts, each as often as there are variations.

        Raises:
            InputError: a record names no concept.
        """
        made: list[Job] = []
        for at, record in enumerate(source.records, 1):
            concept = str(record.get("concept") or "").strip()
            if not concept:
                hint = "An outline's records look like {concept, prerequisites}; `create --type outline` makes one."
                raise InputError("no `concept`", where=f"{source.path}, record {at}", hint=hint)
            made += [self._job(source, record, concept, number) for number in range(1, self.told.variations + 1)]
        return made

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:  # noqa: ARG002
        """Return the section on a concept, its value, and what became of its code."""
        told = job.record
        prompt = ours.render("textbook", **told, exercises=self.told.exercises)
        section = await asker.ask(Question(({"role": "user", "content": prompt},), _SECTION), _section)
        if section is None:
            return []
        text = _shown(told["concept"], section)
        prompt = ours.render("textbook_value", section=text, audience=told["audience"])
        judged = await asker.ask(Question(({"role": "user", "content": prompt},), _VALUE), _value)
        if judged is None:
            return []
        exercises = [await self._tried(one) for one in section["exercises"]]
        facts = {name: told[name] for name in ("concept", "prerequisites", "topic", "audience", "setting")}
        made = {"exposition": section["exposition"], "exercises": exercises}
        return [{"text": text, **facts, **made, "value": judged[0], "reason": judged[1]}]

    def fault(self, row: JsonObject, job: Job) -> str:  # noqa: ARG002 - all of it is in the row
        """Return why a section is not kept."""
        if len(row["exercises"]) < self.told.exercises:
            return "exercises_missing"
        if any(exercise["execution"] in {"failed", "timed_out"} for exercise in row["exercises"]):
            return "tests_failed"
        return "low_value" if row["value"] < self.told.threshold else ""

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return the sections in an order in which each comes after those it builds on, as far as that can be."""
        order, ignored = curriculum(rows)
        places = {key: place for place, key in enumerate(order, 1)}
        placed = [row | {"order": places[question_key(row["concept"])]} for row in rows]
        content = super().content(sorted(placed, key=lambda row: row["order"]), preface)
        return content | {"circular": [f"{before} -> {after}" for before, after in ignored]}

    def _job(self, source: Source, record: JsonObject, concept: str, number: int) -> Job:
        luck = random.Random(f"{self.settings.seed}/{question_key(concept)}/{number}")
        before: Json = record.get("prerequisites")
        told = {
            "concept": concept,
            "prerequisites": [str(one) for one in before] if is_array(before) else [],
            "topic": str(record.get("topic") or ""),
            "explains": str(record.get("explains") or ""),
            "audience": luck.choice(self.told.audiences),
            "setting": luck.choice(self.told.settings),
        }
        return Job(f"{concept}, {number}", source, record=told)

    async def _tried(self, exercise: JsonObject) -> JsonObject:
        if not exercise["code"]:
            return exercise | {"execution": "no_code"}
        if not self.told.execute:
            return exercise | {"execution": "unexecuted"}
        if not exercise["tests"]:
            return exercise | {"execution": "failed", "said": "there are no tests"}
        outcome = await _sandbox.run(f"{exercise['code']}\n\n{exercise['tests']}\n")
        return exercise | {"execution": outcome.status} | ({"said": outcome.said} if outcome.said else {})


def curriculum(rows: Sequence[JsonObject]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the concepts of rows, each after its prerequisites, otherwise in the order of the rows.

    Returns:
        The concepts, and the prerequisites (before, after) that were left out because they run in a circle.
    """
    keys = list(dict.fromkeys(question_key(row["concept"]) for row in rows))
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(keys)
    ignored: list[tuple[str, str]] = []
    for row in rows:
        after = question_key(row["concept"])
        for before in map(question_key, row["prerequisites"]):
            if before not in graph or graph.has_edge(before, after):
                continue
            if before == after or networkx.has_path(graph, after, before):
                ignored.append((before, after))
            else:
                graph.add_edge(before, after)
    order = list(networkx.lexicographical_topological_sort(graph, key=keys.index))
    return order, list(dict.fromkeys(ignored))


def _section(text: str) -> JsonObject:
    for value in objects(text):
        exposition, listed = str(value.get("exposition") or "").strip(), value.get("exercises")
        if exposition and is_array(listed):
            return {"exposition": exposition, "exercises": [_exercise(one) for one in listed if is_object(one)]}
    raise ValueError(f"no exposition with exercises in {short(text)!r}")


def _exercise(found: JsonObject) -> JsonObject:
    exercise = {name: str(found.get(name) or "").strip() for name in EXERCISE}
    if not (exercise["question"] and (exercise["solution"] or exercise["code"])):
        raise ValueError("an exercise without a question or a solution")
    return exercise | {name: _bare(exercise[name]) for name in ("code", "tests")}


def _bare(code: str) -> str:
    """Return code without the fence around it."""
    lines = code.splitlines()
    if lines and lines[0].startswith("```"):
        lines = lines[1:-1] if lines[-1].startswith("```") else lines[1:]
    return "\n".join(lines)


def _value(text: str) -> tuple[int, str]:
    for found in objects(text):
        value = str(found.get("value", "")).strip()
        if value.isdigit() and 1 <= int(value) <= 10:
            return int(value), str(found.get("reason") or "").strip()
    raise ValueError(f"no value from 1 to 10 in {short(text)!r}")


def _shown(concept: str, section: JsonObject) -> str:
    """Return a section as a text to learn from."""
    parts = [f"# {concept}", section["exposition"]]
    for number, exercise in enumerate(section["exercises"], 1):
        parts += [f"## Exercise {number}", exercise["question"], "### Solution"]
        parts += [exercise["solution"]] if exercise["solution"] else []
        parts += [f"```python\n{exercise['code']}\n```"] if exercise["code"] else []
        parts += [f"```python\n{exercise['tests']}\n```"] if exercise["code"] and exercise["tests"] else []
    return "\n\n".join(parts)
