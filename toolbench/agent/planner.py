"""A teacher without a model: it knows the gold plan, follows it, and errs now and then, as models do."""

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from toolbench.agent.gold import (
    Aim,
    Made,
    Progress,
    follow,
    made_on,
    reply,
    succeeded,
)
from toolbench.agent.mistakes import ErrorRates, Mistake, altered, fitted, invented, misread, wrong_arguments
from toolbench.agent.policy import Proposal, Reflection, View, action, signature
from toolbench.model import Call, Fact, GoldCall, Json, JsonObject, Node, Observation, Step, Task, Usage, canonical
from toolbench.model.calendar import resolved
from toolbench.model.discovery import MOST_FOUND, SEARCH
from toolbench.model.pointers import at, replaced
from toolbench.model.task import Decision
from toolbench.model.trace import StepKind
from toolbench.model.wording import mentions

PARALLEL = 0.25
"""Chance of making independent calls in one step."""

_NAME_SEAM = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
"""Where a tool's name falls into words."""

WIDEST = 3
"""Most calls in one step."""

PATIENCE = 3
"""Failures of one and the same call after which it is given up."""

CALL_THOUGHTS = (
    "The next piece comes from {tools}.",
    "To get on with this I need {tools}.",
    "Calling {tools} is what is left to do first.",
)
AGAIN_THOUGHTS = (
    "That did not work ({status}). {tools} with the right arguments should.",
    "The answer was {status}; I go on with {tools}.",
)
FINISH_THOUGHTS = ("Everything asked for is done.", "That is all the answer needs.")
GIVE_UP_THOUGHTS = ("I do not get further this way.", "This leads nowhere; starting over is better.")
CLOSINGS: Mapping[Decision, StepKind] = {
    "call": "finish",
    "answer": "finish",
    "ask": "ask",
    "decline": "decline",
    "confirm": "confirm",
}
"""The step that ends a turn, by what is right to decide there."""
WRONG_WORDS: Mapping[StepKind, str] = {
    "ask": "Could you give me the missing details?",
    "confirm": "Shall I go ahead with this?",
    "decline": "I am sorry, I cannot do that.",
    "finish": "That is done.",
}
"""What is said where a planner decides wrongly, and where a task has no reply to a turn."""


@dataclass(frozen=True, slots=True)
class _Here:
    """What the planner knows at a node."""

    task: Task
    view: View
    made: tuple[Made, ...]
    progress: Progress
    early: tuple[Aim, ...]
    """Calls of later turns whose needs are met."""
    luck: random.Random

    @property
    def turn(self) -> int:
        """Place of the turn that is to be answered."""
        return len(self.view.turns) - 1

    @property
    def decision(self) -> Decision:
        """The right decision in it."""
        return self.task.decisions[self.turn]

    @property
    def to_come(self) -> bool:
        """Whether the user has yet something to say."""
        return len(self.view.turns) < len(self.task.turns)

    def reply(self, guess: Callable[[Fact], Json]) -> str:
        """Return the task's reply to the turn, with what the path has shown, or guesses."""
        written = self.task.turns[self.turn].reply if self.to_come else self.task.answer
        facts = (fact for fact in self.task.goal.facts if fact.turn == self.turn)
        return reply(written or WRONG_WORDS[CLOSINGS[self.decision]], facts, self.progress.seen, guess)


