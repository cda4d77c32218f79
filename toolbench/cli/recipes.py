"""`toolbench recipes`: pipelines over the commands, one for each of eight papers, and which of them fits."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import AsJson

if TYPE_CHECKING:
    from toolbench.recipes.choosing import Choice, Question
    from toolbench.recipes.recipe import Recipe, Value

app = typer.Typer(no_args_is_help=True, help="Pipelines over the commands, one for each of eight papers.")

RecipeName = Annotated[str, typer.Argument(metavar="NAME", help="A recipe, or a file of one (.yaml).")]

_MANY = re.compile(r"(\d+(?:\.\d+)?)\s*([kmb]?)", re.IGNORECASE)
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}

QUESTIONS = {
    "labels": ("--labels", "How many labelled examples have you? (0, 500, 20k, …)"),
    "goal": ("--goal", "What shall the model learn? domain (new knowledge), tools, or better (what it can already)"),
    "reasoning": ("--reasoning/--no-reasoning", "Do the answers take reasoning?"),
    "tools": ("--tools", "What tells of the tools? texts (plain ones), documents (of APIs), or apis (to act with)"),
    "parameters": ("--parameters", "How many parameters has the model that is trained? (125M, 7B, …)"),
}
"""By question: the option that answers it, and the question."""

CHOICES = {"goal": ("domain", "tools", "better"), "tools": ("texts", "documents", "apis")}


@app.command("list")
@guarded
def list_(*, as_json: AsJson = False) -> None:
    """List the recipes."""
    from toolbench.recipes.recipe import load, names

    recipes = [load(name) for name in names()]
    if as_json:
        show_json([recipe.model_dump(mode="json") for recipe in recipes])
        return
    width = max(len(recipe.name) for recipe in recipes)
    for recipe in recipes:
        typer.echo(f"{recipe.name:<{width}}  {recipe.summary}")


@app.command()
@guarded
def show(
    name: RecipeName,
    *,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Show its file, to make one of your own of it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a recipe: its parameters and its command lines."""
    import yaml

    from toolbench.recipes.recipe import load

    recipe = load(name)
    if as_json or as_yaml:
        content = recipe.model_dump(mode="json", exclude={"name"}, exclude_defaults=True)
        if as_json:
            show_json(recipe.model_dump(mode="json"))
        else:
            typer.echo(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120).rstrip())
        return
    _show(recipe)


@app.command()
@guarded
def run(
    name: RecipeName,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="What it is made of: its parameter `source`.")
    ] = None,
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for all of it.  [default: NAME]")
    ] = None,
    told: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter; repeat it.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The parameter `model`.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The parameter `base_url`.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin with the first step, whatever is done.")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Show the command lines, and run none.")] = False,
) -> None:
    """Run a recipe. It stops at the first step that fails, with its exit code; the same command goes on there."""
    from toolbench.recipes import running
    from toolbench.recipes.recipe import lines, load

    recipe = load(name)
    out = output or Path(recipe.name)
    commands = lines(recipe, _given(sources, told, model, base_url), out)
    if dry:
        for line in commands:
            typer.echo(str(line))
        return
    for event in running.run(recipe.name, commands, out, run_command, restart=restart):
        if event.status == "begun":
            typer.echo(f"[{event.number}/{len(commands)}] {event.line}")
        elif event.status == "kept":
            typer.echo(f"[{event.number}/{len(commands)}] {event.line.step}: done before")
        elif event.status == "failed":
            typer.echo(f"toolbench: step {event.number} of {recipe.name} ({event.line.step}) failed", err=True)
            raise typer.Exit(event.code)
    typer.echo(f"{recipe.name}: all {len(commands)} steps done, in {out}")


