"""What words in place of scripted ones are held against: the same said, and nothing more."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from toolbench.model import Json, Replay, Replayer, Task
from toolbench.model.calendar import resolved
from toolbench.model.pointers import leaves
from toolbench.model.reading import Reading, plain, read
from toolbench.model.wording import Scalar, mentions, say
from toolbench.world.faults import NONE

_SHORTEST = 3
"""Characters of the shortest text that counts as a value: shorter ones are words of the language."""
_LENGTH, _TIMES = 400, 4
"""Most characters of what is said, however short the script; for a longer one, so many times its own."""
_QUOTED = re.compile(r'"([^"]+)"')
_NAME_OF_CODE = re.compile(r"\b(?:[a-z0-9]+_[a-z0-9_]+|[a-z]+[A-Z]\w+)\b")
_FORM = re.compile(r"[{}`]|^\s*(?:user|assistant)\s*:|^\s*[-*#] ", re.IGNORECASE | re.MULTILINE)
_SINGLING_OUT = re.compile(r"\b(?:latest|newest|oldest|earliest|most recent|cheapest|largest|smallest|topmost)\b")
_AGREES_FIRST = re.compile(
    r"\b(?:confirm\w*|check(?:ing)? (?:back )?with me|check back|ask(?:ing)? me|come back to me|wait for my|approv\w+"
    r"|(?:my|the|final|an) ok(?:ay)?|sign[- ]off|run (?:it|this|that) (?:by|past) me"
    r"|before (?:you )?(?:act|do anything|doing anything|go ahead|going ahead|do it|doing it|do so|proceed\w*))\b"
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user is to say in one turn, and what it must be held against."""

    script: str
    """The scripted words."""
    before: str
    """All that the user said before, as it was really said."""
    values: tuple[Scalar, ...]
    """Values of the plan and of what it finds: the script says some of them."""
    hidden: tuple[Scalar, ...]
    """What must not be said: it is to be found out, or the user says it later."""
    names: tuple[str, ...]
    """Names of the tools."""
    today: date | None = None
    """The day on which it is said."""

    @property
    def wanted(self) -> list[Scalar]:
        """What must be said, each value once."""
        quoted, script = _QUOTED.findall(self.script), resolved(self.script, self.today)
        said = [value for value in self.values if mentions(script, value)]
        return list({say(value).casefold(): value for value in [*said, *quoted]}.values())


def brief(task: Task, replay: Replay, turn: int, before: str) -> Brief:
    """Return what is to be said in a turn.

    Args:
        task: the task, its turns as scripted.
        replay: what its gold gives.
        turn: the turn's place.
        before: what the user really said in the turns before.
    """
    plan = [value for gold in task.gold for _, value in leaves(gold.call.arguments)]
    shown = [value for seen in replay.observations for _, value in leaves(seen.body)]
    later = [value for gold in task.gold if gold.turn > turn for value in gold.values("user")]
    found = [value for gold in task.gold for value in gold.values("observed")]
    hidden = [*found, *(fact.value for fact in task.goal.facts), *later]
    script = resolved(" ".join(one.text for one in task.turns[: turn + 1]), task.today)
    unsaid = [value for value in _telling(hidden) if not mentions(script, value)]
    names = sorted({name for one in task.turns for name in one.tools})
    return Brief(
        task.turns[turn].text, before, tuple(_telling([*plan, *shown])), tuple(unsaid), tuple(names), task.today
    )


def gold_replay(task: Task, replayer: Replayer) -> Replay:
    """Return what a task's gold gives where nothing fails."""
    return replayer.replay(task.model_copy(update={"faults": NONE}), [gold.call for gold in task.gold])


def is_fixed(task: Task, turn: int) -> bool:
    """Tell whether a turn's words are left as they are: a yes or no that everything hangs on."""
    return turn > 0 and task.decisions[turn - 1] == "confirm"


def problems(text: str, of: Brief) -> list[str]:
    """Return what is wrong with words in place of the scripted ones, as one tells a writer; nothing where all is well.

    They must say each value that the script says, and no number, date, time or quotation that was not said; no tool's
    name, nothing that singles out one of several, and ask to agree first exactly where the script does.
    """
    meant = resolved(text, of.today)
    return [*_form(text, of), *_missing(meant, of), *_added(meant, of)]


def _form(text: str, of: Brief) -> Iterator[str]:
    if not text.strip():
        yield "it is empty"
    if len(text) > max(_LENGTH, _TIMES * len(of.script)):
        yield "it is too long"
    if _FORM.search(text):
        yield "it is not plain prose as a person types it"
    if bool(_AGREES_FIRST.search(plain(text))) != bool(_AGREES_FIRST.search(plain(of.script))):
        yield "it must ask to be consulted before anything is done where the given words do, and only there"


def _missing(text: str, of: Brief) -> Iterator[str]:
    for value in of.wanted:
        if not mentions(text, value):
            yield f"it must say {say(value)!r}"


def _added(text: str, of: Brief) -> Iterator[str]:
    given = resolved(f"{of.before} {of.script}", of.today)
    if any(mentions(text, value) for value in of.hidden):
        yield "it says something the user does not know, or does not say yet"
    if any(name in text for name in of.names) or (set(_NAME_OF_CODE.findall(text)) - set(_NAME_OF_CODE.findall(given))):
        yield "it uses a technical name"
    if _figures(read(text)) - _figures(read(given)):
        yield "it adds figures, dates or times that were not given"
    if any(plain(quoted) not in plain(given) for quoted in _QUOTED.findall(plain(text))):
        yield "it puts in quotation marks what was not given"
    if set(_SINGLING_OUT.findall(plain(text))) - set(_SINGLING_OUT.findall(plain(given))):
        yield "it singles out one of several, which the given words do not"


def _figures(reading: Reading) -> set[object]:
    """Return the numbers, dates and times of a text; a number may be spelled out."""
    figures = (*reading.numbers, *reading.words, *reading.dates, *reading.days)
    return {*(found.value for found in figures), *(found.value.time for found in reading.times)}


def _telling(values: Iterable[Json]) -> list[Scalar]:
    """Return the values that tell something when they are said, each once."""
    found: dict[tuple[type, Scalar], Scalar] = {}
    for value in values:
        is_text = isinstance(value, str) and len(value) >= _SHORTEST
        if is_text or (isinstance(value, int | float) and not isinstance(value, bool)):
            found[type(value), value] = value
    return list(found.values())
