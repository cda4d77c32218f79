"""One document through the whole method: positions, calls, answers, losses, what is kept."""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolbench.errors import EndpointError, UnreachableError, WorkError
from toolbench.llm.asking import short
from toolbench.model import Document, LanguageModel, digest
from toolbench.toolformer.base import Annotation, CallTool, Candidate, Losses, Options, Settings, ToolError
from toolbench.toolformer.candidates import ReadCall, distinct
from toolbench.toolformer.loss import LossTable, Question
from toolbench.toolformer.markers import Markers, hide
from toolbench.toolformer.pieces import Piece, pieces
from toolbench.toolformer.positions import best, places
from toolbench.toolformer.prompting import ask, head

CALL_TOKENS = 48
"""Most tokens of a call."""

RESULT = 200
"""Characters of a result that are used."""

PATIENCE = 30.0
"""Seconds that a tool has for an answer."""

PIECE = 256
"""Most tokens of a text that are looked at together."""

SPARE = 200
"""Tokens kept for a call, its result and what stands around the text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where calls were sampled."""

    position: int
    chance: float
    calls: tuple[ReadCall, ...]


@dataclass(slots=True)
class _Work:
    """A document that is being annotated."""

    document: Document
    answers: dict[tuple[str, str], tuple[str | None, str]] = field(
        default_factory=dict[tuple[str, str], tuple[str | None, str]]
    )
    """Results, or why there are none, by tool and argument."""
    concerned: Counter[str] = field(default_factory=Counter[str])
    discarded: Counter[str] = field(default_factory=Counter[str])
    positions: Counter[str] = field(default_factory=Counter[str])


