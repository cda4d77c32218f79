"""The prompts: Jinja2 files beside this module."""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

SUFFIX = ".j2"


def render(name: str, **values: object) -> str:
    """Return a prompt with its values filled in, without white space around it. Values are inserted as they are."""
    return _environment().get_template(name).render(**values).strip()


def prompts_digest() -> str:
    """Return 32 hex digits that change whenever a prompt does."""
    total = hashlib.sha256()
    for file in sorted(_folder().iterdir(), key=lambda file: file.name):
        if file.name.endswith(SUFFIX):
            total.update(f"{file.name}\0{file.read_text('utf-8')}\0".encode())
    return total.hexdigest()[:32]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(lambda name: (_folder() / f"{name}{SUFFIX}").read_text("utf-8")),
        undefined=StrictUndefined,
        autoescape=select_autoescape(()),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _folder() -> Traversable:
    return files("toolbench.agent") / "prompts"
