"""Endpoints with scripted models behind them that write instructions, ask about passages, and answer rows."""

import json
import re
from typing import Any

from toolbench.gorilla.templates import read_question
from toolbench.llm.script import Answer
from toolbench.llm.scripted import ScriptedModel
from toolbench.model import JsonObject

VALUES: dict[str, Any] = {
    "string": "Amber kite",
    "integer": 731,
    "number": 731.5,
    "boolean": True,
    "array": [],
    "object": {},
}


class WritingModel(ScriptedModel):
    """Writes an instruction for the document that it is shown last; now and then it names the API first."""

    def answer(self, request: JsonObject) -> Answer:
        self.asked += 1
        prompt = request["messages"][-1]["content"]
        document = json.loads(re.findall(r"^Documentation: (\{.*\})$", prompt, re.MULTILINE)[-1])
        arguments = {
            name: about.get("enum", [VALUES.get(about.get("type"), "Amber kite")])[0]
            for name, about in (document.get("api_arguments") or {}).items()
            if about.get("required") is True
        }
        said = ", ".join(str(value) if value is not True else "yes" for value in arguments.values())
        text = f"My colleague left this on my desk, number {self.asked}. Could you see to it? {said}."
        if self.asked % 5 == 0 and "would not do" not in prompt:
            text = f"Call {document['api_name']} with {said}."
        reply = {"instruction": text, "arguments": arguments, "explanation": "It is what is wanted."}
        return Answer(content=f"Sure: {json.dumps(reply)}")


class AskingModel(ScriptedModel):
    """Asks about the first sentence of a passage."""

    def answer(self, request: JsonObject) -> Answer:
        self.asked += 1
        passage = request["messages"][-1]["content"].partition("Passage:\n")[2]
        quote = passage.split("\n\n")[-1].split(". ")[0][:200]
        reply = {"question": f"What about {self.asked}?", "quote": quote, "reason": "It says it", "answer": "That."}
        return Answer(content=json.dumps(reply))


class FirstDocumentModel(ScriptedModel):
    """Calls the API of the first document, without arguments."""

    def answer(self, request: JsonObject) -> Answer:
        self.asked += 1
        _, documents = read_question(request["messages"][-1]["content"])
        name = documents[0]["api_call"].partition("(")[0] if documents else "assistant.act"
        return Answer(content=f"<<<api_call>>>: {name}()")
