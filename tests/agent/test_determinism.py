"""Byte-identical traces, whatever seeds Python's own hashing."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import asyncio
from scenery import CREATE, RESIZE, TALK, attempt, spread
from toolbench.agent.explore import explore
from toolbench.agent.planner import Planner
from toolbench.model import digest

async def main():
    made = [attempt(Planner(task), task=task, sample=sample) for task in (CREATE, RESIZE, TALK) for sample in range(20)]
    made += [attempt(spread(seed)) for seed in range(20)]
    print(digest([(await explore(one)).model_dump_json() for one in made]))

asyncio.run(main())
"""


def test_hashing_does_not_matter():
    printed = {digest_under(seed) for seed in ("0", "4242")}
    assert len(printed) == 1


def digest_under(seed):
    here = Path(__file__).parent
    path = os.pathsep.join([str(here), str(here.parents[1])])
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
    return done.stdout
