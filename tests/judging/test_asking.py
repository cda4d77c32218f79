"""What a judge says is read, or counted as silence."""

import asyncio
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from speaking import Speaker, said

from toolbench.errors import EndpointError, UnreachableError
from toolbench.judging.asking import Judge, Opinion, read_opinion
from toolbench.llm.asking import Silence
from toolbench.model import ChatAnswer

WORDS = ("Solved", "Unsure", "Unsolved")


@pytest.mark.parametrize(
    "text",
    [
        said("Solved"),
        said("solved "),
        f"```json\n{said('SOLVED')}\n```",
        f"<think>perhaps {said('Unsolved')}</think> {said('Solved')}",
        f"Well, {{not json}} I say {said('Solved')} and repeat {said('Solved', 'same')}.",
        '{"verdict": "Solved", "reason": "because", "confidence": 3}',
    ],
)
def test_what_can_be_read(text):
    assert read_opinion(text, WORDS).word == "Solved"


@pytest.mark.parametrize(
    "text",
    [
        "Solved",
        "",
        "{}",
        said("Perhaps"),
        said("Solved", ""),
        '{"verdict": "Solved"}',
        '{"reason": "x", "verdict": ["Solved"]}',
        f"{said('Solved')} {said('Unsolved')}",
        f"{said('Solved')} {said('Nonsense')}",
        "<think>" + said("Solved"),
        "{" * 5000,
        '{"reason": "cut off, "verd',
    ],
)
def test_what_cannot(text):
    with pytest.raises(ValueError, match="verdict"):
        read_opinion(text, WORDS)


@given(st.text(max_size=80), st.sampled_from(WORDS), st.text(max_size=80))
def test_words_around_it_do_not_matter(before, word, after):
    found = read_opinion(before.replace("{", "").replace("<think>", "") + said(word) + after.replace("{", ""), WORDS)
    assert found == Opinion(word, "because")


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text):
    with suppress(ValueError):
        read_opinion(text, WORDS)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (ChatAnswer(content=said("Solved"), finish_reason="content_filter"), "refused"),
        (ChatAnswer(content="  "), "refused"),
        (EndpointError("HTTP 500"), "no_answer"),
        ("I would rather not.", "unparseable"),
    ],
)
async def test_silence_is_counted_by_kind(answer, kind):
    found = await Judge(Speaker(lambda _: answer)).ask("?", WORDS, 0)
    assert isinstance(found, Silence)
    assert found.kind == kind


async def test_one_that_takes_too_long():
    class Slow(Speaker):
        async def chat(self, request):
            await asyncio.Event().wait()

    found = await Judge(Slow(said), patience=0.01).ask("?", WORDS, 0)
    assert isinstance(found, Silence)
    assert found.kind == "timed_out"


async def test_one_that_cannot_be_reached_ends_the_work():
    with pytest.raises(UnreachableError):
        await Judge(Speaker(lambda _: UnreachableError("gone"))).ask("?", WORDS, 0)


async def test_a_judge_can_be_held_to_the_form_of_an_opinion():
    asked = []

    class Held(Speaker):
        async def chat(self, request):
            asked.append(request.response_format)
            return await super().chat(request)

    await Judge(Held(lambda _: said("Solved")), constrained=True).ask("?", WORDS, 0)
    await Judge(Held(lambda _: said("Solved"))).ask("?", WORDS, 0)
    schema = asked[0]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["reason", "verdict"]
    assert [Draft202012Validator(schema).is_valid(json.loads(said(word))) for word in (*WORDS, "Nonsense")] == [
        True,
        True,
        True,
        False,
    ]
    assert asked[1] is None
