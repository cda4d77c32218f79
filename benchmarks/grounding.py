"""The evaluator `grounded` on answers it was not tuned on: false facts planted, true ones spelled in many ways.

    python benchmarks/grounding.py [TRACES] [SEED] [SPECS]

TRACES tasks are sampled over SPECS real descriptions drawn at random from those that `make corpus` fetches, and their
gold calls executed. For each an answer is written that states the facts asked for and more of what the calls gave, in
spellings chosen here, apart from those that the product writes. As it stands it must pass. Then one fact at a time is
made false, or one is invented, and it must not. A false value is one that stands nowhere in what was said and seen.
"""

import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from task_checks import CORPUS

from evaluators.grounded import GroundedEvaluator
from toolbench.errors import ToolbenchError
from toolbench.model import Case, Json, Node, Step, Task, canonical, is_array, is_object
from toolbench.model.pointers import leaves
from toolbench.pipeline.config import make_config
from toolbench.pipeline.sample import sample_tasks
from toolbench.registry import Catalogue
from toolbench.specs import read_api
from toolbench.world.replay import WorldReplayer
from toolbench.world.world import Landscape

TRIES = 100
LEAST, MOST = 10_000, 150_000
"""Bytes of the descriptions drawn."""
MONTHS = "January February March April May June July August September October November December".split()
FIRST = "Imogen Tadeusz Noor Ferenc Aiyana Bartholomew Xiomara Leopold Sunniva Thaddeus".split()
LAST = "Quillfeather Abernethy Okonkwo Vandersloot Marchetti Birkenstock Szymborska Halloran Ferreira Lindqvist".split()
DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)")
WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
FORMS = (
    "The {label} is {value}.",
    "{value} is the {label}.",
    "- {label}: {value}",
    "As for the {label}, it comes to {value}.",
    "I found **{value}** as the {label}.",
)


def ordinal(day: int) -> str:
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def spelled_date(day: date, r: random.Random) -> str:
    month = MONTHS[day.month - 1]
    return r.choice(
        [
            day.isoformat(),
            f"{month} {day.day}, {day.year}",
            f"{day.day} {month} {day.year}",
            f"the {ordinal(day.day)} of {month} {day.year}",
            f"{month} {ordinal(day.day)}, {day.year}",
            f"{month[:3]} {day.day}, {day.year}",
            f"{month[:3]}. {day.day}, {day.year}",
            f"{day.day:02}/{day.month:02}/{day.year}",
            f"{day.month}/{day.day}/{day.year}",
            f"{day.day}.{day.month}.{day.year}",
            f"{day:%A}, {month} {day.day}, {day.year}",
            f"{month} {day.day}",
        ]
    )


def spelled_number(value: float, r: random.Random) -> str:
    if isinstance(value, int):
        return r.choice([str(value), f"{value:,}", f"`{value}`", f"about {value:,}" if value > 99 else str(value)])
    plain = f"{value:.10f}".rstrip("0").rstrip(".")
    return r.choice([plain, f"{value:,.2f}" if round(value, 2) == value else plain, f"${plain}", f"{plain} EUR"])


def spelled(value: Json, r: random.Random) -> str:
    if isinstance(value, int | float):
        return spelled_number(value, r)
    text = str(value)
    if DATE.fullmatch(text):
        return spelled_date(date.fromisoformat(text), r)
    if found := MOMENT.match(text):
        hour, minute = int(found[2]), int(found[3])
        half = f"{(hour - 1) % 12 + 1}:{minute:02} {'PM' if hour >= 12 else 'am'}"
        said = r.choice([f"{hour:02}:{minute:02}", half, f"{hour}:{minute:02} UTC"])
        return f"{spelled_date(date.fromisoformat(found[1]), r)} at {said}"
    if re.fullmatch(r"[a-z]+(_[a-z]+)+", text):
        return r.choice([text, text.replace("_", " "), f"`{text}`"])
    return r.choice([text, text, f'"{text}"', f"“{text}”", f"`{text}`", f"**{text}**"])


