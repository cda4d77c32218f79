"""`toolbench generate`: tasks, and a search tree for each."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolbench.cli._common import guarded, show_json
from toolbench.cli._options import (
    AllowHosts,
    AllowPrograms,
    Apis,
    AsJson,
    Calls,
    ConfigFile,
    Count,
    DifficultyOption,
    Grant,
    MixOption,
    OpenDomain,
    PerSecond,
    RunPath,
    Seed,
    Servers,
    Timeout,
    UserUrl,
    WriterName,
    base_urls,
    prices,
    settings,
    shares,
    tell_missing,
)

if TYPE_CHECKING:
    from toolbench.agent.review import Reviewer
    from toolbench.cli._progress import ProgressBar


@guarded
def command(
    run: RunPath,
    *,
    config: ConfigFile = None,
    apis: Apis = None,
    count: Count = None,
    seed: Seed = None,
    model: Annotated[
        str | None,
        typer.Option(help="Teacher: `planner`, `embedded` or a model's name at an endpoint.  [default: planner]"),
    ] = None,
    errors: Annotated[
        str | None,
        typer.Option(
            help="How often the planner errs: low, middle or high, 15, 30 or 45 steps in 100.  [default: low]"
        ),
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="URL of an OpenAI-compatible endpoint.")] = None,
    searcher: Annotated[
        str | None,
        typer.Option(
            help="How to search: react, react@N, dfsdt, dfs, bfs, beam, best_first or mcts.  [default: dfsdt]"
        ),
    ] = None,
    width: Annotated[
        int | None, typer.Option(help="Most children of a node; chains of react@N.  [default: 2, chains 5]")
    ] = None,
    max_depth: Annotated[int | None, typer.Option(help="Most steps on a path.  [default: 12]")] = None,
    max_queries: Annotated[int | None, typer.Option(help="Most model queries a trace.  [default: 60]")] = None,
    max_calls: Annotated[int | None, typer.Option(help="Most tool calls a trace.  [default: any number]")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Most tokens a trace.  [default: any number]")] = None,
    max_cost: Annotated[float | None, typer.Option(help="Most US dollars a trace.  [default: any sum]")] = None,
    price: Annotated[
        str | None,
        typer.Option(
            metavar="IN,OUT",
            help="US dollars a million tokens read, and written.  [default: as the endpoint says]",
        ),
    ] = None,
    solutions: Annotated[
        int | None,
        typer.Option(metavar="K", help="Answers to look for; 0: all within the other bounds.  [default: 1]"),
    ] = None,
    compat: Annotated[
        str | None,
        typer.Option(help="`toolbench`: dfsdt returns from dead ends as ToolBench does.  [default: as we do]"),
    ] = None,
    valuer: Annotated[
        str | None,
        typer.Option(help="Who values nodes for dfs, beam, best_first, mcts: heuristic or llm.  [default: heuristic]"),
    ] = None,
    mix: MixOption = None,
    open_domain: OpenDomain = None,
    calls: Calls = None,
    difficulty: DifficultyOption = None,
    faults: Annotated[str | None, typer.Option(help="Profile of backend faults.  [default: none]")] = None,
    grant: Grant = None,
    simulate: Annotated[
        str | None, typer.Option(help="Model that answers operations whose meaning cannot be inferred.")
    ] = None,
    simulate_url: Annotated[str | None, typer.Option(help="URL of its endpoint.  [default: --base-url]")] = None,
    writer: WriterName = None,
    user: Annotated[
        str | None,
        typer.Option(help="Model that speaks the user's turns after the first.  [default: as scripted]"),
    ] = None,
    user_url: UserUrl = None,
    tool_calls: Annotated[
        str | None,
        typer.Option(
            metavar="auto|native|json",
            help="How the model tells its calls: by the endpoint's tool calls, as JSON, or by whichever works.  "
            "[default: auto]",
        ),
    ] = None,
    context: Annotated[
        int | None,
        typer.Option(
            help="Tokens a request must fit into; tools that fit the task least are left out.  [default: any]"
        ),
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="Sampling temperature of the model.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Traces at work at once.  [default: 16]")] = None,
    executor: Annotated[
        str | None,
        typer.Option(
            help="What calls run against: `mock`, the simulation; `live`, the real APIs, with questions that name no "
            "entity, a model as teacher, and nothing verified; `replay`, a recording.  [default: mock]"
        ),
    ] = None,
    allow_host: AllowHosts = None,
    allow_program: AllowPrograms = None,
    server: Servers = None,
    allow_writes: Annotated[
        bool | None, typer.Option("--allow-writes", help="Let the model call operations that change something.")
    ] = None,
    allow_destructive: Annotated[
        bool | None, typer.Option("--allow-destructive", help="With --allow-writes: also those that remove something.")
    ] = None,
    per_second: PerSecond = None,
    timeout: Timeout = None,
    max_body: Annotated[
        int | None, typer.Option(help="Bytes of an answer beyond which it is cut.  [default: 262144]")
    ] = None,
    cassette: Annotated[
        Path | None,
        typer.Option(help="Where live calls are recorded, and replayed from.  [default: RUN/cassette.jsonl]"),
    ] = None,
    review: Annotated[
        bool | None,
        typer.Option(
            "--review/--no-review",
            help="Ask before each step that is destructive or made for real; one trace at a time.  [default: no]",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Generate traces: sample tasks, explore each, keep the whole tree. The same command again takes up the run."""
    from toolbench.cli._progress import ProgressBar
    from toolbench.pipeline.generate import generate

    asked = settings(
        run,
        config,
        apis,
        count=count,
        seed=seed,
        model=model,
        errors=errors,
        base_url=base_url,
        searcher=searcher,
        width=width,
        max_depth=max_depth,
        max_queries=max_queries,
        max_calls=max_calls,
        max_tokens=max_tokens,
        max_cost=max_cost,
        price=prices(price),
        solutions=solutions,
        compat=compat,
        valuer=valuer,
        mix=shares(mix),
        discovery=open_domain,
        calls=calls,
        difficulty=difficulty,
        faults=faults,
        granted=tuple(grant) if grant else None,
        simulate=simulate,
        simulate_url=simulate_url,
        writer=writer,
        user=user,
        user_url=user_url,
        tool_calls=tool_calls,
        context=context,
        temperature=temperature,
        concurrency=concurrency,
        executor=executor,
        allow_hosts=tuple(allow_host) if allow_host else None,
        allow_programs=tuple(allow_program) if allow_program else None,
        servers=base_urls(server),
        allow_writes=allow_writes,
        allow_destructive=allow_destructive,
        per_second=per_second,
        timeout=timeout,
        max_body=max_body,
        cassette=cassette,
        review=review,
    )
    with ProgressBar() as bar:
        summary = generate(run, asked, sink=bar, reviewer=_reviewer(bar) if asked.review else None)
    if as_json:
        show_json(
            {
                "run": str(run),
                "tasks": summary.tasks,
                "traces": summary.traces,
                "made": summary.made,
                "solved": summary.solved,
                "outcomes": dict(summary.outcomes),
                "usage": summary.usage.model_dump(),
                "missing": summary.missing,
            }
        )
        return
    tell_missing(summary.missing)
    typer.echo(f"{summary.traces} traces in {run}, {summary.made} of them new.")
    if summary.made:
        ended = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in summary.outcomes.most_common())
        scored = asked.executor == "mock" and asked.tasks == "sampled"
        known = f"{summary.solved} reached the goal" if scored else "what they did is unverified"
        typer.echo(f"New ones: {ended}; {known}. {summary.usage.queries} model queries.")
    typer.echo(f"Next: toolbench evaluate {run}")


def _reviewer(bar: "ProgressBar") -> "Reviewer":
    from toolbench.cli._reviewer import TerminalReviewer

    return TerminalReviewer(bar)
