"""The loss filter on sentences whose right answers are known, with the embedded model.

    python benchmarks/toolformer_filter.py [SENTENCES] [SEED] [--json FILE]

For each sentence of `toolformer_sentences` the gain of the correct result is held against that of a wrong one of the
same form and of an irrelevant one. Shown for the paper's reckoning (the call before the whole text), for weights that
begin with the first token that is more than white space, and for the call in its place in the text; for all sentences,
for those with an even number and for those with an odd one, apart: whoever changes something may look at the even ones.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from toolformer_sentences import Sentence, sentences

from toolbench.llm.direct import DirectModel, reading
from toolbench.llm.embedded import installed
from toolbench.model import JsonObject, LanguageModel, Parts
from toolbench.toolformer.base import Losses
from toolbench.toolformer.loss import LossTable, Question
from toolbench.toolformer.markers import Markers, choose

RESULTS = ("correct", "wrong", "irrelevant")
WAYS = ("as the paper", "from the first word", "in place")
THRESHOLDS = (0.3, 0.5, 1.0)
REACH = 3
"""Tokens beyond those that are asked for."""

Scored = dict[str, dict[str, Losses]]
"""Losses by way and result."""


class Once:
    """A model that is asked once for tokens next to each other, of which both sorts of weights want some."""

    def __init__(self, model: DirectModel) -> None:
        self._model, self._known = model, dict[tuple[Sequence[tuple[int, ...]], tuple[int, ...]], dict[int, float]]()
        self.name, self.begin, self.context = model.name, model.begin, model.context
        self.split, self.chances, self.sample = model.split, model.chances, model.sample

    async def logprobs(self, parts: Parts, text: Sequence[int], at: Sequence[int]) -> list[float]:
        known = self._known.setdefault((tuple(map(tuple, parts)), tuple(text)), {})
        if not set(at) <= known.keys():
            places = range(min(at), min(max(at) + REACH, len(text)))
            known.update(zip(places, await self._model.logprobs(parts, text, places), strict=True))
        return [known[place] for place in at]


async def score(model: LanguageModel, markers: Markers, sentence: Sentence) -> Scored:
    before = await model.split(sentence.before)
    whole = await model.split(sentence.before + sentence.after)
    position = len(before.ids)
    if whole.pieces[:position] != before.pieces:
        raise ValueError(f"the place is inside a token: {sentence}")
    asked = [Question(position, sentence.call, getattr(sentence, name)) for name in RESULTS]
    table, skipping = (LossTable(model, markers, whole, skip_space=skip) for skip in (False, True))
    found = (await table.before(asked), await skipping.before(asked), await table.in_place(asked))
    return {
        way: {name: losses[question] for name, question in zip(RESULTS, asked, strict=True)}
        for way, losses in zip(WAYS, found, strict=True)
    }


def area(right: Sequence[float], others: Sequence[float]) -> float:
    """Return the chance that a right one is above another; equal ones count half."""
    wins = sum((a > b) + (a == b) / 2 for a in right for b in others)
    return wins / (len(right) * len(others))


def figures(scored: Sequence[Scored], way: str) -> str:
    gains = {name: [one[way][name].gain("both") for one in scored] for name in RESULTS}
    beats = sum(one[way]["correct"].result < one[way]["wrong"].result for one in scored) / len(scored)
    others = gains["wrong"] + gains["irrelevant"]
    kept = [f"{t:g}: {share(gains['correct'], t):5.1%} / {share(others, t):5.1%}" for t in THRESHOLDS]
    return f"{way:<20} beats wrong {beats:6.1%}  AUC {area(gains['correct'], others):.4f}  kept at {', '.join(kept)}"


def share(gains: Sequence[float], threshold: float) -> float:
    return sum(gain >= threshold for gain in gains) / len(gains)


async def main(count: int, seed: int) -> list[JsonObject]:
    made = sentences(count, seed)
    started = time.perf_counter()
    async with reading() as model:
        markers = await choose(model)
        scored = [await score(Once(model), markers, sentence) for sentence in made]
    seconds = time.perf_counter() - started
    print(f"{count} sentences, seed {seed}, {seconds:.0f} s; kept: correct / others")
    parts = {"all": slice(None), "even": slice(0, None, 2), "odd (held out)": slice(1, None, 2)}
    # Kinds come in turn, four of them: even and odd are told by rounds.
    rounds = [n // 4 for n in range(count)]
    for name in parts:
        chosen = [
            one
            for one, turn in zip(scored, rounds, strict=True)
            if name == "all" or (turn % 2 == 0) == (name == "even")
        ]
        print(f"\n{name}: {len(chosen)}")
        for way in WAYS:
            print(" ", figures(chosen, way))
    for kind in dict.fromkeys(sentence.kind for sentence in made):
        print(f"\n{kind}")
        for way in WAYS:
            chosen = [one for one, sentence in zip(scored, made, strict=True) if sentence.kind == kind]
            print(" ", figures(chosen, way))
    return [
        {**asdict(sentence), "losses": {way: _plain(found) for way, found in one.items()}}
        for sentence, one in zip(made, scored, strict=True)
    ]


def _plain(found: dict[str, Losses]) -> dict[str, JsonObject]:
    return {name: losses.model_dump() for name, losses in found.items()}


def run(options: list[str]) -> None:
    target = Path(options[options.index("--json") + 1]) if "--json" in options else None
    numbers = [int(option) for option in options if option.isdigit()]
    rows = asyncio.run(main(*(numbers + [40, 0][len(numbers) :])))
    if target:
        target.write_text("\n".join(map(json.dumps, rows)))


if __name__ == "__main__":
    if installed():
        run(sys.argv[1:])
    else:
        print("left out: run `make embedded`")
