"""Defects planted in copies of sound answers. Nothing in what a judge is shown tells of them."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from toolbench.judging.answer import Answer, Line
from toolbench.model import Task
from toolbench.model.calibration import Defect
from toolbench.model.wording import Scalar, as_date, as_moment, say, spellings

_FACTS = (
    "The reference is ZX-{number}.",
    "It was last checked on {day}.",
    "A fee of {number} was charged for it.",
    "Marlene Osterkamp has approved it.",
)


def planted(defect: Defect, task: Task, answer: Answer, r: random.Random) -> Answer | None:
    """Return a copy of a sound answer with a defect; None where it gives no room for one.

    Args:
        defect: what to plant.
        task: the task, which knows what is right.
        answer: the sound answer.
        r: where choices come from.
    """
    return _PLANTERS[defect](task, answer, r)


def _wrong_value(task: Task, answer: Answer, r: random.Random) -> Answer | None:
    """Say another value than the one observed; where nothing is asked for, send another than the user gave."""
    facts = [
        (spelling, fact.value)
        for fact in task.goal.facts
        for spelling in spellings(fact.value)[:1]
        if not isinstance(fact.value, bool) and spelling in answer.final
    ]
    if facts:
        spelling, value = r.choice(facts)
        return _ending(answer, answer.final.replace(spelling, say(_other(value, r))))
    sent = [
        value
        for gold in task.gold
        for value in gold.values("user")
        if isinstance(value, str) and len(value) > 3 and any(f'"{value}"' in line.arguments for line in answer.lines)
    ]
    if not sent:
        return None
    value = r.choice(sent)
    new = str(_other(value, r))
    lines = tuple(replace(line, arguments=line.arguments.replace(f'"{value}"', f'"{new}"')) for line in answer.lines)
    return replace(answer, lines=lines)


def _invented_fact(task: Task, answer: Answer, r: random.Random) -> Answer | None:
    del task
    day = date(2019, 1, 1) + timedelta(days=r.randrange(300))
    said = r.choice(_FACTS).format(number=r.randrange(10_000, 99_999), day=say(day.isoformat()))
    return _ending(answer, f"{answer.final} {said}")


def _missing_step(task: Task, answer: Answer, r: random.Random) -> Answer | None:
    """Leave out a call that the known solution has, too."""
    needed = {gold.call.tool for gold in task.gold}
    places = [place for place, line in enumerate(answer.lines) if line.name in needed]
    if not places:
        return None
    gone = r.choice(places)
    # A repeat of it would stand in for it.
    same = (answer.lines[gone].name, answer.lines[gone].arguments)
    kept = tuple(line for line in answer.lines if (line.name, line.arguments) != same)
    return replace(answer, lines=kept)


def _needless_step(task: Task, answer: Answer, r: random.Random) -> Answer | None:
    del task
    places = [place for place, line in enumerate(answer.lines) if line.name]
    if not places:
        return None
    at = r.choice(places)
    return replace(answer, lines=(*answer.lines[: at + 1], *answer.lines[at:]))


def _wrong_decision(task: Task, answer: Answer, r: random.Random) -> Answer | None:
    if task.decisions[-1] in ("call", "answer"):
        return _ending(answer, r.choice(["I am sorry, I cannot do that.", "Could you tell me more about it first?"]))
    return _ending(answer, r.choice(["Done.", "That is done, as you asked."]))


_PLANTERS: Mapping[Defect, Callable[[Task, Answer, random.Random], Answer | None]] = {
    "wrong_value": _wrong_value,
    "invented_fact": _invented_fact,
    "missing_step": _missing_step,
    "needless_step": _needless_step,
    "wrong_decision": _wrong_decision,
}


def _ending(answer: Answer, final: str) -> Answer:
    """Return an answer that ends in other words."""
    return replace(answer, final=final, lines=(*answer.lines[:-1], Line("assistant", final)))


def _other(value: Scalar, r: random.Random) -> Scalar:
    """Return another value of the same sort."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value + r.randint(1, max(5, abs(value)))
    if isinstance(value, float):
        return round(value * r.uniform(1.2, 3) + 1, 2)
    text = str(value)
    if day := as_date(text):
        return (day + timedelta(days=r.randint(2, 300))).isoformat()
    if moment := as_moment(text):
        return (moment + timedelta(days=r.randint(2, 300))).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{r.choice(('Other', 'Former', 'Northern', 'Spare'))} {text}"
