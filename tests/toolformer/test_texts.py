"""Markers, positions, calls, pieces, merging, rows and figures."""

import json
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ngram import Ngram

from toolbench.exporters.openai import OpenAIExporter
from toolbench.model import Tokens
from toolbench.toolformer.base import Annotation, Candidate, Losses, Settings
from toolbench.toolformer.candidates import distinct, read_call, unquoted
from toolbench.toolformer.figures import BARS, EXAMPLES, THRESHOLDS, CorpusFigures
from toolbench.toolformer.markers import JOINER, Markers, hide
from toolbench.toolformer.merge import chosen, merge, original
from toolbench.toolformer.pieces import pieces
from toolbench.toolformer.positions import best, places
from toolbench.toolformer.rows import row
from toolbench.toolformer.tools.calculator import Calculator
from toolbench.toolformer.tools.calendar import Calendar

MARKED = st.lists(
    st.sampled_from(["<API>", "</API>", "<", "API>", JOINER, " [", "]", "é", "日 ", ". ", "\n\n", "a"])
).map("".join)


@given(MARKED)
def test_no_marker_is_left_and_every_place_is_known(text: str) -> None:
    hidden = hide(text)
    assert "<API>" not in hidden.text
    assert "</API>" not in hidden.text
    ours = set(hidden.joiners)
    kept = [n for n in range(len(hidden.text)) if n not in ours]
    assert "".join(hidden.text[n] for n in kept) == text
    assert [hidden.original(n) for n in kept] == list(range(len(text)))


def test_markers_as_a_model_sees_them() -> None:
    markers = Markers(" [", "]", (1,))
    assert markers.call("T(1)") == " [T(1)]"
    assert markers.call("T(1)", "2") == " [T(1) -> 2]"
    assert markers.prompt("so <API>T(1)</API> 1 (<API>T(2)</API> 2)") == "so [T(1)] 1 ( [T(2)] 2)"


@given(text=MARKED, limit=st.integers(8, 40))
async def test_pieces_are_the_text_and_small_enough(text: str, limit: int) -> None:
    found = [piece async for piece in pieces(Ngram(), text, limit)]
    ends = [piece.start for piece in found[1:]] + [len(text)]
    assert [piece.start for piece in found] == [0, *ends[:-1]] or not text
    shown = [text[piece.start : end] for piece, end in zip(found, ends, strict=bool(found))]
    assert [piece.text for piece in found] == [hide(one).text for one in shown]
    for piece in found:
        assert 0 < len(piece.tokens.ids) <= limit or not text
        assert len(piece.begins) == len(piece.tokens.ids)
        assert piece.begins[0] == piece.start
        assert all(a <= b for a, b in zip(piece.begins, piece.begins[1:], strict=False))


async def test_pieces_end_where_sentences_do() -> None:
    text = "One two three. Four five six. Seven eight nine ten."
    found = [piece.text async for piece in pieces(Ngram(), text, 34)]
    assert found == ["One two three. Four five six. ", "Seven eight nine ten."]


def test_calls_stand_neither_inside_a_character_nor_before_a_marker() -> None:
    text = "é [a"
    tokens = Tokens(tuple(text.encode()), tuple(bytes([byte]) for byte in text.encode()))
    assert places(tokens, " [") == [True, False, False, True, True]


@given(st.lists(st.sampled_from([-9.0, -3.0, -1.5, -0.5, -0.1, 0.0]), max_size=12), st.floats(0, 1), st.integers(1, 5))
def test_the_likeliest_places_above_the_threshold_are_taken(chances: list[float], tau_s: float, k: int) -> None:
    found = best(chances, [True] * len(chances), tau_s, k)
    taken = {n for n, _ in found}
    assert len(taken) == min(k, sum(math.exp(chance) > tau_s for chance in chances))
    assert [n for n, _ in found] == sorted(taken)
    assert all(chance > tau_s for _, chance in found)
    assert all(chances[a] >= chances[b] for a in taken for b in range(len(chances)) if b not in taken)
    assert best(chances, [False] * len(chances), tau_s, k) == []


def test_calls_are_read() -> None:
    assert read_call(" T( 1 + 2 ) ", "T") == read_call("T(1 + 2)", "T")
    assert read_call('QA("Who (if anyone)?")', "QA").argument == '"Who (if anyone)?"'  # type: ignore[union-attr]
    for bad in ("U(1)", "T 1", "T(1", "T(1) x", "T(" + "1" * 400 + ")"):
        assert read_call(bad, "T") is None
    calls, discarded = distinct(["T(1)", None, " T( 1 )", "U(1)", "T(2)"], "T")
    assert [call.text for call in calls] == ["T(1)", "T(2)"]
    assert discarded == 2
    assert [unquoted(text) for text in ('"a"', " 'b' ", "c", '"', '"d')] == ["a", "b", "c", '"', '"d']