def kind_of(value: Json) -> str:
    """Return what sort of fact a value is; empty for what cannot be stated plainly."""
    if isinstance(value, bool) or value is None or is_object(value) or is_array(value):
        return ""
    if isinstance(value, int | float):
        return "number" if abs(value) < 10**9 else ""
    if DATE.match(value):
        return "date" if DATE.fullmatch(value) or (MOMENT.match(value) and value.endswith("Z")) else ""
    if len(value) > 60 or not value.strip() or not re.search(r"\w", value) or "\n" in value:
        return ""
    if re.fullmatch(r"[A-Z][a-z'-]+( [A-Z][a-z'-]+){1,2}", value):
        return "name"
    return "id" if re.search(r"\d", value) and " " not in value else "word"


def facts(task: Task, bodies: Sequence[Json], r: random.Random) -> list[tuple[str, Json]]:
    """Return what an answer states: what is asked for, and some of what else the calls gave."""
    asked = [(fact.label, fact.value) for fact in task.goal.facts]
    seen = [
        (re.sub(r"[_\W]+", " ", pointer.rpartition("/")[2]), value)
        for body in bodies
        for pointer, value in leaves(body)
    ]
    more = [(label, value) for label, value in seen if kind_of(value) and label.strip() and not label.strip().isdigit()]
    return [(label, value) for label, value in asked if kind_of(value)] + r.sample(more, k=min(3, len(more)))


def lists(bodies: Sequence[Json]) -> Iterator[int]:
    for body in bodies:
        if is_array(body):
            yield len(body)
        elif is_object(body):
            yield from lists(list(body.values()))


def counted(bodies: Sequence[Json], r: random.Random, off: int = 0) -> str:
    many = [count for count in lists(bodies) if count > 1]
    if not many:
        return ""
    count = max(many) + off
    said = WORDS.get(count, str(count)) if r.random() < 0.3 and not off else str(count)
    return r.choice([f"There are {said} in all.", f"I found {said} of them.", f"In total: {said} entries."])


def falsified(value: Json, everything: str, r: random.Random) -> Json:
    """Return another value of the same sort that stands nowhere in what was said and seen; None where none is found."""
    for _ in range(TRIES):
        new: Json
        match kind_of(value):
            case "number" if isinstance(value, int):
                new = value + r.randint(1, 1_000 + 9 * abs(value))
            case "number":
                new = round(value * r.uniform(1.1, 3) + 0.37, 2)
            case "date":
                day = date.fromisoformat(value[:10]) + timedelta(days=r.choice([-1, 1]) * r.randint(1, 400))
                new = day.isoformat() + value[10:]
            case "name":
                new = f"{r.choice(FIRST)} {r.choice(LAST)}"
            case _:
                digits = [place for place, character in enumerate(value) if character.isdigit()]
                place = r.choice(digits)
                new = value[:place] + str((int(value[place]) + r.randint(1, 9)) % 10) + value[place + 1 :]
        if str(new)[:10] not in everything:
            return new
    return None


def invented(r: random.Random) -> str:
    day = date(2019, 1, 1) + timedelta(days=r.randrange(300))
    return r.choice(
        [
            f"It was approved by {r.choice(FIRST)} {r.choice(LAST)}.",
            f"The reference is ZQ-{r.randrange(10**5, 10**6)}.",
            f"You can write to {r.choice(FIRST).lower()}@{r.choice(LAST).lower()}.example.",
            f"The limit of {r.randrange(10**5, 10**6):,} was not reached.",
            f"It was last reviewed on {spelled_date(day, r)}.",
            f"See https://{r.choice(LAST).lower()}.example/help.",
            f"That is {r.randrange(1001, 9998) / 100}% more than before.",
        ]
    )


def answers(task: Task, bodies: Sequence[Json], everything: str, r: random.Random) -> Iterator[tuple[str, str]]:
    """Yield the true answer (kind `true`) and false ones, each with the kind of what is false."""
    known = facts(task, bodies, r)
    forms = [r.choice(FORMS) for _ in known]
    values = [spelled(value, r) for _, value in known]

    def told(parts: Sequence[str], *more: str) -> str:
        lines = [
            form.format(label=label, value=part) for form, (label, _), part in zip(forms, known, parts, strict=True)
        ]
        return "\n".join([*lines, *(one for one in more if one)])

    true = told(values, counted(bodies, r))
    if not true:
        return
    yield "true", true
    for kind in ("number", "date", "name", "id"):
        places = [place for place, (_, value) in enumerate(known) if kind_of(value) == kind]
        if places:
            place = r.choice(places)
            false = falsified(known[place][1], everything, r)
            if false is not None:
                yield kind, told([*values[:place], spelled(false, r), *values[place + 1 :]])
    if wrong := counted(bodies, r, off=r.choice([1, 2, 3, 7])):
        yield "count", told(values, wrong)
    yield "invented", told(values, invented(r))


