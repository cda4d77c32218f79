"""The configuration of a run: what was asked for, and which of it is the run's identity."""

import re
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from toolbench._version import __version__
from toolbench.agent.mistakes import ErrorLevel
from toolbench.errors import ConfigError, RunError
from toolbench.model import Api, JsonObject, digest, is_object
from toolbench.model.task import Difficulty
from toolbench.store import Run
from toolbench.tasks.kinds import DEFAULT_MIX
from toolbench.tasks.size import Size, parse_calls
from toolbench.world.world import WORLD_VERSION

NOT_IDENTITY = frozenset(
    "count concurrency base_url simulate_url user_url allow_hosts allow_programs per_second timeout max_body"
    " cassette review".split()
)
"""What may differ between two commands on the same run: how much, how fast, where the models are served, how much of
a real API's servers is used, and whether a person looks on: what one approves is done as ever, and what one refuses
says so in the trace."""

SAMPLED: Final = "sampled"
IMPORTED: Final = "imported"
"""Where a run's tasks come from."""

OF_TASKS = frozenset("apis seed mix calls difficulty faults granted discovery writer executor".split())
"""What decides which tasks are sampled; all else may change until the first trace is made."""

OF_REAL_APIS = frozenset({"servers", "allow_writes", "allow_destructive"})
"""What belongs to the identity only where the calls do not run in the simulation."""

_REACT_N = re.compile(r"react@(n|[1-9]\d*)", re.IGNORECASE)
"""How the baseline of several chains is written in papers."""


