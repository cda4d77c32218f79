"""Prompts: Jinja2 files in the folder `prompts` of a package."""

import hashlib
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

SUFFIX = ".j2"


class Prompts:
    """The prompts of a package.

    Args:
        package: its name.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    def render(self, name: str, **values: object) -> str:
        """Return a prompt with its values filled in as they are, without white space around it."""
        return self._environment.get_template(name).render(**values).strip()

    def digest(self) -> str:
        """Return 32 hex digits that change whenever a prompt does."""
        total = hashlib.sha256()
        for file in sorted(self._folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(SUFFIX):
                total.update(f"{file.name}\0{file.read_text('utf-8')}\0".encode())
        return total.hexdigest()[:32]

    @cached_property
    def _environment(self) -> Environment:
        return Environment(
            loader=FunctionLoader(lambda name: (self._folder / f"{name}{SUFFIX}").read_text("utf-8")),
            undefined=StrictUndefined,
            autoescape=select_autoescape(()),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @property
    def _folder(self) -> Traversable:
        return files(self._package) / "prompts"
