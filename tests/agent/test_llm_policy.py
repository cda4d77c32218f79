import orjson
import pytest
from scenery import CREATE, RESIZE, TALK, TOOLS, Backend, attempt, tool

from searchers.dfsdt import Dfsdt
from searchers.react import React
from toolbench.agent.answers import MAX_CALLS, read_step
from toolbench.agent.conversation import finish_name, functions
from toolbench.agent.explore import explore
from toolbench.agent.llm_policy import LlmPolicy
from toolbench.agent.templates import prompts_digest, render
from toolbench.errors import EndpointError
from toolbench.model import Call, ChatAnswer, RawCall, Step, Usage, canonical


def said(content="", *calls, **others):
    raw = tuple(RawCall(id=f"call_{place}", name=name, arguments=given) for place, (name, given) in enumerate(calls))
    return ChatAnswer(content=content, calls=raw, usage=Usage(prompt_tokens=100, completion_tokens=10), **others)


def finish(**given):
    return said("", ("Finish", orjson.dumps(given).decode()))


ANSWER = finish(return_type="give_answer", final_answer="It is 6 large.")
GIVE_UP = finish(return_type="give_up_and_restart")


class Fake:
    """A chat model that gives these answers in turn."""

    name = "fake"

    def __init__(self, *answers):
        self.answers, self.requests = list(answers), []

    async def chat(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def explored(*answers, searcher=None, task=RESIZE, **others):
    model = Fake(*answers)
    policy = LlmPolicy(model, temperature=0.5, max_tokens=99)
    trace = await explore(attempt(policy, searcher=searcher or Dfsdt(), task=task, **others))
    assert not model.answers
    return trace, model.requests


FIND = ("find_boxes", '{"label": "winter"}')


async def test_a_conversation():
    trace, requests = await explored(
        said("I look for it.", FIND, ("list_rooms", {}), reasoning="Where is it?"),
        said("", ("no_such", "{}")),
        ANSWER,
    )
    assert [node.step.kind for node in trace.nodes[1:]] == ["call", "call", "finish"]
    first = trace.nodes[1].step
    assert (first.reasoning, first.text) == ("Where is it?", "I look for it.")
    assert [call.arguments for call in first.calls] == [{"label": "winter"}, {}]
    assert trace.nodes[2].step.observations[0].status == "unknown_tool"
    assert trace.nodes[3].step.text == "It is 6 large."
    assert trace.usage == Usage(queries=3, calls=3, prompt_tokens=300, completion_tokens=30)

    last = requests[-1]
    assert [message["role"] for message in last.messages] == [
        "system",
        "user",
        "assistant",
        "tool",
        "tool",
        "assistant",
        "tool",
    ]
    assert last.messages[1] == {"role": "user", "content": RESIZE.turns[0].text}
    assert last.messages[2] == {
        "role": "assistant",
        "content": "I look for it.",
        "tool_calls": [
            {"id": "c1_0", "type": "function", "function": {"name": "find_boxes", "arguments": '{"label":"winter"}'}},
            {"id": "c1_1", "type": "function", "function": {"name": "list_rooms", "arguments": "{}"}},
        ],
    }
    assert last.messages[3] == {
        "role": "tool",
        "tool_call_id": "c1_0",
        "content": '{"items":[{"id":"box-0101","label":"winter","size":4}]}',
    }
    assert last.messages[6]["content"] == '{"error":"unknown_tool"}'
    assert requests[0].messages == requests[-1].messages[:2]
    assert (last.temperature, last.max_tokens) == (0.5, 99)
    assert [function["function"]["name"] for function in last.tools] == [*TOOLS, "Finish"]
    assert last.tools[0]["function"]["parameters"] == TOOLS["create_box"].parameters


async def test_the_policy_is_blind_to_the_gold():
    _, requests = await explored(said("", FIND), ANSWER)
    for request in requests:
        text = canonical([request.messages, request.tools, request.response_format]).decode()
        assert RESIZE.answer not in text
        assert '"g1"' not in text
    twin = RESIZE.model_copy(update={"gold": CREATE.gold, "answer": "none", "goal": CREATE.goal})
    _, others = await explored(said("", FIND), ANSWER, task=twin)
    assert others == requests


async def test_what_a_task_has_the_model_told_comes_after_our_own_instructions():
    _, plain = await explored(ANSWER)
    told = RESIZE.model_copy(update={"system": "You work for {{ Acme }}."})
    _, requests = await explored(ANSWER, task=told)
    ours, theirs = (some[0].messages[0]["content"] for some in (plain, requests))
    assert theirs.startswith(ours)
    assert theirs.endswith("\n\nYou work for {{ Acme }}.")
    assert "application" not in ours


async def test_the_hint_is_part_of_the_request_and_never_of_the_path():
    bad = said("", ("list_boxes", "{"))
    trace, requests = await explored(said("", FIND), bad, said("", ("list_rooms", "{}")), ANSWER)
    assert [node.siblings_shown for node in trace.nodes] == [(), (), (), (2,), ()]
    plain, hinted, after = requests[1], requests[2], requests[3]
    assert hinted.messages[:-1] == plain.messages
    assert hinted.messages[-1]["role"] == "user"
    assert hinted.messages[-1]["content"].startswith("[Note from the search, not from the user]")
    assert "not JSON" in hinted.messages[-1]["content"]
    assert after.messages[: len(plain.messages)] == plain.messages
    assert "Note from the search" not in canonical(after.messages).decode()
    assert "Note from the search" not in trace.model_dump_json()
    assert (plain.sample, hinted.sample, after.sample) == (0, 1, 0)
    assert plain.seed != hinted.seed


async def test_siblings_shown_are_each_shown_once():
    same = said("", FIND)
    answers = [same, GIVE_UP, same, same, finish(return_type="give_answer", final_answer="x")]
    trace, requests = await explored(*answers, searcher=Dfsdt(width=3))
    assert [node.status for node in trace.nodes] == ["open", "open", "gave_up", "pruned", "answered"]
    assert trace.nodes[4].siblings_shown == (1,)
    hint = requests[-1].messages[-1]["content"]
    assert hint.count("find_boxes") == 1
    assert '{"label":"winter"}' in hint
    assert len({canonical(list(request.messages)) + str(request.sample).encode() for request in requests}) == len(
        requests
    )


async def test_attempts_ask_apart():
    _, one = await explored(ANSWER)
    _, two = await explored(ANSWER, sample=1)
    assert one[0].messages == two[0].messages
    assert one[0].sample != two[0].sample
    assert one[0].seed != two[0].seed


MALFORMED = {
    "empty": (said(), "empty"),
    "blank": (said("  \n"), "empty"),
    "cut off": (said("The answer is", finish_reason="length"), "cut off"),
    "broken JSON": (said("", ("get_box", '{"id": "box-0101"')), "not JSON"),
    "trailing comma": (said("", ("get_box", '{"id": "box-0101",}')), "not JSON"),
    "code fence": (said("", ("get_box", '```json\n{"id": "1"}\n```')), "not JSON"),
    "no JSON": (said("", ("get_box", "id=3")), "not JSON"),
    "nothing": (said("", ("get_box", "")), "not JSON"),
    "not a number": (said("", ("get_box", '{"id": NaN}')), "not JSON"),
    "lone surrogate": (said("", ("get_box", '{"id": "\\ud800"}')), "not JSON"),
    "lone surrogate in an object": (said("", ("get_box", {"id": "\ud800"})), "not JSON"),
    "number too large": (said("", ("get_box", {"id": 2**70})), "not JSON"),
    "a list": (said("", ("get_box", '["box-0101"]')), "no JSON object"),
    "a JSON text of JSON": (said("", ("get_box", '"{}"')), "no JSON object"),
    "null": (said("", ("get_box", None)), "no JSON object"),
    "one of two": (said("", FIND, ("get_box", "{")), "not JSON"),
    "illegal name": (said("", ("get box", "{}")), "no name of a function"),
    "no name": (said("", ("", "{}")), "no name of a function"),
    "finish among others": (said("", FIND, ("Finish", "{}")), "alone"),
    "finish of no type": (finish(final_answer="x"), "return_type None"),
    "finish of a strange type": (finish(return_type="done", final_answer="x"), "return_type 'done'"),
    "finish without an answer": (finish(return_type="give_answer"), "without a final_answer"),
    "finish with a blank answer": (finish(return_type="give_answer", final_answer=" "), "without a final_answer"),
    "finish with a number": (finish(return_type="give_answer", final_answer=6), "without a final_answer"),
    "too many": (said("", *[FIND] * (MAX_CALLS + 1)), "more than"),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_answer_is_kept_as_a_failed_node(name):
    answer, problem = MALFORMED[name]
    trace, _ = await explored(answer.model_copy(update={"reasoning": "Hm."}), ANSWER, searcher=React())
    bad = trace.nodes[1]
    assert (bad.status, bad.step.kind, bad.step.reasoning) == ("failed", "invalid", "Hm.")
    assert problem in bad.step.problem
    assert [(error.node, error.kind, error.message) for error in trace.errors] == [
        (0, "malformed_answer", bad.step.problem)
    ]
    assert bad.usage.prompt_tokens == 100
    assert trace.outcome == "answered"
    for call in answer.calls:
        if "surrogate" not in name:
            assert f"{call.name}({call.arguments})" in bad.step.text
    trace.model_dump_json()


def test_readings():
    def read(answer):
        return read_step(answer, "Finish")

    assert read(said("It is done.")) == Step(kind="finish", text="It is done.")
    assert read(said("a\ud800b")).text == "a?b"
    assert read(said("", ("get_box", {"id": "x"}))).calls == (Call(id="", tool="get_box", arguments={"id": "x"}),)
    assert read(said("So.", ("Finish", '{"return_type": "give_answer"}'))).text == "So."
    both = said("I looked.", ("Finish", '{"return_type": "give_answer", "final_answer": "6"}'), reasoning="Done.")
    assert read(both) == Step(kind="finish", text="6", reasoning="Done.\nI looked.")
    lost = said("Alas.", ("Finish", '{"return_type": "give_up_and_restart"}'))
    assert read(lost) == Step(kind="give_up", text="Alas.")
    assert read(said("", ("Finish", '{"return_type": "give_up_and_restart", "final_answer": null}'))).text == ""


async def test_give_up_branches():
    trace, _ = await explored(said("", FIND), GIVE_UP, ANSWER)
    assert [node.parent for node in trace.nodes] == [None, 0, 1, 0]
    assert [node.status for node in trace.nodes] == ["open", "open", "gave_up", "answered"]


async def test_an_endpoint_error_is_survived():
    trace, _ = await explored(said("", FIND), EndpointError("HTTP 500"))
    assert (trace.outcome, trace.errors[0].kind) == ("failed", "endpoint")


@pytest.mark.parametrize(("returned", "kind"), [("ask_user", "ask"), ("ask_to_confirm", "confirm"), ("decline",) * 2])
def test_decisions_other_than_an_answer(returned, kind):
    step = read_step(finish(return_type=returned, final_answer="Well?"), "Finish")
    assert (step.kind, step.text) == (kind, "Well?")


async def test_turns_of_the_user():
    trace, requests = await explored(said("Which label?"), said("What else?"), said("Gone."), task=TALK)
    assert [message["role"] for message in requests[2].messages[1:]] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert requests[2].messages[-1]["content"] == "And throw it away again."
    assert [[f["function"]["name"] for f in request.tools] for request in requests][1:] == [
        ["create_box", "list_boxes", "Finish"],
        ["delete_box", "Finish"],
    ]
    assert trace.outcome == "answered"


def test_finish_gives_way_to_a_tool_of_that_name():
    tools = {"Finish": tool("Finish"), "Finish_": tool("Finish_")}
    name = finish_name(tools)
    assert name not in tools
    assert functions(tools, name)[-1]["function"]["name"] == name
    assert f"`{name}`" in render("system", finish=name, today="", search="", system="")
    step = read_step(said("", ("Finish", "{}")), name)
    assert step.kind == "call"


def test_prompts():
    assert prompts_digest() == prompts_digest()
    assert len(prompts_digest()) == 32
    hint = render("siblings", actions=["a {{ b }} & <c>", "second"])
    assert "1. a {{ b }} & <c>\n2. second\n" in hint


async def test_the_backend_judges_arguments():
    backend = Backend()
    trace, _ = await explored(said("", ("get_box", '{"id": 3}')), ANSWER, executor=backend)
    assert trace.nodes[1].step.observations[0].status == "invalid_arguments"
    assert len(backend.ran) == 1
