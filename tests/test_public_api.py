"""The public names, pinned."""

import subprocess
import sys

import toolbench


def test_the_public_names_are_these():
    assert toolbench.__all__ == [
        "Catalogue",
        "Run",
        "__version__",
        "curate",
        "evaluate",
        "generate",
        "load_run",
        "open_catalogue",
        "save_as",
    ]
    assert toolbench.__all__ == sorted(toolbench.__all__) == dir(toolbench)
    assert all(getattr(toolbench, name).__doc__ for name in toolbench.__all__)


def test_importing_is_light():
    code = "import sys, toolbench; print([m for m in ('pydantic', 'langgraph', 'openai') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(toolbench, "no_such_name")
