"""Annotating with a model at an endpoint: a server that speaks as vLLM does, and one that cannot score."""

import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from ngram import likely
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from toolbench.errors import UnreachableError
from toolbench.pipeline.annotate import annotate
from toolbench.pipeline.annotating import AnnotateConfig
from toolbench.serving import Server, in_thread


class Vllm:
    """A server whose tokens are bytes; it counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.can_score = self.can_echo = True
        self.spoils_echo = False

    async def tokenize(self, request: Request) -> JSONResponse:
        asked = orjson.loads(await request.body())
        if "prompt" not in asked:
            return JSONResponse({"error": {"message": "there is no prompt"}}, 400)
        text = asked["prompt"].encode()
        names = [f"<0x{byte:02X}>" for byte in text]
        return JSONResponse({"tokens": [256] * asked["add_special_tokens"] + list(text), "token_strs": names})

    async def complete(self, request: Request) -> JSONResponse:
        asked = orjson.loads(await request.body())
        self.asked += 1
        if asked["temperature"]:
            return JSONResponse({"choices": [{"text": "Calculator(3 + 4)] and so on"}]})
        prompt = asked["prompt"]
        if asked.get("echo"):
            return JSONResponse({"choices": [{"text": "", "logprobs": self.echo(prompt) if self.can_echo else None}]})
        told = [{str(token): {"logprob": likely(prompt[:n], token)}} if n else None for n, token in enumerate(prompt)]
        return JSONResponse({"choices": [{"text": "", "prompt_logprobs": told if self.can_score else None}]})

    def echo(self, prompt: list[int]) -> dict[str, list[object]]:
        """The prompt and a token that was written."""
        names: list[object] = [f"token_id:{token + self.spoils_echo}" for token in [*prompt, 7]]
        return {"tokens": names, "token_logprobs": [likely(prompt[:n], t) if n else None for n, t in enumerate(prompt)]}


@pytest.fixture
def vllm() -> Iterator[tuple[Vllm, str]]:
    served = Vllm()
    routes = [
        Route("/tokenize", served.tokenize, methods=["POST"]),
        Route("/v1/completions", served.complete, methods=["POST"]),
    ]
    with in_thread(Server(Starlette(routes=routes))) as url:
        yield served, f"{url}/v1"


def corpus(folder: Path) -> Path:
    path = folder / "in.jsonl"
    path.write_text(json.dumps({"text": "3 and 4 is equal to 7"}) + "\n")
    return path


def config(url: str) -> AnnotateConfig:
    return AnnotateConfig(tools=("calculator",), model="m", base_url=url, tau_f=-9.0, k=2, m=2)


@pytest.fixture(autouse=True)
def short_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are many tokens for a prompt."""
    monkeypatch.setattr("toolbench.toolformer.annotate.head", lambda tool, markers: "Put calls in.\n")


def test_a_model_at_an_endpoint_is_asked_once(vllm: tuple[Vllm, str], tmp_path: Path) -> None:
    served, url = vllm
    found = annotate([corpus(tmp_path)], tmp_path / "out", config(url))
    assert found.figures.tools["calculator"].kept == found.calls == 2
    (line,) = (tmp_path / "out" / "annotated.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["text"].count("<API> Calculator(3 + 4) → 7 </API>") == 2
    first = (tmp_path / "out" / "annotations.jsonl").read_bytes()
    # Killed before the document was written: what was answered is on record, and only the probe is asked anew.
    (tmp_path / "out" / "annotations.jsonl").unlink()
    count = served.asked
    annotate([corpus(tmp_path)], tmp_path / "out", config(url))
    assert served.asked == count + 1
    assert (tmp_path / "out" / "annotations.jsonl").read_bytes() == first


def test_one_that_echoes_the_prompt_says_the_same(vllm: tuple[Vllm, str], tmp_path: Path) -> None:
    served, url = vllm
    annotate([corpus(tmp_path)], tmp_path / "field", config(url))
    served.can_score = False
    annotate([corpus(tmp_path)], tmp_path / "echo", config(url))
    kept = [(tmp_path / name / "annotations.jsonl").read_bytes() for name in ("field", "echo")]
    assert kept[0] == kept[1]
    served.spoils_echo = True
    with pytest.raises(UnreachableError, match=r"as an echo: .* other tokens than were asked for"):
        annotate([corpus(tmp_path)], tmp_path / "spoilt", config(url))


def test_one_that_cannot_score_is_refused_with_the_reason(vllm: tuple[Vllm, str], tmp_path: Path) -> None:
    served, url = vllm
    served.can_score = served.can_echo = False
    with pytest.raises(UnreachableError, match="tells no log-probabilities of a prompt") as caught:
        annotate([corpus(tmp_path)], tmp_path / "out", config(url))
    assert caught.value.exit_code == 2
