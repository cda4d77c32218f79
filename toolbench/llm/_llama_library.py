"""llama.cpp's own functions, as the wheel of xllamacpp carries them: what its Python classes do not give.

Structures are passed as they come from the library, and only numbers at the places told here are set; both are checked
before anything is reckoned, so that a library of another form is refused and never misread.
"""

import ctypes
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Logits: TypeAlias = npt.NDArray[np.float64]
"""A number for each token of the vocabulary; `log_sum` makes log-probabilities of them."""

ROOM = 1024
"""Bytes kept for a structure of parameters; more than any has."""

N_CTX, N_BATCH, N_UBATCH = 0, 1, 2
"""Where in the parameters of a context these numbers stand, in words of 32 bits."""

DEFAULTS = (512, 2048, 512, 1)
"""What the library says there by default, and of the sequences after them."""

CHUNK = 512
"""Tokens reckoned at a time."""

ENGINE = "xllamacpp"


class LibraryError(Exception):
    """The library is of another form than this code knows, or failed."""


class _Parameters(ctypes.Structure):
    _fields_ = (("content", ctypes.c_ubyte * ROOM),)


class _Batch(ctypes.Structure):
    _fields_ = (
        ("n_tokens", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("embd", ctypes.POINTER(ctypes.c_float)),
        ("pos", ctypes.POINTER(ctypes.c_int32)),
        ("n_seq_id", ctypes.POINTER(ctypes.c_int32)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
    )


_LOG = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_POINTER, _INT = ctypes.c_void_p, ctypes.c_int32
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "llama_log_set": (None, (_LOG, _POINTER)),
    "llama_backend_init": (None, ()),
    "llama_model_default_params": (_Parameters, ()),
    "llama_context_default_params": (_Parameters, ()),
    "llama_model_load_from_file": (_POINTER, (ctypes.c_char_p, _Parameters)),
    "llama_init_from_model": (_POINTER, (_POINTER, _Parameters)),
    "llama_model_get_vocab": (_POINTER, (_POINTER,)),
    "llama_n_ctx": (ctypes.c_uint32, (_POINTER,)),
    "llama_n_batch": (ctypes.c_uint32, (_POINTER,)),
    "llama_n_ubatch": (ctypes.c_uint32, (_POINTER,)),
    "llama_set_n_threads": (None, (_POINTER, _INT, _INT)),
    "llama_get_memory": (_POINTER, (_POINTER,)),
    "llama_memory_seq_rm": (ctypes.c_bool, (_POINTER, _INT, _INT, _INT)),
    "llama_state_seq_get_size": (ctypes.c_size_t, (_POINTER, _INT)),
    "llama_state_seq_get_data": (ctypes.c_size_t, (_POINTER, ctypes.c_char_p, ctypes.c_size_t, _INT)),
    "llama_state_seq_set_data": (ctypes.c_size_t, (_POINTER, ctypes.c_char_p, ctypes.c_size_t, _INT)),
    "llama_vocab_n_tokens": (_INT, (_POINTER,)),
    "llama_vocab_bos": (_INT, (_POINTER,)),
    "llama_vocab_eot": (_INT, (_POINTER,)),
    "llama_vocab_is_eog": (ctypes.c_bool, (_POINTER, _INT)),
    "llama_tokenize": (
        _INT,
        (_POINTER, ctypes.c_char_p, _INT, ctypes.POINTER(_INT), _INT, ctypes.c_bool, ctypes.c_bool),
    ),
    "llama_token_to_piece": (_INT, (_POINTER, _INT, ctypes.c_char_p, _INT, _INT, ctypes.c_bool)),
    "llama_batch_init": (_Batch, (_INT, _INT, _INT)),
    "llama_decode": (_INT, (_POINTER, _Batch)),
    "llama_get_logits_ith": (ctypes.POINTER(ctypes.c_float), (_POINTER, _INT)),
}


class Engine:
    """A model in this process: one sequence of tokens, and the logits after each.

    Args:
        path: file of the weights.
        threads: processor threads to reckon with.
        context: most tokens of the sequence; at least `CHUNK`.

    Raises:
        LibraryError: the library cannot be used, or the weights cannot be read.
    """

    def __init__(self, path: Path, threads: int, context: int) -> None:
        self._library = _library()
        self._quiet = _LOG(lambda *_: None)
        self._call("llama_log_set", self._quiet, None)
        self._call("llama_backend_init")
        model = self._call("llama_model_load_from_file", str(path).encode(), self._call("llama_model_default_params"))
        if not model:
            raise LibraryError(f"{path.name} cannot be read")
        self._vocabulary = self._call("llama_model_get_vocab", model)
        self.size: int = self._call("llama_vocab_n_tokens", self._vocabulary)
        context = max(context, CHUNK)
        self.context = context
        self._context = self._call("llama_init_from_model", model, self._parameters(context))
        self._check(context)
        self._call("llama_set_n_threads", self._context, threads, threads)
        self._memory = self._call("llama_get_memory", self._context)
        self._batch = self._call("llama_batch_init", CHUNK, 0, 1)

    def _call(self, name: str, *arguments: Any) -> Any:
        return getattr(self._library, name)(*arguments)

    def _parameters(self, context: int) -> _Parameters:
        parameters = self._call("llama_context_default_params")
        words = ctypes.cast(parameters.content, ctypes.POINTER(ctypes.c_uint32))
        if tuple(words[: len(DEFAULTS)]) != DEFAULTS:
            raise LibraryError(f"this version of {ENGINE} is of another form than is known here")
        words[N_CTX], words[N_BATCH], words[N_UBATCH] = context, CHUNK, CHUNK
        return parameters

    def _check(self, context: int) -> None:
        names = ("llama_n_ctx", "llama_n_batch", "llama_n_ubatch")
        told = [self._call(name, self._context) for name in names] if self._context else []
        # The library rounds the context up.
        if not told or told[0] < context or told[1:] != [CHUNK, CHUNK]:
            raise LibraryError(f"this version of {ENGINE} did not take its parameters: {told}")

    @property
    def begin(self) -> int:
        """The token that stands between two texts where it learned from them; where it has none, its first one."""
        between = self._call("llama_vocab_eot", self._vocabulary)
        return between if between >= 0 else self._call("llama_vocab_bos", self._vocabulary)

    def ends(self, token: int) -> bool:
        """Tell whether a token ends what is written."""
        return self._call("llama_vocab_is_eog", self._vocabulary, token)

    def split(self, text: bytes) -> list[int]:
        """Return the tokens of a text; what looks like a control token is plain text."""
        room = len(text) + 1
        found = (ctypes.c_int32 * room)()
        count = self._call("llama_tokenize", self._vocabulary, text, len(text), found, room, 0, 0)
        if count < 0:
            raise LibraryError("a text cannot be split into tokens")
        return found[:count]

    def piece(self, token: int) -> bytes:
        """Return what a token stands for."""
        room = ctypes.create_string_buffer(256)
        size = self._call("llama_token_to_piece", self._vocabulary, token, room, len(room), 0, 1)
        if size < 0:
            raise LibraryError(f"token {token} has no text")
        return room.raw[:size]

    def forget(self, start: int) -> None:
        """Leave the first tokens of the sequence, and forget the rest."""
        if not self._call("llama_memory_seq_rm", self._memory, 0, start, -1):
            raise LibraryError("tokens cannot be forgotten")

    def save(self) -> bytes:
        """Return what has been read, for `restore`."""
        room = ctypes.create_string_buffer(self._call("llama_state_seq_get_size", self._context, 0))
        size = self._call("llama_state_seq_get_data", self._context, room, len(room), 0)
        if not size:
            raise LibraryError("what was read cannot be kept")
        return room.raw[:size]

    def restore(self, saved: bytes) -> None:
        """Have read what `save` gave, and nothing else."""
        self.forget(0)
        if not self._call("llama_state_seq_set_data", self._context, saved, len(saved), 0):
            raise LibraryError("what was read before cannot be taken up")

    def read(self, tokens: Sequence[int], start: int, wanted: set[int]) -> dict[int, Logits]:
        """Read tokens as those of the sequence from a place on; return the logits after the wanted ones of them."""
        if start + len(tokens) > self.context:
            raise LibraryError(f"{start + len(tokens)} tokens do not fit the context of {self.context}")
        found: dict[int, Logits] = {}
        for first in range(0, len(tokens), CHUNK):
            chunk = tokens[first : first + CHUNK]
            self._fill(chunk, start + first, {place - first for place in wanted})
            if self._call("llama_decode", self._context, self._batch):
                raise LibraryError("tokens cannot be read")
            for place in range(len(chunk)):
                if first + place in wanted:
                    row = self._call("llama_get_logits_ith", self._context, place)
                    if not row:
                        raise LibraryError("no logits came back")
                    # A copy: the library's own row is the next question's.
                    found[first + place] = np.ctypeslib.as_array(row, (self.size,)).astype(np.float64)
        return found

    def _fill(self, tokens: Sequence[int], start: int, wanted: set[int]) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for place, token in enumerate(tokens):
            batch.token[place], batch.pos[place] = token, start + place
            batch.n_seq_id[place], batch.seq_id[place][0] = 1, 0
            batch.logits[place] = place in wanted


def log_sum(logits: Logits) -> float:
    """Return the logarithm of the sum of the exponentials."""
    most = float(logits.max())
    return most + float(np.log(_relative(logits).sum()))


def chances_up_to(logits: Logits) -> Logits:
    """Return, for each token, what it and those before it are chosen by; the last number stands for certainty."""
    return np.cumsum(_relative(logits))


def _relative(logits: Logits) -> Logits:
    """Return chances, the likeliest token's being 1."""
    return np.exp(logits - float(logits.max()))


def _library() -> ctypes.CDLL:
    spec = find_spec(ENGINE)
    if spec is None or spec.origin is None:
        raise LibraryError(f"{ENGINE} is not installed")
    files = sorted(Path(spec.origin).parent.glob(f"{ENGINE}*.so")) or sorted(Path(spec.origin).parent.glob("*.pyd"))
    if not files:
        raise LibraryError(f"{ENGINE} has no library here")
    library = ctypes.CDLL(str(files[0]))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name, None)
        if function is None:
            raise LibraryError(f"this version of {ENGINE} lacks {name}")
        function.restype, function.argtypes = result, arguments
    return library
