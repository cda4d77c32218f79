"""What becomes of tools of the catalogue, and the check that what their prompts show is true."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from toolbench.errors import ConfigError
from toolbench.model import Block, Document
from toolbench.toolformer.base import CallTool, Sample
from toolbench.toolformer.candidates import read_call
from toolbench.toolformer.tools.catalogue import CatalogueTool
from toolbench.world.world import Landscape

NOTHING = Document(id="d", source="s", name="n", metadata={}, blocks=(Block(text=""),))


class Sorted(NamedTuple):
    """What became of the operations that were tried."""

    tools: list[tuple[str, CallTool]]
    """The usable ones, each with the role of its operation."""
    refused: Counter[tuple[str, str]]
    """How many were refused, by role and reason."""

    def usable(self) -> Counter[str]:
        return Counter(role for role, _ in self.tools)


def sort(landscape: Landscape, names: Sequence[str]) -> Sorted:
    found = Sorted([], Counter())
    for name in names:
        role = landscape.operations[name].role
        try:
            found.tools.append((role, CatalogueTool(landscape, name, 0)))
        except ConfigError as refusal:
            found.refused[role, str(refusal).partition(".")[0].replace(name, "X")] += 1
    return found


def shown(shot: Sample) -> tuple[str, str]:
    """Return the call of a sample, and the value that its text states right after it."""
    before, call, after = re.split("<API>|</API>", shot.annotated)
    assert before + after.removeprefix(" ") == shot.text
    return call, after.removeprefix(" ").removesuffix(".")


async def check(tool: CallTool) -> None:
    """Hold each sample against the simulation: its call, read as a model's calls are, must give what its text says."""
    assert tool.samples
    for shot in tool.samples:
        call, value = shown(shot)
        read = read_call(call, tool.name)
        assert read is not None, call
        answer = await tool.run(read.argument, NOTHING)
        assert re.search(rf"(?<!\w){re.escape(value)}(?!\w)", answer), (call, value, answer)
