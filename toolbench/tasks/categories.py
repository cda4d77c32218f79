"""ToolLLM's three categories of tasks, by how far apart the tools of a solution are."""

from typing import Literal

from toolbench.model import Task, Tool

Category = Literal["I1", "I2", "I3"]
"""`I1`: tools of one API (ToolLLM's "tool" is an API of several functions; its test sets call it G1). `I2`: of several
APIs of one category (G2). `I3`: across categories (G3): ToolLLM draws these from one RapidAPI collection, a list put
together by hand, which our catalogue does not have, so that whatever is neither `I1` nor `I2` counts here."""


def category_of(task: Task, tools: dict[str, Tool]) -> Category:
    """Return a task's category, by the tools of its gold; a task without gold goes by those offered, save distractors.

    Args:
        task: the task.
        tools: the tools by name; those that are not known are passed over. An API without a category is one by itself.
    """
    offered = (name for turn in task.turns for name in turn.tools if name not in task.distractors)
    names = [gold.call.tool for gold in task.gold] or list(offered)
    used = [tools[name] for name in names if name in tools]
    if len({tool.api for tool in used}) < 2:
        return "I1"
    return "I2" if len({tool.category or tool.api for tool in used}) < 2 else "I3"
