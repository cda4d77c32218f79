"""Judges of traces. They import `toolbench.model` only; a language model or a replayer is handed in."""
