"""Generating: the same bytes every time, taken up after a crash, true when executed again."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from toolbench import plugins
from toolbench.errors import CatalogueError, ConfigError, PluginError, RunError
from toolbench.events import TaskSampled, TraceFinished
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.model import Call, Case, Node, Trace
from toolbench.pipeline.config import make_config
from toolbench.pipeline.generate import generate
from toolbench.pipeline.replayer import open_replayer
from toolbench.pipeline.sample import sample_tasks
from toolbench.store import Run

APIS = ("library", "orders")
FILES = ("tasks.jsonl", "traces.jsonl", "tools.jsonl", "apis.jsonl")


def config(**given):
    return make_config({"apis": APIS, "count": 12, **given})


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    path = tmp_path_factory.mktemp("run")
    generate(path, make_config({"apis": ("library", "orders", "crm", "projects"), "count": 40}))
    return Run(path)


def test_the_count_is_exact_and_events_tell_it(tmp_path: Path):
    events = []
    summary = generate(tmp_path, config(), sink=events.append)
    run = Run(tmp_path)
    assert summary.traces == summary.made == len(run.traces.ids()) == len(run.tasks.ids()) == 12
    assert sum(isinstance(event, TraceFinished) for event in events) == 12
    assert sum(isinstance(event, TaskSampled) for event in events) == 12
    assert [trace.task for trace in run.traces] == run.tasks.ids()
    assert sum(e.solved for e in events if isinstance(e, TraceFinished)) == summary.solved
    assert len(run.events_path.read_bytes().splitlines()) == len(events)


@pytest.mark.slow
def test_bytes_do_not_depend_on_concurrency_or_hash_seed(tmp_path: Path):
    for name, concurrency, seed in (("one", 1, "0"), ("two", 16, "4242")):
        command = [sys.executable, "-m", "toolbench.cli", "generate", str(tmp_path / name), "--apis", ",".join(APIS)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([*command, "-n", "25", "--concurrency", str(concurrency)], env=environment, check=True)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_longer_run_begins_with_the_shorter(tmp_path: Path):
    generate(tmp_path / "grown", config(count=5))
    generate(tmp_path / "grown", config(count=12))
    generate(tmp_path / "whole", config(count=12))
    for name in FILES:
        assert (tmp_path / "grown" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_another_seed_gives_other_tasks(tmp_path: Path):
    one, two = (sample_tasks(tmp_path / str(seed), config(seed=seed, count=6)) for seed in (0, 1))
    assert not {task.turns[0].text for task in one} & {task.turns[0].text for task in two}


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.9, 1.6])
def test_a_killed_run_is_taken_up(tmp_path: Path, moment: float):
    command = [
        sys.executable,
        "-m",
        "toolbench.cli",
        "generate",
        str(tmp_path / "a"),
        "--apis",
        ",".join(APIS),
        "-n",
        "60",
    ]
    process = subprocess.Popen(command)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for name in ("tasks.jsonl", "traces.jsonl"):
        if (tmp_path / "a" / name).exists():
            with (tmp_path / "a" / name).open("ab") as file:
                file.write(b'{"version":1,"id":"torn')
    subprocess.run(command, check=True)
    generate(tmp_path / "b", config(count=60))
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("change", [{"seed": 1}, {"apis": ("library",)}, {"model": "other"}, {"searcher": "react"}])
def test_another_identity_is_refused(tmp_path: Path, change):
    generate(tmp_path, config(count=2))
    before = (tmp_path / "run.yaml").read_bytes()
    with pytest.raises(RunError, match=f"made with {next(iter(change))}"):
        generate(tmp_path, config(count=2, **change))
    assert (tmp_path / "run.yaml").read_bytes() == before


@pytest.mark.parametrize("change", [{"seed": 1}, {"apis": ("library",)}, {"mix": {"lookup": 1}}, {"discovery": True}])
def test_until_the_first_trace_only_what_decides_the_tasks_is_held(tmp_path: Path, change):
    sampled = sample_tasks(tmp_path, config(count=2))
    with pytest.raises(RunError, match=f"made with {next(iter(change))}"):
        sample_tasks(tmp_path, config(count=2, **change))
    generate(tmp_path, config(count=2, searcher="react"))
    assert list(Run(tmp_path).tasks) == sampled
    with pytest.raises(RunError, match="made with searcher"):
        generate(tmp_path, config(count=2))


def test_a_changed_task_is_noticed(tmp_path: Path):
    sample_tasks(tmp_path, config(count=3))
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text(tasks.read_text().replace('"kind":"', '"kind":"x', 1))
    with pytest.raises(RunError, match="is not what its configuration gives"):
        generate(tmp_path, config(count=3))


def test_what_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(CatalogueError, match="library"):
        generate(tmp_path, config(apis=("libary",)))
    with pytest.raises(PluginError, match="dfsdt"):
        generate(tmp_path, config(searcher="dfstd"))
    with pytest.raises(ConfigError, match="count"):
        config(count=0)
    with pytest.raises(ConfigError, match="colour"):
        config(colour="red")


def test_searches_come_with_detours_and_writes(run: Run):
    traces, tasks = list(run.traces), {task.id: task for task in run.tasks}
    assert sum(len(trace.leaves()) > 1 for trace in traces) >= 1
    assert sum(bool(task.goal.changes) for task in tasks.values()) >= 40 / 3
    chained = [
        task for task in tasks.values()
        if len(task.gold) > 1 and any(origin.kind == "observed" for gold in task.gold for origin in gold.origins)
    ]  # fmt: skip
    assert len(chained) >= 20
    assert all(set(trace.tools) == set(tasks[trace.task].turns[0].tools) for trace in traces)


def every_leaf(trace: Trace):
    return [(leaf, trace.path(leaf)) for leaf in trace.leaves()]


def calls_of(path: tuple[Node, ...]) -> list[Call]:
    return [call for node in path if node.step for call in node.step.calls]


REPLAY = """
import sys
from pathlib import Path
from toolbench.pipeline.replayer import open_replayer
from toolbench.store import Run
run = Run(Path(sys.argv[1])); replayer = open_replayer(run); tasks = {task.id: task for task in run.tasks}
checked = 0
for trace in run.traces:
    for leaf in trace.leaves():
        path = trace.path(leaf)
        steps = [node for node in path if node.step]
        replay = replayer.replay(tasks[trace.task], [call for node in steps for call in node.step.calls])
        seen = [observation for node in steps for observation in node.step.observations]
        assert [seen_anew.model_dump() for seen_anew in replay.observations] == [one.model_dump() for one in seen]
        assert path[0].state == replay.states[0]
        done = 0
        for node in steps:
            done += len(node.step.calls)
            assert node.state == replay.states[done], (trace.id, node.id)
            checked += 1
