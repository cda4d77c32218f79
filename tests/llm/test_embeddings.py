"""Embeddings from an endpoint."""

import json

import httpx
import pytest
import respx

from toolbench.errors import EndpointError
from toolbench.llm.client import EndpointModel
from toolbench.llm.embeddings import BATCH, embeddings
from toolbench.llm.retry import Retry

URL = "http://127.0.0.1:9/v1"
AT_ONCE = Retry(attempts=2, base=0)


def endpoint() -> EndpointModel:
    return EndpointModel("embedder", base_url=URL, retry=AT_ONCE)


def answered(request):
    texts = json.loads(request.content)["input"]
    rows = [{"index": place, "embedding": [float(len(text)), 0.0]} for place, text in enumerate(texts)]
    return httpx.Response(200, json={"data": rows[::-1]})


@respx.mock(using="httpcore2")
async def test_vectors_come_in_order_whatever_the_answers_order_and_number(respx_mock) -> None:
    route = respx_mock.post(f"{URL}/embeddings").mock(side_effect=answered)
    async with endpoint() as model:
        found = await embeddings(model, ["x" * (place % 9 + 1) for place in range(BATCH + 3)])
    assert found == [[1.0, 0.0]] * (BATCH + 3), "each of length 1"
    assert route.call_count == 2


@pytest.mark.parametrize(
    "body",
    [
        {"data": []},
        {"data": [{"embedding": "base64"}]},
        {"data": [{"embedding": []}]},
        ["no"],
        "{",
        {"data": [{"index": 0}]},
    ],
)
@respx.mock(using="httpcore2")
async def test_what_is_no_vector_is_no_answer(respx_mock, body) -> None:
    content = {"text": body} if isinstance(body, str) else {"json": body}
    respx_mock.post(f"{URL}/embeddings").mock(return_value=httpx.Response(200, **content))
    async with endpoint() as model:
        with pytest.raises(EndpointError):
            await embeddings(model, ["x"])
