"""Search in a corpus, as in an encyclopedia."""

from toolbench.model import Document
from toolbench.toolformer.base import CallTool, Sample, ToolError, one_text
from toolbench.toolformer.candidates import unquoted
from toolbench.toolformer.passages import Passages

__all__ = ["Search"]


class Search(CallTool):
    """Finds the passage of a corpus that fits some words best.

    Args:
        corpus: what is searched.
    """

    name = "Search"
    purpose = "It finds a short passage about something in an encyclopedia."
    advice = "In the parentheses stand the words that are searched for, in quotes."
    samples = (
        Sample(
            "The colors on the flag of Ghana mean that red stands for the blood of martyrs.",
            'The colors on the flag of Ghana mean that <API>Search("Ghana flag red meaning")</API> red stands for the'
            " blood of martyrs.",
        ),
        Sample(
            "The mill at Aldersyke was driven by the water of the Wend until 1911.",
            'The mill at Aldersyke was driven by <API>Search("Aldersyke mill")</API> the water of the Wend until 1911.',
        ),
        Sample(
            "Bertha Lomax wrote three novels, of which the last was The Salt Road.",
            'Bertha Lomax wrote three novels, of which the last was <API>Search("Bertha Lomax novels")</API> The Salt'
            " Road.",
        ),
    )
    parameters = one_text("query", "Words to search for.")

    def __init__(self, corpus: Passages) -> None:
        self._corpus = corpus

    async def run(self, argument: str, document: Document) -> str:
        """Return the passage, its document's title before it."""
        del document
        found = self._corpus.find(unquoted(argument), 1)
        if not found:
            raise ToolError("nothing is found")
        return f"{found[0].title}: {found[0].text}" if found[0].title else found[0].text
