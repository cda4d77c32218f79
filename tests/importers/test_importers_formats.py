"""Each format's rows become what they ask, and what is not taken over is named."""

import json

import pytest
from rows_of_others import api, as_lines, as_list, chat, function, query, question, user, written

from toolbench import plugins
from toolbench.errors import PluginError, TaskFileError
from toolbench.importers.base import read_file
from toolbench.importers.bfcl import MORE_TOOLS
from toolbench.model import AcceptedCall

ROWS = {"toolbench": query(), "bfcl": question(), "openai": chat("Hello?")}


def one(tmp_path, row):
    reading = read_file(written(tmp_path / "file.json", [row]))
    assert not reading.refused, reading.refused
    ((line, found),) = reading.questions
    assert line == 1
    return found


def refusal(tmp_path, row, name="auto"):
    reading = read_file(written(tmp_path / "file.json", [row]), name)
    (found,) = reading.refused
    assert (reading.rows, reading.questions) == (1, [])
    return found.reason


@pytest.mark.parametrize("form", [as_list, as_lines])
@pytest.mark.parametrize("name", ROWS)
def test_the_content_tells_the_format(tmp_path, name, form):
    reading = read_file(written(tmp_path / "x", [{"nothing": "known"}, ROWS[name]], form))
    assert (reading.format, len(reading.questions), len(reading.refused)) == (name, 1, 1)
    assert [other for other in ROWS if plugins.load("importers", other)().recognises(ROWS[name])] == [name]


def test_a_file_of_no_format_lists_those_there_are(tmp_path):
    with pytest.raises(TaskFileError, match="bfcl, openai, toolbench") as caught:
        read_file(written(tmp_path / "x.json", [{"text": "prose"}]))
    assert (str(caught.value).startswith(str(tmp_path / "x.json")), caught.value.exit_code) == (True, 2)


def test_a_format_can_be_forced_and_then_its_reasons_are_given(tmp_path):
    assert refusal(tmp_path, query(), "openai") == "the messages are no list"
    assert refusal(tmp_path, query(), "bfcl") == "the question is no list of turns"
    assert refusal(tmp_path, chat("Hi"), "toolbench") == "the query is no text"
    with pytest.raises(PluginError, match="did you mean 'openai'"):
        read_file(tmp_path / "file.json", "opnai")


# -- ToolBench


def test_a_query_keeps_its_apis_under_both_names(tmp_path):
    found = one(tmp_path, query())
    (turn,) = found.turns
    assert (found.id, turn.text) == ("7", "Which matches are on today?")
    assert [(tool.home, tool.document["name"], tool.alias, tool.safety) for tool in turn.tools] == [
        ("Sports/Live Scores", "Get Matches", "get_matches_for_live_scores", "read"),
        ("Sports/Live Scores", "delete", "delete_for_live_scores", "destructive"),
        ("Weather/Sky", "forecast", "forecast_for_sky", "read"),
    ]
    assert turn.tools[0].document["parameters"] == {
        "type": "object",
        "properties": {
            "day": {"type": "string", "format": "date", "description": "the day", "examples": ["2023-01-02"]},
            "limit": {"type": "number", "default": 10},
        },
        "required": ["day"],
    }
    assert [tool.document["name"] for tool in found.distractors] == ["delete", "forecast"]


def test_a_query_in_pieces_is_one_turn(tmp_path):
    (turn,) = one(tmp_path, query(["I plan a trip. ", "Where to?"])).turns
    assert turn.text == "I plan a trip. Where to?"


@pytest.mark.parametrize("relevant", [[], "all", [["Nobody", "knows"]]])
def test_where_no_api_is_relevant_none_is_a_distractor(tmp_path, relevant):
    assert one(tmp_path, query(relevant=relevant)).distractors == ()


def test_what_a_query_holds_besides_is_named(tmp_path):
    row = {**query(apis=[api(template_response={"a": "str"})]), "extra": 1}
    assert set(one(tmp_path, row).left_out) == {"extra", "api_list: template_response"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"query": ""}, "the query is no text"),
        ({"query": ["a", 1]}, "the query is no text"),
        ({"api_list": []}, "it offers no tools"),
        ({"api_list": [{"tool_name": "Sky"}]}, "an API has no `api_name`"),
        ({"api_list": ["Sky"]}, "an API has no `tool_name`"),
        (
            {"api_list": [api(required_parameters=[{"type": "STRING"}])]},
            "the API 'Get Matches': a parameter has no name",
        ),
    ],
)
def test_a_bad_query_is_refused(tmp_path, change, reason):
    assert refusal(tmp_path, {**query(), **change}) == reason


