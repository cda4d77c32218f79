"""Self-instruct: held to the checks, asked again, counted."""

import json

import pytest
from doc_sets_shown import small_doc

from toolbench.gorilla.checks import argument_problems, leaks
from toolbench.gorilla.docset import from_document
from toolbench.gorilla.instructions import Unwritten, Wish
from toolbench.gorilla.replies import TRIES
from toolbench.gorilla.values import leaves
from toolbench.gorilla.writer import EXAMPLES, SelfInstruct, examples_of
from toolbench.model import ChatAnswer, ChatRequest
from toolbench.model.wording import mentions

GOOD = {
    "instruction": "What do you have with Red kite on it?",
    "arguments": {"label": "Red kite"},
    "explanation": "Why not.",
}


class Spoken:
    """A model that gives some replies in turn."""

    name = "spoken"

    def __init__(self, *replies: object) -> None:
        self.replies, self.requests = list(replies), []

    async def chat(self, request: ChatRequest) -> ChatAnswer:
        self.requests.append(request)
        reply = self.replies.pop(0)
        return ChatAnswer(content=reply if isinstance(reply, str) else json.dumps(reply))


async def test_what_passes_is_taken_with_its_values_and_explanation() -> None:
    model = Spoken(f"Here it is: {json.dumps(GOOD)}")
    wish = await SelfInstruct(model, 0).wish(small_doc(), 0)
    assert wish == Wish("What do you have with Red kite on it?", {"label": "Red kite"}, "spoken", "Why not.")
    prompt = model.requests[0].messages[0]["content"]
    assert prompt.count("Documentation: {") == EXAMPLES + 1
    assert small_doc().text in prompt


async def test_examples_are_drawn_by_seed_and_api() -> None:
    prompts = []
    for seed, ordinal in ((0, 0), (0, 0), (1, 0), (0, 1)):
        model = Spoken(GOOD)
        await SelfInstruct(model, seed).wish(small_doc(), ordinal)
        prompts.append(model.requests[0].messages[0]["content"])
    assert prompts[0] == prompts[1]
    assert len(set(prompts)) > 1


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({**GOOD, "instruction": "find things with Red kite on it"}, "it names the API"),
        ({**GOOD, "instruction": "What do you have that is a kite?"}, "it must say 'Red kite'"),
        ({**GOOD, "arguments": {}}, "`label` is missing"),
        ({**GOOD, "arguments": {"label": "Red kite", "order": "left"}}, "`order` is none of ['up', 'down']"),
        ("no JSON at all", "there is no JSON object with `instruction` and `arguments` in it"),
    ],
)
async def test_what_does_not_pass_is_asked_for_again_with_the_reason(bad, told: str) -> None:
    model = Spoken(bad, GOOD)
    assert isinstance(await SelfInstruct(model, 0).wish(small_doc(), 0), Wish)
    assert told in model.requests[1].messages[0]["content"]
    assert model.requests[0].seed != model.requests[1].seed


async def test_what_never_passes_is_given_up_and_says_why() -> None:
    model = Spoken(*[{**GOOD, "arguments": {"label": 5}}] * TRIES)
    found = await SelfInstruct(model, 0).wish(small_doc(), 0)
    assert isinstance(found, Unwritten)
    assert found.tries == TRIES
    assert "`label` is no string" in found.problems


async def test_a_value_that_is_the_default_is_left_out() -> None:
    said = {"instruction": "Show 10 of what has Red kite on it.", "arguments": {"label": "Red kite", "most": 10}}
    wish = await SelfInstruct(Spoken(said), 0).wish(small_doc(), 0)
    assert wish.wanted == {"label": "Red kite"}


@pytest.mark.parametrize("group", ["service", "function", "model"])
def test_the_hand_written_examples_keep_to_what_is_asked_of_a_model(group: str) -> None:
    found = examples_of(group)
    assert len(found) >= 2 * EXAMPLES
    for example in found:
        document, said = json.loads(example["document"]), json.loads(example["answer"])
        doc = from_document(document, small_doc(id=document["api_name"]))
        assert not leaks(said["instruction"], doc.model_copy(update={"title": document["api_name"]}))
        assert all(mentions(said["instruction"], value) for value in leaves(said["arguments"]))
        assert group == "model" or not argument_problems(doc, said["arguments"])
