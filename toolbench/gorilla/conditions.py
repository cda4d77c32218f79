"""Rows in their conditions: which documents are shown beside an instruction, and what is right to answer then."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from toolbench.gorilla.answers import answer, not_covered
from toolbench.gorilla.changes import Changed, changed, possible
from toolbench.gorilla.checks import instruction_problems, leaks, matches, rests_on
from toolbench.gorilla.docset import ApiDoc
from toolbench.gorilla.instructions import Wish
from toolbench.gorilla.neighbours import Neighbourhood, could_be_confused, serves_as_well
from toolbench.gorilla.retrieval.base import Retriever
from toolbench.gorilla.rows import Answer, Change, Condition, DocRow, Missing, Shown
from toolbench.model import JsonObject, digest
from toolbench.world.rng import rng

TESTED = 5
"""One API in so many is kept for the test."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What all rows have in common."""

    seed: int = 0
    k: int = 4
    """Documents shown where several are."""
    missing: Missing = "not_covered"
    style: str = "python"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why an instruction makes no row of a condition."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is shown, and by which document the answer goes."""

    shown: tuple[Shown, ...] = ()
    by: ApiDoc | None = None
    """The document that the answer goes by; None where none is shown that covers what is asked."""
    wanted: JsonObject = field(default_factory=dict[str, object])
    text: str = ""
    change: Change | None = None
    note: str = ""
    distractors: tuple[ApiDoc, ...] = ()


