"""Embeddings from any OpenAI-compatible endpoint (`/v1/embeddings`)."""

from collections.abc import Sequence

import orjson

from toolbench.llm.client import EndpointModel
from toolbench.llm.retry import TransientError
from toolbench.llm.static_embeddings import Vector, unit
from toolbench.model import Json, is_array, is_object

BATCH = 64
"""Texts sent at a time."""


async def embeddings(endpoint: EndpointModel, texts: Sequence[str]) -> list[Vector]:
    """Return a vector of length 1 for each text, in order.

    Raises:
        UnreachableError: the endpoint cannot be reached, or has no such model.
        EndpointError: no attempt brought a vector for each text.
    """
    found: list[Vector] = []
    for start in range(0, len(texts), BATCH):
        found += await _batch(endpoint, list(texts[start : start + BATCH]))
    return found


async def _batch(endpoint: EndpointModel, texts: list[str]) -> list[Vector]:
    body = {"model": endpoint.name, "input": texts}
    return await endpoint.post("/embeddings", lambda: body, lambda answer: _read(answer, len(texts)))


def _read(body: bytes, count: int) -> list[Vector]:
    try:
        answer: Json = orjson.loads(body)
    except ValueError as error:
        raise TransientError("what came is not JSON") from error
    data: Json = answer.get("data") if is_object(answer) else None
    rows = [one for one in (data if is_array(data) else ()) if is_object(one)]
    ordered = sorted(rows, key=lambda one: int(one.get("index", 0)))
    vectors: list[list[float]] = [one["embedding"] for one in ordered if _is_vector(one.get("embedding"))]
    if len(vectors) != count:
        raise TransientError(f"what came are not {count} vectors")
    return [unit([float(value) for value in one]) for one in vectors]


def _is_vector(value: Json) -> bool:
    return is_array(value) and bool(value) and all(isinstance(one, int | float) for one in value)
