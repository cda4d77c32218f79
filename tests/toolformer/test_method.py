"""The method against a slow reference, on a toy model whose probabilities are known."""

import asyncio
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram import Ngram
from slow_toolformer import candidates

from toolbench.errors import UnreachableError, WorkError
from toolbench.model import Block, Document
from toolbench.toolformer.annotate import Annotator, explain
from toolbench.toolformer.base import CallTool, Options, Sample, Settings, ToolError, one_text
from toolbench.toolformer.markers import JOINER, Markers, choose
from toolbench.toolformer.prompting import ask, head
from toolbench.toolformer.weights import WEIGHTS, weighted, window

MARKERS = Markers(" [", "]", tuple(b" ["))


class Tool(CallTool):
    """A tool whose answers depend on what it is asked."""

    name, purpose, advice = "T", "It is a toy.", "A number."
    samples = (Sample("a 1", "a <API>T(1)</API> 1"),)
    parameters = one_text("x", "A number.")

    async def run(self, argument: str, document: Document) -> str:
        if argument == "long":
            await asyncio.sleep(3600)
        if (found := answer(argument)) is None:
            raise ToolError("it has no answer")
        return found


def answer(argument: str) -> str | None:
    return {"1": "one  \n <API> ", "2": "22"}.get(argument)


def said(argument: str) -> str | None:
    """An answer as it is used: on one line, its markers broken."""
    return {"1": f"one <{JOINER}API>", "2": "22"}.get(argument)


def document(text: str) -> Document:
    return Document(id="d" * 32, source="here", name="d", blocks=(Block(text=text),))


def annotator(used: Settings, options: Options = Options(), model: Ngram | None = None, tool: type[CallTool] = Tool):  # noqa: B008
    return Annotator(model or Ngram(), MARKERS, {"t": tool()}, {"t": used}, options, 0, patience=0.01)


TEXTS = st.text("ab1 é日[<A", max_size=24) | st.lists(st.sampled_from(["<API>", "</API>", " [", "a ", "é1 "])).map(
    "".join
)


@settings(max_examples=30)
@given(
    text=TEXTS,
    tau_s=st.sampled_from([0.0, 0.05, 0.2]),
    tau_f=st.sampled_from([-0.5, 0.0, 0.3]),
    k=st.integers(1, 6),
    m=st.integers(1, 8),
    skip_space=st.booleans(),
    result_only=st.booleans(),
)
async def test_positions_calls_and_losses_are_those_of_the_reference(
    text: str, tau_s: float, tau_f: float, k: int, m: int, skip_space: bool, result_only: bool
) -> None:
    used = Settings(tau_s=tau_s, tau_f=tau_f, k=k, m=m)
    options = Options(skip_space=skip_space, in_place=True, baseline="call" if result_only else "both")
    found = (await annotator(used, options).annotate(document(text))).candidates
    shown = text.replace("<API>", f"<{JOINER}API>").replace("</API>", f"<{JOINER}/API>")
    prompt = head(Tool(), MARKERS) + ask(shown)
    expected = (
        list(
            candidates(
                prompt,
                shown,
                said,
                tau_s=tau_s,
                tau_f=tau_f,
                k=k,
                m=m,
                skip_space=skip_space,
                result_only=result_only,
            )
        )
        if text.strip()
        else []
    )
    assert [(one.position, one.call, one.result) for one in found] == [row[:3] for row in expected]
    for one, row in zip(found, expected, strict=True):
        if row[2] is None:
            assert one.losses is one.in_place is one.gain is None
            assert not one.kept
            continue
        assert one.losses is not None
        assert one.in_place is not None
        assert (one.losses.plain, one.losses.call, one.losses.result) == pytest.approx(row[3:6])
        assert (one.in_place.plain, one.in_place.call, one.in_place.result) == pytest.approx(row[6])
        assert one.gain == pytest.approx(row[7])
        if abs(row[7] - tau_f) > 1e-9:
            assert one.kept == row[8]
        # Without the joiners, what stands before the place is what stands before it in the text.
        assert shown.encode()[: one.position].decode().replace(JOINER, "") == text[: one.offset].replace(JOINER, "")


async def test_texts_that_share_what_stands_before_them_are_read_once() -> None:
    model = Ngram()
    found = await annotator(Settings(tau_s=0, k=50, m=10), model=model).annotate(document("a1 b1 a1 b1"))
    with_result = [one for one in found.candidates if one.result is not None]
    given_before = {""} | {f"{one.call} {one.result}" for one in with_result} | {one.call for one in with_result}
    assert len(with_result) > len(given_before)
    assert model.asked == len(given_before)


def test_five_tokens_carry_weight() -> None:
    assert pytest.approx([5 / 15, 4 / 15, 3 / 15, 2 / 15, 1 / 15]) == WEIGHTS
    assert weighted([-3.0] * 5) == pytest.approx(3)
    assert weighted([-3.0]) == pytest.approx(1)
    assert list(window([b"a", b" ", b" \n", b"b"], 1, skip_space=True)) == [3]
    assert list(window([b"a", b" "], 1, skip_space=True)) == []
    assert list(window([b"x"] * 9, 2)) == [2, 3, 4, 5, 6]


class Deaf(Tool):
    """What it asks is not there."""

    async def run(self, argument: str, document: Document) -> str:
        raise UnreachableError("nobody is there")


async def test_an_endpoint_that_is_gone_ends_the_work() -> None:
    with pytest.raises(UnreachableError, match="nobody"):
        await annotator(Settings(tau_s=0), tool=Deaf).annotate(document("a1 b1 a1 b1"))


async def test_a_tool_that_fails_or_is_slow_is_data() -> None:
    found = (await annotator(Settings(tau_s=0, k=30, m=10)).annotate(document("a1 b1 a1 b1"))).candidates
    assert {one.failure for one in found if one.argument == "fail"} == {"it has no answer"}
    assert {one.failure for one in found if one.argument == "long"} == {"no answer within 0.01 seconds"}
    assert not any(one.kept for one in found if one.failure)


@pytest.mark.parametrize("text", ["", " \n "])
async def test_an_empty_text_has_no_candidates(text: str) -> None:
    found = await annotator(Settings(tau_s=0)).annotate(document(text))
    assert (found.candidates, found.concerned, found.failure) == ((), {}, "")


async def test_a_text_longer_than_the_context_is_looked_at_in_pieces() -> None:
    model = Ngram(context=1200)
    text = "ab1 b1é. " * 200
    found = await annotator(Settings(tau_s=0, k=1, m=10), model=model).annotate(document(text))
    assert found.concerned["t"] > 5
    assert not found.failure
    offsets = [one.offset for one in found.candidates]
    assert offsets == sorted(offsets)
    assert max(offsets) > len(text) / 2
    with pytest.raises(WorkError, match="leave no room"):
        await annotator(Settings(), model=Ngram(context=300)).annotate(document(text))


async def test_the_whole_reckoning_can_be_told() -> None:
    used = Settings(tau_s=0, tau_f=0, k=30, m=10)
    found = await annotator(used, Options(in_place=True)).annotate(document("a1 b1 a1 b1"))
    told = explain(found, {"t": used})
    for one in found.candidates:
        assert one.call in told
        if one.gain is not None:
            assert f"L- minus L+ {one.gain:.3f}: {'kept' if one.kept else 'rejected'}" in told
            assert f"{math.log(one.chance):.2f}" in told
    assert told.count("in place") == sum(one.in_place is not None for one in found.candidates)


async def test_the_opening_of_fewest_tokens_is_chosen() -> None:
    assert await choose(Ngram()) == MARKERS
