"""TRL preference rows: a right step against a wrong one from the same place, for DPOTrainer."""

from collections.abc import Iterable, Sequence

from toolbench.exporters._chat import read_message, written
from toolbench.exporters.base import TreeExporter, function, plain, tool_of
from toolbench.model import Json, JsonObject
from toolbench.model.example import Pair

__all__ = ["DpoExporter"]


class DpoExporter(TreeExporter[Pair]):
    """Writes `prompt`, `chosen`, `rejected` and `tools`, one line a pair; the prompt ends with the user or a tool."""

    takes = Pair
    note = "From the chosen step the goal was reached; the rejected one is wrong, and the card says why how often."

    def lines(self, example: Pair) -> Iterable[JsonObject]:
        """Return the one line of a pair."""
        yield {
            "prompt": [written(message) for message in example.prompt],
            "chosen": [written(example.chosen)],
            "rejected": [written(example.rejected)],
            "tools": [function(tool) for tool in example.tools],
        }

    def expected(self, example: Pair) -> Json:
        """Return the messages and the tools of a pair."""
        tools = [tool.model_dump(mode="json") for tool in example.tools]
        return [[plain(one) for one in example.prompt], plain(example.chosen), plain(example.rejected), tools]

    def read(self, lines: Sequence[JsonObject]) -> Json:
        """Return what a line holds."""
        (line,) = lines
        (chosen,), (rejected,) = line["chosen"], line["rejected"]
        prompt = [plain(read_message(message)) for message in line["prompt"]]
        if prompt[-1]["role"] not in ("user", "tool"):
            raise ValueError("the prompt ends with the assistant")
        tools = [tool_of(tool).model_dump(mode="json") for tool in line["tools"]]
        return [prompt, plain(read_message(chosen)), plain(read_message(rejected)), tools]
