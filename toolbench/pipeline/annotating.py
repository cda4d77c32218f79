"""What `annotate` is asked for: its settings, and the tools and models they name."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolbench import plugins
from toolbench.errors import ConfigError
from toolbench.llm.embedded import EMBEDDED
from toolbench.model import JsonObject, LanguageModel
from toolbench.pipeline.corpus import documents, files
from toolbench.toolformer.annotate import PATIENCE
from toolbench.toolformer.base import CallTool, Options, Settings
from toolbench.toolformer.passages import Passages

CATALOGUE = "catalogue"
"""The plugin that makes a tool of any operation; it is named by the operation's name."""

NEEDS: Mapping[str, str] = {"qa": "search", "search": "search", "translate": "translate"}
"""Tools that need something: which option gives it."""


@dataclass(frozen=True, slots=True)
class AnnotateConfig:
    """What is asked for."""

    tools: tuple[str, ...]
    """Names of tools: those of Toolformer, and any of the catalogue."""
    model: str = EMBEDDED
    """The model that samples and reckons."""
    base_url: str | None = None
    """Base URL of its endpoint."""
    concurrency: int | None = None
    """Documents at a time; None for one with the embedded model, sixteen at an endpoint."""
    tau_s: float | None = None
    """As `Settings`, for all tools; None for each tool's own. So are the next three."""
    tau_f: float | None = None
    k: int | None = None
    m: int | None = None
    options: Options = field(default_factory=Options)
    """Departures from the paper."""
    keep_plain: float = 0.0
    """Share of the texts without a call that are kept."""
    seed: int = 0
    """Where samples come from, and what is in the simulation."""
    field: str = "text"
    """Where rows hold their text."""
    search: tuple[Path, ...] = ()
    """Corpus for search and questions."""
    translate: str = ""
    """Model that translates."""
    translate_url: str | None = None
    """Base URL of its endpoint."""
    patience: float = PATIENCE
    """Seconds that a tool has for an answer."""

    def check(self) -> None:
        """Raise ConfigError unless something can come of it."""
        if not self.tools:
            raise ConfigError("no tool is named", hint=f"There are: {', '.join(known_tools())}.")
        for name, least in (("k", 1), ("m", 1), ("concurrency", 1), ("tau_s", 0)):
            given = getattr(self, name)
            if given is not None and given < least:
                raise ConfigError(f"`{name}` is {given}", hint=f"It must be at least {least}.")
        if not 0 <= self.keep_plain <= 1:
            raise ConfigError(f"`keep_plain` is {self.keep_plain:g}", hint="It is a share, from 0 to 1.")
        if self.patience <= 0:
            raise ConfigError(f"tools are given {self.patience:g} seconds", hint="Give them some.")
        if self.options.most_calls is not None and self.options.most_calls < 1:
            raise ConfigError(f"`most_calls` is {self.options.most_calls}", hint="It must be at least 1.")
        for tool in self.tools:
            if (needed := NEEDS.get(tool)) and not getattr(self, needed):
                said = {"search": "a corpus: `--search PATH`", "translate": "a model: `--translate NAME`"}[needed]
                raise ConfigError(f"the tool {tool} needs something", hint=f"Give it {said}.")

    def settings(self, tool: CallTool) -> Settings:
        """Return a tool's thresholds."""
        given = {name: getattr(self, name) for name in ("tau_s", "tau_f", "k", "m")}
        return tool.settings.model_copy(update={name: value for name, value in given.items() if value is not None})

    def identity(self) -> JsonObject:
        """Return what decides the annotations, beside the tools' own settings."""
        return {
            "model": self.model,
            "skip_space": self.options.skip_space,
            "in_place": self.options.in_place,
            "baseline": self.options.baseline,
            "seed": self.seed,
            "search": [str(path) for path in self.search],
            "translate": self.translate,
        }


def known_tools() -> list[str]:
    """Return the names of Toolformer's own tools."""
    return [name for name in plugins.names("toolformer") if name != CATALOGUE]


@asynccontextmanager
async def open_tools(config: AnnotateConfig, journal: Path) -> AsyncGenerator[dict[str, CallTool]]:
    """Open the tools that are asked for, by name.

    Raises:
        InputError: there is no such tool, or what it needs cannot be opened.
    """
    async with AsyncExitStack() as stack:
        corpus: Passages | None = None
        if any(NEEDS.get(name) == "search" for name in config.tools):
            corpus = Passages(documents(files(config.search), config.field))
            stack.callback(corpus.close)
        made: dict[str, CallTool] = {}
        for name in config.tools:
            made[name] = await _made(name, config, corpus, journal, stack)
        _check_names(made)
        yield made


async def _made(
    name: str, config: AnnotateConfig, corpus: Passages | None, journal: Path, stack: AsyncExitStack
) -> CallTool:
    if name not in known_tools() and ":" not in name:
        return _of_catalogue(name, config.seed)
    kind: type[Any] = plugins.load("toolformer", name)
    match NEEDS.get(name):
        case "search":
            return kind(corpus)
        case "translate":
            return kind(await stack.enter_async_context(_translator(config, journal)))
        case _:
            return kind()


def _of_catalogue(name: str, seed: int) -> CallTool:
    from toolbench.errors import CatalogueError
    from toolbench.specs import open_catalogue
    from toolbench.toolformer.tools.catalogue import CatalogueTool
    from toolbench.world.world import Landscape

    catalogue = open_catalogue()
    try:
        tool = catalogue.tool(name)
    except CatalogueError as error:
        hint = f"Toolformer's own are: {', '.join(known_tools())}. `toolbench specs list` shows the catalogue."
        raise ConfigError(f"there is no tool {name!r}", hint=hint) from error
    return CatalogueTool(Landscape([catalogue.api(tool.api)]), name, seed)


def _check_names(tools: Mapping[str, CallTool]) -> None:
    seen: dict[str, str] = {}
    for asked, tool in tools.items():
        if other := seen.get(tool.name):
            raise ConfigError(f"{other} and {asked} are both called {tool.name}", hint="Leave one out.")
        seen[tool.name] = asked


@asynccontextmanager
async def _translator(config: AnnotateConfig, journal: Path) -> AsyncGenerator[Any]:
    from toolbench.llm.journal import Journal, JournaledModel
    from toolbench.pipeline.config import RunConfig
    from toolbench.pipeline.models import embedded, endpoint

    run = RunConfig(model=config.translate)
    with embedded(run), Journal(journal) as kept:
        async with endpoint(run, config.translate, config.translate_url or config.base_url) as model:
            yield JournaledModel(model, kept)


@asynccontextmanager
async def open_models(config: AnnotateConfig, journal: Path) -> AsyncGenerator[list[LanguageModel]]:
    """Open the model that samples and reckons, once for each document that is worked on at a time.

    Raises:
        InputError: it is not installed, or its endpoint cannot be reached, or cannot reckon.
    """
    async with AsyncExitStack() as stack:
        if config.model == EMBEDDED:
            from toolbench.llm.direct import reading

            yield [await stack.enter_async_context(reading()) for _ in range(config.concurrency or 1)]
            return
        from toolbench.llm.client import EndpointModel
        from toolbench.llm.journal import Journal
        from toolbench.llm.seen import JournaledLanguage, open_language

        number = config.concurrency or 16
        endpoint = EndpointModel(config.model, base_url=config.base_url, in_flight=number)
        language = await open_language(await stack.enter_async_context(endpoint))
        kept = JournaledLanguage(language, stack.enter_context(Journal(journal)))
        yield [kept] * number
