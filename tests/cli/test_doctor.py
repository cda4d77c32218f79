"""The doctor: an endpoint is asked what it can, and what is missing is said with the way out."""

import json
import re
import socket

import orjson
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from typer.testing import CliRunner

from toolbench.cli import doctor
from toolbench.cli.main import app
from toolbench.llm.scripted import ScriptedModel, serving
from toolbench.serving import Server, in_thread

run = CliRunner().invoke


async def _models(request):
    return JSONResponse({"data": [{"id": "able"}, {"id": "silent"}]})


async def _chat(request):
    """Do whatever is asked for, and tell log-probabilities."""
    asked = orjson.loads(await request.body())
    if asked["model"] == "silent":
        return JSONResponse({"error": {"message": "out of order"}}, 400)
    message = {"role": "assistant", "content": "OK"}
    if asked.get("tools"):
        function = {"name": asked["tools"][0]["function"]["name"], "arguments": '{"city": "Paris"}'}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "1", "type": "function", "function": function}],
        }
    elif asked.get("response_format"):
        message["content"] = '{"ok": true}'
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    if asked.get("logprobs"):
        choice["logprobs"] = {"content": [{"token": "OK", "logprob": -0.1}]}
    return JSONResponse({"id": "1", "object": "chat.completion", "choices": [choice], "usage": {}})


async def _tokenize(request):
    """Split texts into words of a vocabulary, as vLLM tells it."""
    asked = orjson.loads(await request.body())
    if "prompt" not in asked:
        return JSONResponse({"error": {"message": "there is no prompt"}}, 400)
    words = [part.replace(" ", "\u2581") for part in re.findall(r" ?[^ ]+", asked["prompt"])]
    tokens = [1] * asked["add_special_tokens"] + [sum(word.encode()) for word in words]
    return JSONResponse({"tokens": tokens, "token_strs": words, "max_model_len": 99})


async def _complete(request):
    prompt = orjson.loads(await request.body())["prompt"]
    told = [None, *({str(token): {"logprob": -1.0}} for token in prompt[1:])]
    return JSONResponse({"choices": [{"text": "", "prompt_logprobs": told}]})


@pytest.fixture(scope="module")
def able():
    routes = [
        Route("/v1/models", _models),
        Route("/v1/chat/completions", _chat, methods=["POST"]),
        Route("/tokenize", _tokenize, methods=["POST"]),
        Route("/v1/completions", _complete, methods=["POST"]),
    ]
    with in_thread(Server(Starlette(routes=routes))) as url:
        yield f"{url}/v1"


def asked(model: str, url: str):
    done = run(app, ["doctor", "--model", model, "--base-url", url, "--json"])
    told = json.loads(done.stdout)["endpoint"]
    return done.exit_code, {name: finding["holds"] for name, finding in told.items()}, told


def test_an_endpoint_that_can_all_is_told_so(able):
    code, found, told = asked("able", able)
    assert code == 0
    known = "reachable listed answers structured_output tool_calls log_probabilities scores_texts"
    assert found == dict.fromkeys(known.split(), True)
    assert told["scores_texts"]["detail"] == "calls begin with ' [', 1 token"
    assert told["tool_calls"]["detail"] == "by itself"
    assert "able: log probabilities: yes" in run(app, ["doctor", "--model", "able", "--base-url", able]).stdout


def test_what_it_cannot_is_told_and_no_failure():
    with serving(ScriptedModel()) as url:
        code, found, told = asked("scripted", url)
    assert code == 0
    assert found["scores_texts"] is False
    assert "cannot tell how likely a given text is" in told["scores_texts"]["detail"]
    assert (found["listed"], found["answers"], found["log_probabilities"]) == (True, True, False)


def test_a_model_that_is_not_there_or_does_not_answer_is_exit_1(able):
    assert asked("silent", able)[:2] == (1, {"reachable": True, "listed": True, "answers": False})
    code, found, told = asked("other", f"http://127.0.0.1:{_closed_port()}/v1")
    assert (code, found) == (1, {"reachable": False})
    assert "nothing answers there" in told["reachable"]["detail"]


def test_missing_extras_are_told_with_the_way_out(monkeypatch):
    monkeypatch.setitem(doctor.EXTRAS, "hf", ("pyarrow_that_is_not_there",))
    assert "pip install 'toolbench-traces[hf]'" in run(app, ["doctor"]).stdout
    assert json.loads(run(app, ["doctor", "--json"]).stdout)["extras"]["hf"] == ["pyarrow_that_is_not_there"]


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
