"""P(x): what a model is shown so that it writes calls of a tool into a text."""

from toolbench.toolformer.base import CallTool
from toolbench.toolformer.markers import Markers


def head(tool: CallTool, markers: Markers) -> str:
    """Return the part that is the same for all texts: what to do, and texts with calls."""
    task = (
        f"Put calls of {tool.name} into a text where they help to write on. {tool.purpose}"
        f' A call looks like this: "{markers.call(f"{tool.name}(…)").strip()}". {tool.advice} Here are some examples.'
    )
    samples = (f"Input:\n{sample.text}\nOutput:\n{markers.prompt(sample.annotated)}" for sample in tool.samples)
    return "\n\n".join((task, *samples)) + "\n\n"


def ask(text: str) -> str:
    """Return the part that asks for a text; the text follows, with calls."""
    return f"Input:\n{text}\nOutput:\n"
