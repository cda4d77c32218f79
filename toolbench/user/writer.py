"""Instructions written by a language model: a task in other words, or as it was."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolbench.model import Replayer, Task, Turn
from toolbench.tasks.checks import check
from toolbench.tasks.draft import InfeasibleError
from toolbench.user.personas import persona
from toolbench.user.rewording import Line, Rewording, seed_for
from toolbench.user.rules import brief, gold_replay, is_fixed


@dataclass(frozen=True, slots=True)
class Written:
    """A task, and why its words are still the grammar's, if they are."""

    task: Task
    problem: str = ""


class Writer:
    """Writes the user's turns of tasks anew.

    It sees what the user wants to say and what was said before, and nothing of the calls. What it makes passes the
    checks that every task passes; a task for which it finds no words keeps the grammar's.

    Args:
        rewording: asks the model.
        replayer: executes calls in a fresh world.
        seed: the run's seed.
    """

    def __init__(self, rewording: Rewording, replayer: Replayer, seed: int) -> None:
        self._rewording, self._replayer, self._seed = rewording, replayer, seed

    async def write(self, task: Task) -> Written:
        """Return a task in the model's words.

        Raises:
            UnreachableError: the endpoint cannot be reached at all.
        """
        replay, who = gold_replay(task, self._replayer), persona(self._seed, task.id)
        turns: list[Turn] = []
        for place, turn in enumerate(task.turns):
            if is_fixed(task, place):
                turns.append(turn)
                continue
            before = " ".join(one.text for one in turns)
            seed = seed_for(self._seed, "writer", task.id, place)
            said = await self._rewording.reword(brief(task, replay, place, before), who, _lines(turns), seed)
            if not said.text:
                return Written(task, said.problem)
            turns.append(turn.model_copy(update={"text": said.text}))
        written = task.model_copy(update={"turns": tuple(turns), "writer": self._rewording.model.name, "persona": who})
        try:
            check(written, self._replayer)
        except InfeasibleError as reason:
            return Written(task, str(reason))
        return Written(written)


def _lines(turns: Sequence[Turn]) -> list[Line]:
    lines: list[Line] = []
    for turn in turns:
        lines += [Line("user", turn.text), Line("assistant", turn.reply)]
    return lines