class Planner:
    """Follows a task's gold from wherever the path stands, erring at set rates.

    What of the gold is done is judged from the path's calls and observations alone, and looked-up values are read from
    the path, so it goes on rightly after detours and mistakes. After an error it mostly recovers. From a place where
    the right step was tried already it looks for another way: another due call, several at once, a look around.

    Every choice comes from the seed, the task, the attempt, the path and the number of earlier answers there: neither
    the searcher nor anything else in the tree matters.

    Args:
        task: the task, with its gold.
        rates: how often it errs.
    """

    def __init__(self, task: Task, rates: ErrorRates = ErrorRates()) -> None:  # noqa: B008 - frozen
        self._task = task
        self._rates = rates

    async def propose(self, view: View) -> Proposal:
        """Return the next step; it counts as one query."""
        return Proposal(step=self._decide(self._look(view)), usage=Usage(queries=1))

    async def reflect(self, view: View) -> Reflection:
        """Return nothing, for nothing: the planner does not learn."""
        del view
        return Reflection(text="", usage=Usage())

    def _look(self, view: View) -> _Here:
        made = made_on(view.path)
        progress = follow(self._task.gold, made, self._belief(view, made))
        now = len(view.turns)
        free = now == len(self._task.turns) or SEARCH in view.tools
        offered = [aim for aim in progress.due if aim.gold.call.tool in view.tools or free]
        due = tuple(aim for aim in offered if aim.gold.turn < now)
        early = tuple(aim for aim in offered if aim.gold.turn >= now and _is_at_hand(aim, view))
        blocked = tuple(aim for aim in progress.blocked if aim.gold.turn < now)
        address = [view.seed, self._task.id, view.attempt, view.sample, *_trail(view.path)]
        return _Here(self._task, view, made, replace(progress, due=due, blocked=blocked), early, _luck(address))

    def _decide(self, here: _Here) -> Step:
        failed = _last_failure(here.view.path)
        if failed is not None:
            if here.luck.random() < self._rates.discouragement or _hopeless(here):
                return _give_up(here)
            return self._right(here, failed)
        mistake = self._rates.draw(here.luck)
        wrong = MISTAKES[mistake](here) if mistake else None
        return wrong or self._right(here, None)

    def _right(self, here: _Here, failed: Observation | None) -> Step:
        """Return the first right step that was not tried from here; the best one where all were."""
        tried = {signature(node.step) for node in here.view.siblings if node.step}
        steps = list(self._ways(here, failed))
        return next((step for step in steps if signature(step) not in tried), steps[0])

    def _ways(self, here: _Here, failed: Observation | None) -> Iterator[Step]:
        due = [_made_of(aim, here) for aim in here.progress.due]
        if not due:
            yield self._close(here)
            return
        batches = [due[:1], due[:WIDEST]] if here.luck.random() >= PARALLEL else [due[:WIDEST], due[:1]]
        batches += [[call] for call in due[1:]]
        batches += [[call] for call in _looks_around(here)]
        for calls in batches:
            yield _calling(here, calls, failed)

    def _close(self, here: _Here) -> Step:
        """Return the step that ends the turn, as the task decides."""
        text = here.reply(lambda fact: fact.value)
        return Step(kind=CLOSINGS[here.decision], reasoning=here.luck.choice(FINISH_THOUGHTS), text=text)

    def _belief(self, view: View, made: Iterable[Made]) -> Callable[[GoldCall, JsonObject], JsonObject]:
        failed = {action(call.tool, call.arguments) for call, seen in made if not succeeded(seen)}

        def believed(item: GoldCall, arguments: JsonObject) -> JsonObject:
            wrong = self._misunderstood(view, item, arguments)
            return arguments if action(item.call.tool, wrong) in failed else wrong

        return believed

    def _misunderstood(self, view: View, item: GoldCall, arguments: JsonObject) -> JsonObject:
        luck = _luck([view.seed, self._task.id, item.call.id])
        if luck.random() >= self._rates.misunderstanding or item.call.tool not in view.tools:
            return arguments
        where = misread(luck, item, view.tools[item.call.tool])
        return replaced(arguments, *where) if where else arguments


def _is_at_hand(aim: Aim, view: View) -> bool:
    """Tell whether a call's tool was found, where tools have to be."""
    return SEARCH not in view.tools or aim.gold.call.tool in view.tools


def _made_of(aim: Aim, here: _Here) -> Call:
    """Return the call that is due, or a search for its tool."""
    tool = aim.gold.call.tool
    if _is_at_hand(aim, here.view):
        return Call(id="", tool=tool, arguments=aim.arguments)
    said = " ".join(word.lower() for word in _NAME_SEAM.split(tool) if word)
    queries: list[JsonObject] = [{"query": said}, {"query": said, "k": MOST_FOUND}, {"query": tool, "k": MOST_FOUND}]
    tried = {action(call.tool, call.arguments) for call, _ in here.made}
    left = [query for query in queries if action(SEARCH, query) not in tried]
    return Call(id="", tool=SEARCH, arguments=(left or queries[-1:])[0])


def _wrong_tool(here: _Here) -> Step | None:
    if not here.progress.due:
        return None
    aim = here.progress.due[0]
    others = sorted(name for name in here.view.tools if name not in (SEARCH, aim.gold.call.tool))
    if not others:
        return None
    name = here.luck.choice(others)
    return _calling(here, [Call(id="", tool=name, arguments=fitted(aim.arguments, here.view.tools[name]))])


def _wrong_argument(here: _Here) -> Step | None:
    if not here.progress.due or here.progress.due[0].gold.call.tool not in here.view.tools:
        return None
    aim = here.progress.due[0]
    tool = here.view.tools[aim.gold.call.tool]
    arguments = wrong_arguments(here.luck, aim.arguments, tool)
    return _calling(here, [Call(id="", tool=tool.name, arguments=arguments)])