class Stage:
    """Makes rows of instructions.

    Args:
        docs: the documents.
        retriever: finds those that are shown as retrieved.
        neighbourhood: finds distractors.
        settings: what all rows have in common.
    """

    def __init__(
        self, docs: Sequence[ApiDoc], retriever: Retriever, neighbourhood: Neighbourhood, settings: Settings
    ) -> None:
        self._docs, self._retriever, self._near, self._settings = docs, retriever, neighbourhood, settings

    def suits(self, doc: ApiDoc, condition: Condition) -> bool:
        """Tell whether rows of a condition can be made for an API, whatever is asked."""
        if condition == "deprecated":
            return not doc.deprecated
        if condition == "near_identical":
            return any(could_be_confused(doc, other) for other in self._near.near(doc)[:10])
        return len(self._docs) > 1 or condition in ("none", "oracle", "changed")

    def row(self, doc: ApiDoc, wish: Wish, condition: Condition, ordinal: int) -> DocRow | Unfit:
        """Return a row, checked.

        Args:
            doc: the API's document.
            wish: the instruction.
            condition: what is shown.
            ordinal: the row's place; what is chosen depends on it and on the seed.
        """
        r = rng(self._settings.seed, "gorilla", "row", condition, ordinal, doc.id)
        scene = self._scene(doc, wish, condition, r)
        if isinstance(scene, Unfit):
            return scene
        right = self._answer(doc, wish, scene, condition)
        if not wish.explanation or scene.by is not doc:
            explained = right
        else:
            explained = right.model_copy(update={"explanation": wish.explanation})
        made = DocRow(
            id=digest([condition, doc.id, scene.text, [one.content for one in scene.shown], right.model_dump()]),
            condition=condition,
            api=doc.id,
            instruction=scene.text,
            documents=scene.shown,
            answer=explained,
            closed_book=answer(doc, _before(doc, scene, wish), style=self._settings.style, grounded=False),
            wanted=scene.wanted,
            change=scene.change,
            policy=self._settings.missing,
            style="json" if self._settings.style == "json" else "python",
            writer=wish.writer,
            split="test" if int(digest(doc.id)[:8], 16) % TESTED == 0 else "train",
        )
        return self._checked(made, doc, wish, scene)

    def _answer(self, doc: ApiDoc, wish: Wish, scene: _Scene, condition: Condition) -> Answer:
        style = self._settings.style
        if scene.by is not None:
            return answer(scene.by, scene.wanted, style=style, note=scene.note)
        if condition == "none" or (self._settings.missing == "answer" and condition != "missing"):
            return answer(doc, wish.wanted, style=style, grounded=False)
        return not_covered(scene.distractors)

    def _scene(self, doc: ApiDoc, wish: Wish, condition: Condition, r: random.Random) -> _Scene | Unfit:
        plain = _Scene((), doc, wish.wanted, wish.text)
        match condition:
            case "none":
                return replace(plain, by=None)
            case "oracle":
                return replace(plain, shown=(_oracle(doc),))
            case "top1":
                return self._top1(doc, plain)
            case "topk":
                return self._topk(doc, plain, r)
            case "distractors" | "missing":
                return self._without(doc, plain, r)
            case "changed":
                return self._changed(doc, wish, r)
            case "near_identical":
                return self._near_identical(doc, plain, r)
            case "deprecated":
                made = changed(doc, wish.wanted, "deprecated", r)
                return self._scene_of(doc, wish, made, r, others=1) if made else Unfit("it cannot be deprecated")

    def _top1(self, doc: ApiDoc, plain: _Scene) -> _Scene | Unfit:
        found = [self._docs[place] for place in self._retriever.rank(plain.text, 1)]
        if not found:
            return Unfit("nothing is retrieved for it")
        if found[0].id == doc.id:
            return replace(plain, shown=(_oracle(doc),))
        if serves_as_well(doc, found[0]):
            return Unfit("what is retrieved serves as well")
        return replace(plain, shown=(_distractor(found[0]),), by=None, distractors=(found[0],))

    def _topk(self, doc: ApiDoc, plain: _Scene, r: random.Random) -> _Scene | Unfit:
        found = [self._docs[place] for place in self._retriever.rank(plain.text, 2 * self._settings.k)]
        others = [one for one in found if one.id != doc.id and not serves_as_well(doc, one)]
        others = others[: self._settings.k - 1] or self._near.distractors(doc, plain.text, self._settings.k - 1)
        if not others:
            return Unfit("there is no other document")
        return replace(plain, shown=_shuffled([_oracle(doc), *map(_distractor, others)], r), distractors=tuple(others))

    def _without(self, doc: ApiDoc, plain: _Scene, r: random.Random) -> _Scene | Unfit:
        others = self._near.distractors(doc, plain.text, self._settings.k)
        if not others:
            return Unfit("there is no other document")
        shown = _shuffled(list(map(_distractor, others)), r)
        by_id = {one.id: one for one in others}
        return replace(plain, shown=shown, by=None, distractors=tuple(by_id[one.id] for one in shown))

    def _near_identical(self, doc: ApiDoc, plain: _Scene, r: random.Random) -> _Scene | Unfit:
        others = [one for one in self._near.near(doc) if could_be_confused(doc, one)][: self._settings.k - 1]
        if not others:
            return Unfit("no API is like it")
        shown = _shuffled([_oracle(doc), *map(_distractor, others)], r)
        note = f'`{others[0].title or others[0].name}` is near, but something else: "{others[0].purpose}"'
        return replace(plain, shown=shown, distractors=tuple(others), note=note)

    def _changed(self, doc: ApiDoc, wish: Wish, r: random.Random) -> _Scene | Unfit:
        kinds = possible(doc)
        r.shuffle(kinds)
        for kind in kinds:
            made = changed(doc, wish.wanted, kind, r)
            if made is not None:
                return self._scene_of(doc, wish, made, r, others=r.choice((0, 0, 1, 2)))
        return Unfit("no change touches its call")

    def _scene_of(self, doc: ApiDoc, wish: Wish, made: Changed, r: random.Random, *, others: int) -> _Scene:
        near = self._near.distractors(doc, wish.text, others) if others else []
        roles = ("changed", "successor") if len(made.shown) > 1 else ("changed",)
        right = [
            Shown(id=doc.id, role="successor" if role == "successor" else "changed", content=one.document)
            for role, one in zip(roles, made.shown, strict=True)
        ]
        shown = _shuffled([*right, *map(_distractor, near)], r)
        text = f"{wish.text} {made.said}".strip()
        return _Scene(shown, made.doc, made.wanted, text, made.change, made.note, tuple(near))

    def _checked(self, row: DocRow, doc: ApiDoc, wish: Wish, scene: _Scene) -> DocRow | Unfit:
        """Return a row if it is what it should be."""
        by, wanted = (scene.by, row.wanted) if scene.by else (doc, wish.wanted)
        if leaks(row.instruction, doc) or instruction_problems(row.instruction, by, wanted):
            return Unfit("its instruction names the API, or not all values")
        if scene.by is not None and not matches(row.answer, scene.by, row.wanted):
            return Unfit("its answer does not match the document")
        if row.change is not None and matches(row.answer, doc, under_old_names(row.change, row.wanted)):
            return Unfit("the answer would be right without the change")
        known = [row.instruction, *(one.text for one in scene.distractors)]
        if scene.by is None and row.documents and rests_on(row.answer.explanation, doc, known):
            return Unfit("its answer rests on a document that is not shown")
        return row


def under_old_names(change: Change, wanted: JsonObject) -> JsonObject:
    """Return what is wanted by the parameters as they were called before a change."""
    if change.kind != "renamed":
        return wanted
    return {change.old if name == change.new else name: value for name, value in wanted.items()}


def _before(doc: ApiDoc, scene: _Scene, wish: Wish) -> JsonObject:
    """Return what is wanted as far as a document as it is in the doc set has parameters for it."""
    if scene.change is None:
        return wish.wanted
    old = under_old_names(scene.change, scene.wanted)
    return {name: value for name, value in old.items() if doc.parameter(name) is not None}


def _oracle(doc: ApiDoc) -> Shown:
    return Shown(id=doc.id, role="oracle", content=doc.document)


def _distractor(doc: ApiDoc) -> Shown:
    return Shown(id=doc.id, role="distractor", content=doc.document)


def _shuffled(shown: Sequence[Shown], r: random.Random) -> tuple[Shown, ...]:
    mixed = list(shown)
    r.shuffle(mixed)
    return tuple(mixed)
