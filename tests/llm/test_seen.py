"""Models at an endpoint whose probabilities can be seen: mocked servers of llama.cpp and vLLM, and such as cannot."""

import json
import math
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import httpcore2
import httpx
import pytest
import respx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mocked import URL, Naps

from toolbench.errors import EndpointError, UnreachableError
from toolbench.llm.client import EndpointModel
from toolbench.llm.journal import Journal
from toolbench.llm.seen import JournaledLanguage, open_language

ROOT = URL.removesuffix("/v1")


def likely(known: Sequence[int], token: int) -> float:
    return _chances(sum(known[-2:]))[token]


@cache
def _chances(before: int) -> list[float]:
    weights = [1 + (before * 7 + other * 13) % 31 for other in range(300)]
    return [math.log(weight / sum(weights)) for weight in weights]


class Server:
    """A server whose tokens are bytes, and whose next token depends on the last two."""

    def __init__(self, router: respx.MockRouter, kind: str) -> None:
        self.kind, self.asked = kind, list[dict[str, Any]]()
        router.post(f"{ROOT}/tokenize").mock(side_effect=self.tokenize)
        router.post("/completions").mock(side_effect=self.complete)
        router.get("/models").respond(404)

    def tokenize(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if self.kind == "llama":
            if "content" not in asked:
                return httpx.Response(200, json={"tokens": []})
            start = [{"id": 256, "piece": ""}] if asked["add_special"] else []
            pieces = [{"id": byte, "piece": chr(byte) if byte < 128 else [byte]} for byte in asked["content"].encode()]
            return httpx.Response(200, json={"tokens": start + pieces})
        if "prompt" not in asked:
            return httpx.Response(400, json={"error": {"message": "prompt: field required"}})
        start = [256] if asked["add_special_tokens"] else []
        tokens = [*start, *asked["prompt"].encode()]
        return httpx.Response(200, json={"tokens": tokens, "max_model_len": 777, "token_strs": _names(tokens)})

    def complete(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        self.asked.append(asked)
        if asked.get("temperature"):
            written = ["T(1)] and on", "T(2", "T(\n3)]", "T(é)]"][asked["seed"] % 4]
            return httpx.Response(200, json={"choices": [{"text": written}]})
        if self.kind == "llama":
            return self._write(asked)
        rows = [None] + [
            {str(token): {"logprob": likely(asked["prompt"][:n], token), "rank": 1, "decoded_token": "?"}}
            for n, token in enumerate(asked["prompt"])
            if n
        ]
        return httpx.Response(200, json={"choices": [{"text": "x", "prompt_logprobs": self.spoiled(rows)}]})

    def spoiled(self, rows: list[Any]) -> Any:
        if self.kind == "deaf":
            return None
        if self.kind == "other":
            return [row and {"299": {"logprob": -1.0}} for row in rows]
        return rows[1:] if self.kind == "short" else rows

    def _write(self, asked: dict[str, Any]) -> httpx.Response:
        if "grammar" in asked:
            written = [int(found) for found in re.findall(r"<\[(\d+)\]>", asked["grammar"])]
        else:
            written = [asked["logit_bias"][0][0]]
        known, told = asked["prompt"], list[Any]()
        for token in written:
            chances = [{"id": n, "bytes": [n % 256], "logprob": likely(known, n)} for n in range(300)]
            told.append({**chances[token], "top_logprobs": chances if asked["logprobs"] > 300 else []})
            known = [*known, token]
        return httpx.Response(200, json={"choices": [{"logprobs": {"content": told}}]})


def _names(tokens: Sequence[int]) -> list[str]:
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in plain]
    return [chr(token) if token in plain else chr(0x100 + others.index(token)) for token in tokens if token < 256]


SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)


