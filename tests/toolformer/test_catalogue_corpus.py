"""Real descriptions: their tools can be called too, and what the prompts show is true."""

import random
from collections import Counter

import pytest
from corpus import GITHUB, MARKS, STRIPE, sample
from showing import Sorted, check, sort

from toolbench.specs.base import read_api
from toolbench.world.world import Landscape

pytestmark = MARKS
OPERATIONS = 10
"""Operations tried of each API."""


@pytest.fixture(scope="module")
def found() -> Sorted:
    found = Sorted([], Counter())
    for path in (GITHUB, STRIPE, *sample(12, seed=1, largest=200_000)):
        landscape = Landscape([read_api(path)])
        names = sorted(landscape.operations)
        tools, refused = sort(landscape, random.Random(path.name).sample(names, min(OPERATIONS, len(names))))
        found.tools.extend(tools)
        found.refused.update(refused)
    return found


def test_most_tools_of_real_apis_can_be_used(found: Sorted) -> None:
    usable, refused = found.usable(), found.refused
    asked = ("get", "list", "create", "update")
    lost = sum(number for (role, _), number in refused.items() if role in asked)
    assert sum(usable[role] for role in asked) > 3 * lost, (usable, refused)
    assert {why for _, why in refused} <= {
        "the answers of X say nothing that a text could",
        "the simulation has nothing that shows how X is called",
    }


async def test_what_their_prompts_show_is_true(found: Sorted) -> None:
    for _, tool in found.tools:
        await check(tool)
