"""What an endpoint can, found out by asking it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import orjson

from toolbench.engine.local import run_loop
from toolbench.errors import ConfigError, EndpointError, UnreachableError
from toolbench.model import Json, JsonObject
from toolbench.pipeline.config import RunConfig
from toolbench.pipeline.models import embedded, endpoint

if TYPE_CHECKING:
    from toolbench.llm.client import EndpointModel

QUESTION = {"role": "user", "content": "Reply with OK."}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found out."""

    name: Literal[
        "reachable", "listed", "answers", "structured_output", "tool_calls", "log_probabilities", "scores_texts"
    ]
    """What."""
    holds: bool | None
    """Whether it is so; None where it could not be found out."""
    detail: str = ""
    """More about it: why not, or by which way."""


NEEDED = ("reachable", "answers")
"""Findings without which nothing can be done."""


def diagnose(name: str, base_url: str | None) -> list[Finding]:
    """Return what an endpoint can: whether it is there, serves a model, and what that is good for.

    Args:
        name: the model's name; `embedded` is the one on this machine.
        base_url: the endpoint's base URL.

    Raises:
        InputError: the embedded model is not installed.
        WorkError: its server did not start.
    """
    config = RunConfig(model=name, concurrency=1)
    with embedded(config):
        return run_loop(_diagnose(config, name, base_url))


async def _diagnose(config: RunConfig, name: str, base_url: str | None) -> list[Finding]:
    try:
        async with endpoint(config, name, base_url, probe=False) as model:
            return await _ask(model)
    except UnreachableError as error:
        return [Finding("reachable", holds=False, detail=str(error))]


async def _ask(model: "EndpointModel") -> list[Finding]:
    from toolbench.llm.client import PROBE

    offered = await model.offered()
    found = [Finding("reachable", holds=True, detail=model.url)]
    if offered:
        found.append(Finding("listed", model.name in offered, "" if model.name in offered else ", ".join(offered[:8])))
    else:
        found.append(Finding("listed", None, "the endpoint does not say which models it has"))
    try:
        await model.chat(PROBE)
    except EndpointError as error:
        return [*found, Finding("answers", holds=False, detail=str(error))]
    found.append(Finding("answers", holds=True))
    asked = await _structured(model), await _tools(model), await _log_probabilities(model), await _scores(model)
    return [*found, *asked]


async def _structured(model: "EndpointModel") -> Finding:
    from toolbench.llm.constraint import is_constrained

    holds = await is_constrained(model)
    return Finding("structured_output", holds, "" if holds else "answers are read as they come")


async def _tools(model: "EndpointModel") -> Finding:
    from toolbench.agent.routes import open_route

    try:
        route = await open_route(model, ("native", "json_schema", "json_prompt"))
    except ConfigError as error:
        return Finding("tool_calls", holds=False, detail=error.message)
    by = {"native": "by itself", "json_schema": "as JSON held to a schema", "json_prompt": "as JSON asked for"}
    return Finding("tool_calls", holds=True, detail=by[route])


async def _log_probabilities(model: "EndpointModel") -> Finding:
    body: JsonObject = {"model": model.name, "messages": [QUESTION], "max_tokens": 4, "logprobs": True}
    try:
        told = await model.post("/chat/completions", lambda: body, _told)
    except EndpointError as error:
        return Finding("log_probabilities", holds=False, detail=str(error))
    return Finding("log_probabilities", told, "" if told else "answers come without any")


async def _scores(model: "EndpointModel") -> Finding:
    """Find out whether it tells how likely given texts are, which `annotate` needs."""
    from toolbench.llm.seen import open_language
    from toolbench.toolformer.markers import choose

    try:
        markers = await choose(await open_language(model))
    except EndpointError as error:
        return Finding("scores_texts", holds=False, detail=str(error))
    plural = "s" if len(markers.ids) > 1 else ""
    detail = f"calls begin with {markers.open!r}, {len(markers.ids)} token{plural}"
    return Finding("scores_texts", holds=True, detail=detail)


def _told(body: bytes) -> bool:
    """Tell whether an answer tells how likely its tokens are."""
    try:
        content: Json = orjson.loads(body)["choices"][0]["logprobs"]["content"]
        return all(isinstance(token["logprob"], int | float) for token in content) and bool(content)
    except (ValueError, KeyError, IndexError, TypeError):
        return False