class Annotator:
    """Annotates documents.

    Args:
        model: samples calls and reckons losses.
        markers: the markers it sees.
        tools: the tools, by the names they were asked for by.
        settings: the thresholds of each, by the same names.
        options: where the reckoning departs from the paper.
        seed: what samples depend on, beside the text and the tool.
        patience: seconds that a tool has for an answer.
    """

    def __init__(
        self,
        model: LanguageModel,
        markers: Markers,
        tools: Mapping[str, CallTool],
        settings: Mapping[str, Settings],
        options: Options,
        seed: int,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._model, self._markers, self._tools = model, markers, tools
        self._settings, self._options, self._seed, self._patience = settings, options, seed, patience
        self._heads: dict[str, tuple[int, ...]] = {}

    async def annotate(self, document: Document) -> Annotation:
        """Return a document with its candidates. One that cannot be annotated says why.

        Raises:
            UnreachableError: the model or what a tool asks cannot be reached at all.
        """
        work, found, failure = _Work(document), list[Candidate](), ""
        try:
            async for piece in pieces(self._model, document.text, await self._limit()):
                found += await self._piece(piece, work)
        except UnreachableError:
            raise
        except EndpointError as error:
            failure, found = short(str(error)), []
        return Annotation(
            id=document.id,
            name=document.name,
            source=document.source,
            text=document.text,
            date=document.metadata.get("date", ""),
            concerned=dict(work.concerned),
            discarded=dict(work.discarded),
            positions=dict(work.positions),
            candidates=tuple(sorted(found, key=lambda candidate: candidate.offset)),
            failure=failure,
        )

    async def _limit(self) -> int:
        """Return how many tokens of a text fit: it stands in the prompt twice."""
        longest = max([len(await self._head(name)) for name in self._tools])
        room = (self._model.context - longest - SPARE) // 2
        if room < SPARE // 4:
            raise WorkError(f"the prompts of the tools leave no room in a context of {self._model.context} tokens")
        return min(PIECE, room)

    async def _head(self, name: str) -> tuple[int, ...]:
        if name not in self._heads:
            told = await self._model.split(head(self._tools[name], self._markers))
            self._heads[name] = (*self._model.begin, *told.ids)
        return self._heads[name]

    async def _piece(self, piece: Piece, work: _Work) -> list[Candidate]:
        tried: list[tuple[str, Place, ReadCall, str | None, str]] = []
        for name, tool in self._tools.items():
            if not piece.text.strip() or not tool.concerns(piece.text, work.document):
                continue
            work.concerned[name] += 1
            for place in await self._places(name, piece, work):
                work.positions[name] += 1
                answers = [await self._answer(name, call, piece.begins[place.position], work) for call in place.calls]
                tried += [(name, place, call, *told) for call, told in zip(place.calls, answers, strict=True)]
        questions = [
            Question(place.position, call.text, result) for _, place, call, result, _ in tried if result is not None
        ]
        table = LossTable(self._model, self._markers, piece.tokens, skip_space=self._options.skip_space)
        losses = await table.before(questions)
        in_place = await table.in_place(questions) if self._options.in_place else {}
        return [self._candidate(piece, losses, in_place, *one) for one in tried]

    def _candidate(
        self,
        piece: Piece,
        losses: Mapping[Question, Losses],
        in_place: Mapping[Question, Losses],
        name: str,
        place: Place,
        call: ReadCall,
        result: str | None,
        failure: str,
    ) -> Candidate:
        question = Question(place.position, call.text, result or "")
        found = losses[question] if result is not None else None
        gain = found.gain(self._options.baseline) if found else None
        return Candidate(
            tool=name,
            position=place.position,
            offset=piece.begins[place.position],
            chance=place.chance,
            call=call.text,
            argument=call.argument,
            result=result,
            failure=failure,
            losses=found,
            in_place=in_place.get(question) if result is not None else None,
            gain=gain,
            kept=gain is not None and gain >= self._settings[name].tau_f,
        )

    async def _places(self, name: str, piece: Piece, work: _Work) -> list[Place]:
        """Return the positions at which a tool's calls are tried, with those that were sampled."""
        settings = self._settings[name]
        asked = (await self._model.split(ask(piece.text))).ids
        before = (await self._head(name), asked)
        chances = await self._model.chances(before, piece.tokens.ids, self._markers.ids)
        chosen = best(chances, places(piece.tokens, self._markers.open), settings.tau_s, settings.k)
        found: list[Place] = []
        parts: list[Sequence[int]] = [*before]
        read = 0
        for position, chance in chosen:
            if position > read:
                parts.append(piece.tokens.ids[read:position])
                read = position
            seed = int(digest([self._seed, name, piece.text, position])[:12], 16)
            written = await self._model.sample(
                (*parts, self._markers.ids), settings.m, CALL_TOKENS, self._markers.close, seed
            )
            calls, discarded = distinct(written, self._tools[name].name)
            work.discarded[name] += discarded
            found.append(Place(position, chance, tuple(calls)))
        return found

    async def _answer(self, name: str, call: ReadCall, offset: int, work: _Work) -> tuple[str | None, str]:
        """Return a call's result, or None and why there is none. Equal calls in a document are made once."""
        text, tool = work.document.text, self._tools[name]
        if not tool.allows(call.argument, text[:offset], text[offset:]):
            return None, "what it is called with appears only later in the text"
        key = (name, call.argument)
        if key not in work.answers:
            work.answers[key] = await self._run(tool, call.argument, work.document)
        return work.answers[key]

    async def _run(self, tool: CallTool, argument: str, document: Document) -> tuple[str | None, str]:
        try:
            async with asyncio.timeout(self._patience):
                said = " ".join((await tool.run(argument, document)).split())
        except UnreachableError:
            raise
        except TimeoutError:
            return None, f"no answer within {self._patience:g} seconds"
        except (ToolError, EndpointError) as error:
            return None, short(str(error))
        if not said:
            return None, "the answer is empty"
        return hide(said[:RESULT]).text, ""


def explain(annotation: Annotation, settings: Mapping[str, Settings]) -> str:
    """Return the whole reckoning of a document, in lines."""
    lines = [f"{annotation.name} ({annotation.id}), {len(annotation.text)} characters"]
    if annotation.failure:
        lines.append(f"  not annotated: {annotation.failure}")
    for name, used in settings.items():
        lines.append(
            f"{name}: tau_s {used.tau_s:g}, tau_f {used.tau_f:g}, k {used.k}, m {used.m};"
            f" {annotation.concerned.get(name, 0)} pieces tried, {annotation.positions.get(name, 0)} positions,"
            f" {annotation.discarded.get(name, 0)} samples discarded"
        )
        for one in (candidate for candidate in annotation.candidates if candidate.tool == name):
            lines += _explained(one, annotation.text)
    return "\n".join(lines)


def _explained(one: Candidate, text: str) -> list[str]:
    around = f"{text[max(0, one.offset - 30) : one.offset]}|{text[one.offset : one.offset + 30]}"
    answer = one.failure if one.result is None else one.result
    lines = [
        f"  {one.offset}: {short(around)}",
        f"    ln p(call) {math.log(one.chance) if one.chance else -math.inf:.2f}; {one.call} → {answer}",
    ]
    for title, losses in (("", one.losses), ("in place: ", one.in_place)):
        if losses:
            lines.append(f"    {title}L(nothing) {losses.plain:.3f}, L(call) {losses.call:.3f}, L+ {losses.result:.3f}")
    if one.gain is not None:
        lines.append(f"    L- minus L+ {one.gain:.3f}: {'kept' if one.kept else 'rejected'}")
    return lines