# -- BFCL


def test_each_list_of_messages_is_a_turn_and_the_system_message_is_kept(tmp_path):
    told = {"role": "system", "content": "Be brief."}
    found = one(tmp_path, question(turns=[[told, user("One."), user("And more.")], [user("Two.")]]))
    assert (found.id, found.system) == ("simple_0", "Be brief.")
    assert [turn.text for turn in found.turns] == ["One.\n\nAnd more.", "Two."]
    assert {turn.tools[0].document["name"] for turn in found.turns} == {"math.area"}


def test_an_answer_between_messages_ends_a_turn_and_is_no_gold(tmp_path):
    found = one(tmp_path, question(turns=[[user("One."), {"role": "assistant", "content": "A."}, user("Two.")]]))
    assert [turn.text for turn in found.turns] == ["One.", "Two."]
    assert found.left_out == ("assistant messages",)


ANSWERS = {"id": "simple_0", "ground_truth": [{"math.area": {"base": [3], "unit": ["", "cm"]}}]}
ACCEPTED = AcceptedCall(name="math.area", arguments={"base": [3], "unit": ["", "cm"]})


def accepted(path, gold=None):
    ((_, found),) = read_file(path, gold=gold).questions
    return found.accepted


def test_possible_answers_become_accepted_calls_of_their_question(tmp_path):
    questions = written(tmp_path / "q.json", [question()])
    assert accepted(questions) is None
    elsewhere = written(tmp_path / "gold" / "g.json", [ANSWERS])
    assert accepted(questions, elsewhere) == (ACCEPTED,)
    written(tmp_path / "possible_answer" / "q.json", [{**ANSWERS, "ground_truth": []}])
    assert accepted(questions) == ()
    assert accepted(questions, elsewhere) == (ACCEPTED,)


def test_where_no_function_fits_no_call_is_accepted(tmp_path):
    assert accepted(written(tmp_path / "q.json", [question("live_irrelevance_0-0-0")])) == ()
    assert accepted(written(tmp_path / "r.json", [question("live_relevance_0-0-0")])) is None


def test_possible_answers_of_several_turns_are_not_taken(tmp_path):
    gold = written(tmp_path / "g.json", [{"id": "simple_0", "ground_truth": [["area(base=3)"], []]}])
    assert accepted(written(tmp_path / "q.json", [question()]), gold) is None


def test_gold_that_cannot_be_used_is_said(tmp_path):
    questions = written(tmp_path / "q.json", [question()])
    with pytest.raises(TaskFileError, match="there are no possible answers in it"):
        read_file(questions, gold=questions)
    chats = written(tmp_path / "c.jsonl", [chat("Hello?")])
    with pytest.raises(TaskFileError, match="the format openai has no files of gold"):
        read_file(chats, gold=questions)
    broken = written(tmp_path / "g.json", [{"id": "simple_0", "ground_truth": [{"f": 1}]}])
    (refused,) = read_file(questions, gold=broken).refused
    assert "no lists of accepted values" in refused.reason


def test_rows_of_possible_answers_are_no_tasks(tmp_path):
    answers = {"id": "simple_0", "ground_truth": [{"math.area": {"base": [3], "unit": ["", "cm"]}}]}
    reading = read_file(written(tmp_path / "answers.json", [answers] * 3))
    assert (reading.questions, reading.refused) == ([], [])
    assert dict(reading.skipped) == {"possible answers: they belong to questions": 3}


def shared(folder, name, *functions):
    written(folder / "multi_turn_func_doc" / f"{name}.json", [{**each, "response": {}} for each in functions])


def test_classes_bring_the_functions_that_lie_beside_the_file(tmp_path):
    shared(tmp_path, "gorilla_file_system", function("ls"), function("sort"), function("rm"))
    shared(tmp_path, "posting_api", function("post"))
    row = {
        "id": "multi_0",
        "question": [[user("Look.")], [], [user("Sort.")]],
        "involved_classes": ["GorillaFileSystem", "TwitterAPI"],
        "excluded_function": ["rm"],
        "missed_function": {"1": ["sort"]},
        "initial_config": {"GorillaFileSystem": {}},
    }
    found = one(tmp_path, row)
    assert [turn.text for turn in found.turns] == ["Look.", MORE_TOOLS, "Sort."]
    offered = [[tool.document["name"] for tool in turn.tools] for turn in found.turns]
    assert offered == [["ls", "post"], ["ls", "sort", "post"], ["ls", "sort", "post"]]
    assert {tool.home for tool in found.turns[0].tools} == {"gorilla_file_system", "posting_api"}
    assert found.left_out == ("initial_config",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"question": [[]]}, "the user says nothing"),
        ({"question": [user("One.")]}, "the messages are no list"),
        ({"question": [[{"role": "judge", "content": "x"}]]}, "a message has the role 'judge'"),
        ({"question": [[user(" ")]]}, "a user message has no text"),
        ({"function": []}, "it offers no tools"),
        ({"function": [{"description": "x"}]}, "a function has no name"),
        ({"missed_function": {"one": ["math.area"]}}, "`missed_function` does not say turn by turn"),
        ({"involved_classes": ["MathAPI"]}, "the functions of MathAPI are not there"),
        ({"involved_classes": ["MemoryAPI"]}, "it asks about earlier conversations"),
        ({"involved_classes": ["../../secret"]}, "the functions of ../../secret are not there"),
    ],
)
def test_a_bad_question_is_refused(tmp_path, change, reason):
    assert refusal(tmp_path, {**question(), **change}).startswith(reason)


def test_a_schema_that_cannot_be_understood_is_refused_by_the_name_of_its_function(tmp_path):
    row = question(functions=[function("f", a={"$ref": "#/nowhere"})])
    assert refusal(tmp_path, row).startswith("the function 'f': ")


# -- OpenAI


def test_a_chat_gives_the_users_side(tmp_path):
    calls = [{"id": "c", "type": "function", "function": {"name": "area", "arguments": "{}"}}]
    messages = [
        {"role": "developer", "content": [{"type": "text", "text": "You work for Acme."}]},
        user([{"type": "text", "text": "First"}, {"type": "text", "text": "line."}]),
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c", "content": "{}"},
        {"role": "assistant", "content": "Done."},
        {**user("Second."), "name": "Ada"},
        {"role": "system", "content": "Late."},
    ]
    tools = [{"type": "function", "function": {**function("area"), "strict": True}}]
    found = one(tmp_path, {"messages": messages, "tools": tools, "parallel_tool_calls": False})
    assert (found.system, [turn.text for turn in found.turns]) == ("You work for Acme.", ["First\nline.", "Second."])
    assert set(found.left_out) == {
        *("assistant messages", "tool messages", "system messages after the first turn", "messages: name"),
        *("tools: strict", "parallel_tool_calls"),
    }


@pytest.mark.parametrize(
    "tools",
    [
        {"tools": json.dumps([{"type": "function", "function": function("area")}])},
        {"functions": [function("area")]},
        {"tools": [function("area")]},
    ],
)
def test_tools_come_in_several_forms(tmp_path, tools):
    found = one(tmp_path, {"messages": [user("Hi.")], **tools})
    assert found.turns == one(tmp_path, chat("Hi.")).turns


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"messages": []}, "the user says nothing"),
        ({"messages": ["Hi"]}, "a message is no object"),
        ({"messages": [user([{"type": "image_url"}])]}, "a message holds a part of the type 'image_url'"),
        ({"tools": []}, "it offers no tools"),
        ({"tools": "["}, "the tools are a text that is not JSON"),
        ({"tools": {"name": "f"}}, "the tools are no list"),
        ({"tools": ["f"]}, "a tool is no function"),
        ({"tools": [{"type": "function", "function": {"name": " "}}]}, "a function has no name"),
    ],
)
def test_a_bad_chat_is_refused(tmp_path, change, reason):
    assert refusal(tmp_path, {**chat("Hi."), **change}).startswith(reason)
