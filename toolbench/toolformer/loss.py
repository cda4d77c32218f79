"""Losses of the tokens after a place, with and without a call."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toolbench.model import LanguageModel, Tokens
from toolbench.toolformer.base import Losses
from toolbench.toolformer.markers import Markers
from toolbench.toolformer.weights import weighted, window

AFTER_PREFIX = " "
"""What stands between a call that is given before a text, and the text: what would stand there inside one. After a line
break the model tells right results from others a little worse."""


@dataclass(frozen=True, slots=True)
class Question:
    """A call whose losses are wanted."""

    position: int
    """Place of the token it stands before."""
    call: str
    """The call."""
    result: str
    """Its result."""


class LossTable:
    """Losses of calls in one text, each text before it read once for all the positions it is wanted at.

    Args:
        model: reckons.
        markers: the markers it sees.
        tokens: the text.
        skip_space: see `window`.
    """

    def __init__(self, model: LanguageModel, markers: Markers, tokens: Tokens, *, skip_space: bool = False) -> None:
        self._model, self._markers, self._tokens = model, markers, tokens
        self._windows = [
            window(tokens.pieces, position, skip_space=skip_space) for position in range(len(tokens.pieces))
        ]

    async def before(self, asked: Iterable[Question]) -> dict[Question, Losses]:
        """Return the losses where what is given of a call stands before the whole text."""
        questions = list(dict.fromkeys(asked))
        wanted: dict[str, set[int]] = defaultdict(set)
        for question in questions:
            for given in ("", *self._given(question)):
                wanted[given].add(question.position)
        found = {given: await self._losses(given, positions) for given, positions in wanted.items()}
        return {
            question: Losses(
                plain=found[""][question.position],
                call=found[self._given(question)[0]][question.position],
                result=found[self._given(question)[1]][question.position],
            )
            for question in questions
        }

    async def in_place(self, asked: Iterable[Question]) -> dict[Question, Losses]:
        """Return the losses where what is given of a call stands at its place in the text."""
        questions = list(dict.fromkeys(asked))
        plain = await self._losses("", {question.position for question in questions})
        found: dict[Question, Losses] = {}
        for question in questions:
            call, result = [await self._loss_in_place(given, question.position) for given in self._given(question)]
            found[question] = Losses(plain=plain[question.position], call=call, result=result)
        return found

    def _given(self, question: Question) -> tuple[str, str]:
        return self._markers.call(question.call), self._markers.call(question.call, question.result)

    async def _losses(self, given: str, positions: Iterable[int]) -> Mapping[int, float]:
        """Return the loss at each position, after what is given of a call before the text."""
        before = (await self._model.split(given.strip() + AFTER_PREFIX)).ids if given else ()
        places = sorted({place for position in positions for place in self._windows[position]})
        logprobs = await self._model.logprobs([(*self._model.begin, *before)], self._tokens.ids, places)
        known = dict(zip(places, logprobs, strict=True))
        return {position: weighted([known[place] for place in self._windows[position]]) for position in positions}

    async def _loss_in_place(self, given: str, position: int) -> float:
        ids, places = self._tokens.ids, self._windows[position]
        parts = [(*self._model.begin, *ids[:position]), (await self._model.split(given)).ids]
        return weighted(await self._model.logprobs(parts, ids[position:], [place - position for place in places]))
