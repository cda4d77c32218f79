"""Exploring a task: the search from its first node to the finished trace."""

from collections.abc import Mapping

from toolbench.agent import graph
from toolbench.agent.attempt import Attempt
from toolbench.agent.growth import Growth
from toolbench.model import Tool, Trace, Usage, digest
from toolbench.model.discovery import SEARCH, found_on
from toolbench.model.trace import Outcome

__all__ = ["Attempt", "explore"]


async def explore(attempt: Attempt) -> Trace:
    """Explore a task and return the whole tree.

    Nodes get their status from their steps (`growth.STATUS`). At the end, leaves that are still open become `exhausted`
    where the searcher stopped because its budget or its tree was used up; where it was solved, or the endpoint failed,
    they stay `open`: they might have been gone on from. Inner nodes stay `open`.

    The outcome is `answered` if any leaf is; `failed` if the endpoint failed or every leaf did (a pruned repetition
    counts as what it repeats); `gave_up` if a leaf did while nothing was left to expand; else `exhausted`.

    Raises:
        UnreachableError: the policy's endpoint cannot be reached at all.
        ReviewEndedError: who reviews the steps quit; explored again, the attempt goes on from there.
    """
    growth = Growth(attempt, await attempt.executor.start(attempt.task))
    await graph.run(growth)
    best = attempt.searcher.best(growth.tree)
    _exhaust(growth)
    return _trace(growth, None if best is None else growth.end(best))


def _exhaust(growth: Growth) -> None:
    if growth.ending not in ("budget", "exhausted"):
        return
    for node in growth.tree.nodes:
        if node.status == "open" and not node.children:
            growth.mark(growth.end(node.id), "exhausted")


def _outcome(growth: Growth) -> Outcome:
    leaves = {node.status for node in growth.tree.nodes if not node.children} - {"pruned"}
    if growth.tree.solutions:
        return "answered"
    if growth.ending == "endpoint" or leaves == {"failed"}:
        return "failed"
    if growth.ending == "exhausted" and "gave_up" in leaves:
        return "gave_up"
    return "exhausted"


def _trace(growth: Growth, best: int | None) -> Trace:
    attempt = growth.attempt
    return Trace(
        id=attempt.trace_id,
        content=digest([node.model_dump(mode="json") for node in growth.nodes]),
        task=attempt.task.id,
        sample=attempt.sample,
        tools=_digests(_offered(growth)),
        nodes=tuple(growth.nodes),
        outcome=_outcome(growth),
        best=best,
        usage=sum((node.usage for node in growth.nodes), Usage()),
        errors=tuple(growth.errors),
        provenance=attempt.provenance,
    )


def _offered(growth: Growth) -> Mapping[str, Tool]:
    """Return the tools that some turn offers; in the open domain, those that any search found."""
    tools = growth.attempt.tools
    if not growth.attempt.task.discovery:
        return tools
    return {name: tools[name] for name in (SEARCH, *found_on(growth.nodes)) if name in tools}


def _digests(tools: Mapping[str, Tool]) -> dict[str, str]:
    return {name: digest(tool.model_dump(mode="json")) for name, tool in tools.items()}
