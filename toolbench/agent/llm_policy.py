"""A teacher that is a language model. It sees the user's turns, the path and the tools, and nothing of the gold."""

from collections.abc import Mapping

from toolbench.agent.answers import clean
from toolbench.agent.conversation import Hint, finish_name, hint
from toolbench.agent.fitting import fitting, tokens
from toolbench.agent.policy import Proposal, Reflection, View
from toolbench.agent.routes import ROUTES, Offer, RouteName
from toolbench.agent.templates import render
from toolbench.agent.transcript import transcript
from toolbench.model import Chat, ChatModel, ChatRequest, JsonObject, Tool

LONGEST_LESSON = 1_000
"""Characters of a reflection after which it is cut."""

ANSWER_SHARE = 4
"""An answer may take up this part of the context, where there is a bound on it and none on the answer."""


class LlmPolicy:
    """Asks a chat model for the next step.

    Where steps were tried from the same place, a last message asks for something else, after ToolLLM's diversity
    prompt; where leaves were reflected on, it tells what was learned, after LATS. It belongs to the request:
    `Proposal.siblings_shown` and `lessons_shown` record it, the path never holds it.

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
        told = hint(view)
        request = self._request(view, finish, told)
        answer = await self._model.chat(request)
        step = self._route.read(answer, finish)
        errors = (("malformed_answer", step.problem),) if step.kind == "invalid" else ()
        usage = answer.usage.model_copy(update={"queries": 1})
        return Proposal(step=step, usage=usage, errors=errors, siblings_shown=told.siblings, lessons_shown=told.lessons)

    async def reflect(self, view: View) -> Reflection:
        """Return what the model says was learned from the leaf that the path ends in.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        told = transcript(view.turns[0].text, (node.step for node in view.path if node.step), view.today)
        ending = "the assistant gave up" if view.path[-1].status == "gave_up" else "it took too many steps"
        message: JsonObject = {"role": "user", "content": render("reflect", transcript=told, ending=ending)}
        answer = await self._model.chat(self._asked(view, Offer(Chat([message]))))
        lesson = clean(answer.content).strip()[:LONGEST_LESSON]
        return Reflection(text=lesson, usage=answer.usage.model_copy(update={"queries": 1}))

    def _request(self, view: View, finish: str, told: Hint) -> ChatRequest:
        notes = list(told.messages)
        return self._asked(view, self._route.offer(view, finish, self._tools(view, finish, notes), notes))

    def _asked(self, view: View, offer: Offer) -> ChatRequest:
        return ChatRequest(
            chat=offer.chat,
            tools=offer.tools,
            response_format=offer.response_format,
            temperature=self._temperature,
            max_tokens=self._max_tokens,
            seed=view.request_seed,
            sample=view.request_sample,
        )

    def _tools(self, view: View, finish: str, notes: list[JsonObject]) -> Mapping[str, Tool]:
        if self._context is None:
            return view.tools
        rest = self._route.offer(view, finish, {}, notes)
        return fitting(view, finish, self._context - (self._max_tokens or 0) - tokens(list(rest.chat.messages)))
