"""A person at the terminal who reviews steps: what is shown, and what the answers mean."""

import re
import signal
import sys
from collections.abc import Iterator

import orjson
import typer

from toolbench.agent.review import Approved, Decision, Question, Quit, Refused
from toolbench.cli._progress import ProgressBar
from toolbench.model import Call, Json, Node

CHOICE = "Take this step? yes / no / no, because … / quit"
NOT_UNDERSTOOD = "Answer `yes`, `no`, `no` and the reason, or `quit`."
_ANSWER = re.compile(r"(y|yes|n|no|q|quit)\b[\s,:]*(.*)", re.IGNORECASE)

SHOWN = 100
"""Characters of an earlier answer that are shown. What is to be decided on is shown whole."""


class TerminalReviewer:
    """Asks on stderr, and reads answers from standard input, a line each. Its end, or Ctrl-C, is taken for `quit`.

    The event loop stands still while the person thinks: nothing else of the run is at work then.
    """

    def __init__(self, bar: ProgressBar) -> None:
        self._bar = bar
        self._task = ""

    async def decide(self, question: Question) -> Decision:
        """Return what the person says."""
        with self._bar.paused():
            told = [] if question.task.id == self._task else _request(question)
            self._task = question.task.id
            _say("\n".join([*told, *_path(question.path), *_step(question), CHOICE]))
            while (decision := understood(_answer())) is None:
                _say(NOT_UNDERSTOOD)
        return decision


def understood(line: str) -> Decision | None:
    """Return what a line of input means; None where it means nothing. An empty text is the end of the input."""
    if not line:
        return Quit()
    found = _ANSWER.fullmatch(line.strip())
    word, rest = (found[1].lower()[0], found[2]) if found else ("", "")
    match word, rest:
        case "n", _:
            return Refused(rest)
        case "y", "":
            return Approved()
        case "q", "":
            return Quit()
        case _:
            return None


def _answer() -> str:
    # asyncio's handler would let go on reading, and end the work only after the next line.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return sys.stdin.readline()
    except KeyboardInterrupt:
        return ""
    finally:
        signal.signal(signal.SIGINT, before)


def _request(question: Question) -> list[str]:
    """Return what is said of a task that was not asked about before."""
    return ["", f"Task {question.task.id}", f"  User: {printable(question.task.turns[0].text)}"]


def _path(path: tuple[Node, ...]) -> Iterator[str]:
    """Yield the path so far, a short line for each thing said or called."""
    for step in (node.step for node in path if node.step):
        if step.kind != "call":
            yield f"  {'User' if step.kind == 'user' else 'Model'}: {_short(step.text)}"
        for call, seen in zip(step.calls, step.observations, strict=True):
            yield f"  {_called(call)} -> {seen.status} {_short(_json(seen.body))}".rstrip()


def _step(question: Question) -> Iterator[str]:
    yield f"Step {question.node} of trace {question.trace} would be:"
    if question.step.text:
        yield f"  Model: {printable(question.step.text)}"
    for call, dangers in zip(question.step.calls, question.dangers, strict=True):
        yield f"  {_called(call)}{''.join(f'  [{danger}]' for danger in dangers)}"


def _called(call: Call) -> str:
    return f"{printable(call.tool)} {_json(call.arguments)}"


def _json(value: Json) -> str:
    return printable(orjson.dumps(value).decode())


def _short(text: str) -> str:
    clean = printable(text)
    return clean if len(clean) <= SHOWN else f"{clean[:SHOWN]}…"


def printable(text: str) -> str:
    """Return a text in which nothing steers the terminal: a model or a server may have written it."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def _say(text: str) -> None:
    typer.echo(text, err=True)