def _skipped_lookup(here: _Here) -> Step | None:
    aim = next((aim for aim in here.progress.blocked if _looks_up(aim) and _is_at_hand(aim, here.view)), None)
    if aim is None:
        return None
    return _calling(here, [Call(id="", tool=aim.gold.call.tool, arguments=invented(here.luck, aim))])


def _early_finish(here: _Here) -> Step | None:
    if here.to_come or not (here.progress.due or here.progress.blocked):
        return None
    text = here.reply(lambda fact: altered(here.luck, fact.value, {}))
    return Step(kind="finish", reasoning=here.luck.choice(FINISH_THOUGHTS), text=text)


def _give_up(here: _Here) -> Step:
    return Step(kind="give_up", reasoning=here.luck.choice(GIVE_UP_THOUGHTS))


def _wrong_decision(here: _Here) -> Step | None:
    """Return a decision that is wrong in this turn: work where the user should speak first, or the reverse."""
    if here.decision == "call":
        return _says(here, here.luck.choice(("ask", "decline")))
    if here.early:
        aim = here.early[0]
        return _calling(here, [Call(id="", tool=aim.gold.call.tool, arguments=_hasty(here, aim))])
    if here.decision != "answer":
        return _says(here, "finish")
    around = next(_looks_around(here), None)
    return _calling(here, [around]) if around else _says(here, "decline")


def _hasty(here: _Here, aim: Aim) -> JsonObject:
    """Return the arguments of a call of a later turn, with made-up values for those that the user has not said yet."""
    heard = resolved(" ".join(turn.text for turn in here.view.turns), here.view.today)
    arguments: Json = aim.arguments
    for origin in aim.gold.origins:
        value = at(arguments, origin.pointer)
        if origin.kind == "user" and isinstance(value, str | int | float) and not mentions(heard, value):
            arguments = replaced(arguments, origin.pointer, altered(here.luck, value, {}))
    return arguments


def _says(here: _Here, kind: StepKind) -> Step:
    return Step(kind=kind, reasoning=here.luck.choice(FINISH_THOUGHTS), text=WRONG_WORDS[kind])


def _repeat(here: _Here) -> Step | None:
    return _calling(here, [here.made[-1][0]]) if here.made else None


MISTAKES: Mapping[Mistake, Callable[[_Here], Step | None]] = {
    "wrong_tool": _wrong_tool,
    "wrong_argument": _wrong_argument,
    "skipped_lookup": _skipped_lookup,
    "early_finish": _early_finish,
    "give_up": _give_up,
    "repeat": _repeat,
    "wrong_decision": _wrong_decision,
}
"""How each mistake is made; None where it cannot be."""


def _calling(here: _Here, calls: list[Call], failed: Observation | None = None) -> Step:
    names = " and ".join(dict.fromkeys(call.tool for call in calls))
    thoughts = AGAIN_THOUGHTS if failed else CALL_THOUGHTS
    status = failed.status.replace("_", " ") if failed else ""
    thought = here.luck.choice(thoughts).format(tools=names, status=status)
    return Step(kind="call", reasoning=thought, calls=tuple(calls))


def _looks_around(here: _Here) -> Iterator[Call]:
    """Yield calls that change nothing, need nothing and were not made on the path."""
    known = {action(call.tool, call.arguments) for call, _ in here.made}
    for name, tool in sorted(here.view.tools.items()):
        harmless = tool.safety == "read" and not tool.parameters.get("required")
        if harmless and action(name, {}) not in known:
            yield Call(id="", tool=name, arguments={})


def _looks_up(aim: Aim) -> bool:
    return any(origin.kind == "observed" for origin in aim.gold.origins)


def _last_failure(path: tuple[Node, ...]) -> Observation | None:
    """Return what went wrong in the path's last step."""
    step = path[-1].step
    return next((seen for seen in step.observations if not succeeded(seen)), None) if step else None


def _hopeless(here: _Here) -> bool:
    """Tell whether what is due was refused, or failed too often."""
    for aim in here.progress.due[:1]:
        same = action(aim.gold.call.tool, aim.arguments)
        failures = [
            seen for call, seen in here.made if action(call.tool, call.arguments) == same and not succeeded(seen)
        ]
        return len(failures) >= PATIENCE or any(seen.status == "refused" for seen in failures)
    return False


def _trail(path: tuple[Node, ...]) -> Iterator[Json]:
    """Yield what tells a path from others, whatever its nodes' places in the tree."""
    for node in path:
        if node.step:
            calls = [[call.tool, call.arguments] for call in node.step.calls]
            yield [node.step.kind, node.step.text, calls, [seen.status for seen in node.step.observations]]


def _luck(address: Json) -> random.Random:
    return random.Random(hashlib.sha256(canonical(address)).digest())
