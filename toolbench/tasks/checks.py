"""What every task must pass before it is written, checked apart from how it was made."""

from toolbench.model import Change, Json, Replay, Replayer, Task, digest
from toolbench.model.pointers import leaves
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
