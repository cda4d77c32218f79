"""A corpus that is written by seed, annotated end to end with the embedded model, killed in the middle and resumed.

    python benchmarks/annotate_corpus.py [DOCUMENTS] [SEED] [FOLDER]

Each document is a short note: a plain sentence or two, and one or two in which a sum, the day, a length or a fact of
the town stands. What is told of towns is true of a small corpus that the tool `qa` searches. Counted are calls by tool
and threshold, texts per minute and memory; the process is killed (SIGKILL) when a third is done, and started again.
"""

import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from toolbench.llm.embedded import installed

TOOLS = "calculator,calendar,units,qa"
OPTIONS = ("--k", "3", "--m", "3")
NAMES = "Ada Winther|Jonas Prell|Miriam Castellan|Hugo Sandring|Edda Lowen|Piet Marlow|Rosa Tamblyn|Nils Ferring"
PEOPLE = NAMES.split("|")
TOWNS = "Aldmere|Corrow|Fenwick Hall|Garsdale|Holm|Inverloch|Kestrel Bay|Lindow|Merrin|Oakhampton".split("|")
TRADES = "cheese|bells|baskets|candles|knives|carpets".split("|")
PLAIN = (
    "The weather was mild and the streets were quiet.",
    "Visitors are asked to keep to the paths.",
    "A small band played in front of the inn.",
    "The repairs to the roof have not been finished yet.",
    "Nobody remembers who planted the old lime tree.",
    "In the evening the lamps were lit one by one.",
)


def facts(town: str, seed: int) -> dict[str, str]:
    r = random.Random(f"{seed}/facts/{town}")
    return {"founder": r.choice(PEOPLE), "year": str(r.randint(1100, 1850)), "trade": r.choice(TRADES)}


def sum_of(r: random.Random, town: str) -> str:
    a, b = r.randint(11, 99), r.randint(11, 99)
    return r.choice(
        (
            f"At {town} {a} carts came with {b} sacks each, which makes {a * b} sacks of grain.",
            f"The fair had {a} visitors on the first day and {b} on the second, a total of {a + b} visitors.",
            f"Of the {a * 10 + b} lots {b} were not sold, so {a * 10} lots found a buyer.",
        )
    )


def day_of(r: random.Random, day: date) -> str:
    return r.choice(
        (
            f"Today is {day:%A}, and the shops close early.",
            f"It is {day:%B} {day.year} now, and the days are getting shorter.",
            f"This {day:%A} the market is held in the square.",
        )
    )


def length_of(r: random.Random, town: str) -> str:
    n = r.randint(4, 90)
    return r.choice(
        (
            f"The wall of {town} is {n * 10} feet long, that is {n * 3.048:.2f} metres.",
            f"It is {n} miles ({n * 1.609344:.2f} kilometres) from {town} to the coast.",
            f"A bale weighs {n} pounds, or {n * 0.45359237:.2f} kilograms.",
        )
    )


def fact_of(r: random.Random, town: str, seed: int) -> str:
    known = facts(town, seed)
    return r.choice(
        (
            f"The town of {town} was founded by {known['founder']} long ago.",
            f"{town} was given its charter in {known['year']} by the king.",
            f"{town} is known for its {known['trade']} all over the country.",
        )
    )


def write(folder: Path, count: int, seed: int) -> tuple[Path, Path]:
    """Write the corpus and what is searched; return both."""
    corpus, searched = folder / "corpus.jsonl", folder / "towns.jsonl"
    lines: list[str] = []
    for n in range(count):
        r = random.Random(f"{seed}/{n}")
        town, day = r.choice(TOWNS), date(2001, 1, 1) + timedelta(days=r.randrange(9000))
        told = [sum_of(r, town), day_of(r, day), length_of(r, town), fact_of(r, town, seed)]
        sentences = [*r.sample(told, r.randint(1, 2)), r.choice(PLAIN)]
        r.shuffle(sentences)
        lines.append(json.dumps({"name": f"note-{n}", "date": day.isoformat(), "text": " ".join(sentences)}))
    corpus.write_text("\n".join(lines) + "\n")
    rows: list[str] = []
    for town in TOWNS:
        known = facts(town, seed)
        first = f"{known['founder']} founded {town}. The charter of {town} was given in {known['year']}."
        text = f"{first} {town} makes {known['trade']}."
        rows.append(json.dumps({"title": town, "text": text}))
    searched.write_text("\n".join(rows) + "\n")
    return corpus, searched


def command(corpus: Path, searched: Path, folder: Path) -> list[str]:
    given = ["annotate", str(corpus), "--tools", TOOLS, "--search", str(searched), "-o", str(folder)]
    return [sys.executable, "-m", "toolbench.cli", *given, *OPTIONS, "--json"]


def done(folder: Path) -> list[str]:
    path = folder / "annotations.jsonl"
    return [json.loads(line)["id"] for line in path.read_bytes().splitlines() if line] if path.exists() else []


def killed(asked: Sequence[str], folder: Path, after: int) -> int:
    """Kill the process when so many documents are done; return how many are."""
    process = subprocess.Popen(asked, stdout=subprocess.DEVNULL)
    path = folder / "annotations.jsonl"
    while process.poll() is None and (not path.exists() or path.read_bytes().count(b"\n") < after):
        time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return path.read_bytes().count(b"\n")


def main(count: int = 12, seed: int = 0, where: str = "") -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(where or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        corpus, searched = write(folder, count, seed)
        out = folder / "annotated"
        asked = command(corpus, searched, out)
        started = time.perf_counter()
        first = killed(asked, out, count // 3)
        said = subprocess.run(asked, check=True, stdout=subprocess.PIPE)
        minutes = (time.perf_counter() - started) / 60
        found = json.loads(said.stdout)
        ids = done(out)
        assert len(ids) == len(set(ids)) == count, "each document must be there once"
        print(f"{count} documents, seed {seed}: killed after {first}, then {found['new']} more; each is there once")
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{count / minutes:.1f} texts per minute ({minutes:.1f} minutes), largest process {memory:.0f} MiB")
        print(f"{found['with_calls']} texts with calls, {found['calls']} calls in {found['written']} texts written")
        thresholds = list(next(iter(found["tools"].values()))["kept_at"])
        titles = "".join(f"{'>= ' + threshold:>8}" for threshold in thresholds)
        print(f"tool        tried  places  calls  no result {titles}    kept")
        for name, tool in found["tools"].items():
            at = "".join(f"{tool['kept_at'][t]:>8}" for t in thresholds)
            counted = f"{tool['pieces']:>7}{tool['positions']:>8}{tool['candidates']:>7}{tool['failed']:>11} "
            print(f"{name:<10}{counted}{at}{tool['kept']:>8}")


if __name__ == "__main__":
    if installed():
        main(*map(int, sys.argv[1:3]), *sys.argv[3:4])
    else:
        print("left out: run `make embedded`")
