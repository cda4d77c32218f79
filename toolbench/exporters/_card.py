"""The dataset card: a README that says what the data is, how it was made and how far it can be trusted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template

from toolbench.exporters.base import FIELDS, Field
from toolbench.model import JsonObject, Provenance, Row


@dataclass(slots=True)
class Figures:
    """What a dataset holds, counted row by row."""

    rows: int = 0
    messages: int = 0
    trained: int = 0
    """Messages with loss on them."""
    masked: int = 0
    """Messages of the assistant's without."""
    verified: int = 0
    """Rows whose goal was confirmed by executing them anew."""
    live: int = 0
    """Rows that real APIs answered: none of them is verified."""
    goalless: int = 0
    """Rows of tasks of which nobody has said what is right: none of them is verified."""
    tainted: int = 0
    """Of the `live` rows, those on a backend that another branch of the search had written to."""
    kinds: Counter[str] = field(default_factory=Counter[str])
    """Rows by kind of task."""
    teachers: Counter[str] = field(default_factory=Counter[str])
    """Rows by teacher."""
    executors: Counter[str] = field(default_factory=Counter[str])
    """Rows by what their calls ran against."""
    calls: Counter[int] = field(default_factory=Counter[int])
    """Rows by number of calls."""
    tools: Counter[str] = field(default_factory=Counter[str])
    """Calls by tool."""
    losses: Counter[Field] = field(default_factory=Counter[Field])
    """Rows that hold something the format cannot carry, by what it is."""
    seeds: set[int] = field(default_factory=set[int])
    """Seeds of the runs."""
    specs: dict[str, str] = field(default_factory=dict[str, str])
    """SHA-256 of each API description."""

    def add(self, row: Row, provenance: Provenance, losses: Iterable[Field]) -> None:
        """Count a row."""
        said = [message for message in row.messages if message.role == "assistant"]
        made = [call.tool for message in said for call in message.calls]
        trained = sum(1 for message in said if message.train)
        self.rows += 1
        self.messages += len(row.messages)
        self.trained += trained
        self.masked += len(said) - trained
        self.verified += row.meta.verified
        self.live += row.meta.live
        self.goalless += row.meta.solution == "unknown"
        self.tainted += row.meta.tainted
        self.kinds[row.meta.kind] += 1
        self.teachers[row.meta.teacher] += 1
        self.executors[row.meta.executor] += 1
        self.calls[len(made)] += 1
        self.tools.update(made)
        self.losses.update(losses)
        self.seeds.add(provenance.seed)
        self.specs.update(provenance.specs)


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says."""

    name: str
    format: str
    summary: str
    """The format in a sentence."""
    note: str
    """What a person who trains on it must know; may be empty."""
    code: str
    """Version of this software."""
    figures: Figures
    traces: int
    """Traces the rows were chosen from."""
    rejected: Counter[str]
    """Traces that were not kept, by reason."""
    config: JsonObject
    """What the traces were chosen with."""


def write_card(card: Card) -> str:
    """Return the card as Markdown, with the metadata that dataset hubs read at its head."""
    return _template().render(card=card, figures=card.figures, fields=FIELDS)


@cache
def _template() -> Template:
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, and every value is a name or a number of ours
    )
    source = resources.files("toolbench.exporters").joinpath("card.md.j2").read_text("utf-8")
    return environment.from_string(source)
