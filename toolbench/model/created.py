"""Created data of any kind as conversations: the one place that knows in which forms records come.

A kind of created data needs no entry here as long as its records have one of the forms: `messages`; `conversations`;
`question` and `answer`, perhaps with `reasoning` and `system`; `instruction` and `output`, perhaps with `input`;
`prompt` and `completion`; or `text` alone, which is no conversation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from toolbench.model.base import Json, JsonObject, is_array, is_object
from toolbench.model.row import Message, Role
from toolbench.model.trace import Call

PAIRS = ("qa_pairs", "filtered_pairs", "cot_examples")
"""Keys under which synthetic-data-kit's files keep records, those first that say more."""

CONVERSATIONS = "conversations"

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "tool": "tool",
}

MESSAGE_FIELDS: Final = frozenset(
    "messages conversations question answer reasoning system instruction input output response prompt"
    " completion".split()
)
"""Fields that become messages; all others of a record are what is known of it besides."""


@dataclass(frozen=True, slots=True)
class Created:
    """A record as a conversation."""

    messages: tuple[Message, ...]
    """The conversation; empty where the record is a text alone."""
    text: str
    """The text of a record that is no conversation; else empty."""
    meta: JsonObject
    """What is known of it besides: `rating`, `location`, …"""
    record: JsonObject
    """The record as it stands in its file."""

    @property
    def question(self) -> str:
        """What is asked: the user's messages."""
        return "\n".join(message.content or "" for message in self.messages if message.role == "user")

    @property
    def answer(self) -> str:
        """What is answered: the assistant's messages; the text where there are none."""
        said = (message.content or "" for message in self.messages if message.role == "assistant")
        return "\n".join(said) or self.text


RECORDS = "records"
"""Key of records that stood under none."""


def records_in(content: Json) -> tuple[str, list[JsonObject]]:
    """Return the records that the content of a file holds, and the key they stand under: `records` where under none.

    A list, or an object with a list under a known key or, where there is none, under the only key with a list of
    objects. A conversation that is a bare list of messages becomes a record. An object that is a record is one.

    Raises:
        ValueError: there is no such list.
    """
    if is_array(content):
        return RECORDS, _records(content)
    if not is_object(content):
        raise ValueError("neither an object nor a list")
    for key in PAIRS:
        if is_array(content.get(key)):
            return key, _records(content[key])
    lists = [key for key, value in content.items() if key not in (CONVERSATIONS, "messages") and _are_objects(value)]
    if len(lists) == 1:
        return lists[0], _records(content[lists[0]])
    found = content.get(CONVERSATIONS)
    if is_array(found) and not _is_conversation(found):
        return RECORDS, _records(found)
    if _form(content) is not None:
        return RECORDS, [content]
    raise ValueError("no list of records, such as `qa_pairs` or `conversations`")


def created(record: JsonObject) -> Created:
    """Return a record as a conversation.

    Raises:
        ValueError: it has none of the forms.
    """
    form = _form(record)
    if form is None:
        raise ValueError("neither `question` and `answer`, nor `messages`, nor any other known form")
    messages = form(record)
    text = record["text"] if not messages else ""
    besides = MESSAGE_FIELDS | ({"text"} if text else set[str]())
    return Created(messages, text, {key: value for key, value in record.items() if key not in besides}, record)


_Form = Callable[[JsonObject], tuple[Message, ...]]


def _form(record: JsonObject) -> _Form | None:
    for needed, form in _FORMS:
        if all(record.get(name) not in (None, "") for name in needed):
            return form
    return None


def _conversation(messages: Json) -> tuple[Message, ...]:
    if not is_array(messages) or not messages:
        raise ValueError("the conversation is empty")
    return tuple(_message(message) for message in messages)


def _message(message: Json) -> Message:
    if not is_object(message):
        raise ValueError("a message that is no object")
    role = _ROLES.get(str(message.get("role", message.get("from"))))
    if role is None:
        raise ValueError(f"a message of the role {message.get('role', message.get('from'))!r}")
    calls = tuple(_call(call) for call in message.get("tool_calls") or ())
    content: Json = message.get("content", message.get("value"))
    if content is not None and not isinstance(content, str):
        raise ValueError("a message whose content is no text")
    return Message(
        role=role,
        content=content,
        reasoning=str(message.get("reasoning_content") or ""),
        calls=calls,
        call=str(message.get("tool_call_id") or ""),
        name=str(message.get("name") or ""),
        train=role == "assistant",
    )


def _call(call: Json) -> Call:
    import orjson

    try:
        function = call["function"]
        arguments = function["arguments"]
        made = orjson.loads(arguments) if isinstance(arguments, str) else arguments
        return Call(id=str(call.get("id") or ""), tool=function["name"], arguments=made)
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise ValueError("a tool call that is not in the form of Chat Completions") from error


def exchange(question: str, answer: str, *, system: str = "", reasoning: str = "") -> tuple[Message, ...]:
    """Return the conversation of a question and its answer."""
    before = (Message(role="system", content=system),) if system else ()
    said = Message(role="assistant", content=answer, reasoning=reasoning, train=True)
    return (*before, Message(role="user", content=question), said)


def _asked(record: JsonObject) -> tuple[Message, ...]:
    system, reasoning = str(record.get("system") or ""), str(record.get("reasoning") or "")
    return exchange(str(record["question"]), str(record["answer"]), system=system, reasoning=reasoning)


def _instructed(name: str) -> _Form:
    def form(record: JsonObject) -> tuple[Message, ...]:
        wish = "\n\n".join(filter(None, (str(record["instruction"]), str(record.get("input") or ""))))
        return exchange(wish, str(record[name]), system=str(record.get("system") or ""))

    return form


_FORMS: Sequence[tuple[Sequence[str], _Form]] = (
    (("messages",), lambda record: _conversation(record["messages"])),
    (("conversations",), lambda record: _conversation(record["conversations"])),
    (("question", "answer"), _asked),
    (("instruction", "output"), _instructed("output")),
    (("instruction", "response"), _instructed("response")),
    (("prompt", "completion"), lambda record: exchange(str(record["prompt"]), str(record["completion"]))),
    (("text",), lambda _: ()),
)
"""The forms, by the fields they need; the first that fits is taken."""


def _records(values: Sequence[Json]) -> list[JsonObject]:
    if _is_conversation(values):
        return [{CONVERSATIONS: list(values)}]
    records: list[JsonObject] = []
    for at, value in enumerate(values, 1):
        if is_array(value):
            records.append({CONVERSATIONS: value})
        elif is_object(value):
            records += value["qa_pairs"] if is_array(value.get("qa_pairs")) else [value]
        else:
            raise ValueError(f"record {at} is neither an object nor a conversation")
    return records


def _are_objects(value: Json) -> bool:
    return is_array(value) and bool(value) and all(map(is_object, value))


def _is_conversation(values: Json) -> bool:
    """Tell whether a list is the messages of one conversation."""
    return (
        is_array(values) and bool(values) and all(is_object(one) and ({"role", "from"} & one.keys()) for one in values)
    )
