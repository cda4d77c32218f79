"""The configuration of the general stages, in synthetic-data-kit's YAML: what a file says, over the defaults."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from toolbench import plugins
from toolbench.errors import ConfigError
from toolbench.model import Json, JsonObject, is_object


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True, populate_by_name=True)


class Outputs(_Section):
    """Folders that stages write to."""

    parsed: Path = Path("data/output")
    """What `ingest` writes."""
    generated: Path = Path("data/generated")
    """What `create` writes."""
    cleaned: Annotated[Path, Field(alias="curated")] = Path("data/cleaned")
    """What `curate` writes; newer versions of the kit call it `curated`."""
    final: Path = Path("data/final")
    """What `save-as` writes."""


class Paths(_Section):
    """Folders."""

    input: Json = "data/input"
    """Where sources lie; a path that is not found is looked for there."""
    output: Outputs = Outputs()
    """Where results go."""


class Provider(_Section):
    """Which of the two endpoints is asked."""

    provider: Literal["vllm", "api-endpoint"] = "vllm"
    """`vllm` or `api-endpoint`."""


class Endpoint(_Section):
    """An endpoint that speaks Chat Completions."""

    api_base: str | None = None
    """Its base URL."""
    api_key: str | None = None
    """Its key; the environment's `OPENAI_API_KEY` where left out."""
    model: str | None = None
    """The model's name."""
    port: int | None = None
    """Port of a vLLM server, which `api_base` names already."""
    max_retries: int | None = Field(default=None, ge=0)
    """Attempts after the first."""
    retry_delay: float | None = Field(default=None, gt=0)
    """Seconds before the second attempt; the waits double."""
    sleep_time: float | None = None
    """Taken and not needed: requests are bounded by `--concurrency`."""
    http_request_timeout: float | None = None
    """Taken and not needed: the client's own is ten minutes."""


class Ingest(_Section):
    """How sources are read."""

    default_format: str = "txt"
    """Form of what is written."""
    youtube_captions: str = "auto"
    """Which captions are taken."""


class Generation(_Section):
    """How data is created."""

    temperature: float = Field(default=0.7, ge=0)
    """Sampling temperature."""
    top_p: float | None = Field(default=0.95, gt=0, le=1)
    """Nucleus sampling."""
    chunk_size: int = Field(default=4000, ge=1)
    """Characters of a chunk, at most."""
    overlap: int = Field(default=200, ge=0)
    """Characters that neighbours share, at most."""
    max_tokens: int | None = Field(default=4096, ge=1)
    """Upper bound on the tokens of an answer."""
    num_pairs: int | None = Field(default=None, ge=1)
    """Pairs made of a document."""
    num_cot_examples: int | None = Field(default=None, ge=1)
    """Examples with reasoning made of a document."""
    num_cot_enhance_examples: int | None = Field(default=None, ge=1)
    """Most conversations that are given reasoning; all where left out."""
    batch_size: int = Field(default=32, ge=1)
    """Requests under way at a time."""


class Curate(_Section):
    """How data is rated."""

    threshold: float = 7.0
    """Least rating that is kept, 1 to 10."""
    batch_size: int = Field(default=5, ge=1)
    """Items that a rater is shown at once."""
    inference_batch: int | None = Field(default=None, ge=1)
    """Requests under way at a time."""
    temperature: float = Field(default=0.1, ge=0)
    """Sampling temperature of the rater."""


class Format(_Section):
    """How data is written."""

    default: str = "jsonl"
    """Format where none is named."""
    include_metadata: bool = True
    """Whether what is known of a row beside its messages is written where the format has a place for it."""
    pretty_json: bool = True
    """Whether JSON files are indented."""


class KitPrompts(_Section):
    """Prompts in place of ours. `{num_pairs}`, `{text}`, `{pairs}`, … are filled in, all other braces are text."""

    summary: str | None = None
    qa_generation: str | None = None
    qa_rating: str | None = None
    cot_generation: str | None = None
    cot_enhancement: str | None = None


class KitConfig(_Section):
    """All of it."""

    paths: Paths = Paths()
    llm: Provider = Provider()
    vllm: Endpoint = Endpoint()
    api_endpoint: Annotated[Endpoint, Field(alias="api-endpoint")] = Endpoint()
    ingest: Ingest = Ingest()
    generation: Generation = Generation()
    curate: Curate = Curate()
    format: Format = Format()
    prompts: KitPrompts = KitPrompts()
    kinds: Mapping[str, JsonObject] = Field(default_factory=dict[str, JsonObject], exclude=True)
    """Options of kinds of created data, from sections that bear their names."""

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that is asked."""
        return self.vllm if self.llm.provider == "vllm" else self.api_endpoint

    def own_prompts(self) -> dict[str, str]:
        """Return the user's own prompts, by name."""
        given: dict[str, str | None] = self.prompts.model_dump()
        return {name: text for name, text in given.items() if text}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, and what of the file means nothing."""

    config: KitConfig
    warnings: tuple[str, ...] = ()
    """A line for each key that is not known."""


def load(file: Path | None) -> Loaded:
    """Return what a file says, over the defaults; these alone where there is none.

    Raises:
        ConfigError: the file cannot be read, a value makes no sense, or it is no configuration of these stages.
    """
    if file is None:
        return Loaded(KitConfig())
    said = _read(file)
    kinds = {name.replace("_", "-"): name for name in plugins.names("create")}
    sections = {key.replace("_", "-"): value for key, value in said.items() if key in kinds and is_object(value)}
    unknown = list(_unknown(KitConfig, said, "", frozenset(kinds)))
    if said and not (said.keys() - {key.partition(" ")[0] for key, _ in unknown}):
        hint = "It has sections such as `llm`, `generation`, `curate`, `prompts`. A run.yaml is for `generate`."
        raise ConfigError("not a configuration of these stages", where=str(file), hint=hint)
    try:
        config = KitConfig.model_validate({**said, "kinds": sections})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"]
        raise ConfigError(f"{place}: {message[:1].lower()}{message[1:]}", where=str(file)) from error
    return Loaded(config, tuple(f"{file}: {_told(key, near)}" for key, near in unknown))


def _told(key: str, near: str) -> str:
    return f"`{key}` means nothing here" + (f"; did you mean `{near}`?" if near else "")


def _unknown(model: type[BaseModel], said: JsonObject, at: str, besides: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield each key that is not known, with the one that may be meant; empty where none is near."""
    known = {alias: field for name, field in model.model_fields.items() for alias in {name, field.alias or name}}
    known.pop("kinds", None)
    for key, value in said.items():
        if key in besides:
            continue
        field = known.get(key)
        if field is None:
            near = difflib.get_close_matches(key, [*known, *besides], n=1)
            yield f"{at}{key}", near[0] if near else ""
        elif is_object(value) and (inner := _model(field.annotation)):
            yield from _unknown(inner, value, f"{at}{key}.", frozenset())


def _model(annotation: Any) -> type[BaseModel] | None:
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _read(file: Path) -> JsonObject:
    try:
        loaded: Json = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(file)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"not YAML: {' '.join(str(error).split())}", where=str(file)) from error
    if loaded is None:
        return {}
    if not is_object(loaded):
        raise ConfigError("not a mapping of settings", where=str(file))
    # A section that is there and empty says nothing.
    return {str(key): value for key, value in loaded.items() if value is not None}
