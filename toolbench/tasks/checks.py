"""What every task must pass before it is written, checked apart from how it was made."""

from collections.abc import Iterator

from toolbench.model import Change, Json, JsonObject, Replay, Replayer, Task, digest, is_array, is_object
from toolbench.model.pointers import at, leaves
from toolbench.model.wording import mentions
from toolbench.tasks.draft import InfeasibleError


def check(task: Task, user: list[Json], observed: list[Json], replayer: Replayer) -> None:
    """Check a task by execution and by reading its instruction.

    Args:
        task: the task.
        user: values only the user can supply.
        observed: values that must be looked up.
        replayer: executes calls in a fresh world.

    Raises:
        InfeasibleError: what is wrong, in a word.
    """
    _check_text(task, user, observed)
    _check_origins(task)
    whole = replayer.replay(task, [gold.call for gold in task.gold])
    if replay_digest(whole) != task.replay_digest:
        raise InfeasibleError("not_reproducible")
    _check_facts(task, whole)
    _check_minimal(task, whole, replayer)


def replay_digest(replay: Replay) -> str:
    """Return the digest over a replay's observations and states."""
    return digest([[seen.model_dump() for seen in replay.observations], list(replay.states)])


def _check_text(task: Task, user: list[Json], observed: list[Json]) -> None:
    text = " ".join(turn.text for turn in task.turns)
    if any(_is_scalar(value) and not mentions(text, value) for value in user):
        raise InfeasibleError("user_value_missing")
    if any(_is_scalar(value) and mentions(text, value) for value in observed):
        raise InfeasibleError("observed_value_leaked")
    if any(mentions(text, fact.value) for fact in task.goal.facts):
        raise InfeasibleError("answer_leaked")
    if any(not mentions(task.answer, fact.value) for fact in task.goal.facts):
        raise InfeasibleError("answer_incomplete")
    if any(gold.call.tool in text for gold in task.gold):
        raise InfeasibleError("tool_name_leaked")


def _is_scalar(value: Json) -> bool:
    return isinstance(value, str | int | float) and value != ""


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


def _check_minimal(task: Task, whole: Replay, replayer: Replayer) -> None:
    """Every call must be the source of a value or a fact, or change the state: delete it, and something is missing."""
    used = {origin.call for gold in task.gold for origin in gold.origins} | {fact.call for fact in task.goal.facts}
    for gold in task.gold:
        if gold.call.id in used:
            continue
        rest = [other.call for other in task.gold if other is not gold]
        if _effects(replayer.replay(task, rest).changes) == _effects(whole.changes):
            raise InfeasibleError("not_minimal")


def _effects(changes: tuple[Change, ...]) -> list[str]:
    return sorted(change.model_dump_json() for change in changes)
