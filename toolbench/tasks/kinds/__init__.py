"""The kinds of task, each a recipe of its own that turns a wish, executed in a world, into a conversation."""

from collections.abc import Mapping

from toolbench.tasks.kinds.absent import Irrelevant, LateTool, MissingTool
from toolbench.tasks.kinds.base import Kind
from toolbench.tasks.kinds.further import FollowUp, KnownAnswer, Merged
from toolbench.tasks.kinds.plain import CHANGE, FAN_IN, LOOKUP, NearDuplicateTools, Several
from toolbench.tasks.kinds.second_thoughts import ChangeOfMind, Confirm, Correction
from toolbench.tasks.kinds.trouble import Faulty, Impossible
from toolbench.tasks.kinds.unsaid import Ambiguous, MissingParameter

KINDS: Mapping[str, Kind] = {
    "change": CHANGE,
    "lookup": LOOKUP,
    "irrelevant": Irrelevant(),
    "missing_tool": MissingTool(),
    "late_tool": LateTool(),
    "missing_parameter": MissingParameter(),
    "ambiguous": Ambiguous(),
    "near_duplicate_tools": NearDuplicateTools(),
    "known_answer": KnownAnswer(),
    "confirm": Confirm(),
    "faulty": Faulty(),
    "impossible": Impossible(),
    "follow_up": FollowUp(),
    "correction": Correction(),
    "change_of_mind": ChangeOfMind(),
    "several": Several(),
    "fan_in": FAN_IN,
    "merged": Merged(),
}
"""The kinds, by name."""

WITHHOLDING = frozenset({"irrelevant", "missing_tool", "late_tool"})
"""Those that are about a tool that is there and not offered."""

DEFAULT_MIX: Mapping[str, float] = {"change": 1, "lookup": 1}
"""Shares of the kinds, where nothing else is asked for."""
