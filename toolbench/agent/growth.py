"""The tree of one attempt while it grows: nodes, states, costs. It lives beside the graph's state, not in it."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from searchers.base import Expand, Stop, Tree
from toolbench.agent.attempt import Attempt
from toolbench.agent.calls import Calls, Ran, answering, numbered
from toolbench.agent.policy import Proposal, Reflection, View, signature
from toolbench.agent.review import Question, dangers, refusals
from toolbench.agent.valuer import Valuation
from toolbench.errors import EndpointError, UnreachableError
from toolbench.executors.base import State
from toolbench.model import Call, Chat, Node, Step, Tool, TraceError, Usage
from toolbench.model.discovery import SEARCH, found_on
from toolbench.model.trace import NodeStatus, StepKind

Ending: TypeAlias = Literal["solved", "exhausted", "budget", "endpoint"]

STATUS: Mapping[StepKind, NodeStatus] = {
    "call": "open",
    "user": "open",
    "ask": "answered",
    "decline": "answered",
    "confirm": "answered",
    "finish": "answered",
    "give_up": "gave_up",
    "invalid": "failed",
}
"""What becomes of a node, by the kind of its step. A step that would end the conversation leaves its node `open` where
a user's turn is still to come; one that repeats a sibling is `pruned` whatever its kind."""


@dataclass(slots=True)
class _Place:
    """What is known beside each node of the searcher's tree."""

    step: int
    """Id of the trace's node that holds the model's step."""
    end: int
    """Id of the trace's node to go on from: the user's next turn, where one follows the step."""
    state: State
    """The backend's state there."""
    turns: int
    """User's turns so far."""
    action: Hashable | None = None
    """Signature of the step."""
    asked: int = 0
    """How often a step was asked for from here."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A proposal that waits to be acted on."""

    at: int
    """The searcher's node it was asked for at."""
    proposal: Proposal
    """The policy's answer; its usage includes that of a refused one before it."""
    view: View
    """What the policy saw."""
    twin: int | None
    """The searcher's node, a sibling, that holds the same action already."""
    refusal: str | None = None
    """What a person said who refused the step; None where nobody did."""