def cases(landscape: Landscape, task: Task) -> Case:
    """Return the path of the gold, without an answer."""
    calls = [gold.call for gold in task.gold]
    replay = WorldReplayer(landscape).replay(task, calls)
    nodes = [Node(id=0, parent=None, step=None, status="open", state="")]
    for call, seen in zip(calls, replay.observations, strict=True):
        step = Step(kind="call", calls=(call,), observations=(seen,))
        nodes.append(Node(id=len(nodes), parent=len(nodes) - 1, step=step, status="open", state=""))
    tools = {name: landscape.tool(name) for turn in task.turns for name in turn.tools}
    return Case(task, "r", len(nodes), tuple(nodes), tools, replay)


def drawn(specs: int, seed: int, each: int, home: Path) -> Iterator[tuple[Landscape, list[Task]]]:
    """Yield APIs drawn at random, each with its share of tasks: of small ones, which are read in no time."""
    files = sorted(path for path in CORPUS.rglob("*.json") if LEAST < path.stat().st_size < MOST)
    random.Random(seed).shuffle(files)
    made = 0
    for number, file in enumerate(files):
        if made == specs:
            return
        try:
            api = read_api(file)
            catalogue = Catalogue(home / "catalogue" / str(number))
            catalogue.add(api)
            tasks = sample_tasks(
                home / f"run{number}",
                make_config({"apis": (api.id,), "count": each, "seed": seed}),
                catalogue=catalogue,
            )
        except ToolbenchError:
            continue
        made += 1
        print(f"  drawn: {file.relative_to(CORPUS)}", file=sys.stderr, flush=True)
        yield Landscape([api]), tasks


def ended(case: Case, answer: str) -> Case:
    closing = Node(
        id=case.leaf, parent=case.leaf - 1, step=Step(kind="finish", text=answer), status="answered", state=""
    )
    return Case(case.task, case.trace, case.leaf, (*case.path, closing), case.tools, case.replay)


def main(count: int, seed: int, specs: int) -> None:
    judge, r = GroundedEvaluator(), random.Random(seed)
    failed: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    surprises: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as made:
        runs = list(drawn(specs, seed, -(-count * 5 // (specs * 4)), Path(made)))
        tasks = [(task, landscape) for landscape, listed in runs for task in listed]
    r.shuffle(tasks)
    for task, landscape in tasks:
        if len(task.turns) > 1 or not task.gold or tried["true"] >= count:
            continue
        case = cases(landscape, task)
        bodies = [seen.body for seen in case.observations() if seen.status == "ok" and seen.body is not None]
        if not bodies:
            continue
        everything = task.turns[0].text + canonical(bodies).decode()
        for kind, answer in answers(task, bodies, everything, r):
            verdict = judge.evaluate(ended(case, answer))
            tried[kind] += 1
            failed[kind] += verdict.label == "fail"
            if (verdict.label == "fail") == (kind == "true"):
                surprises[kind].append(f"{verdict.reason or 'passes'} | {answer!r}")
    planted = {kind: number for kind, number in tried.items() if kind != "true"}
    caught = sum(failed[kind] for kind in planted)
    print(f"{tried['true']} traces of {len(runs)} real APIs, seed {seed}")
    print(f"false alarms: {failed['true']} of {tried['true']} ({failed['true'] / tried['true']:.1%})")
    print(f"planted false facts caught: {caught} of {sum(planted.values())} ({caught / sum(planted.values()):.1%})")
    for kind, number in planted.items():
        print(f"  {kind}: {failed[kind]} of {number} ({failed[kind] / number:.1%})")
    for kind, listed in surprises.items():
        print(f"{kind}:", *(f"  {one[:400]}" for one in r.sample(listed, k=min(10, len(listed)))), sep="\n")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [500, 20261126, 40][len(given) :]))
