"""Translation into English, by a model at an endpoint."""

import re
from collections import Counter

from toolbench.llm.asking import Silence, ask
from toolbench.model import Chat, ChatModel, ChatRequest, Document
from toolbench.prompts import Prompts
from toolbench.toolformer.base import CallTool, Sample, Settings, ToolError, one_text
from toolbench.toolformer.candidates import unquoted

__all__ = ["Translate"]

LONGEST = 256
"""Tokens of a translation."""

FOREIGN = 2
"""Words of another language that a text must have, at least."""

LATIN = 0x24F
"""Number of the last letter of the Latin script, as far as it is common."""

_PROMPTS = Prompts("toolbench.toolformer")
_COMMON = {
    "de": "der die das und ist nicht ein eine mit auf für wir sie ich auch von wird sind dem den im zu",
    "fr": "le la les des est une dans pour que qui sur avec pas nous vous il elle du au et sont c'est",
    "es": "el los las una es por que con para como está pero más del y se su al son muy",
    "it": "il che di una per con non sono della è gli più nel alla anche si questo lo",
    "pt": "o os um uma não com para que são mais da do na no é você como",
    "nl": "de het een van en niet dat zijn met voor op er maar ook te",
}
_ENGLISH = frozenset("the of and to in is was for on with as by at that it from be this are or".split())
_VOTES = {word: language for language, common in _COMMON.items() for word in common.split() if word not in _ENGLISH}


class Translate(CallTool):
    """Asks a model for a translation.

    Args:
        model: who translates.
    """

    name = "MT"
    purpose = "It translates words of any language into English."
    advice = "In the parentheses stand the words in the other language, in quotes."
    samples = (
        Sample(
            "The sign says „Bitte nicht stören“: please do not disturb.",
            'The sign says „Bitte nicht stören“: <API>MT("Bitte nicht stören")</API> please do not disturb.',
        ),
        Sample(
            "Her first book was called Les oiseaux de nuit (The Night Birds) and sold well.",
            'Her first book was called Les oiseaux de nuit (<API>MT("Les oiseaux de nuit")</API> The Night Birds) and'
            " sold well.",
        ),
        Sample(
            "They shouted “viva la tierra”, long live the land, and marched on.",
            'They shouted “viva la tierra”, <API>MT("viva la tierra")</API> long live the land, and marched on.',
        ),
    )
    settings = Settings(tau_s=0.0, tau_f=0.5, k=20, m=10)
    parameters = one_text("text", "Words in another language.")

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def concerns(self, text: str, document: Document) -> bool:
        """Tell whether a text has words of another language, or letters of another script, within one in English."""
        del document
        found = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
        votes = Counter(_VOTES[word] for word in found if word in _VOTES)
        foreign = max(votes.values(), default=0) >= FOREIGN or any(
            ord(letter) > 0x24F for word in found for letter in word
        )
        return foreign and any(word in _ENGLISH for word in found)

    def allows(self, argument: str, before: str, after: str) -> bool:
        """Tell whether the words do not appear after the call only: nobody translates what has not been said yet."""
        said = unquoted(argument)
        return said in before or said not in after

    async def run(self, argument: str, document: Document) -> str:
        """Return the translation."""
        del document
        chat = Chat([{"role": "user", "content": _PROMPTS.render("translate", text=unquoted(argument))}])
        heard = await ask(self._model, ChatRequest(chat=chat, temperature=0, max_tokens=LONGEST), str.strip)
        if isinstance(heard, Silence):
            raise ToolError(heard.reason)
        return unquoted(heard)
