"""The embedded model's process, with a stand-in for llama.cpp; and the real one, where it is installed."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from mocked import ask
from typer.testing import CliRunner

from toolbench.cli.main import app
from toolbench.errors import InputError, WorkError
from toolbench.llm import embedded
from toolbench.llm.client import EndpointModel
from toolbench.llm.embedded import EMBEDDED, serving, weights
from toolbench.llm.scorer import LlamaScorer

T = TypeVar("T")

ROOT = Path(__file__).parents[2]

STAND_IN = """
    import http.server, pathlib, threading

    class Bag:
        def __init__(self):
            self.model = self.cpuparams = self.cpuparams_batch = None
    class CommonParams(Bag):
        def __init__(self):
            self.model, self.cpuparams, self.cpuparams_batch = Bag(), Bag(), Bag()
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.server.told.encode())
        def log_message(self, *given): pass
    class Server:
        def __init__(self, given):
            if pathlib.Path(given.model.path).read_text() == "broken":
                raise RuntimeError("these weights are broken")
            server = http.server.HTTPServer(("127.0.0.1", given.port), Handler)
            server.told = f"{given.model_alias} {given.cpuparams.n_threads} {given.n_parallel} {given.n_ctx}"
            threading.Thread(target=server.serve_forever).start()
            self.listening_address = f"http://127.0.0.1:{server.server_port}"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights, and something that serves them."""
    (tmp_path / "xllamacpp.py").write_text(textwrap.dedent(STAND_IN))
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    path = tmp_path / "tiny.gguf"
    path.write_text("weights")
    monkeypatch.setattr(embedded, "installed", lambda: path)
    return path


def said_at(url: str) -> str:
    return httpx2.get(url, trust_env=False).text


def test_it_is_served_while_the_block_runs(file: Path) -> None:
    with serving(threads=1, slots=3, context=500) as url:
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/v1")
        assert said_at(url) == "{'embedded'} 1 3 1500"
    with pytest.raises(httpx2.ConnectError):
        said_at(url)


def test_it_ends_with_its_owner_however_that_ends(file: Path) -> None:
    script = f"""
        import pathlib, time
        from toolbench.llm import embedded
        embedded.installed = lambda: pathlib.Path({str(file)!r})
        with embedded.serving(threads=1) as url:
            print(url, flush=True)
            time.sleep(600)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        url = owner.stdout.readline().strip()
        assert said_at(url)
        owner.send_signal(signal.SIGKILL)
    while True:
        try:
            said_at(url)
        except httpx2.TransportError:
            return
        time.sleep(0.02)


def test_it_says_why_it_does_not_start(file: Path) -> None:
    file.write_text("broken")
    with pytest.raises(WorkError, match="did not start: RuntimeError: these weights are broken"), serving():
        pass


def test_an_error_in_the_block_passes_through(file: Path) -> None:
    with pytest.raises(KeyError, match="mine"), serving(threads=1):
        raise KeyError("mine")


def test_weights_are_told_by_their_content(file: Path) -> None:
    assert str(weights()).startswith("tiny.gguf sha256:")
    assert len(weights().sha256) == 64


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "installed", lambda: None)


