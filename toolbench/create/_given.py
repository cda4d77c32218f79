"""Files that a kind's options name."""

from pathlib import Path

import orjson

from toolbench.errors import InputError
from toolbench.model import Json, JsonObject
from toolbench.model.created import Created, created, records_in


def given_records(path: Path) -> list[JsonObject]:
    """Return the records in a file of JSON, or of JSON lines; of a folder those of its .json files.

    Raises:
        InputError: it cannot be read, or holds none.
    """
    if path.is_dir():
        return [record for file in sorted(path.glob("*.json")) for record in given_records(file)]
    try:
        data = path.read_bytes()
        lines = [line for line in data.splitlines() if line.strip()]
        content: Json = [orjson.loads(line) for line in lines] if path.suffix == ".jsonl" else orjson.loads(data)
        return records_in(content)[1]
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path), hint="Check the path.") from error
    except ValueError as error:
        raise InputError(f"holds no records: {error}", where=str(path), hint="Give JSON, or lines of JSON.") from error


def given_pairs(path: Path) -> list[Created]:
    """Return the questions with answers in a file.

    Raises:
        InputError: as `given_records`; or a record is none.
    """
    found: list[Created] = []
    for number, record in enumerate(given_records(path), 1):
        try:
            pair = created(record)
        except ValueError as error:
            raise InputError(str(error), where=f"{path}, record {number}", hint="Mend or remove it.") from error
        if not (pair.question.strip() and pair.answer.strip()):
            hint = "Give pairs such as {question, answer} or {instruction, output}."
            raise InputError("no question with an answer", where=f"{path}, record {number}", hint=hint)
        found.append(pair)
    return found
