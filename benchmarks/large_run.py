"""A large run for benchmarks and tests: the traces of a small one again and again, each with ids of its own."""

import shutil
from itertools import count, islice
from pathlib import Path

from toolbench.store import Run


def enlarge(source: Path, target: Path, number: int) -> Run:
    """Write a run of a number of traces, copies of those of another run with its tasks and verdicts; return it."""
    small, large = Run(source), Run(target)
    large.make()
    for name in ("run.yaml", "apis.jsonl", "tools.jsonl"):
        if (source / name).is_file():
            shutil.copy(source / name, target / name)
    tasks = {task.id: task for task in small.tasks}
    traces, verdicts = list(small.traces), list(small.verdicts)
    wanted = islice(((copy, trace) for copy in count() for trace in traces), number)
    with (
        large.tasks.writer() as for_tasks,
        large.traces.writer() as for_traces,
        large.verdicts.writer() as for_verdicts,
    ):
        made: dict[str, str] = {}
        for copy, trace in wanted:
            task = tasks[trace.task]
            name = f"{task.id}x{copy}"
            if name not in made:
                for_tasks.add(task.model_copy(update={"id": name}))
            made[name] = name
            for_traces.add(trace.model_copy(update={"id": f"{trace.id}x{copy}", "task": name}))
            for verdict in verdicts:
                if verdict.trace == trace.id:
                    for_verdicts.add(verdict.model_copy(update={"trace": f"{trace.id}x{copy}"}))
    return large
