"""Toolformer: calls inserted into texts where they help a language model to predict what follows."""
