"""Pages from templates: self-contained, everything from a run escaped, and a policy that lets nothing else in."""

import hashlib
from base64 import b64encode
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from toolbench._version import __version__
from toolbench.report.kinds import explain, in_words
from toolbench.report.opinions import figures
from toolbench.report.outcomes import STAGES, TITLES
from toolbench.report.trees import MARKS

LONGEST_SAID = 280
"""Characters of a user's words where they stand for a trace."""


def render(template: str, **values: object) -> str:
    """Return a page.

    Args:
        template: name of the template, without its ending.
        values: what it shows.
    """
    return _environment().get_template(f"{template}.html.j2").render(**values)


@cache
def policy() -> str:
    """Return the Content-Security-Policy of all pages: their own style and script, by digest, and nothing else."""
    style, script = (f"'sha256-{_digest(text)}'" for text in (_style(), _script()))
    return f"default-src 'none'; style-src {style}; script-src {script}; form-action 'self'; base-uri 'none'"


def percent(share: float) -> str:
    """Return a share in percent, with one decimal unless it is none or all."""
    return f"{100 * share:.1f}%" if 0 < share < 1 else f"{share:.0%}"


def dollars(amount: float) -> str:
    """Return an amount in US dollars, with enough decimals to show a small one."""
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.2g}" if amount >= 1e-4 else "<$0.0001"


def words(name: str) -> str:
    """Return a short name as words."""
    return str(name).replace("_", " ")


def sentence(text: str) -> str:
    """Return words as a sentence: with a capital letter, and an end."""
    held = text.strip()
    begins_with_word = held.partition(" ")[0].strip(",:").isalpha()
    start = held[:1].upper() if begins_with_word else held[:1]
    return start + held[1:] + ("" if held[-1:] in ("", ".", "!", "?", "…") else ".")


def shortened(text: str) -> str:
    """Return a user's words, cut when long."""
    return text if len(text) <= LONGEST_SAID else f"{text[: LONGEST_SAID - 1]}…"


def _digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    return _source("style.css")


@cache
def _script() -> str:
    return _source("page.js")


def _source(name: str) -> str:
    return resources.files("toolbench.report").joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "percent": percent,
        "dollars": dollars,
        "words": words,
        "titled": in_words,
        "sentence": sentence,
        "shortened": shortened,
        "explained": explain,
        "figures": figures,
    }
    environment.filters.update(filters)
    shared: dict[str, Any] = {
        # Both are ours, and hold nothing that would need escaping.
        "style": Markup(_style()),  # noqa: S704
        "script": Markup(_script()),  # noqa: S704
        "policy": policy(),
        "version": __version__,
        "marks": MARKS,
        "stages": STAGES,
        "titles": TITLES,
    }
    environment.globals.update(shared)
    return environment