def candidate(offset: int, gain: float | None = 1.0, *, kept: bool = True, **more: object) -> Candidate:
    losses = Losses(plain=3, call=3, result=3 - gain) if gain is not None else None
    values = {"tool": "calculator", "call": "Calculator(1 + 1)", "argument": "1 + 1", "result": "2", "position": offset}
    return Candidate(
        **{**values, "offset": offset, "chance": 0.5, "losses": losses, "gain": gain, "kept": kept, **more}
    )  # type: ignore[arg-type]


def annotation(text: str, *candidates: Candidate) -> Annotation:
    return Annotation(
        id="a" * 32,
        name="a",
        source="s",
        text=text,
        concerned={"calculator": 1},
        discarded={"calculator": 2},
        positions={"calculator": 3},
        candidates=candidates,
    )


@given(st.data())
def test_without_what_was_put_in_a_text_is_as_it_was(data: st.DataObject) -> None:
    text = data.draw(MARKED)
    offsets = data.draw(st.lists(st.integers(0, len(text)), unique=True))
    merged = merge(text, [candidate(offset) for offset in offsets])
    assert [call.candidate.offset for call in merged.calls] == sorted(offsets)
    assert all(merged.text[call.start : call.end].strip().startswith("<API> Calc") for call in merged.calls)
    assert original(merged.text, [(call.start, call.end) for call in merged.calls]) == text


def test_a_call_stands_apart_from_the_words() -> None:
    assert merge("so 2.", [candidate(2)]).text == "so <API> Calculator(1 + 1) → 2 </API> 2."
    assert merge("so (2)", [candidate(4)]).text == "so (<API> Calculator(1 + 1) → 2 </API> 2)"


def test_the_best_call_at_each_place_is_put_in() -> None:
    some = (candidate(3, 1.0), candidate(3, 2.0, result="3"), candidate(1, 0.7), candidate(2, 9.0, kept=False))
    assert [(one.offset, one.gain) for one in chosen(annotation("a b c", *some))] == [(1, 0.7), (3, 2.0)]
    assert [(one.offset, one.gain) for one in chosen(annotation("a b c", *some), most=1)] == [(3, 2.0)]


TOOLS = {"calculator": Calculator(), "calendar": Calendar()}


def test_a_chat_has_the_whole_text_and_its_calls() -> None:
    text = "It was cold. The sum is 2, and again 2. End."
    held = annotation(text, candidate(23), candidate(36, tool="calendar", call="Calendar()", argument="", result="x"))
    made = row(held, held.candidates, TOOLS, "m")
    assert made.messages[0].content == "Write this text on. Call a tool where it helps.\n\nIt was cold."
    said = "".join(message.content or "" for message in made.messages if message.role == "assistant")
    assert said == "The sum is 2, and again 2. End."
    assert [call.arguments for message in made.messages for call in message.calls] == [{"expression": "1 + 1"}, {}]
    assert [message.content for message in made.messages if message.role == "tool"] == ["2", "x"]
    assert {tool.name for tool in made.tools} == {"Calculator", "Calendar"}
    (line,) = OpenAIExporter().rows(made)
    assert json.loads(json.dumps(line))["messages"][1]["tool_calls"]


def test_a_text_without_calls_is_a_chat_too() -> None:
    made = row(annotation("All of it."), [], TOOLS, "m")
    assert [message.role for message in made.messages] == ["user", "assistant"]
    assert made.messages[1].content == "All of it."


@given(st.lists(st.tuples(st.floats(-9, 9) | st.none(), st.booleans()), max_size=30))
def test_figures_count_what_went_by(gains: list[tuple[float | None, bool]]) -> None:
    some = [
        candidate(n, gain, kept=kept and gain is not None, failure="why" if gain is None else "")
        for n, (gain, kept) in enumerate(gains)
    ]
    figures = CorpusFigures({"calculator": Settings()})
    figures.add(annotation("x" * 40, *some))
    found = figures.tools["calculator"]
    known = [one for one in some if one.gain is not None]
    assert (found.candidates, found.failed) == (len(some), len(some) - len(known))
    assert found.kept == sum(one.kept for one in some)
    assert found.at == Counter({t: n for t in THRESHOLDS if (n := sum((one.gain or 0) >= t for one in known))})
    assert sum(found.bars) == len(known)
    assert len(found.bars) == BARS
    for shown, kept in ((found.best, True), (found.nearly, False)):
        ranked = sorted((one.gain for one in known if one.kept is kept), reverse=True)[:EXAMPLES]  # type: ignore[type-var]
        assert sorted((one.rank for one in shown), reverse=True) == ranked
    assert (found.pieces, found.discarded, found.positions) == (1, 2, 3)


@pytest.mark.parametrize(("baseline", "gain"), [("both", 0.5), ("call", 1.0)])
def test_a_gain_is_over_the_least_of_both(baseline, gain) -> None:
    assert Losses(plain=2.0, call=2.5, result=1.5).gain(baseline) == gain
