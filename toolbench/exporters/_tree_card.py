"""The dataset card of examples from whole trees."""

from collections import Counter
from functools import cache
from importlib import resources
from typing import Protocol

from jinja2 import Environment, StrictUndefined, Template


class Counted(Protocol):
    """What was counted of a dataset."""

    traces: int
    teaching: int
    examples: int
    lines: int
    right: int
    faults: Counter[str]
    teachers: Counter[str]


def tree_card(name: str, format: str, summary: str, note: str, figures: Counted) -> str:  # noqa: A002
    """Return the card as Markdown, with the head that dataset hubs read."""
    return _template().render(name=name, format=format, summary=summary, note=note, figures=figures)


@cache
def _template() -> Template:
    text = (resources.files("toolbench.exporters") / "tree_card.md.j2").read_text("utf-8")
    environment = Environment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown
    )  # fmt: skip
    return environment.from_string(text)
