"""Small doc sets to make rows of."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from toolbench.gorilla.docset import ApiDoc, Parameter
from toolbench.gorilla.sources import catalogue
from toolbench.specs import open_catalogue

LONGEST = 4900

MODEL_ROWS: list[dict[str, Any]] = [
    {
        "domain": "Natural Language Processing Fill-Mask",
        "framework": "Hugging Face Transformers",
        "functionality": "Masked word prediction",
        "api_name": "acme/base-mask",
        "api_call": "AutoModelForMaskedLM.from_pretrained('acme/base-mask')",
        "api_arguments": ["pretrained_model_name_or_path"],
        "python_environment_requirements": ["transformers"],
        "example_code": "m = AutoModelForMaskedLM.from_pretrained('acme/base-mask')",
        "performance": {"dataset": "BookCorpus", "accuracy": "0.79"},
        "description": "Fills in the hidden word of an English sentence.",
    },
    {
        "domain": "Classification",
        "framework": "PyTorch",
        "functionality": "Image classification",
        "api_name": "RESNETX",
        "api_call": "torch.hub.load(repo_or_dir='acme/vision', model='resnetx', pretrained=True)",
        "api_arguments": [
            {"name": "repo_or_dir", "type": "str", "description": "Repository"},
            {"name": "pretrained", "type": "bool", "default": "False", "description": "Whether weights are loaded"},
        ],
        "python_environment_requirements": ["torch"],
        "example_code": "",
        "performance": {},
        "description": "Sorts photographs into a thousand kinds of things.",
    },
    {
        "domain": "Image Feature Vector",
        "framework": "TensorFlow Hub",
        "functionality": "Extracting features from images",
        "api_name": "acme/features/2",
        "api_call": "hub.KerasLayer('https://hub.acme.example/features/2')",
        "api_arguments": "['handle']",
        "description": "Turns a photograph into numbers that tell what is in it.",
    },
]
"""APIBench's shape."""

MANUAL = """# Shapes

## Solids

### shapes.volume(kind, edge, [density=1.5])

Computes how much room a solid takes up.

- `kind` (string): Which solid it is.
- `edge` (number): Length of an edge, in metres.
- `density` (number): Weight of a litre. Defaults to 1.5.

```js
shapes.volume('cube', 2)
```

### shapes.paint(solid)

> Deprecated

Gives a solid a colour. Use `shapes.colour` instead.

### shapes.nothing(x)

## Function unfold

Lays the faces of a solid out flat.

### Syntax

```js
unfold(solid)
unfold(solid, gap)
```

### Parameters

| Parameter | Type | Description |
| --- | --- | --- |
| `solid` | string | The solid to lay out. |
| `gap` | number | Room between faces. Default value: 2. |
"""


@cache
def bundled(*apis: str) -> tuple[ApiDoc, ...]:
    """Return the documents of bundled APIs."""
    shelf = open_catalogue()
    return tuple(doc for name in apis for doc in catalogue.documents(shelf.api(name), longest=LONGEST)[0])


def written_rows(path: Path) -> Path:
    """Write APIBench's rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in MODEL_ROWS), "utf-8")
    return path


def small_doc(name: str = "shop.find_things", **given: Any) -> ApiDoc:
    """Return a document of a function."""
    usual: dict[str, Any] = {
        "id": name,
        "name": name,
        "framework": name.partition(".")[0],
        "domain": "shopping",
        "description": "Looks for articles by words of their label.",
        "parameters": (
            Parameter(name="label", content={"type": "string"}, required=True),
            Parameter(name="most", content={"type": "integer", "default": 10}),
            Parameter(name="order", content={"type": "string", "enum": ["up", "down"]}),
        ),
    }
    return ApiDoc(**{**usual, **given})
