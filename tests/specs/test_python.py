"""Python functions as tools: type hints and docstrings become schemas."""

import enum
import inspect
import json
import sys
from datetime import date
from typing import Any, Literal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from toolbench.errors import SpecError
from toolbench.model import PythonBinding
from toolbench.specs._docstrings import parsed
from toolbench.specs._safety import guessed
from toolbench.specs.base import read_api, read_spec


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


# To pydantic `true` is the literal 1, as it is to Python; in JSON Schema it is not. Hence 7.
SIMPLE = st.sampled_from([int, float, str, bool, date, Color, Literal["a", 7], type(None), Any])
HINTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        inner.map(lambda hint: list[hint]),
        inner.map(lambda hint: dict[str, hint]),
        inner.map(lambda hint: hint | None),
        st.tuples(inner, inner).map(lambda pair: tuple[pair[0], pair[1]]),
        st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1] if Any not in pair else Any),
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a", "red", "2026-01-05"])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=3,
)


def api_of(monkeypatch: pytest.MonkeyPatch, **functions: Any):
    module = type(sys)("made_up")
    for name, function in functions.items():
        function.__module__ = "made_up"
        setattr(module, name, function)
    monkeypatch.setitem(sys.modules, "made_up", module)
    return read_spec("made_up", "python")


@given(hint=HINTS, value=VALUES)
def test_a_schema_takes_just_what_the_hint_takes(hint, value):
    def do(x): ...

    do.__annotations__ = {"x": hint}
    with pytest.MonkeyPatch.context() as monkeypatch:
        tool = api_of(monkeypatch, do=do).api.tool("made-up_do")
    checker = jsonschema.Draft202012Validator(tool.parameters, format_checker=jsonschema.FormatChecker())
    # Strict validation of JSON is pydantic's own independent reading of the hint.
    try:
        TypeAdapter(hint).validate_json(json.dumps(value), strict=True)
    except ValueError:
        accepted = False
    else:
        accepted = True
    assert checker.is_valid({"x": value}) == accepted


def test_what_a_module_offers():
    reading = read_spec("python_tools", "python", "py")
    tools = {tool.name.removeprefix("py_"): tool for tool in reading.api.tools}
    assert {"takes_code", "_private", "date", "Item"}.isdisjoint(tools)
    due = tools["get_due"]
    assert due.description == "Tell when something is due."
    assert due.parameters == {
        "type": "object",
        "properties": {
            "start": {"description": "the first day.", "type": "string", "format": "date"},
            "days": {"description": "how many days it takes.", "type": "integer", "default": 7},
        },
        "required": ["start"],
        "additionalProperties": False,
    }
    assert due.returns == {"type": "string", "format": "date"}
    assert due.binding == PythonBinding(target="python_tools:get_due")
    assert (due.safety, tools["delete_item"].safety, tools["store"].safety) == ("read", "destructive", "write")
    names = reading.api.tool("py_get_names").parameters
    assert names["properties"]["items"] == {"type": "array", "items": {"$ref": "#/$defs/Item"}}
    assert set(names["$defs"]) == {"Item"}
    assert list(tools["store"].parameters["properties"]) == ["point"]
    assert sorted(note.pointer for note in reading.notes) == ["/functions/store", "/functions/takes_code"]


def test_one_function_of_a_module():
    (tool,) = read_api("textwrap:shorten").tools
    assert tool.parameters["required"] == ["text", "width"]
    assert tool.name == "textwrap_shorten"


def test_what_a_module_lists_counts(monkeypatch):
    def get_a(): ...

    def get_b(): ...

    assert [tool.source.name for tool in api_of(monkeypatch, get_a=get_a, get_b=get_b).api.tools] == ["get_a", "get_b"]
    monkeypatch.setattr(sys.modules["made_up"], "__all__", ["get_b"], raising=False)
    assert [tool.source.name for tool in read_api("made_up", "python").tools] == ["get_b"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("no_such_module:f", "the module cannot be imported (ModuleNotFoundError"),
        ("textwrap:shortn", "Did you mean 'shorten'?"),
        ("textwrap.shorten:", "Write `module` or `module:function`"),
    ],
)
def test_wrong_sources_are_one_line(source, said):
    with pytest.raises(SpecError) as caught:
        read_api(source, "python")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "doc",
    [
        """Do it.

        More of it.

        Args:
            a: the first,
                going on.
            b (int, optional): the second: yes.

        Returns:
            x: nothing.

        Raises:
            ValueError: never.
        """,
        """Do it.

        More of it.

        Parameters
        ----------
        a : str
            the first,
            going on.
        b : int, optional
            the second: yes.

        Returns
        -------
        int
            nothing.
        """,
        """Do it.

        More of it.

        :param a: the first,
            going on.
        :param int b: the second: yes.
        :returns: nothing.
        :raises ValueError: never.
        """,
    ],
)
def test_docstrings_of_three_styles_say_the_same(doc):
    docs = parsed(doc)
    assert docs.description == "Do it.\n\nMore of it."
    assert docs.arguments == {"a": "the first, going on.", "b": "the second: yes."}


@given(st.text())
def test_any_docstring_can_be_read(text):
    parsed(text)


@given(st.lists(st.sampled_from(["One line.", "And: another", "- an item", "", "    code"]), max_size=6))
def test_what_is_no_section_stays(lines):
    text = "\n".join(lines)
    assert parsed(text).description == inspect.cleandoc(text).strip()


@pytest.mark.parametrize(
    ("name", "safety"),
    [
        ("get", "read"),
        ("getUser", "read"),
        ("list_all", "read"),
        ("HTTPGet", "write"),
        ("getter", "write"),
        ("files.remove", "destructive"),
        ("removeFile", "destructive"),
        ("send_mail", "write"),
        ("", "write"),
        ("天气", "write"),
    ],
)
def test_the_verb_tells(name, safety):
    assert guessed(name) == safety
