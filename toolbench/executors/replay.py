"""Answers calls from a cassette that live calls were recorded to, without a network."""

from collections.abc import Iterable
from pathlib import Path

from toolbench.errors import RunError
from toolbench.executors._cassette import Answer, PathState, Place, Recordings, beginning, read
from toolbench.executors._desk import Desk, failure
from toolbench.executors.base import State
from toolbench.model import Api, Call, Observation, Task

__all__ = ["ReplayExecutor"]


class ReplayExecutor:
    """Gives the answers of a cassette. It needs neither credentials nor a socket.

    A call made where it was recorded, after the same calls in the same task, gets the answer it got there; each in turn
    where several branches of a tree made it. Elsewhere the answers to equal requests come in their recorded order,
    for each path from the first one on. The order of arguments does not matter. A call that was not recorded is
    answered by an observation of status `refused`; one that was not sent when it was recorded, as it was then.

    Args:
        apis: the APIs of the run.
        cassette: the file that the live executor recorded to.

    Raises:
        RunError: there is no such file, or it is no cassette.
    """

    def __init__(self, apis: Iterable[Api], cassette: Path) -> None:
        if not cassette.is_file():
            raise RunError("no cassette is here", where=str(cassette), hint="Record one with the executor `live`.")
        self._desk = Desk(apis)
        self._recordings = Recordings(read(cassette))

    async def start(self, task: Task) -> State:
        """Return the state in which a task begins. Its digest is empty, as that of all states here."""
        return beginning(task.id)

    async def call(self, call: Call, state: State) -> tuple[Observation, State]:
        """Return the recorded answer to a call, and where on the path that leads.

        A call that was not recorded, or could not be sent, leaves the state as it is.
        """
        if not isinstance(state, PathState):
            raise TypeError("a replay executor needs a state of its own making")
        accepted = self._desk.accept(call)
        if isinstance(accepted, Answer):
            return accepted.observation(call.id, "replay"), state
        place = state.place(call.tool, call.arguments)
        answer = self._recordings.find(place)
        if answer is None:
            said = self._recordings.unsent(place) or _not_recorded(place)
            return said.observation(call.id, "replay"), state
        return answer.observation(call.id, "replay"), state.after(place)


def _not_recorded(place: Place) -> Answer:
    if not place.earlier:
        return failure("refused", "This call was not recorded, and nothing is sent in a replay")
    return failure(
        "refused", f"Answers recorded to this call: {place.earlier}; all of them came up before on this path"
    )
