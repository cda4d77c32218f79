"""Retrievers over API documents: BM25, dense vectors, both fused, and the oracle; measures of them; data to train
one."""

from toolbench.gorilla.retrieval.base import Oracle, Retriever
from toolbench.gorilla.retrieval.bm25 import Bm25
from toolbench.gorilla.retrieval.fused import Fused

__all__ = ["Bm25", "Fused", "Oracle", "Retriever"]
