"""Scores over a server that is mocked: what it is asked, and what is made of its answers."""

import json
import math
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mocked import URL, Naps

from toolbench.errors import EndpointError, UnreachableError
from toolbench.llm.client import EndpointModel
from toolbench.llm.retry import Retry
from toolbench.llm.scorer import ALL, LlamaScorer
from toolbench.model import Scored

ROOT = URL.removesuffix("/v1")


class Llama:
    """A server whose tokens are bytes, and whose next token depends on the last two. Like llama.cpp's, it accepts no
    byte in a grammar that is not a character, and tells nothing where it wrote such a byte."""

    def __init__(self, router: respx.MockRouter) -> None:
        self.asked: list[dict[str, Any]] = []
        router.post(f"{ROOT}/tokenize").mock(side_effect=self.tokenize)
        self.route = router.post("/completions").mock(side_effect=self.complete)

    def tokenize(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        assert asked["parse_special"] is asked["add_special"] is False
        pieces = [{"id": byte, "piece": chr(byte) if byte < 128 else [byte]} for byte in asked["content"].encode()]
        return httpx.Response(200, json={"tokens": pieces})

    def complete(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        self.asked.append(asked)
        assert asked["cache_prompt"] is False
        if "grammar" in asked:
            written = [int(found) for found in re.findall(r"<\[(\d+)\]>", asked["grammar"])]
            assert all(token < 128 for token in written)
        else:
            written = [asked["logit_bias"][0][0]]
        assert asked["max_tokens"] == len(written)
        known, told = asked["prompt"], []
        for token in written:
            told.append({**chance(known, token), "top_logprobs": []})
            if asked["logprobs"] >= 256:
                told[-1]["top_logprobs"] = [chance(known, other) for other in range(256)]
            known = [*known, token]
        return httpx.Response(200, json={"choices": [{"text": "", "logprobs": {"content": told}}]})


def chance(known: Sequence[int], token: int) -> dict[str, Any]:
    return {"id": token, "token": "?", "bytes": [token], "logprob": likely(known, token)}


def likely(known: Sequence[int], token: int) -> float:
    return _chances(sum(known[-2:]))[token]


@cache
def _chances(before: int) -> list[float]:
    weights = [1 + (before * 7 + other * 13) % 31 for other in range(256)]
    return [math.log(weight / sum(weights)) for weight in weights]


def reference(prefix: str, text: str) -> list[float]:
    whole, start = [*(prefix + text).encode()], len(prefix.encode())
    return [likely(whole[:at], whole[at]) for at in range(start, len(whole))]


@pytest.fixture
def llama(wire: respx.MockRouter) -> Llama:
    return Llama(wire)


SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@SHARED
@given(pairs=st.lists(st.tuples(st.text("aé日 ", min_size=1, max_size=6), st.text("ab.é日🙂", max_size=6)), max_size=4))
async def test_scores_are_those_of_the_tokens_one_by_one(
    pairs: list[tuple[str, str]], llama: Llama, model: EndpointModel
) -> None:
    scored = await LlamaScorer(model).score(pairs)
    assert [list(one.logprobs) for one in scored] == [reference(*pair) for pair in pairs]
    assert [b"".join(one.tokens).decode() for one in scored] == [text for _, text in pairs]
    assert [one.total for one in scored] == [sum(reference(*pair)) for pair in pairs]


async def test_one_request_writes_all_that_a_grammar_can_hold(llama: Llama, model: EndpointModel) -> None:
    await LlamaScorer(model).score([("a", "so é ja")])
    assert [len(asked["prompt"]) for asked in llama.asked] == [1, 4, 5, 6]
    assert [asked["max_tokens"] for asked in llama.asked] == [3, 1, 1, 3]
    assert [asked["logprobs"] for asked in llama.asked] == [1, ALL, ALL, 1]


async def test_nothing_to_score(llama: Llama, model: EndpointModel) -> None:
    assert await LlamaScorer(model).score([]) == []
    assert await LlamaScorer(model).score([("a", "")]) == [Scored((), ())]
    assert not llama.asked
    with pytest.raises(EndpointError, match="one of those is empty"):
        await LlamaScorer(model).score([("a", "b"), ("", "b")])


def content(*told: Any) -> dict[str, Any]:
    return {"choices": [{"logprobs": {"content": list(told)}}]}


WRONG = [
    {"choices": [{"logprobs": None}]},
    {"choices": []},
    [],
    content({**chance([], 99), "top_logprobs": []}),
    content(),
    content({**chance([], 98), "logprob": None}),
    content({**chance([], 98), "bytes": "b"}),
]


@pytest.mark.parametrize("answer", WRONG, ids=repr)
async def test_an_answer_about_anything_else_is_asked_for_again(
    answer: Any, llama: Llama, model: EndpointModel, naps: Naps
) -> None:
    good = content(chance([97], 98))
    llama.route.side_effect = [httpx.Response(200, json=answer), httpx.Response(200, json=good)]
    (scored,) = await LlamaScorer(model).score([("a", "b")])
    assert scored.logprobs == (likely([97], 98),)
    assert len(naps) == 1
    llama.route.side_effect = None
    llama.route.return_value = httpx.Response(200, json=answer)
    with pytest.raises(EndpointError, match="no usable answer"):
        await LlamaScorer(model).score([("a", "b")])


async def test_texts_longer_than_the_context_are_refused_at_once(llama: Llama, model: EndpointModel) -> None:
    told = {
        "error": {"code": 400, "message": "exceeds the available context size", "type": "exceed_context_size_error"}
    }
    llama.route.side_effect = None
    llama.route.return_value = httpx.Response(400, json=told)
    with pytest.raises(EndpointError, match="exceeds the available context"):
        await LlamaScorer(model).score([("a", "b")])
    assert llama.route.call_count == 1


async def test_another_server_is_told(wire: respx.MockRouter) -> None:
    wire.post(f"{ROOT}/tokenize").respond(404)
    async with EndpointModel("m", base_url=URL, retry=Retry(attempts=1)) as model:
        with pytest.raises(UnreachableError):
            await LlamaScorer(model).score([("a", "b")])
