"""Reasons for given labels, after Distilling Step-by-Step: kept where the reasoning comes to the given label."""

from collections.abc import Sequence
from pathlib import Path

from toolbench.create._given import given_records
from toolbench.create._rows import question_key, rows_in
from toolbench.create._templates import ours
from toolbench.create.base import Asker, Creator, Job, Options, Question, Source
from toolbench.errors import InputError
from toolbench.model import JsonObject

__all__ = ["RationaleCreator"]

INPUTS = ("input", "question", "text", "instruction", "prompt", "premise")
LABELS = ("label", "answer", "output", "completion", "target")
MOST_LABELS = 20
"""Different labels up to which the model is told all of them."""

_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"rationale": {"type": "string"}, "label": {"type": "string"}},
    "required": ["rationale", "label"],
    "additionalProperties": False,
}


class RationaleOptions(Options):
    """What the asking for reasons can be told."""

    labels: Path | None = None
    """A file with the labels, line by line or record by record, where the rows themselves have none."""
    input_field: str = ""
    """Field with what is labelled; by default the first there is of `input`, `question`, `text`, …"""
    label_field: str = ""
    """Field with the label; by default the first there is of `label`, `answer`, …"""


class RationaleCreator(Creator[RationaleOptions]):
    """Asks of each labelled row for reasons and a label, without telling the label that is given."""

    reads = "records"
    suffix = "rationales"
    key = "examples"
    counted = False
    options = RationaleOptions

    def jobs(self, source: Source) -> Sequence[Job]:
        """Return the rows, each with its label.

        Raises:
            InputError: a row has no input or no label, or there is another number of labels.
        """
        labels = self._labels(source)
        inputs = [_field(row, self.told.input_field, INPUTS) for row in source.records]
        for at, (text, label) in enumerate(zip(inputs, labels, strict=True), 1):
            if not (text and label):
                hint = "Name the fields: --set input_field=NAME --set label_field=NAME; or a file: --set labels=FILE."
                raise InputError("no input, or no label", where=f"{source.path}, record {at}", hint=hint)
        offered = sorted({*labels}) if len({*labels}) <= min(MOST_LABELS, len(labels) / 2) else []
        return [
            Job(f"record {at}", source, record={"input": text, "label": label, "offered": offered})
            for at, (text, label) in enumerate(zip(inputs, labels, strict=True), 1)
        ]

    async def make(self, job: Job, wanted: int, known: Sequence[JsonObject], asker: Asker) -> list[JsonObject]:  # noqa: ARG002
        """Return the row with its rationale, and the label that the model came to."""
        prompt = ours.render("rationale", input=job.record["input"], offered=job.record["offered"])
        question = Question(({"role": "user", "content": prompt},), _SCHEMA)
        found = await asker.ask(question, lambda text: rows_in(text, ("rationale", "label"))[0])
        if not found:
            return []
        given = {name: job.record[name] for name in ("input", "label")}
        return [given | {"rationale": found["rationale"], "predicted": found["label"]}]

    def fault(self, row: JsonObject, job: Job) -> str:  # noqa: ARG002 - all of it is in the row
        """Return why a rationale is not kept."""
        if not row["rationale"]:
            return "incomplete"
        return "" if question_key(row["predicted"]) == question_key(row["label"]) else "label_disagrees"

    def content(self, rows: Sequence[JsonObject], preface: JsonObject) -> JsonObject:
        """Return two rows of each: one learns the label, one the rationale."""
        tasks = ("label", "rationale")
        return super().content([_task(row, task) for row in rows for task in tasks], preface)

    def _labels(self, source: Source) -> list[str]:
        if self.told.labels is None:
            return [_field(row, self.told.label_field, LABELS) for row in source.records]
        path = self.told.labels
        if path.suffix in {".json", ".jsonl"}:
            labels = [_field(row, self.told.label_field, LABELS) for row in given_records(path)]
        else:
            try:
                labels = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"cannot be read: {error}", where=str(path), hint="Give a label a line.") from error
        if len(labels) != len(source.records):
            raise InputError(
                f"{len(labels)} labels for {len(source.records)} rows", where=str(path), hint="Give one for each row."
            )
        return labels


def _field(row: JsonObject, named: str, usual: Sequence[str]) -> str:
    names = (named,) if named else usual
    found = next((row[name] for name in names if row.get(name) not in (None, "")), "")
    return str(found).strip()


def _task(row: JsonObject, task: str) -> JsonObject:
    return {"instruction": f"[{task}] {row['input']}", "output": row[task], "task": task, "label": row["label"]}
