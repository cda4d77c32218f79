"""A teacher that is a language model. It sees the user's turns, the path and the tools, and nothing of the gold."""

from toolbench.agent.answers import clean, read_step
from toolbench.agent.conversation import Hint, finish_name, functions, hint, messages
from toolbench.agent.policy import Proposal, Reflection, View
from toolbench.agent.templates import render
from toolbench.agent.transcript import transcript
from toolbench.model import ChatModel, ChatRequest, JsonObject

LONGEST_LESSON = 1_000
"""Characters of a reflection after which it is cut."""


class LlmPolicy:
    """Asks a chat model for the next step, with native tool calls.

    Where steps were tried from the same place, a last message asks for something else, after ToolLLM's diversity
    prompt; where leaves were reflected on, it tells what was learned, after LATS. It belongs to the request:
    `Proposal.siblings_shown` and `lessons_shown` record it, the path never holds it.

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
        told = hint(view)
        request = self._request(view, finish, told)
        answer = await self._model.chat(request)
        step = read_step(answer, finish)
        errors = (("malformed_answer", step.problem),) if step.kind == "invalid" else ()
        usage = answer.usage.model_copy(update={"queries": 1})
        return Proposal(step=step, usage=usage, errors=errors, siblings_shown=told.siblings, lessons_shown=told.lessons)

    async def reflect(self, view: View) -> Reflection:
        """Return what the model says was learned from the leaf that the path ends in.

        Raises:
            toolbench.errors.EndpointError: no usable answer came.
        """
        told = transcript(view.turns[0].text, [node.step for node in view.path if node.step])
        ending = "the assistant gave up" if view.path[-1].status == "gave_up" else "it took too many steps"
        message: JsonObject = {"role": "user", "content": render("reflect", transcript=told, ending=ending)}
        answer = await self._model.chat(self._asked(view, (message,)))
        lesson = clean(answer.content).strip()[:LONGEST_LESSON]
        return Reflection(text=lesson, usage=answer.usage.model_copy(update={"queries": 1}))

    def _request(self, view: View, finish: str, told: Hint) -> ChatRequest:
        return self._asked(view, (*messages(view, finish), *told.messages), functions(view.tools, finish))

    def _asked(self, view: View, chat: tuple[JsonObject, ...], tools: tuple[JsonObject, ...] = ()) -> ChatRequest:
        return ChatRequest(
            messages=chat,
            tools=tools,
            temperature=self._temperature,
            max_tokens=self._max_tokens,
            seed=view.request_seed,
            sample=view.request_sample,
        )