@SHARED
@given(
    kind=st.sampled_from(["llama", "vllm"]),
    before=st.text("aé ", max_size=3),
    text=st.text("b. é日", max_size=3),
    data=st.data(),
)
async def test_probabilities_are_those_of_the_tokens(
    kind: str, before: str, text: str, data: st.DataObject, wire: respx.MockRouter, model: EndpointModel
) -> None:
    Server(wire, kind)
    language = await open_language(model)
    assert language.begin == (256,)
    parts = [language.begin, (await language.split(before)).ids]
    tokens = await language.split(text)
    assert b"".join(tokens.pieces).decode() == text
    known = [256, *before.encode()]
    at = sorted(data.draw(st.sets(st.integers(0, len(tokens.ids) - 1)))) if text else []
    expected = [likely([*known, *tokens.ids[:place]], tokens.ids[place]) for place in at]
    assert await language.logprobs(parts, tokens.ids, at) == pytest.approx(expected)
    wanted = (await language.split(" [")).ids
    chances = [
        likely([*known, *tokens.ids[:n]], wanted[0]) + likely([*known, *tokens.ids[:n], wanted[0]], wanted[1])
        for n in range(len(tokens.ids))
    ]
    assert await language.chances(parts, tokens.ids, wanted) == pytest.approx(chances)


async def test_what_is_written_ends_with_its_close_on_the_same_line(
    wire: respx.MockRouter, model: EndpointModel
) -> None:
    Server(wire, "vllm")
    language = await open_language(model)
    assert language.context == 777
    assert await language.sample([(256,)], 5, 9, "]", 8) == ["T(1)", None, None, "T(é)", "T(1)"]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("deaf", "as vLLM: it tells no log-probabilities of a prompt"),
        ("other", "of other tokens than were asked for"),
        ("short", "of other tokens than were asked for"),
    ],
)
async def test_an_endpoint_that_cannot_score_is_refused_with_the_reason(
    kind: str, why: str, wire: respx.MockRouter, model: EndpointModel
) -> None:
    Server(wire, kind)
    with pytest.raises(UnreachableError, match="cannot tell how likely a given text is") as caught:
        await open_language(model)
    assert why in str(caught.value)
    assert "embedded model can" in str(caught.value)
    assert caught.value.exit_code == 2


async def test_where_nothing_answers_it_is_said_at_once(
    wire: respx.MockRouter, model: EndpointModel, naps: Naps
) -> None:
    wire.route().mock(side_effect=httpcore2.ConnectError("refused"))
    with pytest.raises(UnreachableError, match="nothing answers there: refused"):
        await open_language(model)
    assert wire.calls.call_count == 1
    assert not naps


async def test_an_endpoint_without_any_of_it_is_refused(wire: respx.MockRouter, model: EndpointModel) -> None:
    wire.get("/models").respond(404)
    wire.post(f"{ROOT}/tokenize").mock(return_value=httpx.Response(404, json={"error": {"message": "no such path"}}))
    with pytest.raises(UnreachableError, match=r"as llama.cpp: HTTP 404.*as vLLM: HTTP 404"):
        await open_language(model)


async def test_tokens_of_another_vocabulary(wire: respx.MockRouter, model: EndpointModel) -> None:
    names = ["\u2581so", "\u2581it", "<0xC3>", "<0xA9>"]
    told = {"tokens": [1, 2, 3, 4], "token_strs": names, "max_model_len": 9}
    Server(wire, "vllm")
    language = await open_language(model)
    wire.post(f"{ROOT}/tokenize").mock(return_value=httpx.Response(200, json=told))
    assert (await language.split("so ité")).pieces == (b"so", b" it", b"\xc3", b"\xa9")
    with pytest.raises(EndpointError, match="does not tell what its tokens stand for"):
        await language.split("something else")


async def test_nothing_is_asked_twice(wire: respx.MockRouter, model: EndpointModel, tmp_path: Path) -> None:
    server = Server(wire, "vllm")
    language = await open_language(model)
    with Journal(tmp_path / "journal.db") as journal:
        kept = JournaledLanguage(language, journal)

        async def asked() -> list[Any]:
            return [
                await kept.logprobs([(256,), (97,)], (98, 99), [1]),
                await kept.chances([(256,)], (98, 99), (32,)),
                await kept.sample([(256,)], 2, 9, "]", 0),
            ]

        first = await asked()
        count = len(server.asked)
        assert await asked() == first
        assert len(server.asked) == count
        assert (kept.name, kept.begin, kept.context) == (language.name, language.begin, language.context)
        # Parts are how it is read, not what: the same tokens in other parts are the same question.
        assert await kept.logprobs([(256, 97)], (98, 99), [1]) == first[0]
        assert len(server.asked) == count
