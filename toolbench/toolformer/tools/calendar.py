"""The date of the document."""

from datetime import date

from toolbench.model import Document
from toolbench.toolformer.base import CallTool, Sample, ToolError, no_arguments

__all__ = ["Calendar"]


class Calendar(CallTool):
    """Tells the date that the document's metadata give."""

    name = "Calendar"
    purpose = "It tells today's date."
    advice = "Nothing stands in the parentheses."
    samples = (
        Sample(
            "Today is Tuesday, and the library opens at noon.",
            "Today is <API>Calendar()</API> Tuesday, and the library opens at noon.",
        ),
        Sample(
            "The choir will sing again this Friday in the old church.",
            "The choir will sing again this <API>Calendar()</API> Friday in the old church.",
        ),
        Sample(
            "It is now May 2014, and the new ferry has been in service for a year.",
            "It is now <API>Calendar()</API> May 2014, and the new ferry has been in service for a year.",
        ),
        Sample(
            "The current year is 2003, and the lease runs for ten more years.",
            "The current year is <API>Calendar()</API> 2003, and the lease runs for ten more years.",
        ),
    )
    parameters = no_arguments()

    def concerns(self, text: str, document: Document) -> bool:
        """Tell whether the document's date is known."""
        del text
        return _date(document) is not None

    async def run(self, argument: str, document: Document) -> str:
        """Return the date in words."""
        if argument:
            raise ToolError("nothing may stand in the parentheses")
        day = _date(document)
        if day is None:
            raise ToolError("the document has no date")
        return f"Today is {day:%A}, {day:%B} {day.day}, {day.year}."


def _date(document: Document) -> date | None:
    try:
        return date.fromisoformat(document.metadata.get("date", "")[:10])
    except ValueError:
        return None
