"""TRL unpaired preference rows: a step, and whether it is right, for KTOTrainer."""

from collections.abc import Iterable, Iterator, Sequence

from toolbench.exporters._chat import read_message, written
from toolbench.exporters.base import TreeExporter, function, plain, tool_of
from toolbench.model import Json, JsonObject, Message
from toolbench.model.example import LabelledPath, LabelledStep

__all__ = ["KtoExporter"]


class KtoExporter(TreeExporter[LabelledPath]):
    """Writes `prompt`, `completion`, `label` and `tools`, one line a labelled step."""

    takes = LabelledPath
    note = "Steps that nothing proves right or wrong are left out, and so is what comes after them."

    def lines(self, example: LabelledPath) -> Iterable[JsonObject]:
        """Return a line for each step of a path."""
        for prompt, step in _steps(example):
            yield {
                "prompt": [written(message) for message in prompt],
                "completion": [written(step.message)],
                "label": step.right,
                "tools": [function(tool) for tool in example.tools],
            }

    def expected(self, example: LabelledPath) -> Json:
        """Return each step with what comes before it."""
        tools = [tool.model_dump(mode="json") for tool in example.tools]
        steps = _steps(example)
        return [[[plain(one) for one in prompt], plain(step.message), step.right, tools] for prompt, step in steps]

    def read(self, lines: Sequence[JsonObject]) -> Json:
        """Return what the lines hold."""
        return [_read(line) for line in lines]


def _steps(path: LabelledPath) -> Iterator[tuple[list[Message], LabelledStep]]:
    before = list(path.prompt)
    for step in path.steps:
        yield list(before), step
        before += [step.message, *step.results]


def _read(line: JsonObject) -> Json:
    (completion,) = line["completion"]
    if not isinstance(line["label"], bool):
        raise ValueError("the label is not true or false")
    tools = [tool_of(tool).model_dump(mode="json") for tool in line["tools"]]
    prompt = [plain(read_message(message)) for message in line["prompt"]]
    return [prompt, plain(read_message(completion)), line["label"], tools]
