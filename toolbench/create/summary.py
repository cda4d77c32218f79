"""A summary of each document, however long it is."""

from collections.abc import Sequence

from toolbench.create._summaries import summarise
from toolbench.create.base import Asker, Creator, Job, Options, Source
from toolbench.model import JsonObject

__all__ = ["SummaryCreator"]

WISH = "Summarise the following text in three to five sentences."


class SummaryCreator(Creator[Options]):
    """Asks for a summary of a document; of its pieces first, where it is long."""

    suffix = "summary"
    key = "summaries"
    counted = False

    def jobs(self, source: Source) -> Sequence[Job]:
        """Return the whole document as the one job."""
        return [Job("document", source)] if source.chunks else []

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:  # noqa: ARG002
        """Return the summary as a question with its answer."""
        summary = await summarise(job.source, self.settings, asker)
        document = job.source.document
        if not summary or document is None:
            return []
        row: JsonObject = {"question": f"{WISH}\n\n{document.text}", "answer": summary, "document": document.id}
        return [row | ({"title": document.title} if document.title else {})]

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return the content of the file: `summary`, as synthetic-data-kit writes it, and the same as a record."""
        return {"summary": rows[0]["answer"], **super().content(rows, preface)}
