"""Whether an endpoint holds answers to a schema."""

from pathlib import Path

import pytest

from toolbench.errors import EndpointError, RequestRefusedError, UnreachableError
from toolbench.llm.client import EndpointModel
from toolbench.llm.constraint import is_constrained
from toolbench.llm.journal import Journal
from toolbench.llm.script import Answer
from toolbench.llm.scripted import serve
from toolbench.model import ChatAnswer, ChatRequest


class Fixed:
    name = "fixed"

    def __init__(self, answer: str | Exception) -> None:
        self.answer, self.asked = answer, 0

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        self.asked += 1
        assert request.response_format
        if isinstance(self.answer, Exception):
            raise self.answer
        return ChatAnswer(content=self.answer)


@pytest.mark.parametrize(
    ("answer", "expected", "remembered"),
    [
        ('{"ok": true}', True, True),
        ("Yes, it is.", False, True),
        (RequestRefusedError("no"), False, True),
        (EndpointError("busy"), False, False),
    ],
)
async def test_it_is_found_out_once(tmp_path: Path, answer: str | Exception, expected: bool, remembered: bool):
    model = Fixed(answer)
    with Journal(tmp_path / "j.db") as journal:
        assert await is_constrained(model, journal) is expected
        assert await is_constrained(model, journal) is expected
    assert model.asked == (1 if remembered else 2)


async def test_an_endpoint_that_is_not_there_is_not_asked_on():
    with pytest.raises(UnreachableError):
        await is_constrained(Fixed(UnreachableError("nobody")))


async def test_a_real_refusal_is_told_apart_from_a_failure():
    async with (
        serve((Answer(status=400), Answer(content='{"ok": 1}'))) as url,
        EndpointModel("scripted", base_url=url) as model,
    ):
        assert not await is_constrained(model)
        assert await is_constrained(model)
