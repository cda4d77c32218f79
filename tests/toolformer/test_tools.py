"""The tools: what they answer, when they are tried, and what they refuse."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolbench.errors import EndpointError
from toolbench.model import Block, Chat, ChatAnswer, ChatRequest, Document
from toolbench.specs import open_catalogue
from toolbench.toolformer.base import ToolError
from toolbench.toolformer.passages import Passages, begins_sentence
from toolbench.toolformer.tools._arguments import read_arguments, write_arguments
from toolbench.toolformer.tools.calculator import Calculator, reckon, shown
from toolbench.toolformer.tools.calendar import Calendar
from toolbench.toolformer.tools.catalogue import CatalogueTool
from toolbench.toolformer.tools.qa import QA
from toolbench.toolformer.tools.search import Search
from toolbench.toolformer.tools.translate import Translate
from toolbench.toolformer.tools.units import Units, convert
from toolbench.world.world import Landscape


def document(text: str = "", **metadata: str) -> Document:
    return Document(id="d", source="s", name="n", metadata=metadata, blocks=(Block(text=text),))


NOTHING = document()


class Sum:
    """A random expression, with its value."""

    def __init__(self, text: str, value: Fraction) -> None:
        self.text, self.value = text, value

    def __repr__(self) -> str:
        return self.text


def _joined(a: Sum, sign: str, b: Sum) -> Sum:
    if sign == "/" and not b.value:
        sign = "-"
    value = {"+": a.value + b.value, "-": a.value - b.value, "*": a.value * b.value}.get(sign)
    return Sum(f"({a.text} {sign} {b.text})", a.value / b.value if value is None else value)


SUMS = st.recursive(
    st.integers(0, 99).map(lambda n: Sum(str(n), Fraction(n)))
    | st.integers(0, 999).map(lambda n: Sum(f"{n / 10}", Fraction(n, 10)))
    | st.integers(1, 99).map(lambda n: Sum(f"-{n}", Fraction(-n))),
    lambda inner: st.builds(_joined, inner, st.sampled_from("+-*/"), inner),
    max_leaves=6,
)


@given(SUMS)
def test_an_expression_is_what_it_is_built_to_be(made: Sum) -> None:
    if len(made.text) <= 120:
        assert reckon(made.text) == made.value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 + 3 * 4", "14"),
        ("2 - 3 - 4", "-5"),
        ("400 / 1400", "0.29"),
        ("1,250 * 2", "2500"),
        ("8 / 2 / 2", "2"),
        ("3 \u00d7 4 \u2212 2", "10"),
        ("'12 / 8'", "1.5"),
        (".5 * 3", "1.5"),
        ("-(2 + 1)", "-3"),
    ],
)
async def test_a_calculator_keeps_the_usual_order(expression: str, value: str) -> None:
    assert await Calculator().run(expression, NOTHING) == value


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("1 / (2 - 2)", "divides by nothing"),
        ("", "'nothing'"),
        ("2 +", "'nothing'"),
        ("(2 + 3", "not closed"),
        ("2 3", "'3' is no sign"),
        ("2 ** 9", r"needed: '\*'"),
        ("__import__('os')", "needed: '_'"),
        ("(" * 60 + "1" + ")" * 60, "too long"),
        ("(" * 30 + "1" + ")" * 30, "too deep"),
        ("9" * 121, "too long"),
    ],
)
async def test_a_calculator_says_what_is_no_expression(expression: str, why: str) -> None:
    with pytest.raises(ToolError, match=why):
        await Calculator().run(expression, NOTHING)


@given(st.text("0123456789.,+-*/() x", max_size=30))
async def test_whatever_stands_there_is_a_number_or_a_reason(text: str) -> None:
    try:
        assert float(await Calculator().run(text, NOTHING)) is not None
    except ToolError:
        return


@given(st.fractions(-1000, 1000))
def test_two_decimals_are_shown(value: Fraction) -> None:
    assert abs(Fraction(shown(value)) - value) <= Fraction(1, 200)


def test_a_calculator_is_tried_where_a_number_is_reckoned() -> None:
    tried = Calculator().concerns
    assert tried("There were 27 rows of 48 chairs and 1296 guests.", NOTHING)
    assert tried("It adds up to a total of 12 sheep.", NOTHING)
    assert not tried("There were 27 rows of 48 chairs and 5 guests.", NOTHING)
    assert not tried(f"27 rows of 48 chairs {'and so on ' * 60} 1296 guests.", NOTHING)
    assert not tried("There were 27 rows.", NOTHING)


async def test_a_calendar_knows_the_documents_day_only() -> None:
    day = document(date="2021-01-29T10:00:00Z")
    assert await Calendar().run("", day) == "Today is Friday, January 29, 2021."
    assert Calendar().concerns("", day)
    assert not Calendar().concerns("", document(date="soon"))
    with pytest.raises(ToolError, match="no date"):
        await Calendar().run("", NOTHING)
    with pytest.raises(ToolError, match="nothing may stand"):
        await Calendar().run("tomorrow", day)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("12 miles in kilometres", "19.31 kilometres"),
        ("1,000 grams to kg", "1.00 kg"),
        ("80 pounds into kilograms", "36.29 kilograms"),
        ("-40 celsius in fahrenheit", "-40.00 fahrenheit"),
        ("98.6 degrees Fahrenheit in degrees Celsius", "37.00 degrees Celsius"),
        ("10 square miles in square kilometres", "25.90 square kilometres"),
    ],
)
async def test_units(asked: str, told: str) -> None:
    assert await Units().run(asked, NOTHING) == told


@given(st.floats(0.1, 1e6), st.sampled_from([("miles", "km"), ("oz", "g"), ("acres", "ha"), ("celsius", "kelvin")]))
def test_a_conversion_can_be_undone(amount: float, units: tuple[str, str]) -> None:
    there, back = units
    assert convert(convert(amount, there, back), back, there) == pytest.approx(amount)


@pytest.mark.parametrize(
    ("asked", "why"),
    [("12 miles", "not of the form"), ("12 miles in kilograms", "different things"), ("3 smoots in m", "'smoots'")],
)
async def test_units_that_cannot_be_converted(asked: str, why: str) -> None:
    with pytest.raises(ToolError, match=why):
        await Units().run(asked, NOTHING)


def test_units_are_tried_where_two_amounts_stand() -> None:
    assert Units().concerns("12 miles, that is 19.31 kilometres", NOTHING)
    assert not Units().concerns("12 miles, and 19 people", NOTHING)


CORPUS = [
    document("Tarnwick was founded in 1482 by Ottilie Brandreth. It lies on the river Arle. Tarnwick has 812 houses."),
    document("Velsby is known for clocks. The old mill of Velsby was built by Caspar Nyland in 1611."),
    document("Nothing here says anything about towns."),
]


@pytest.fixture
def corpus() -> Iterator[Passages]:
    made = Passages(CORPUS)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ('"Who founded Tarnwick?"', "Ottilie Brandreth"),
        ("When was Tarnwick founded?", "1482"),
        ("'Who built the mill of Velsby?'", "Caspar Nyland"),
        ("What is Velsby known for?", "clocks"),
        ("How many houses does Tarnwick have?", "812 houses"),
    ],
)
async def test_questions_are_answered_out_of_the_corpus(question: str, told: str, corpus: Passages) -> None:
    assert await QA(corpus).run(question, NOTHING) == told


async def test_what_the_corpus_does_not_say_is_not_answered(corpus: Passages) -> None:
    with pytest.raises(ToolError, match="no answer"):
        await QA(corpus).run("Who invented the telephone in America?", NOTHING)
    with pytest.raises(ToolError, match="nothing is found"):
        await Search(corpus).run("telephone", NOTHING)
    with pytest.raises(ToolError, match="nothing is found"):
        await Search(corpus).run('""', NOTHING)


async def test_search_finds_the_passage(corpus: Passages) -> None:
    assert (await Search(corpus).run('"mill Velsby"', NOTHING)).startswith("Velsby is known for clocks.")


@given(st.text(max_size=40))
async def test_any_words_can_be_searched_for(words: str) -> None:
    made = Passages(CORPUS)
    try:
        assert len(made.find(words, 2)) <= 2
    finally:
        made.close()


def test_where_a_sentence_begins() -> None:
    text = "One. Two goes on. Three"
    assert [begins_sentence(text, text.index(word)) for word in ("One", "goes", "Three")] == [0, 5, 18]


class Translator:
    name = "m"

    def __init__(self, answer: str | Exception) -> None:
        self.answer, self.asked = answer, list[Chat]()

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        self.asked.append(request.chat)
        if isinstance(self.answer, Exception):
            raise self.answer
        return ChatAnswer(content=self.answer)


async def test_a_translation_is_asked_for() -> None:
    model = Translator('"The Night Birds"')
    assert await Translate(model).run('"Les oiseaux de nuit"', NOTHING) == "The Night Birds"
    assert "Les oiseaux de nuit" in model.asked[0].to_json().decode()
    with pytest.raises(ToolError, match="gone wrong"):
        await Translate(Translator(EndpointError("gone wrong"))).run("x", NOTHING)
    with pytest.raises(ToolError, match="would not answer"):
        await Translate(Translator(" ")).run("x", NOTHING)


def test_what_is_said_later_only_is_not_translated() -> None:
    allows = Translate(Translator("")).allows
    assert allows('"la nuit"', "before la nuit", "after")
    assert allows('"la nuit"', "nothing", "nothing")
    assert not allows('"la nuit"', "before", "after la nuit")


@pytest.mark.parametrize(
    ("text", "is_tried"),
    [
        ("The sign says: Die Tür ist nicht zu, and that is all.", True),
        ("The word мир is for peace.", True),
        ("The dog is in the house and the cat is on the roof.", False),
        ("La casa es muy grande por que sí", False),
    ],
)
def test_translation_is_tried_where_another_language_stands_in_english(text: str, is_tried: bool) -> None:
    assert Translate(Translator("")).concerns(text, NOTHING) is is_tried


@pytest.fixture(scope="module")
def landscape() -> Landscape:
    return Landscape([open_catalogue().api("library")])


async def test_a_tool_of_the_catalogue_answers_from_the_simulation(landscape: Landscape) -> None:
    tool = CatalogueTool(landscape, "library_getBook", 0)
    assert tool.samples
    for sample in tool.samples:
        call = sample.annotated.partition("<API>")[2].partition("</API>")[0]
        told = await tool.run(call.removeprefix("library_getBook(").removesuffix(")"), NOTHING)
        # What the prompt shows is true.
        assert sample.text.removesuffix(".").rpartition(" has the ")[2].partition(" ")[2] in told
        assert tool.concerns(sample.text, NOTHING)
    assert not tool.concerns("A text about books.", NOTHING)
    with pytest.raises(ToolError, match="http error"):
        await tool.run("bookId=1", NOTHING)
    with pytest.raises(ToolError, match="invalid arguments"):
        await tool.run('bookId="x"', NOTHING)


def test_arguments_by_name() -> None:
    assert read_arguments("a=1, b: \"x, y\", c='z', d=bare, e=[1, 2]") == {
        "a": 1,
        "b": "x, y",
        "c": "z",
        "d": "bare",
        "e": [1, 2],
    }
    assert read_arguments('Idempotency-Key="a", filter[name]=b') == {"Idempotency-Key": "a", "filter[name]": "b"}
    assert read_arguments(" ") == {}
    for bad in ("1", "a=", "a=1 b=2", "a=,b=1"):
        with pytest.raises(ToolError):
            read_arguments(bad)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"[A-Za-z_$][\w.\-]{0,5}(\[\])?", fullmatch=True), VALUES, max_size=4))
def test_arguments_are_read_as_they_are_written(arguments: dict[str, Any]) -> None:
    written = write_arguments(arguments)
    assert read_arguments(written) == arguments
    # What a model writes in brackets ends at the first one.
    assert ("]" in written) is any("]" in name for name in arguments)


@given(st.text(max_size=30))
def test_any_text_is_arguments_or_a_reason(text: str) -> None:
    try:
        assert isinstance(read_arguments(text), dict)
    except ToolError:
        return


def test_prompts_are_of_our_own_words_and_hold_calls(landscape: Landscape) -> None:
    for tool in (Calculator(), Calendar(), Units(), CatalogueTool(landscape, "library_getBook", 0)):
        for sample in tool.samples:
            assert f"<API>{tool.name}(" in sample.annotated
            assert "".join(_without_calls(sample.annotated)) == sample.text


def _without_calls(annotated: str) -> Iterator[str]:
    for n, part in enumerate(annotated.replace("</API> ", "<API>").replace("</API>", "<API>").split("<API>")):
        if n % 2 == 0:
            yield part
