"""What can go wrong, one family a boundary. The command line turns each into one line and an exit code."""


class ToolbenchError(Exception):
    """Any error this software raises on purpose. Exit code 1: the work did not succeed."""

    exit_code = 1


class WorkError(ToolbenchError):
    """The input was fine, yet the work could not be done (nothing produced, a check failed)."""


class InputError(ToolbenchError):
    """Bad usage or input. Exit code 2.

    Args:
        message: what is wrong, without a full stop.
        where: the file, and the place in it.
        hint: the way out.
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        self.message, self.where, self.hint = message, where, hint
        super().__init__(message)

    def __str__(self) -> str:
        """Return the one line a person reads."""
        line = f"{self.where}: {self.message}" if self.where else self.message
        return f"{line}. {self.hint}" if self.hint else line


class SpecError(InputError):
    """An API description cannot be read."""


class CatalogueError(InputError):
    """The catalogue does not hold what was asked of it, or cannot be opened."""


class TaskFileError(InputError):
    """A file of others' tasks, or a row of it, cannot be used."""


class AnswerFileError(InputError):
    """A file of others' answers, or a row of it, cannot be used."""


class DocumentError(InputError):
    """A document cannot be read."""


class RunError(InputError):
    """A run directory cannot be used as asked."""


class ConfigError(InputError):
    """A configuration is not valid."""


class PluginError(InputError):
    """No plugin of that name."""


class EndpointError(ToolbenchError):
    """A model's endpoint gave no usable answer, after all retries."""


class RequestRefusedError(EndpointError):
    """A model's endpoint would not take a request as it is: nothing would come of sending the same again."""


class UnreachableError(EndpointError, InputError):
    """A model's endpoint cannot be reached at all, or refuses us: nothing would come of going on."""
