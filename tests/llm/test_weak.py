import json
from typing import Any

import jsonschema
import pytest

from toolbench.llm.script import Answer
from toolbench.llm.weak import weak_answer


def tool(name: str, required: tuple[str, ...] = (), description: str = "", **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
LIST_BOOKS = tool("library_list_books", description="List the books", title=TEXT)
GET_BOOK = tool("library_get_book", ("book_id",), "Get a book", book_id=WHOLE)
RENEW = tool("library_renew_loan", ("loan_id", "weeks"), "Renew a loan", loan_id=TEXT, weeks=WHOLE)
FINISH = tool("Finish", ("return_type",), return_type={"enum": ["give_answer", "give_up"]}, final_answer=TEXT)


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def step(name: str, result: Any, number: int = 0, **arguments: Any) -> list[dict[str, Any]]:
    call = {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    told = result if isinstance(result, str) else json.dumps(result)
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": f"c{number}", "content": told},
    ]


def answers(messages: list[dict[str, Any]], *tools: dict[str, Any], **more: Any) -> list[Answer]:
    """What it answers with twenty seeds."""
    return [weak_answer({"messages": messages, "tools": list(tools), **more}, seed) for seed in range(20)]


def calls(given: list[Answer]) -> list[tuple[str, Any]]:
    return [(answer.tool_calls[0].name, answer.tool_calls[0].arguments) for answer in given if answer.tool_calls]


def most(items: list[Any]) -> Any:
    return max(items, key=items.count)


def test_calls_what_sounds_right_with_what_the_user_said() -> None:
    made = calls(answers([user('Renew the loan "L-7" for 3 weeks.')], LIST_BOOKS, RENEW, FINISH))
    assert most(made) == ("library_renew_loan", {"loan_id": "L-7", "weeks": 3})


def test_follows_ids_from_a_result_to_the_next_call() -> None:
    books = {"items": [{"id": 4, "title": "Emma"}, {"id": 9, "title": "Ulysses"}]}
    messages = [user('Get the book "Ulysses".'), *step("library_list_books", books)]
    made = [call for call in calls(answers(messages, GET_BOOK, FINISH)) if call[0] != "Finish"]
    assert most(made) == ("library_get_book", {"book_id": 9})


def test_ends_with_the_values_of_the_last_result() -> None:
    messages = [user("Which book is 9?"), *step("library_get_book", {"id": 9, "title": "Ulysses"}, book_id=9)]
    ends = [arguments for name, arguments in calls(answers(messages, GET_BOOK, FINISH)) if name == "Finish"]
    assert {"return_type": "give_answer", "final_answer": "Here is what I found: id 9; title Ulysses."} in ends


def test_ends_in_words_where_there_is_no_finish() -> None:
    messages = [user("Which book is 9?"), *step("library_get_book", {"title": "Ulysses"}, book_id=9)]
    assert "Here is what I found: title Ulysses." in [answer.content for answer in answers(messages, GET_BOOK)]


def test_never_repeats_a_call_and_stops_in_the_end() -> None:
    once = [user("Get book 9"), *step("library_get_book", "timeout", book_id=9)]
    assert {name for name, _ in calls(answers(once, GET_BOOK, FINISH))} == {"Finish"}
    often = [user("Get"), *(m for n in range(8) for m in step("library_get_book", "no", n, book_id=n))]
    assert {name for name, _ in calls(answers(often, LIST_BOOKS, FINISH))} == {"Finish"}


def test_gives_up_where_nothing_came_back() -> None:
    messages = [user("Get book 9"), *step("library_get_book", {"error": "gone"}, book_id=9)]
    assert ("Finish", {"return_type": "give_up_and_restart"}) in calls(answers(messages, GET_BOOK, FINISH))


def test_errs_now_and_then() -> None:
    made = calls(answers([user('Get the book with the title "Emma"')], LIST_BOOKS, GET_BOOK, RENEW, FINISH))
    assert len({name for name, _ in made}) > 1


def test_depends_on_request_and_seed_alone() -> None:
    messages = [user('Find "Emma"')]
    assert answers(messages, LIST_BOOKS, GET_BOOK, RENEW) == answers(messages, LIST_BOOKS, GET_BOOK, RENEW)
    assert len({answer.model_dump_json() for answer in answers(messages, LIST_BOOKS, GET_BOOK, RENEW)}) > 1


SCHEMAS: list[dict[str, Any]] = [
    {"const": 3},
    {"enum": ["open", "closed"]},
    {"type": ["null", "integer"]},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "null"},
    {"type": "array", "items": {"type": "integer"}},
    {"anyOf": [{"type": "null"}, {"type": "string"}]},
    {"$ref": "#/$defs/Tree"},
    {"type": "object", "properties": {"a": {"type": "string", "examples": ["x"]}}, "required": ["a"]},
    {"type": "string", "default": "word"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_fills_any_schema(schema: dict[str, Any]) -> None:
    tree = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}
    root = {"type": "object", "properties": {"p": schema}, "required": ["p"], "$defs": {"Tree": tree}}
    function = {"type": "function", "function": {"name": "f", "parameters": root}}
    made = calls(answers([user("Do f")], function))
    assert made
    for _, arguments in made:
        jsonschema.validate(arguments, root)


def test_optional_arguments_are_given_when_spoken_of() -> None:
    search = tool("search_orders", (), "Search", status={"enum": ["open", "closed"]}, city=TEXT, since=TEXT)
    made = calls(answers([user('Search closed orders from the city "Rome"')], search))
    assert most(made) == ("search_orders", {"status": "closed", "city": "Rome"})


def test_numbers_too_long_to_count_with_are_words() -> None:
    made = calls(answers([user(f"Get book {10**30}")], GET_BOOK))
    assert most(made) == ("library_get_book", {"book_id": 1})


def test_recursive_schemas_end() -> None:
    node: dict[str, Any] = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}, "required": ["next"]}
    root = {"$ref": "#/$defs/Node", "$defs": {"Node": node}}
    assert calls(answers([user("go")], {"type": "function", "function": {"name": "f", "parameters": root}}))


def test_keeps_to_a_response_format() -> None:
    schema = {"type": "object", "properties": {"verdict": {"enum": ["pass", "fail"]}}, "required": ["verdict"]}
    form = {"type": "json_schema", "json_schema": {"name": "v", "schema": schema}}
    for answer in answers([user("Judge this.")], response_format=form):
        jsonschema.validate(json.loads(answer.content or ""), schema)
    assert {answer.content for answer in answers([user("x")], response_format={"type": "json_object"})} == {"{}"}


def test_without_tools_it_only_speaks() -> None:
    assert {answer.content for answer in answers([user("Write a poem")])} == {"As I understand it: Write a poem"}