class RunConfig(BaseModel):
    """What `generate` is asked for; `run.yaml` holds it, and `-c` reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    tasks: Literal["sampled", "imported"] = SAMPLED
    """Whether tasks are made here, or are others' that `toolbench tasks RUN --from FILE` brought into the run."""
    apis: tuple[str, ...] = ()
    """Ids of the APIs the tasks are about; imported tasks bring their own."""
    count: int = Field(default=50, ge=1)
    """Number of tasks, and of traces."""
    seed: int = Field(default=0, ge=0)
    """Where every random choice comes from."""
    model: str = "planner"
    """The teacher: `planner`, or a model's name at an endpoint."""
    errors: ErrorLevel = "low"
    """How often the planner errs: low, middle (twice as often) or high (three times)."""
    base_url: str | None = None
    """The endpoint's URL, up to and with `/v1`."""
    searcher: str = "dfsdt"
    """Name of the searcher."""
    width: int | None = Field(default=None, ge=1)
    """Most children of a node (of the root, for `react_n`); like the bounds below, none leaves it to the searcher."""
    max_depth: int | None = Field(default=None, ge=1)
    """Most steps on a path."""
    max_queries: int | None = Field(default=None, ge=1)
    """Most model queries for a trace: for steps, values and reflections."""
    max_calls: int | None = Field(default=None, ge=1)
    """Tool calls of a trace after which its search ends."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Tokens read and written for a trace after which its search ends."""
    max_cost: float | None = Field(default=None, gt=0)
    """US dollars spent on a trace after which its search ends."""
    price: tuple[NonNegativeFloat, NonNegativeFloat] | None = None
    """US dollars for a million tokens that the teacher reads, and for a million that it writes; none is what the
    endpoint itself says of each answer's cost."""
    solutions: int | None = Field(default=None, ge=0)
    """Answers after which a search ends; 0 collects all that the other bounds allow."""
    compat: Literal["toolbench"] | None = None
    """Whose way of returning from dead ends the searcher reproduces; none for ours."""
    valuer: Literal["heuristic", "llm"] = "heuristic"
    """Who values nodes, for searchers that need values: what can be counted on the path, or the teacher's model."""
    mix: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_MIX))
    """Shares of the kinds of task, of any sum."""
    discovery: bool = False
    """Whether the agent has to find its tools by search (the open domain), rather than being offered them."""
    calls: str = ""
    """How many calls every task's solution takes: `4`, or `3-6`; any number where empty."""
    difficulty: Literal["", Difficulty] = ""
    """How hard every task is: easy, medium or hard; any where empty."""
    faults: str = "none"
    """Profile of the faults that the backend shows."""
    granted: tuple[str, ...] | None = None
    """Security schemes and scopes that the agent's calls carry; none given, all that are asked for."""
    simulate: str = ""
    """Name of a model that answers operations whose meaning cannot be inferred; where empty, answers are made up."""
    simulate_url: str | None = None
    """The URL of that model's endpoint; that of the teacher's where not given."""
    writer: str = ""
    """Name of a model that writes the tasks' instructions; the built-in grammar where empty."""
    user: str = ""
    """Name of a model that speaks the user's turns after the first; where empty, they are said as scripted."""
    user_url: str | None = None
    """The URL of the endpoint of both; that of the teacher's where not given."""
    executor: str = "mock"
    """What the calls run against: `mock` (the simulation), `live` (the real APIs) or `replay` (a recording of them)."""
    allow_hosts: tuple[str, ...] = ()
    """For `live`: the servers that may be called, each `api.example.com` or an exact `127.0.0.1:8000`."""
    allow_programs: tuple[str, ...] = ()
    """For `live`: what may be run on this machine: Python modules, and command lines of MCP servers as registered."""
    servers: dict[str, str] = Field(default_factory=dict)
    """For `live`: base URLs by API id, in place of those in the descriptions. Credentials come from the environment."""
    allow_writes: bool = False
    """For `live`: whether operations that change something may be called."""
    allow_destructive: bool = False
    """For `live`: whether those that remove something may be called, too; it needs `allow_writes` as well."""
    per_second: float = Field(default=2.0, gt=0)
    """For `live`: most requests per second to one host."""
    timeout: float = Field(default=30.0, gt=0)
    """For `live`: most seconds for one request and its answer."""
    max_body: int = Field(default=262_144, ge=1)
    """For `live`: bytes of an answer's body after which no more is read."""
    cassette: Path | None = None
    """Where live calls are recorded, and replayed from; none is the run's own `cassette.jsonl`."""
    tool_calls: Literal["auto", "native", "json"] = "auto"
    """How a model tells its calls: by the endpoint's own tool calls, as JSON, or by whichever works there."""
    context: int | None = Field(default=None, ge=256)
    """Tokens that a teacher's request and answer must fit into, estimated; the tools that fit the task least are left
    out. None is no bound, and for the embedded model the one it works well within."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Sampling temperature; none leaves it to the endpoint."""
    concurrency: int = Field(default=16, ge=1)
    """Traces at work at once."""
    review: bool = False
    """Whether a person approves each step that destroys something or is taken for real; then one trace is at work at a
    time."""

    @model_validator(mode="before")
    @classmethod
    def _as_papers_write_it(cls, given: Any) -> Any:
        """Take `react@n` for `react_n`, and `react@5` for `react_n` of width 5."""
        if not is_object(given) or not (found := _REACT_N.fullmatch(str(given.get("searcher")))):
            return given
        chains = found[1].lower()
        if chains == "n":
            return {**given, "searcher": "react_n"}
        if str(given.get("width") or chains) != chains:
            raise ValueError(f"{found[0]} has {chains} chains, and width is {given['width']}")
        return {**given, "searcher": "react_n", "width": chains}

    @field_validator("apis")
    @classmethod
    def _named(cls, apis: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        """Refuse to make tasks of nothing."""
        if not apis and others.data.get("tasks") == SAMPLED:
            raise ValueError("at least one API must be named")
        return apis

    @field_validator("calls", mode="before")
    @classmethod
    def _is_range(cls, calls: Any) -> Any:
        """Refuse what is no range; a bare number in a file is one."""
        written = str(calls) if isinstance(calls, int) and not isinstance(calls, bool) else calls
        if isinstance(written, str):
            parse_calls(written)
        return written

    @property
    def size(self) -> Size:
        """How long and how hard every task must be."""
        return Size(parse_calls(self.calls), self.difficulty or None)

    @field_validator("servers")
    @classmethod
    def _without_secrets(cls, servers: dict[str, str]) -> dict[str, str]:
        """Refuse addresses that may hold a credential: the run's files must hold none."""
        for api, url in servers.items():
            parts = urlsplit(url)
            if "@" in parts.netloc or parts.query or parts.fragment:
                raise ValueError(f"the URL for {api} holds more than a server and a path; no credentials belong there")
        return servers

    @field_validator("base_url")
    @classmethod
    def _without_password(cls, url: str | None) -> str | None:
        if url is not None and "@" in urlsplit(url).netloc:
            raise ValueError("the URL holds a user name or a password; the key comes from OPENAI_API_KEY")
        return url

    def identity(self) -> JsonObject:
        """Return what makes this run what it is: the same identity gives the same traces."""
        left_out = set(NOT_IDENTITY)
        left_out |= OF_REAL_APIS if self.executor == "mock" else set()
        left_out |= {"tasks"} if self.tasks == SAMPLED else set()
        return {name: value for name, value in self.model_dump(mode="json").items() if name not in left_out}

    def digest(self) -> str:
        """Return the digest of the identity."""
        return digest(self.identity())


def make_config(given: JsonObject, file: Path | None = None) -> RunConfig:
    """Return the configuration: a file's, with what is given besides taking its place.

    Raises:
        ConfigError: the file cannot be read, or something in it or given is not as it must be.
    """
    merged = {**(_read(file) if file is not None else {}), **given}
    try:
        return RunConfig.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        hint = f"There are: {', '.join(sorted(RunConfig.model_fields))}" if first["type"] == "extra_forbidden" else ""
        where = str(file) if file is not None and first["loc"] and first["loc"][0] not in given else ""
        message = _plain(first["msg"])
        raise ConfigError(f"{name}: {message}" if name else message, where=where, hint=hint) from error


def run_config(path: Path, given: JsonObject, file: Path | None = None) -> RunConfig:
    """Return the configuration for a run: what is given, else the file's, else what the run was made with.

    Raises:
        ConfigError: as `make_config`.
    """
    held = path / "run.yaml"
    return make_config(given, file if file is not None else held if held.is_file() else None)


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _read(file: Path) -> JsonObject:
    try:
        loaded: Any = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(file)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())}", where=str(file)) from error
    if not is_object(loaded):
        raise ConfigError("not a mapping of settings", where=str(file), hint="See the run.yaml of any run.")
    return {name: value for name, value in loaded.items() if name != "made_with"}


