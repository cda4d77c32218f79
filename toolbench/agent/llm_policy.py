"""A teacher that is a language model. It sees the user's turns, the path and the tools, and nothing of the gold."""

from toolbench.agent.answers import read_step
from toolbench.agent.conversation import finish_name, functions, hint, messages
from toolbench.agent.policy import Proposal, View
from toolbench.model import ChatModel, ChatRequest, digest

SAMPLES_AN_ATTEMPT = 1_000
"""Keeps the samples of different attempts apart in `ChatRequest.sample`; no node is asked that often."""


class LlmPolicy:
    """Asks a chat model for the next step, with native tool calls.

    Where steps were tried from the same place, a last message asks for something else, after ToolLLM's diversity
    prompt. It belongs to the request: `Proposal.siblings_shown` records it, the path never holds it.

    Args:
        model: the model.
        temperature: sampling temperature; None leaves it to the endpoint.
        max_tokens: upper bound on the tokens of an answer; None leaves it to the endpoint.
    """

    def __init__(self, model: ChatModel, *, temperature: float | None = None, max_tokens: int | None = None) -> None:
        self._model = model
        self._temperature = temperature
        self._max_tokens = max_tokens

    async def propose(self, view: View) -> Proposal:
        """Return the model's next step; an unusable answer is an `invalid` step, and reported as an error.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        finish = finish_name(view.tools)
        request, shown = self._request(view, finish)
        answer = await self._model.chat(request)
        step = read_step(answer, finish)
        errors = (("malformed_answer", step.problem),) if step.kind == "invalid" else ()
        usage = answer.usage.model_copy(update={"queries": 1})
        return Proposal(step=step, usage=usage, errors=errors, siblings_shown=shown)

    def _request(self, view: View, finish: str) -> tuple[ChatRequest, tuple[int, ...]]:
        chat = messages(view.turns[0].text, view.path, finish, view.system)
        shown: tuple[int, ...] = ()
        if hinted := hint(view.siblings):
            message, shown = hinted
            chat.append(message)
        request = ChatRequest(
            messages=tuple(chat),
            tools=functions(view.tools, finish),
            temperature=self._temperature,
            max_tokens=self._max_tokens,
            seed=int(digest([view.seed, view.attempt, view.sample])[:7], 16),
            sample=view.attempt * SAMPLES_AN_ATTEMPT + view.sample,
        )
        return request, shown
