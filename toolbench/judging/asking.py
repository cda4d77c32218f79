"""Asking a judge one question: the reason first, then one of a few words. What cannot be read is no opinion."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.llm.asking import Silence, ask, objects, short, without_thoughts
from toolbench.llm.constraint import response_format
from toolbench.model import Chat, ChatModel, ChatRequest, JsonObject

TEMPERATURE = 0.2
"""Some, so that votes may differ."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge said."""

    word: str
    """One of the words it could choose from."""
    reason: str


class Judge:
    """A chat model that is asked for opinions.

    Args:
        model: the model.
        patience: seconds to wait for an answer; None for as long as the endpoint's client does.
        constrained: whether the model's answers are held to a schema.
    """

    def __init__(self, model: ChatModel, *, patience: float | None = None, constrained: bool = False) -> None:
        self._model, self._patience, self._constrained = model, patience, constrained

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    async def ask(self, prompt: str, words: Sequence[str], sample: int) -> Opinion | Silence:
        """Return the opinion of a judge that was asked for one of some words.

        Args:
            prompt: the question.
            words: the words it may choose from.
            sample: which of several equal questions.

        Raises:
            UnreachableError: the endpoint cannot be reached, or refuses us: nothing would come of asking on.
        """
        chat = Chat([{"role": "user", "content": prompt}])
        form = response_format(_schema(words)) if self._constrained else None
        request = ChatRequest(chat=chat, temperature=TEMPERATURE, sample=sample, response_format=form)
        return await ask(self._model, request, lambda text: read_opinion(text, words), patience=self._patience)


def _schema(words: Sequence[str]) -> JsonObject:
    """Return the form of an opinion: its reason comes first."""
    return {
        "type": "object",
        "properties": {"reason": {"type": "string"}, "verdict": {"enum": list(words)}},
        "required": ["reason", "verdict"],
        "additionalProperties": False,
    }


def read_opinion(text: str, words: Sequence[str]) -> Opinion:
    """Return the opinion that a text holds: a JSON object with a `reason` and a `verdict`, which is one of some words.

    Thoughts in front of it, fences and words around it do not matter. Several that differ are none.

    Raises:
        ValueError: it holds none.
    """
    known = {word.casefold(): word for word in words}
    found = [one for one in objects(without_thoughts(text)) if "verdict" in one]
    verdicts = {known.get(str(one["verdict"]).strip().casefold()) for one in found}
    if not found or None in verdicts:
        raise ValueError(f"no verdict in {short(text)!r}")
    if len(verdicts) > 1:
        raise ValueError(f"several verdicts in {short(text)!r}")
    reason = found[-1].get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise ValueError(f"a verdict without a reason in {short(text)!r}")
    return Opinion(str(verdicts.pop()), short(reason))
