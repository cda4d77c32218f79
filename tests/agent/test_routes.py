"""Which way a model calls tools is found out by asking it."""

import pytest
from test_llm_policy import said

from toolbench.agent.routes import ROUTES, TRIES, open_route
from toolbench.errors import ConfigError, EndpointError, UnreachableError

ALL = tuple(ROUTES)
CALL = '{"tool": "get_weather", "arguments": {"city": "Paris"}}'


class Model:
    """A model that answers each route in its own way; it keeps what it was asked."""

    name = "model"

    def __init__(self, **ways):
        self.ways, self.requests = ways, []

    async def chat(self, request):
        self.requests.append(request)
        way = "native" if request.tools else "json_schema" if request.response_format else "json_prompt"
        answer = self.ways.get(way, said("It is sunny."))
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


NATIVE = said("", ("get_weather", {"city": "Paris"}))


@pytest.mark.parametrize(
    ("ways", "found"),
    [
        ({"native": NATIVE, "json_schema": said(CALL)}, "native"),
        ({"native": [said("Sunny."), said("Rain?"), NATIVE]}, "native"),
        ({"json_schema": said(CALL), "json_prompt": said(CALL)}, "json_schema"),
        ({"native": EndpointError("does not support tools"), "json_schema": said(CALL)}, "json_schema"),
        ({"json_schema": EndpointError("no response_format"), "json_prompt": said(f"Sure!\n{CALL}")}, "json_prompt"),
        ({"native": said("", ("get_weather", "{")), "json_prompt": said(CALL)}, "json_prompt"),
        ({"native": said(CALL), "json_schema": said("{}"), "json_prompt": said(CALL)}, "json_prompt"),
    ],
)
async def test_the_first_that_works_is_taken(ways, found):
    assert await open_route(Model(**ways), ALL) == found


async def test_only_those_asked_for_are_tried():
    model = Model(native=NATIVE, json_schema=said(CALL))
    assert await open_route(model, ALL[1:]) == "json_schema"
    assert not any(request.tools for request in model.requests)


async def test_where_none_works_it_fails_and_says_how():
    model = Model(json_schema=EndpointError("refused"))
    with pytest.raises(ConfigError, match=r"native: it answered without a call; json_schema: refused; json_prompt"):
        await open_route(model, ALL)
    assert len(model.requests) == 2 * TRIES + 1
    assert len({request.sample for request in model.requests if request.tools}) == TRIES


async def test_an_endpoint_that_is_gone_is_no_closed_route():
    with pytest.raises(UnreachableError):
        await open_route(Model(native=UnreachableError("gone")), ALL)
