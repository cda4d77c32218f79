"""A user who answers what the agent really said, in a language model's words."""

from collections.abc import Iterable, Sequence

from toolbench.model import Node, Replayer, Task
from toolbench.user.personas import persona
from toolbench.user.rewording import Line, Reworded, Rewording, seed_for
from toolbench.user.rules import brief, gold_replay, is_fixed


class SimulatedUser:
    """Says what the script says, in answer to what the agent said.

    It knows the script up to the turn it is to speak, and the conversation: nothing that is to be found out, nothing
    that the user says later. What would say more than the script, or less, is not said: then the script is.

    Args:
        rewording: asks the model.
        replayer: executes calls in a fresh world.
        seed: the run's seed.
    """

    def __init__(self, rewording: Rewording, replayer: Replayer, seed: int) -> None:
        self._rewording, self._replayer, self._seed = rewording, replayer, seed

    async def speak(self, task: Task, turn: int, path: Sequence[Node]) -> Reworded:
        """Return the user's words in a turn after the first.

        Raises:
            UnreachableError: the endpoint cannot be reached at all.
        """
        if is_fixed(task, turn):
            return Reworded(task.turns[turn].text)
        lines = _conversation(task, path)
        before = " ".join(line.text for line in lines if line.role == "user")
        of = brief(task, gold_replay(task, self._replayer), turn, before)
        seed = seed_for(self._seed, "user", task.id, turn)
        said = await self._rewording.reword(of, task.persona or persona(self._seed, task.id), lines, seed)
        return said if said.text else Reworded(of.script, said.problem)


def _conversation(task: Task, path: Iterable[Node]) -> list[Line]:
    """Return what was said aloud; the user does not see the calls."""
    spoken = [node.step for node in path if node.step and node.step.kind != "call" and node.step.text]
    lines = [Line("user" if step.kind == "user" else "assistant", step.text) for step in spoken]
    return [Line("user", task.turns[0].text), *lines]