print(checked)
"""


def test_every_path_replays_in_a_fresh_process_to_the_digests_it_recorded(run: Run):
    done = subprocess.run(
        [sys.executable, "-c", REPLAY, str(run.path)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= sum(len(trace.nodes) - 1 for trace in run.traces)


def corruptions(path: tuple[Node, ...], luck: random.Random):
    """Yield a path with a changed argument, a dropped call, and an edited observation, at places chosen by luck."""
    places = [place for place, node in enumerate(path) if node.step and node.step.calls]
    place = luck.choice(places)
    node = path[place]
    at = luck.randrange(len(node.step.calls))
    call, seen = node.step.calls[at], node.step.observations[at]

    def with_step(**change) -> tuple[Node, ...]:
        step = node.step.model_copy(update=change)
        return (*path[:place], node.model_copy(update={"step": step}), *path[place + 1 :])

    def swapped(items, new):
        return (*items[:at], *new, *items[at + 1 :])

    arguments = {**call.arguments, "limit": 3} if not call.arguments else dict(call.arguments)
    name = luck.choice(sorted(arguments))
    arguments[name] = "other" if arguments[name] != "other" else "another"
    changed = call.model_copy(update={"arguments": arguments})
    yield "argument", with_step(calls=swapped(node.step.calls, [changed]))
    dropped = {"calls": swapped(node.step.calls, []), "observations": swapped(node.step.observations, [])}
    yield "dropped", with_step(**dropped)
    body = json.loads(json.dumps(seen.body))
    edited = {**body, "note": "edited"} if isinstance(body, dict) else [body]
    yield (
        "observation",
        with_step(observations=swapped(node.step.observations, [seen.model_copy(update={"body": edited})])),
    )


def test_planted_corruptions_are_all_caught(run: Run):
    executed = plugins.load("evaluators", "executed")()
    replayer, tasks = open_replayer(run), {task.id: task for task in run.tasks}
    tools = {tool.name: tool for tool in run.tools}
    caught: Counter[str] = Counter()
    planted: Counter[str] = Counter()
    for number, trace in enumerate(run.traces):
        for leaf, path in every_leaf(trace):
            if not calls_of(path):
                continue
            task = tasks[trace.task]

            def judge(nodes, task=task, trace=trace, leaf=leaf):
                replay = replayer.replay(task, calls_of(nodes))
                return executed.evaluate(Case(task, trace.id, leaf, nodes, tools, replay)).label

            assert judge(path) == "pass"
            for kind, corrupted in corruptions(path, random.Random(number)):
                planted[kind] += 1
                caught[kind] += judge(corrupted) == "fail"
    assert caught == planted
    assert min(planted.values()) >= 40


def test_a_real_endpoint_that_misbehaves_crashes_nothing(tmp_path: Path):
    with serving(ScriptedModel(faults=0.3, seed=5)) as url:
        summary = generate(tmp_path, config(model="scripted", base_url=url, count=8, max_queries=12))
    assert summary.traces == 8
    traces = list(Run(tmp_path).traces)
    assert {trace.provenance.teacher for trace in traces} == {"scripted"}
    assert sum(len(trace.errors) for trace in traces) > 0
    assert all(trace.usage.prompt_tokens > 0 for trace in traces)


def test_an_endpoint_is_asked_nothing_twice(tmp_path: Path):
    model = ScriptedModel()
    with serving(model) as url:
        asked = config(model="scripted", base_url=url, count=4, max_queries=8)
        generate(tmp_path, asked)
        before = model.asked
        (tmp_path / "traces.jsonl").rename(tmp_path / "first.jsonl")
        generate(tmp_path, asked)
    assert model.asked == before > 0
    assert (tmp_path / "traces.jsonl").read_bytes() == (tmp_path / "first.jsonl").read_bytes()
