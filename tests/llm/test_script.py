from pathlib import Path
from typing import Any

import pytest
from mocked import ask

from toolbench.errors import ConfigError
from toolbench.llm.script import Answer, Rule, ScriptedCall, When, parse_script, read_script
from toolbench.llm.scripted import ScriptedModel

TEXT = """
- content: first
- status: 429
  headers: {Retry-After: "0"}
- when: {contains: order, last_role: user, tool_offered: get_order}
  answer:
    tool_calls: [{name: get_order, arguments: {id: 7}}]
- answer: {body: "<html>"}
"""


def request(text: str = "hello", tool: str = "f", **more: Any) -> dict[str, Any]:
    return {"messages": list(ask(text).messages), "tools": [{"type": "function", "function": {"name": tool}}], **more}


def test_reads_answers_and_rules(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(TEXT)
    assert read_script(path) == (
        Answer(content="first"),
        Answer(status=429, headers={"Retry-After": "0"}),
        Rule(
            when=When(contains="order", last_role="user", tool_offered="get_order"),
            answer=Answer(tool_calls=(ScriptedCall(name="get_order", arguments={"id": 7}),)),
        ),
        Rule(answer=Answer(body="<html>")),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- contnt: x", r"item 1, contnt"),
        ("- content: x\n- when: {last_role: boss}\n  answer: {}", r"item 2, when.last_role"),
        ("- when: {contains: x}", r"item 1, answer"),
        ("- answer: {status: 99}", r"item 1, answer.status"),
        ("answer: x", "not a script"),
        ("- [", "not YAML"),
        ("- just words", "item 1"),
    ],
)
def test_a_bad_script_is_told_by_its_place(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said) as caught:
        read_script(path)
    assert str(path) in str(caught.value)
    assert "A script is a list" in str(caught.value)


def test_a_missing_script_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        read_script(tmp_path / "none.yaml")


def test_answers_are_used_once_and_rules_for_ever() -> None:
    script = parse_script([{"content": "a"}, {"when": {"contains": "x"}, "answer": {"content": "x"}}, {"content": "b"}])
    model = ScriptedModel(script)
    said = [model.answer(request(text)).content for text in ("x", "x", "y", "x", "x")]
    assert said == ["a", "x", "b", "x", "x"]
    assert model.asked == 5


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (When(), True),
        (When(contains="ell"), True),
        (When(contains="order"), False),
        (When(last_role="user"), True),
        (When(last_role="tool"), False),
        (When(tool_offered="f"), True),
        (When(tool_offered="g"), False),
        (When(contains="ell", last_role="tool"), False),
    ],
)
def test_all_conditions_must_hold(when: When, holds: bool) -> None:
    assert when.holds(request()) is holds


def test_text_in_parts_counts() -> None:
    message = {"role": "user", "content": [{"type": "text", "text": "an order"}, {"type": "image_url"}]}
    assert When(contains="order").holds({"messages": [{"role": "system", "content": None}, message]})