class Growth:
    """Grows the tree, one proposal at a time: `ask`, then `act`.

    The searcher sees one tree node per model's turn. A scripted turn of the user that follows is a node of the trace,
    below the step that prompted it, but not of the searcher's tree: nobody chose it.

    Every node keeps the state its calls left, so whoever expands it later goes on from there: nothing is restored.
    """

    def __init__(self, attempt: Attempt, start: State) -> None:
        self.attempt = attempt
        self.tree = Tree()
        self.nodes = [Node(id=0, parent=None, step=None, status="open", state=start.digest)]
        self.errors: list[TraceError] = []
        self.ending: Ending | None = None
        self._places = [_Place(0, 0, start, 1)]
        self._pending: _Asked | None = None
        self._calls = Calls(attempt.executor, share=attempt.provenance.is_simulated)
        self._writers: list[int] = []
        self._lessons: list[int] = []
        self._chats: dict[str, dict[int, Chat]] = {}

    @property
    def waits(self) -> bool:
        """Whether a step waits to be acted on."""
        return self._pending is not None

    def end(self, at: int) -> int:
        """Return the id of the trace's node that a node of the searcher's tree ends in."""
        return self._places[at].end

    def prune(self, nodes: Sequence[int]) -> None:
        """Mark nodes of the searcher's tree as given up."""
        for at in nodes:
            self.tree.prune(at)
            self.mark(self._places[at].step, "pruned")

    def mark(self, node: int, status: NodeStatus) -> None:
        """Set the status of one of the trace's nodes."""
        self.nodes[node] = self.nodes[node].model_copy(update={"status": status})

    async def ask(self, at: int, *, apart: bool = False) -> None:
        """Ask the policy for a step from a node of the searcher's tree, and keep it for `act`.

        A step identical to a sibling's is refused once, if the searcher would still expand something. One that is to
        stand `apart` may be identical, and its siblings are not shown.

        Raises:
            UnreachableError: the policy's endpoint cannot be reached at all.
        """
        asked = await self._ask_once(at, apart=apart)
        if asked.twin is not None and isinstance(self.attempt.searcher.next(self.tree), Expand):
            self._note(
                at, "identical_sibling", f"sample {asked.view.sample} repeats node {self._places[asked.twin].step}"
            )
            asked = await self._ask_once(at, asked.proposal.usage)
        self._pending = asked

    async def act(self) -> None:
        """Run the calls of the step that waits, if any does; add its node and value it; then the user's next turn."""
        asked, self._pending = self._pending, None
        if asked is None:
            return
        calls = numbered(asked.proposal.step.calls, len(self.nodes))
        step = asked.proposal.step.model_copy(update={"calls": calls})
        state = self._places[asked.at].state
        if asked.twin is not None:
            ran = self._as_twin(step, self._places[asked.twin])
        elif asked.refusal is not None:
            ran = Ran(refusals(calls, asked.refusal), state, 0)
        else:
            ran = await self._calls.run(calls, asked.at, state)
        step = step.model_copy(update={"observations": ran.observations})
        turn_follows = self._grow(asked, step, ran)
        await self._value(asked.view, step)
        if turn_follows:
            await self._hear_user(self._places[-1])

    def question(self) -> Question | None:
        """Return what a person must be asked about the step that waits; None where nothing would be done by it."""
        asked = self._pending
        if asked is None or asked.twin is not None:
            return None
        step, tools, provenance = asked.proposal.step, self.attempt.tools, self.attempt.provenance
        found = tuple(dangers(tools.get(call.tool), provenance) for call in step.calls)
        if not any(found):
            return None
        return Question(
            trace=self.attempt.trace_id,
            task=self.attempt.task,
            path=asked.view.path,
            node=len(self.nodes),
            step=step,
            dangers=found,
        )

    def refuse(self, words: str) -> None:
        """Have the step that waits answered by a person's refusal, rather than taken."""
        if self._pending is not None:
            self._pending = replace(self._pending, refusal=words)

    async def reflect(self, at: int) -> None:
        """Ask the policy what was learned from a node of the searcher's tree; what it says is shown from then on.

        Raises:
            UnreachableError: the policy's endpoint cannot be reached at all.
        """
        self.tree.nodes[at].reflected = True
        try:
            reflection = await self.attempt.policy.reflect(self._view(at))
        except UnreachableError:
            raise
        except EndpointError as error:
            self._note(at, "unreflected", str(error))
            reflection = Reflection(text="", usage=Usage(queries=1))
        end = self.end(at)
        self._pay(end, reflection.usage)
        if reflection.text:
            self.nodes[end] = self.nodes[end].model_copy(update={"reflection": reflection.text})
            self._lessons.append(end)

    async def _value(self, view: View, step: Step) -> None:
        """Have the newest node valued, if the searcher needs it and the search goes on."""
        node, place, valuer = self.tree.nodes[-1], self._places[-1], self.attempt.valuer
        needed = getattr(self.attempt.searcher, "needs_value", False) and node.status in ("open", "answered")
        if valuer is None or not needed or self.ending or self._has_enough():
            return
        try:
            valued = await valuer.value(view, step)
        except UnreachableError:
            raise
        except EndpointError as error:
            valued = Valuation(value=None, usage=Usage(queries=1), problem=str(error))
        if valued.problem:
            self._note(node.id, "unvalued", valued.problem)
        node.value = valued.value
        self.nodes[place.step] = self.nodes[place.step].model_copy(update={"value": valued.value})
        self._pay(place.step, valued.usage)

    def _has_enough(self) -> bool:
        """Tell whether the searcher would end here, whatever the newest node is worth."""
        move = self.attempt.searcher.next(self.tree)
        return isinstance(move, Stop) and move.reason != "exhausted"

    def _pay(self, node: int, usage: Usage) -> None:
        """Count what was spent on one of the trace's nodes after it was made."""
        self._spend(usage)
        self.nodes[node] = self.nodes[node].model_copy(update={"usage": self.nodes[node].usage + usage})

    def _spend(self, usage: Usage) -> None:
        self.tree.queries += usage.queries
        self.tree.tokens += usage.prompt_tokens + usage.completion_tokens
        self.tree.cost += usage.cost

    async def _ask_once(self, at: int, spent: Usage | None = None, *, apart: bool = False) -> _Asked:
        view = self._view(at)
        view = replace(view, siblings=()) if apart else view
        self._places[at].asked += 1
        proposal = await self._propose(view)
        for kind, message in proposal.errors:
            self._note(at, kind, message)
        self._spend(proposal.usage)
        kept = proposal if spent is None else replace(proposal, usage=spent + proposal.usage)
        return _Asked(at, kept, view, None if apart else self._twin(at, proposal.step))

    async def _propose(self, view: View) -> Proposal:
        """Ask the policy. An endpoint without a usable answer ends the exploration, not the program."""
        try:
            return await self.attempt.policy.propose(view)
        except UnreachableError:
            raise
        except EndpointError as error:
            self.ending = "endpoint"
            step = Step(kind="invalid", problem=str(error))
            return Proposal(step=step, usage=Usage(queries=1), errors=(("endpoint", str(error)),))

    def _view(self, at: int) -> View:
        place = self._places[at]
        return View(
            turns=self.attempt.task.turns[: place.turns],
            system=self.attempt.task.system,
            path=self._path(place.end),
            siblings=tuple(self.nodes[self._places[child].step] for child in self.tree.nodes[at].children),
            lessons=tuple(self.nodes[leaf] for leaf in self._lessons),
            tools=self._offered(place),
            seed=self.attempt.provenance.seed,
            today=self.attempt.task.today,
            attempt=self.attempt.sample,
            chats=self._chats,
            sample=place.asked,
        )

    def _path(self, node: int) -> tuple[Node, ...]:
        path: list[Node] = []
        at: int | None = node
        while at is not None:
            path.append(self.nodes[at])
            at = self.nodes[at].parent
        path.reverse()
        return tuple(path)

    def _offered(self, place: _Place) -> Mapping[str, Tool]:
        """Return the tools of the latest turn that names any, else all; in the open domain those found on the path."""
        if self.attempt.task.discovery:
            names = [SEARCH, *(name for name in found_on(self._path(place.end)) if name in self.attempt.tools)]
            return {name: self.attempt.tools[name] for name in names}
        for turn in reversed(self.attempt.task.turns[: place.turns]):
            if turn.tools:
                return {name: self.attempt.tools[name] for name in turn.tools}
        return self.attempt.tools

    def _twin(self, at: int, step: Step) -> int | None:
        wanted = signature(step)
        if wanted is None:
            return None
        children = self.tree.nodes[at].children
        return next((child for child in children if self._places[child].action == wanted), None)

    def _as_twin(self, step: Step, twin: _Place) -> Ran:
        """Return what came of an identical sibling's calls: its step is not run again, whoever answers."""
        known = self.nodes[twin.step].step
        seen = known.observations if known else ()
        return Ran(tuple(map(answering, step.calls, seen)), twin.state, 0)

    def _grow(self, asked: _Asked, step: Step, ran: Ran) -> bool:
        """Add the node of a step; tell whether a turn of the user's follows."""
        parent = self._places[asked.at]
        answered = STATUS[step.kind] == "answered"
        turn_follows = asked.twin is None and answered and parent.turns < len(self.attempt.task.turns)
        status = "pruned" if asked.twin is not None else "open" if turn_follows else STATUS[step.kind]
        node = Node(
            id=len(self.nodes),
            parent=parent.end,
            step=step,
            status=status,
            state=ran.state.digest,
            usage=asked.proposal.usage.model_copy(update={"calls": ran.executed}),
            siblings_shown=asked.proposal.siblings_shown,
            lessons_shown=asked.proposal.lessons_shown,
            sampled=asked.view.sample,
            tainted=self._is_tainted(parent.end),
        )
        self.nodes.append(node)
        if any(map(self._may_outlast, ran.sent)):
            self._writers.append(node.id)
        self.tree.add(asked.at, status)
        self.tree.calls += ran.executed
        self._places.append(_Place(node.id, node.id, ran.state, parent.turns, signature(step)))
        return turn_follows

    def _may_outlast(self, call: Call) -> bool:
        """Tell whether a call that was sent may have changed what other branches see. In the world none does."""
        if self.attempt.provenance.is_simulated:
            return False
        tool = self.attempt.tools.get(call.tool)
        return tool is None or tool.safety != "read"

    def _is_tainted(self, parent: int) -> bool:
        """Tell whether something was written on a branch that does not lead to a node's `parent`."""
        return bool(self._writers and set(self._writers) - {node.id for node in self._path(parent)})

    async def _hear_user(self, place: _Place) -> None:
        step = Step(kind="user", text=await self._next_words(place))
        self.nodes.append(
            Node(
                id=len(self.nodes),
                parent=place.end,
                step=step,
                status="open",
                state=place.state.digest,
                tainted=self.nodes[place.end].tainted,
            )
        )
        place.end = self.nodes[-1].id
        place.turns += 1

    async def _next_words(self, place: _Place) -> str:
        task, user = self.attempt.task, self.attempt.user
        if user is None:
            return task.turns[place.turns].text
        said = await user.speak(task, place.turns, self._path(place.end))
        if said.problem:
            self.errors.append(TraceError(node=place.end, kind="scripted_words", message=said.problem))
        return said.text

    def _note(self, at: int, kind: str, message: str) -> None:
        self.errors.append(TraceError(node=self.end(at), kind=kind, message=message))
