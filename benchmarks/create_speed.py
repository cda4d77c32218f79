"""What creating costs: CPU a question above the fixed cost, exact numbers, nothing asked twice, and what faults cost.

`python -m benchmarks.create_speed [QUESTIONS] [IN_FLIGHT]`: a server in a process of its own answers each question
after 50 ms. Every run is a process of its own, so that its CPU is all of its cost; that of a run of one question is
the fixed cost.
"""

import json
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

from toolbench.llm.script import Answer, text_of
from toolbench.llm.scripted import ScriptedModel, ScriptedServer
from toolbench.model import JsonObject

LATENCY = 0.05
CHUNK = 600
SENTENCE = re.compile(r"The \w+ of station \d+ measured \d+ millimetres\.")
NOUNS = "gauge sensor keeper mast cellar ladder".split()


class Author(ScriptedModel):
    """Asks about the sentences of a text. A share of its answers are faults: half HTTP 500, half broken JSON."""

    def __init__(self, faulty: float) -> None:
        super().__init__()
        self.faulty, self._luck = faulty, Random(0)

    def answer(self, request: JsonObject) -> Answer:
        self.asked += 1
        prompt = text_of(request["messages"][-1])
        if self._luck.random() < self.faulty:
            return (
                Answer(status=500)
                if self._luck.random() < 0.5
                else Answer(content='{"qa_pairs": [{"questi', delay=LATENCY)
            )
        if "Is water wet" in prompt:
            return Answer(content='{"ok": true}', delay=LATENCY)
        asked, _, text = prompt.rpartition("Text:")
        found = [one for one in dict.fromkeys(SENTENCE.findall(text)) if one not in asked]
        rows = [{"question": f"What is true? {one}", "answer": one} for one in found]
        wanted = int(re.search(r"Write (\d+)", prompt)[1])  # type: ignore[index]
        return Answer(content=json.dumps({"qa_pairs": rows[:wanted]}), delay=LATENCY)


@dataclass
class Cost:
    cpu: float
    wall: float
    rows: int
    losses: dict[str, int]
    asked: int


def serve(pipe: Connection, faulty: float) -> None:
    """Serve until told to stop; answers each question on the pipe with the number of requests so far."""
    import threading

    author = Author(faulty)
    server = ScriptedServer(author)
    pipe.send(server.url)
    threading.Thread(target=server.run, daemon=True).start()
    while pipe.recv() == "asked":
        pipe.send(author.asked)
    os._exit(0)


def create(pipe: Connection, url: str, folder: Path, count: int, in_flight: int) -> None:
    """Create one row of each chunk, and tell what it took."""
    from toolbench.errors import WorkError
    from toolbench.pipeline.asked import ModelChoice
    from toolbench.pipeline.create import Wishes, create

    begun = time.perf_counter()
    wishes = Wishes("qa", count, chunk_size=CHUNK, overlap=0, options={"summary": False})
    choice = ModelChoice("scripted", url, concurrency=in_flight, delay=0.05)
    try:
        summary = create([str(folder / "document.txt")], wishes, choice, folder / "out")
        rows, losses = summary.rows, summary.losses
    except WorkError as error:
        rows, losses = 0, {str(error): 1}
    used = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send((used.ru_utime + used.ru_stime, time.perf_counter() - begun, rows, losses))


def bare(pipe: Connection, url: str, folder: Path, count: int, in_flight: int) -> None:
    """Send as many questions with nothing but the client library, for comparison."""
    import asyncio

    from openai import AsyncOpenAI

    text = (folder / "document.txt").read_text()
    begun = time.perf_counter()

    async def ask() -> int:
        slots, client = asyncio.Semaphore(in_flight), AsyncOpenAI(base_url=url, api_key="none", max_retries=0)

        async def one(at: int) -> str:
            prompt = f"Write 1 question. {at}. Text: {text[at * 500 : at * 500 + CHUNK]}"
            async with slots:
                told: Any = [{"role": "user", "content": prompt}]
                answer = await client.chat.completions.create(model="scripted", messages=told)
            return answer.choices[0].message.content or ""

        return len(await asyncio.gather(*map(one, range(count))))

    rows = asyncio.run(ask())
    used = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send((used.ru_utime + used.ru_stime, time.perf_counter() - begun, rows, {}))


def apart(work: Callable[..., None], *args: Any) -> tuple[Any, Connection]:
    """Start a function in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs, *args))
    process.start()
    return process, ours


def measured(
    folder: Path, count: int, in_flight: int, *, faulty: float = 0, times: int = 1, work: Callable[..., None] = create
) -> list[Cost]:
    """Return what it costs to create rows, as often as is said, against one server."""
    server, told = apart(serve, faulty)
    url, costs, before = told.recv(), [], 0
    for _ in range(times):
        process, pipe = apart(work, url, folder, count, in_flight)
        cpu, wall, rows, losses = pipe.recv()
        process.join()
        told.send("asked")
        asked = told.recv()
        costs.append(Cost(cpu, wall, rows, losses, asked - before))
        before = asked
    told.send("stop")
    server.join()
    return costs


def document(folder: Path, chunks: int) -> Path:
    """Write a text that is cut into at least so many chunks; return its folder."""
    folder.mkdir()
    paragraphs = [
        " ".join(
            f"The {NOUNS[(at + n) % 6]} of station {at * 10 + n} measured {at * 7 + n} millimetres." for n in range(10)
        )
        for at in range(chunks)
    ]
    (folder / "document.txt").write_text("\n\n".join(paragraphs))
    return folder


def show(name: str, cost: Cost) -> None:
    print(
        f"{name:<28} {cost.rows:>5} rows  {cost.asked:>5} requests  {cost.cpu:6.2f} s CPU  {cost.wall:6.2f} s  "
        f"{cost.losses or ''}"
    )


def above(cost: Cost, fixed: Cost) -> float:
    """Return the milliseconds of CPU that each further question costs."""
    return (cost.cpu - fixed.cpu) / max(1, cost.asked - fixed.asked) * 1000


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    in_flight = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (fixed,) = measured(document(home / "one", count), 1, in_flight)
        first, again = measured(document(home / "many", count), count, in_flight, times=2)
        (alone,) = measured(home / "one", 1, in_flight, work=bare)
        (library,) = measured(home / "many", count, in_flight, work=bare)
        (faulty,) = measured(document(home / "faulty", count), count, in_flight, faulty=0.1)
    show("one row", fixed)
    show(f"{count} rows", first)
    show("again", again)
    show("10% faults", faulty)
    show("the client library alone", library)
    print(f"{above(first, fixed):.2f} ms CPU a question above the fixed cost")
    print(f"{above(library, alone):.2f} ms with the client library alone")


if __name__ == "__main__":
    main()
