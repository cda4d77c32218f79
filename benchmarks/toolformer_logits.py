"""The embedded model's log-probabilities against those that transformers reckons from the same file in 32-bit floats.

    python benchmarks/toolformer_logits.py PYTHON [SENTENCES] [SEED]

PYTHON is the interpreter of an environment of its own that has torch, transformers, accelerate and gguf; this one need
not have them. For each sentence of `toolformer_sentences` its tokens are scored with nothing before them, after the
call, and after the call with each result. Told are the mean difference a token, its distribution, whether one side is
higher on the whole, and in how many cases the filter decides alike. Then the same against transformers with the numbers
that go into each matrix rounded to eight bits in blocks of 32, as llama.cpp does where weights have four bits; and what
that rounding alone does to the figures of transformers: it is why we read weights of sixteen.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RESULTS = ("correct", "wrong", "irrelevant")
THRESHOLDS = (0.5, 1.0)
BLOCK = 32


def reference(work: Path) -> None:
    """Reckon what the other environment can: the log-probability of each token of a text after others."""
    import torch
    from transformers import AutoModelForCausalLM

    asked = json.loads(work.read_text())
    file = Path(asked["weights"])
    torch.set_num_threads(1)
    model: Any = AutoModelForCausalLM.from_pretrained(str(file.parent), gguf_file=file.name, dtype=torch.float32)
    model.eval()

    def score() -> list[list[float]]:
        found: list[list[float]] = []
        for before, text in asked["pairs"]:
            ids = torch.tensor([before + text])
            rows = torch.log_softmax(model(ids).logits[0].double(), dim=-1)
            found.append([float(rows[len(before) + n - 1, token]) for n, token in enumerate(text)])
        return found

    def rounded(module: Any, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        del module
        blocks = inputs[0].reshape(-1, BLOCK)
        scale = blocks.abs().amax(dim=1, keepdim=True) / 127
        whole = torch.where(scale > 0, (blocks / scale).round(), torch.zeros_like(blocks))
        return ((whole * scale).reshape(inputs[0].shape),)

    with torch.no_grad():
        exact = score()
        for module in model.modules():
            if isinstance(module, torch.nn.Linear):
                module.register_forward_pre_hook(rounded)
        work.write_text(json.dumps([exact, score()]))


async def scored(count: int, seed: int) -> tuple[list[tuple[list[int], list[int]]], list[list[float]], list[int]]:
    """Return the pairs of tokens, five to a sentence, what our side says of each, and the positions of the calls."""
    from toolformer_sentences import sentences

    from toolbench.llm.direct import reading
    from toolbench.toolformer.loss import AFTER_PREFIX
    from toolbench.toolformer.markers import choose

    pairs: list[tuple[list[int], list[int]]] = []
    found: list[list[float]] = []
    positions: list[int] = []
    async with reading() as model:
        markers = await choose(model)
        for sentence in sentences(count, seed):
            text = (await model.split(sentence.before + sentence.after)).ids
            positions.append(len((await model.split(sentence.before)).ids))
            calls = [markers.call(sentence.call, result) for result in (None, *(getattr(sentence, r) for r in RESULTS))]
            for given in ("", *calls):
                before = (await model.split(given.strip() + AFTER_PREFIX)).ids if given else ()
                pairs.append(([*model.begin, *before], list(text)))
                found.append(await model.logprobs([pairs[-1][0]], text, range(len(text))))
    return pairs, found, positions


def gains(rows: Sequence[Sequence[float]], positions: Sequence[int]) -> list[float]:
    """Return the gain of each result of each sentence."""
    from toolbench.toolformer.weights import WEIGHTS, weighted

    found: list[float] = []
    for n, position in enumerate(positions):
        plain, call, *results = (weighted(row[position : position + len(WEIGHTS)]) for row in rows[5 * n : 5 * n + 5])
        found += [min(plain, call) - result for result in results]
    return found


def compare(ours: list[list[float]], theirs: list[list[float]], positions: list[int]) -> None:
    pairs = [(a, b) for one, other in zip(ours, theirs, strict=True) for a, b in zip(one, other, strict=True)]
    apart = sorted(abs(a - b) for a, b in pairs)
    print(f"{len(positions)} sentences, {len(pairs)} tokens")
    print(f"difference a token: mean {statistics.fmean(apart):.4f}, median {statistics.median(apart):.4f},", end=" ")
    print(f"95% below {apart[int(0.95 * len(apart))]:.4f}, most {apart[-1]:.4f}")
    print(f"ours minus theirs, mean: {statistics.fmean(a - b for a, b in pairs):+.5f}")
    for low, high in ((0, 1), (1, 3), (3, 6), (6, 99)):
        held = [abs(a - b) for a, b in pairs if low <= -b < high]
        if held:
            print(f"  where a token costs {low} to {high} nats: mean {statistics.fmean(held):.4f} of {len(held)}")
    mine, others = gains(ours, positions), gains(theirs, positions)
    print(f"gains: mean difference {statistics.fmean(abs(a - b) for a, b in zip(mine, others, strict=True)):.4f}")
    for threshold in THRESHOLDS:
        alike = [(a >= threshold) == (b >= threshold) for a, b in zip(mine, others, strict=True)]
        odd = [abs(b - threshold) for a, b, same in zip(mine, others, alike, strict=True) if not same]
        far = f"; the others lie at most {max(odd):.3f} from it" if odd else ""
        print(f"kept at {threshold:g} alike: {sum(alike)} of {len(alike)} ({sum(alike) / len(alike):.2%}){far}")


def main(python: str, count: int = 40, seed: int = 0) -> None:
    import asyncio

    from toolbench.llm.embedded import weights

    pairs, ours, positions = asyncio.run(scored(count, seed))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work.json"
        work.write_text(json.dumps({"weights": str(weights().path), "pairs": pairs}))
        subprocess.run([python, __file__, "--reference", str(work)], check=True, stderr=subprocess.DEVNULL)
        exact, rounded = json.loads(work.read_text())
    print("against 32-bit floats")
    compare(ours, exact, positions)
    print("\nagainst the same with 8-bit blocks going into the matrices")
    compare(ours, rounded, positions)
    print("\nthe two of transformers against each other: what the rounding alone does")
    compare(rounded, exact, positions)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--reference"]:
        reference(Path(sys.argv[2]))
    elif sys.argv[1:]:
        main(sys.argv[1], *map(int, sys.argv[2:]))
    else:
        print("left out: it needs an environment with torch and transformers (PYTHON)")