@pytest.mark.parametrize("role", ["--model", "--writer", "--user", "--simulate"])
def test_where_it_is_missing_the_way_out_is_told(role: str, nothing: None, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not installed"):
        weights()
    done = CliRunner().invoke(app, ["generate", str(tmp_path / "run"), "--apis", "library", role, "embedded"])
    assert done.exit_code == 2
    assert "make embedded" in done.output
    assert not (tmp_path / "run").exists()


def test_the_doctor_tells_whether_it_is_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "embedded model: tiny.gguf" in CliRunner().invoke(app, ["doctor"]).output
    monkeypatch.setattr(embedded, "installed", lambda: None)
    assert "embedded model: not installed" in CliRunner().invoke(app, ["doctor"]).output


REAL = [pytest.mark.slow, pytest.mark.embedded]


class Real:
    """The model itself, on one thread."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, work: Callable[[EndpointModel], Awaitable[T]]) -> T:
        async def opened() -> T:
            async with EndpointModel(EMBEDDED, base_url=self.url, in_flight=2) as model:
                return await work(model)

        return asyncio.run(opened())

    def score(self, *pairs: tuple[str, str]) -> list[tuple[float, ...]]:
        return [one.logprobs for one in self.run(lambda model: LlamaScorer(model).score(pairs))]


@pytest.fixture(scope="module")
def real():
    with serving(threads=1) as url:
        yield Real(url)


SENTENCES = (
    """
The cat sat on the mat and looked at the birds outside.|She opened the door and walked into the garden.
The capital of France is Paris, a city on the river Seine.|He drinks a cup of coffee every morning before work.
Water boils at one hundred degrees at sea level.|The children played in the park until it was dark.
In the winter the lake is covered with thick ice.|The train to the city leaves at nine in the morning.
They built a small house near the edge of the forest.|My brother is learning to play the guitar at school.
""".strip()
    .replace("\n", "|")
    .split("|")
)


def pairs_of(count: int) -> list[tuple[str, str, str]]:
    """A beginning, how it goes on, and the same words in another order."""
    made, luck = [], random.Random(5)
    while len(made) < count:
        words = SENTENCES[len(made) % len(SENTENCES)].split()
        cut = 3 + len(made) // len(SENTENCES) % (len(words) - 6)
        rest = words[cut:]
        shuffled = luck.sample(rest, len(rest))
        if shuffled != rest:
            made.append((" ".join(words[:cut]), " " + " ".join(rest), " " + " ".join(shuffled)))
    return made


class TestReal:
    pytestmark = REAL

    def test_a_likely_continuation_beats_a_shuffled_one(self, real: Real) -> None:
        pairs = pairs_of(50)
        likely = real.score(*((start, rest) for start, rest, _ in pairs))
        unlikely = real.score(*((start, shuffled) for start, _, shuffled in pairs))
        better = sum(sum(a) > sum(b) for a, b in zip(likely, unlikely, strict=True))
        assert better >= 48

    def test_scores_are_the_models_own_probabilities(self, real: Real) -> None:
        """Held against what it says, unforced, of all tokens that may come next, one token at a time."""
        start, text = "The capital of France is", " Berlin, naïve 日."

        async def chances(model: EndpointModel) -> list[float]:
            root, told = real.url.removesuffix("/v1"), []
            async with httpx2.AsyncClient(timeout=600, trust_env=False) as client:

                async def ask_for(path: str, **body: object) -> Any:
                    return (await client.post(root + path, json=body)).raise_for_status().json()

                known = (await ask_for("/tokenize", content=start))["tokens"]
                for token in (await ask_for("/tokenize", content=text))["tokens"]:
                    # What is written is a full stop: beside half a character nothing is told.
                    asked = {"prompt": known, "n_predict": 1, "n_probs": 100_000, "cache_prompt": False}
                    biased = {"temperature": 0, "logit_bias": [[30, 1000]]}
                    answer = await ask_for("/completion", **asked, **biased)
                    all_of_them = answer["completion_probabilities"][0]["top_logprobs"]
                    told += [other["logprob"] for other in all_of_them if other["id"] == token]
                    known.append(token)
            return told

        (forced,) = real.score((start, text))
        assert forced == pytest.approx(real.run(chances), abs=0.05)

    def test_the_same_pair_scores_the_same_whatever_is_beside_it(self, real: Real) -> None:
        pair = ("The train to the city", " leaves at nine in the morning.")
        alone = real.score(pair)
        beside = real.score(("My brother is", " learning."), pair, ("The train to the", " city"), pair)
        assert [beside[1], beside[3]] == alone * 2

    def test_it_answers_within_a_schema(self, real: Real) -> None:
        schema = {"type": "object", "properties": {"colour": {"enum": ["red", "blue"]}}, "required": ["colour"]}
        form = {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {**schema, "additionalProperties": False}},
        }
        answer = real.run(lambda model: model.chat(ask("Name a colour.", response_format=form, max_tokens=60, seed=1)))
        assert '"red"' in answer.content or '"blue"' in answer.content
