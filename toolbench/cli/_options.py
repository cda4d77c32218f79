"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the run.")]
ConfigFile = Annotated[Path | None, typer.Option("-c", "--config", help="Settings, in the form of a run.yaml.")]
Apis = Annotated[str | None, typer.Option(help="Ids of APIs, separated by commas; by default all there are.")]
Count = Annotated[int | None, typer.Option("-n", help="Number of tasks.  [default: 50]", show_default=False)]
Seed = Annotated[int | None, typer.Option(help="Where every random choice comes from.  [default: 0]")]
Grant = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A security scheme or scope that calls carry; repeat it.  [default: all]",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings(path: Path, file: Path | None, apis: str | None, **given: Any) -> Any:
    """Return the configuration that a command's options ask for; APIs not named are all of the catalogue."""
    from toolbench.pipeline.config import run_config
    from toolbench.specs import open_catalogue

    said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if apis is not None:
        said["apis"] = tuple(name.strip() for name in apis.split(",") if name.strip())
    elif file is None and not (path / "run.yaml").is_file():
        said["apis"] = tuple(open_catalogue().ids())
    return run_config(path, said, file)