@app.command()
@guarded
def choose(
    *,
    labels: Annotated[str | None, typer.Option(metavar="N", help="Labelled examples there are, as 500 or 20k.")] = None,
    goal: Annotated[str | None, typer.Option(help="What is learned: domain, tools or better.")] = None,
    reasoning: Annotated[
        bool | None, typer.Option("--reasoning/--no-reasoning", help="Whether answers take reasoning.")
    ] = None,
    tools: Annotated[
        str | None, typer.Option(help="What tells of the tools: texts, documents (of APIs) or apis.")
    ] = None,
    parameters: Annotated[
        str | None, typer.Option(metavar="N", help="Parameters of the model that is trained, as 125M or 7B.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which recipe fits, and how to run it. What no option says is asked, on a terminal."""
    from toolbench.recipes import choosing

    facts: dict[str, Any] = {
        "labels": _number("labels", labels) if labels is not None else None,
        "goal": _one_of("goal", goal) if goal is not None else None,
        "reasoning": reasoning,
        "tools": _one_of("tools", tools) if tools is not None else None,
        "parameters": _number("parameters", parameters) if parameters is not None else None,
    }
    choice = choosing.choose(choosing.Facts(**facts), _ask)
    _tell(choice, as_json=as_json)


def run_command(words: Sequence[str]) -> int:
    """Run a command line in this process, and return its exit code."""
    import click

    from toolbench.cli import main

    try:
        result = main.app(list(words), standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 1
    return result if isinstance(result, int) else 0


def _given(
    sources: list[str] | None, told: list[str] | None, model: str | None, base_url: str | None
) -> "dict[str, Value]":
    from toolbench.errors import InputError

    given: dict[str, Value] = {}
    for text in told or ():
        name, sign, value = text.partition("=")
        if not (name.strip() and sign):
            raise InputError(f"--set {text!r} is not of the form NAME=VALUE")
        given[name.strip().replace("-", "_")] = value
    named: dict[str, Value] = {"source": tuple(sources) if sources else None, "model": model, "base_url": base_url}
    return given | {name: value for name, value in named.items() if value is not None}


def _show(recipe: "Recipe") -> None:
    typer.echo(f"{recipe.title}\n{recipe.paper}\n\nIt makes {recipe.summary}.\n\nParameters:")
    for name, parameter in recipe.parameters.items():
        default = "needed" if parameter.required else f"default: {parameter.default}" if parameter.default else ""
        typer.echo(f"  {name:<12}  {parameter.help}" + (f"  [{default}]" if default else ""))
    typer.echo("\nSteps:")
    for number, step in enumerate(recipe.steps, 1):
        more = "".join(f" [{text}]" for text in step.options.values())
        only = f"   (where `{step.when}` is given)" if step.when else ""
        typer.echo(f"  {number}. toolbench {step.run}{more}{only}")


def _tell(choice: "Choice", *, as_json: bool) -> None:
    from toolbench.recipes.recipe import load

    recipe = load(choice.recipe)
    command = f"toolbench recipes run {recipe.name}"
    for name, parameter in recipe.parameters.items():
        if name == "source" and name in recipe.parameters:
            command += " SOURCE"
        elif parameter.required:
            command += " --model NAME --base-url URL" if name == "model" else f" --set {name}=…"
    command += f" -o runs/{recipe.name}"
    if as_json:
        show_json({"recipe": recipe.name, "why": choice.why, "also": choice.also, "command": command})
        return
    typer.echo(f"{recipe.name}: {choice.why}.")
    typer.echo(f"It makes {recipe.summary}.")
    if choice.also:
        typer.echo(f"See also: {choice.also}.")
    typer.echo(f"\n{command}")


def _ask(question: "Question") -> int | str | bool:
    """Ask a question on the terminal, until there is an answer.

    Raises:
        InputError: there is no terminal.
    """
    from toolbench.errors import InputError

    option, text = QUESTIONS[question]
    if not sys.stdin.isatty():
        raise InputError(f"{option} is not said", hint=f"It answers: {text}")
    if question == "reasoning":
        return typer.confirm(text)
    while True:
        written = typer.prompt(text)
        try:
            return _one_of(question, written) if question in CHOICES else _number(question, written)
        except InputError as error:
            typer.echo(str(error), err=True)


def _number(question: str, written: str) -> int:
    from toolbench.errors import InputError

    match = _MANY.fullmatch(written.strip().replace(",", ""))
    if match is None:
        raise InputError(f"{QUESTIONS[question][0]} {written!r} is no number", hint="It looks like 500, 20k or 7B.")
    return round(float(match[1]) * _SCALE[match[2].casefold()])


def _one_of(question: str, written: str) -> str:
    from toolbench.errors import InputError

    if written.strip().casefold() not in CHOICES[question]:
        hint = f"It is one of: {', '.join(CHOICES[question])}."
        raise InputError(f"{QUESTIONS[question][0]} is not {written!r}", hint=hint)
    return written.strip().casefold()
