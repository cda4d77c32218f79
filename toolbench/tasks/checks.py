"""What every task must pass before it is written, checked apart from how it was made."""

from collections.abc import Iterator

from toolbench.model import Change, GoldCall, Json, JsonObject, Replay, Replayer, Task, digest, is_array, is_object
from toolbench.model.calendar import resolved
from toolbench.model.pointers import at, leaves
from toolbench.model.task import OriginKind
from toolbench.model.wording import Scalar, mentions
from toolbench.tasks.draft import InfeasibleError
from toolbench.world.faults import NONE


def check(task: Task, replayer: Replayer) -> None:
    """Check a task by execution and by reading its turns.

    Args:
        task: the task.
        replayer: executes calls in a fresh world.

    Raises:
        InfeasibleError: what is wrong, in a word.
    """
    sound = task.model_copy(update={"faults": NONE})
    _check_text(task)
    _check_origins(task)
    whole = replayer.replay(sound, [gold.call for gold in task.gold])
    if replay_digest(whole) != task.replay_digest:
        raise InfeasibleError("not_reproducible")
    _check_facts(task, whole)
    _check_decisions(task, whole)
    _check_minimal(sound, replayer)


def replay_digest(replay: Replay) -> str:
    """Return the digest over a replay's observations and states."""
    return digest([[seen.model_dump() for seen in replay.observations], list(replay.states)])


def _check_text(task: Task) -> None:
    """Check that each call's own values were said by its turn, and that nobody says what is to be found."""
    spoken = [resolved(turn.text, task.today) for turn in task.turns]
    said = [" ".join(spoken[: place + 1]) for place in range(len(spoken))]
    text = said[-1]
    if any(not mentions(said[gold.turn], value) for gold in task.gold for value in _scalars(gold, "user")):
        raise InfeasibleError("user_value_missing")
    if any(mentions(text, value) for gold in task.gold for value in _scalars(gold, "observed")):
        raise InfeasibleError("observed_value_leaked")
    if any(mentions(text, fact.value) for fact in task.goal.facts):
        raise InfeasibleError("answer_leaked")
    replies = [*(turn.reply for turn in task.turns[:-1]), task.answer]
    if any(not mentions(replies[fact.turn], fact.value) for fact in task.goal.facts):
        raise InfeasibleError("answer_incomplete")
    if any(mentions(reply, fact.value) for fact in task.goal.facts for reply in replies[: fact.turn]):
        raise InfeasibleError("answered_before")
    if any(gold.call.tool in text for gold in task.gold):
        raise InfeasibleError("tool_name_leaked")


def _scalars(gold: GoldCall, kind: OriginKind) -> list[Scalar]:
    return [value for value in gold.values(kind) if isinstance(value, str | int | float) and value != ""]


def _check_decisions(task: Task, whole: Replay) -> None:
    """Check that nothing is changed in a turn that is not for work, and all tools for a turn are offered in it."""
    wrote = dict(zip((gold.call.id for gold in task.gold), whole.wrote, strict=True))
    for gold in task.gold:
        if task.decisions[gold.turn] != "call" and wrote[gold.call.id]:
            raise InfeasibleError("changed_too_early")
        if gold.call.tool not in task.turns[gold.turn].tools:
            raise InfeasibleError("tool_not_offered")


def _check_origins(task: Task) -> None:
    for gold in task.gold:
        held = [pointer for pointer, _ in leaves(gold.call.arguments) if pointer]
        if sorted(held) != sorted(origin.pointer for origin in gold.origins):
            raise InfeasibleError("origin_missing")


def _check_facts(task: Task, whole: Replay) -> None:
    """Check that no other call shows the same field of what was looked up by its key."""
    bodies = {seen.call: seen.body for seen in whole.observations}
    calls = {gold.call.id: gold for gold in task.gold}
    for fact in task.goal.facts:
        outer, _, name = fact.source.rpartition("/")
        holder: Json = at(bodies[fact.call], outer)
        looked_up = [at(calls[fact.call].call.arguments, o.pointer) for o in calls[fact.call].origins if o.call]
        if not is_object(holder) or not any(value in looked_up for value in holder.values()):
            continue
        same = {key: value for key, value in holder.items() if key == name or value in looked_up}
        others = (found for call, body in bodies.items() if call != fact.call for found in _objects(body))
        if any(same.items() <= found.items() for found in others):
            raise InfeasibleError("shown_elsewhere")


def _objects(value: Json) -> Iterator[JsonObject]:
    if is_object(value):
        yield value
    for inner in value.values() if is_object(value) else value if is_array(value) else ():
        yield from _objects(inner)


def _check_minimal(task: Task, replayer: Replayer) -> None:
    """Check that every call is the source of a value or a fact, the ground of a decision, or changes the state.

    Delete one that is none of the others, and something is missing at the end of its turn.
    """
    used = {origin.call for gold in task.gold for origin in gold.origins} | {fact.call for fact in task.goal.facts}
    for gold in task.gold:
        if gold.call.id in used or task.decisions[gold.turn] != "call":
            continue
        done = [other for other in task.gold if other.turn <= gold.turn]
        whole = replayer.replay(task, [other.call for other in done])
        rest = replayer.replay(task, [other.call for other in done if other is not gold])
        if _effects(rest.changes) == _effects(whole.changes):
            raise InfeasibleError("not_minimal")


def _effects(changes: tuple[Change, ...]) -> list[str]:
    return sorted(change.model_dump_json() for change in changes)
