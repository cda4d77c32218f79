"""A teacher that is a language model. It sees the user's turns, the path and the tools, and nothing of the gold."""

from collections.abc import Mapping

from toolbench.agent.conversation import finish_name, hint
from toolbench.agent.fitting import fitting, tokens
from toolbench.agent.policy import Proposal, View
from toolbench.agent.routes import ROUTES, RouteName
from toolbench.model import ChatModel, ChatRequest, JsonObject, Tool, digest

SAMPLES_AN_ATTEMPT = 1_000
"""Keeps the samples of different attempts apart in `ChatRequest.sample`; no node is asked that often."""

ANSWER_SHARE = 4
"""An answer may take up this part of the context, where there is a bound on it and none on the answer."""


class LlmPolicy:
    """Asks a chat model for the next step.

    Where steps were tried from the same place, a last message asks for something else, after ToolLLM's diversity
    prompt. It belongs to the request: `Proposal.siblings_shown` records it, the path never holds it.

    Args:
        model: the model.
        route: how tools are offered and calls read.
        temperature: sampling temperature; None leaves it to the endpoint.
        max_tokens: upper bound on the tokens of an answer; None leaves it to the endpoint.
        context: tokens that a request and its answer must fit into, estimated: tools that fit the user's words least
            are left out. None: there is no bound.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        route: RouteName = "native",
        temperature: float | None = None,
        max_tokens: int | None = None,
        context: int | None = None,
    ) -> None:
        self._model = model
        self._route = ROUTES[route]
        self._temperature = temperature
        self._max_tokens = max_tokens if max_tokens or context is None else context // ANSWER_SHARE
        self._context = context

    async def propose(self, view: View) -> Proposal:
        """Return the model's next step; an unusable answer is an `invalid` step, and reported as an error.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        finish = finish_name(view.tools)
        request, shown = self._request(view, finish)
        answer = await self._model.chat(request)
        step = self._route.read(answer, finish)
        errors = (("malformed_answer", step.problem),) if step.kind == "invalid" else ()
        usage = answer.usage.model_copy(update={"queries": 1})
        return Proposal(step=step, usage=usage, errors=errors, siblings_shown=shown)

    def _request(self, view: View, finish: str) -> tuple[ChatRequest, tuple[int, ...]]:
        notes: list[JsonObject] = []
        shown: tuple[int, ...] = ()
        if hinted := hint(view.siblings):
            message, shown = hinted
            notes.append(message)
        offer = self._route.offer(view, finish, self._tools(view, finish, notes), notes)
        request = ChatRequest(
            messages=offer.messages,
            tools=offer.tools,
            response_format=offer.response_format,
            temperature=self._temperature,
            max_tokens=self._max_tokens,
            seed=int(digest([view.seed, view.attempt, view.sample])[:7], 16),
            sample=view.attempt * SAMPLES_AN_ATTEMPT + view.sample,
        )
        return request, shown

    def _tools(self, view: View, finish: str, notes: list[JsonObject]) -> Mapping[str, Tool]:
        if self._context is None:
            return view.tools
        rest = self._route.offer(view, finish, {}, notes)
        return fitting(view, finish, self._context - (self._max_tokens or 0) - tokens(list(rest.messages)))
