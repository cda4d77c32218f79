"""Summaries of documents, however long: pieces first, then the summaries of the pieces."""

from toolbench.create._templates import ours
from toolbench.create.base import Asker, Question, Settings, Source
from toolbench.llm.own_prompts import user_message
from toolbench.model import JsonObject

AT_ONCE = 16_000
"""Characters that are summarised at once."""


async def summarise(source: Source, settings: Settings, asker: Asker) -> str | None:
    """Return a summary of a document; None where none came."""
    texts = _joined([chunk.text for chunk in source.chunks])
    while len(texts) > 1:
        found = [await _summary(text, settings, asker) for text in texts]
        texts = _joined([text for text in found if text])
    return await _summary(texts[0], settings, asker) if texts else None


async def _summary(text: str, settings: Settings, asker: Asker) -> str | None:
    return await asker.ask(Question((_message(text, settings),)), str.strip)


def _message(text: str, settings: Settings) -> JsonObject:
    own = settings.prompts.get("summary")
    if own:
        return user_message(own, {"text": text})
    return {"role": "user", "content": ours.render("summary", text=text)}


def _joined(pieces: list[str]) -> list[str]:
    """Return pieces put together, as many as are summarised at once; fewer than there were, where they are several."""
    texts: list[str] = []
    for at, piece in enumerate(pieces):
        # Two at least stand together, or it would never end.
        if texts and (len(texts[-1]) + len(piece) <= AT_ONCE or at % 2):
            texts[-1] += f"\n\n{piece}"
        else:
            texts.append(piece)
    return texts
