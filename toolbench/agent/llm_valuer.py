"""A valuer that asks a language model: a reason first, then a score from 0 to 10."""

import re

from toolbench.agent.policy import View
from toolbench.agent.templates import render
from toolbench.agent.transcript import transcript
from toolbench.agent.valuer import Valuation
from toolbench.model import Chat, ChatModel, ChatRequest, Step

BEST = 10
"""The highest score."""

_NUMBER = r"(-?\d+(?:[.,]\d+)?)"
_SCORES = (
    re.compile(rf"\b(?:score|rating)\b[^\d\n-]{{0,20}}{_NUMBER}", re.IGNORECASE),
    re.compile(rf"(?<![\d.,]){_NUMBER}\s*(?:/|out of)\s*10\b", re.IGNORECASE),
    re.compile(rf"^\W*{_NUMBER}\W*$", re.MULTILINE),
)
"""How a score may be written, the clearest form first."""


class LlmValuer:
    """Has a chat model rate the path so far. It sees what the policy sees: the user's words, the calls, the answers.

    Args:
        model: the model.
        temperature: sampling temperature; None leaves it to the endpoint.
    """

    def __init__(self, model: ChatModel, *, temperature: float | None = None) -> None:
        self._model = model
        self._temperature = temperature

    async def value(self, view: View, step: Step) -> Valuation:
        """Return the model's score as a share of the highest; None, with what was said, where it holds none.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        steps = [*(node.step for node in view.path if node.step), step]
        told = transcript(view.turns[0].text, steps, view.today)
        request = ChatRequest(
            chat=Chat([{"role": "user", "content": render("value", transcript=told, ended=step.kind != "call")}]),
            temperature=self._temperature,
            seed=view.request_seed,
            sample=view.request_sample,
        )
        answer = await self._model.chat(request)
        score = read_score(answer.content)
        problem = "" if score is not None else f"no score from 0 to {BEST} in {answer.content[-200:]!r}"
        value = None if score is None else score / BEST
        return Valuation(value=value, usage=answer.usage.model_copy(update={"queries": 1}), problem=problem)


def read_score(text: str) -> float | None:
    """Return the score that a text ends in: `Score: 7`, `7/10`, `7 out of 10`, or a line that is a number.

    Of several in the clearest form the last counts. None where there is none, or it is not from 0 to 10.
    """
    for form in _SCORES:
        if found := form.findall(text):
            score = float(found[-1].replace(",", "."))
            return score if 0 <= score <= BEST else None
    return None
