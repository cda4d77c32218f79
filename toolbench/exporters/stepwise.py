"""TRL stepwise rows: the steps of a path and whether each is right, for PRMTrainer."""

from collections.abc import Iterable, Sequence

import orjson

from toolbench.exporters._chat import read_message, written
from toolbench.exporters.base import TreeExporter, plain, require
from toolbench.model import Json, JsonObject
from toolbench.model.example import LabelledPath, LabelledStep

__all__ = ["StepwiseExporter"]


class StepwiseExporter(TreeExporter[LabelledPath]):
    """Writes `prompt`, `completions` and `labels`, one line a path.

    PRMTrainer takes texts. The prompt and each completion are messages as JSON lines: the prompt's are those before the
    first step, a completion's are the step and what came back of its calls.
    """

    takes = LabelledPath
    note = "The texts are messages as JSON, one a line. A path ends before the first step that nothing proves."

    def lines(self, example: LabelledPath) -> Iterable[JsonObject]:
        """Return the one line of a path."""
        yield {
            "prompt": _text([written(message) for message in example.prompt]),
            "completions": [_text([written(one) for one in (step.message, *step.results)]) for step in example.steps],
            "labels": [step.right for step in example.steps],
        }

    def expected(self, example: LabelledPath) -> Json:
        """Return the messages, step by step, and the labels."""
        return [[plain(one) for one in example.prompt], [_step(step) for step in example.steps]]

    def read(self, lines: Sequence[JsonObject]) -> Json:
        """Return what a line holds."""
        (line,) = lines
        pairs = zip(line["completions"], line["labels"], strict=True)
        return [_messages(line["prompt"]), [[_messages(text), require(right, bool)] for text, right in pairs]]


def _text(messages: Iterable[JsonObject]) -> str:
    return "".join(f"{orjson.dumps(message).decode()}\n" for message in messages)


def _messages(text: str) -> Json:
    return [plain(read_message(orjson.loads(line))) for line in text.splitlines()]


def _step(step: LabelledStep) -> Json:
    return [[plain(one) for one in (step.message, *step.results)], step.right]
