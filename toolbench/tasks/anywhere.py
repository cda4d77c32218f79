"""Tasks for APIs whose data nobody knows: of those made in the simulated world, the ones that make sense anywhere."""

from collections.abc import Iterator

from toolbench.errors import WorkError
from toolbench.model import Goal, Json, JsonObject, Task, Tool, is_object
from toolbench.model.pointers import at
from toolbench.tasks.sampling import Sampled
from toolbench.world.world import Landscape

PATIENCE = 400
"""Tasks of a stream that may be passed over in a row before it is given up."""

_COUNTS = "number of "


def anywhere(stream: Iterator[Sampled], landscape: Landscape) -> Iterator[Sampled]:
    """Yield the tasks of a stream that make sense in any world, without what is true in the simulated one only.

    They ask how many there are of something, all in all or with a state that the description lists. No key, name or
    date of an entity is in them. The gold says which calls lead there; the goal and the answer are empty.

    Raises:
        WorkError: the stream holds no more such tasks, as far as one looks.
    """
    made = passed_over = 0
    for sampled in stream:
        if _makes_sense(sampled.task, landscape):
            made, passed_over = made + 1, 0
            yield Sampled(_open(sampled.task), sampled.attempts, sampled.dropped)
            continue
        passed_over += 1
        if passed_over == PATIENCE:
            raise WorkError(
                f"of these APIs only {made} questions can be made that name no entity. Ask for fewer with `-n {made}`, "
                "or name more APIs."
            )


def _makes_sense(task: Task, landscape: Landscape) -> bool:
    if task.goal.changes or not task.goal.facts:
        return False
    # `number of copies of the book` is a field of one book, `number of books` is not.
    labels = [fact.label for fact in task.goal.facts]
    only_counts = all(label.startswith(_COUNTS) and " of the " not in label for label in labels)
    return only_counts and all(
        origin.kind == "default"
        or (origin.kind == "user" and _is_choice(landscape.tool(gold.call.tool), gold.call.arguments, origin.pointer))
        for gold in task.gold
        for origin in gold.origins
    )


def _is_choice(tool: Tool, arguments: JsonObject, pointer: str) -> bool:
    """Tell whether a value is one of those that the description lists for an argument of a tool."""
    name = pointer.partition("/")[2].partition("/")[0]
    schema = _resolved(tool.parameters["properties"].get(name), tool.parameters)
    items = _resolved(schema.get("items"), tool.parameters)
    choices = schema.get("enum") or items.get("enum") or ()
    return schema.get("type") == "boolean" or at(arguments, pointer) in choices


def _resolved(schema: Json, root: JsonObject) -> JsonObject:
    reference = schema.get("$ref") if is_object(schema) else None
    if isinstance(reference, str):
        return _resolved(root.get("$defs", {}).get(reference.rpartition("/")[2]), root)
    return schema if is_object(schema) else {}


def _open(task: Task) -> Task:
    return task.model_copy(update={"answer": "", "goal": Goal(), "replay_digest": "", "today": None})
