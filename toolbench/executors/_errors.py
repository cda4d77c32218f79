"""Why a call is not sent as it stands. The executors turn each into an observation."""


class RefusedError(Exception):
    """What was asked for is not allowed, or not possible here. The message says what would change that."""


class ArgumentError(Exception):
    """An argument cannot be put where it belongs.

    Args:
        name: the argument.
        reason: what is wrong with it.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason
