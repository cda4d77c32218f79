"""A model for tests that writes what the recipes ask for: instructions, scores, reasons, stories, sections.

Like a real one it errs now and then, always in the same places, so that what is refused can be seen.
"""

import re
from typing import Any

import orjson
from document_reader import Reader

from toolbench.model import digest

ADVERT = "Buy now"
"""A text with this is no good answer to anything."""

WRONG = "lists"
"""A concept whose first section has code that fails its tests."""


class Author(Reader):
    """Writes as asked, in the form asked for; answers all else as a `Reader`."""

    def _said(self, prompt: str) -> str:
        sample = self.requests[-1].get("seed") or 0
        for begin, answer in WORKS.items():
            if prompt.startswith(begin):
                return answer(prompt, sample)
        return super()._said(prompt)


def _story(prompt: str, sample: int) -> str:
    words = re.search(r"in whatever form fits: (.*)\.", prompt)[1].split(", ")  # type: ignore[index]
    fewest = int(re.search(r"It has (\d+) to", prompt)[1])  # type: ignore[index]
    longest = int(re.search(r"at most (\d+) words", prompt)[1])  # type: ignore[index]
    end = (
        "."
        if longest < 8
        else " and they were happy."
        if longest < 12
        else " and they were very happy about it together."
    )
    story = "Lily was a little girl" + end
    for word in words:
        story += f" She said {word}{end}"
    while len(story.split()) < fewest:
        story += f" The dog ran to the big tree{end}"
    if int(digest(words), 16) % 3 == 0 and not sample:
        return story.replace("little", "metaphysical")
    if int(digest(words), 16) % 3 == 1 and not sample:
        return story.replace(words[0], "it")
    return story


def _instruction(prompt: str, sample: int) -> str:
    passage = prompt.rpartition("Text:\n")[2]
    shown = re.findall(r'"instruction": "([^"]*)"', prompt)
    return _dumps({"instruction": f"Explain {' '.join(passage.split()[:6])} (as in {len(shown) - 1} examples)"})


def _score(prompt: str, sample: int) -> str:
    answer = prompt.rpartition("Answer:\n")[2]
    return f"Well.\n{_dumps({'reason': 'So it is.', 'score': 1 if ADVERT in answer else 4 + len(answer) % 2})}"


def _rationale(prompt: str, sample: int) -> str:
    first, second = map(int, re.findall(r"\d+", prompt.rpartition("Input:\n")[2]))
    total = first + second + (first == 13)  # an unlucky number
    return _dumps({"rationale": f"I add {second} to {first}. That makes {total}.", "label": str(total)})


def _outline(prompt: str, sample: int) -> str:
    concepts = {"loops": ["lists"], "lists": ["values"], "values": [], "sorting": ["loops", "lists"]}
    return _dumps(
        {"concepts": [{"concept": one, "prerequisites": two, "explains": one} for one, two in concepts.items()]}
    )


def _section(prompt: str, sample: int) -> str:
    concept = re.search(r"Concept: (.*)", prompt)[1]  # type: ignore[index]
    right = "a + b" if concept != WRONG or sample else "a - b"
    exercises = [
        {
            "question": f"Write add for {concept}.",
            "solution": "Add them.",
            "code": f"```python\ndef add(a, b):\n    return {right}\n```",
            "tests": "assert add(1, 2) == 3\nassert add(-1, 1) == 0",
        },
        {"question": "Why?", "solution": "Because it is so.", "code": "", "tests": ""},
    ]
    return _dumps({"exposition": f"This is about {concept}.", "exercises": exercises})


def _value(prompt: str, sample: int) -> str:
    return _dumps({"reason": "It is short.", "value": 5 if "# values" in prompt and not sample else 8})


WORKS: dict[str, Any] = {
    "Write a short story": _story,
    "Below is a text. Write the instruction": _instruction,
    "Below are an instruction and a candidate": _score,
    "Work out the answer": _rationale,
    "List ": _outline,
    "Write a section of a textbook": _section,
    "How much would": _value,
}


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
