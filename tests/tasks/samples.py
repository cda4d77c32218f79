"""Sampled tasks and what a test needs to judge them, written apart from the code under test."""

from functools import cache
from itertools import islice
from pathlib import Path

from toolbench import plugins
from toolbench.model import Case, Node, Step
from toolbench.model.calendar import resolved
from toolbench.specs.base import read_api
from toolbench.tasks.sampling import TaskSampler
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "api_specs").glob("*.yaml"))
APIS = [path.stem for path in SPECS]
WRITES = {"create", "update", "replace", "delete", "action"}
MISSING = object()

_goal = plugins.load("evaluators", "goal")()


@cache
def landscape(*apis):
    """Return the landscape of bundled APIs."""
    return Landscape([read_api(path) for path in SPECS if path.stem in apis])


@cache
def _stream(api, seed):
    return [], TaskSampler(landscape(api), seed, (api,)).stream()


def sampled(api, count, seed=0):
    """Return the first tasks of an API's stream, with what each took; each is made once for all tests."""
    made, stream = _stream(api, seed)
    made.extend(islice(stream, max(0, count - len(made))))
    return made[:count]


def tasks(api, count, seed=0):
    return [made.task for made in sampled(api, count, seed)]


@cache
def replayer(api):
    return WorldReplayer(landscape(api))


def replayed(task, calls=None):
    """Return what calls give in a fresh world of a task; the gold's where none are given."""
    (api,) = task.apis
    return replayer(api).replay(task, [gold.call for gold in task.gold] if calls is None else calls)


def heard(task, turn=0):
    """Return what the user has said up to a turn, with the days that are called from today's point of view as dates."""
    return resolved(" ".join(one.text for one in task.turns[: turn + 1]), task.today)


def role(task, gold):
    (api,) = task.apis
    return landscape(api).operations[gold.call.tool].role


def case(task, calls, answer):
    """Return a path that makes the calls and gives the answer, as a judge sees it."""
    replay = replayed(task, calls)
    nodes = [Node(id=0, parent=None, step=None, status="open", state=replay.states[0])]
    for place, (call, seen) in enumerate(zip(calls, replay.observations, strict=True), 1):
        step = Step(kind="call", calls=(call,), observations=(seen,))
        nodes.append(Node(id=place, parent=place - 1, step=step, status="open", state=replay.states[place]))
    last = len(nodes)
    step = Step(kind="finish", text=answer)
    nodes.append(Node(id=last, parent=last - 1, step=step, status="answered", state=replay.states[-1]))
    (api,) = task.apis
    tools = {name: landscape(api).tool(name) for name in task.turns[0].tools}
    return Case(task, "r", last, tuple(nodes), tools, replay)


def solved(task, calls, answer=None):
    """Tell whether calls reach the goal: as the evaluator sees it, and everything created in its place."""
    judged = case(task, calls, task.answer if answer is None else answer)
    created = [change for change in judged.replay.changes if change.kind == "created"]
    places = [one.key for one in task.goal.changes if one.kind == "created"]
    in_place = all(any(change.key.startswith(place) for change in created) for place in places)
    return _goal.evaluate(judged).label == "pass" and in_place


def at(value, pointer):
    """Follow a JSON pointer, in the plainest way."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return MISSING
    return value


def put(value, pointer, new):
    """Return a copy with something else at a pointer."""
    if not pointer:
        return new
    name, slash, rest = pointer[1:].partition("/")
    name = name.replace("~1", "/").replace("~0", "~")
    if isinstance(value, dict):
        return {**value, name: put(value[name], slash + rest, new)}
    return [put(item, slash + rest, new) if place == int(name) else item for place, item in enumerate(value)]


def leaves(value, pointer=""):
    """List the pointers to the leaves of a value."""
    if isinstance(value, dict) and value:
        escaped = ((name.replace("~", "~0").replace("/", "~1"), inner) for name, inner in value.items())
        return [found for name, inner in escaped for found in leaves(inner, f"{pointer}/{name}")]
    if isinstance(value, list) and value:
        return [found for place, inner in enumerate(value) for found in leaves(inner, f"{pointer}/{place}")]
    return [pointer]
