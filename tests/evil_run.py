"""A run that has the same script in every text a trace can hold."""

from tiny_world import Tree, make_run, make_task, solve

EVIL = '<script src="https://evil.example/x.js">alert(1)</script>'


def evil_run(path):
    """Return a run that has the same script in every text a trace can hold."""
    task = make_task(1)
    task = task.model_copy(
        update={
            "turns": (task.turns[0].model_copy(update={"text": f"{task.turns[0].text} {EVIL}"}),),
            "kind": EVIL,
        }
    )
    good = Tree(task)
    good.say(good.call(0, ("kv_get", {"key": EVIL}), text=EVIL), EVIL, kind="give_up")
    end = solve(task, good, good.call(0, ("kv_get", {"key": EVIL}), text=EVIL, reasoning=EVIL))[1]
    lost = Tree(make_task(2))
    lost.say(lost.call(0, (EVIL, {EVIL: EVIL})), EVIL, kind="give_up")
    traces = [good.trace(end, teacher=EVIL), lost.trace(None, "gave_up")]
    run = make_run(path, traces, [task, make_task(2)])
    run.write_config({"model": EVIL, EVIL: [EVIL]})
    return run