def settle(run: Run, config: RunConfig, apis: list[Api], weights: str = "") -> None:
    """Write the run's configuration, or hold ours against the one that is there.

    Until the first trace is made, all may change but what decides which tasks there are.

    Args:
        run: the run.
        config: what is asked for.
        apis: the APIs that do not come from the run itself.
        weights: name and digest of the embedded model's weights; empty where it has no part.

    Raises:
        RunError: the run was made with another identity.
    """
    made_with: JsonObject = {
        "toolbench": __version__,
        "world": WORLD_VERSION,
        "specs": {api.id: api.source.sha256 for api in apis},
        "tools": {api.id: len(api.tools) for api in apis},
        "weights": weights,
        "identity": config.digest(),
    }
    there = run.read_config()
    if there is not None and there.get("tasks", SAMPLED) != config.tasks:
        hint = "Choose another folder, or leave out the settings that say otherwise."
        raise RunError(f"the tasks of this run are not {config.tasks}", where=str(run.path / "run.yaml"), hint=hint)
    if there is not None and run.traces.ids():
        _compare(run, there, config.identity(), made_with)
    elif there is not None and config.tasks == SAMPLED:
        _compare(run, there, {name: config.identity()[name] for name in OF_TASKS}, made_with)
    run.write_config({**config.model_dump(mode="json"), "made_with": made_with})


def _compare(run: Run, there: JsonObject, ours: JsonObject, made_with: JsonObject) -> None:
    where = str(run.path / "run.yaml")
    for name, value in ours.items():
        if there.get(name) != value:
            raise RunError(
                f"this run was made with {name} {there.get(name)!r}, not {value!r}",
                where=where,
                hint="Choose another folder, or ask for the same.",
            )
    before = there.get("made_with")
    for name in ("world", "specs", "tools", "weights"):
        # Older runs do not say all of it.
        if is_object(before) and before.get(name, made_with[name]) != made_with[name]:
            raise RunError(
                f"this run was made with other {name}: {before.get(name)}",
                where=where,
                hint="Its traces would not replay any more; choose another folder.",
            )
