"""Assignments, against an independent implementation."""

import networkx
from hypothesis import given
from hypothesis import strategies as st

from evaluators.matching._assignment import greedy, in_order, optimal

matrices = st.integers(1, 5).flatmap(
    lambda wide: st.lists(st.lists(st.booleans(), min_size=wide, max_size=wide), min_size=1, max_size=5)
)


def assigned(found):
    return [place for place in found if place is not None]


@given(matrices)
def test_the_optimal_one_assigns_as_many_as_any(matrix):
    found = optimal(len(matrix), len(matrix[0]), lambda wanted, made: matrix[wanted][made])
    assert len(set(assigned(found))) == len(assigned(found))
    assert all(matrix[wanted][made] for wanted, made in enumerate(found) if made is not None)
    assert len(assigned(found)) == most(matrix)


def most(matrix):
    """Return how many can be assigned, by an independent implementation."""
    graph = networkx.Graph()
    wanted = [("wanted", place) for place in range(len(matrix))]
    graph.add_nodes_from(wanted)
    graph.add_edges_from(
        (("wanted", one), ("made", other)) for one, row in enumerate(matrix) for other, fits in enumerate(row) if fits
    )
    return len(networkx.bipartite.maximum_matching(graph, top_nodes=wanted)) // 2


@given(matrices)
def test_the_greedy_one_takes_the_first_free(matrix):
    found = greedy(len(matrix), len(matrix[0]), lambda wanted, made: matrix[wanted][made])
    for wanted, made in enumerate(found):
        free = [other for other in range(len(matrix[0])) if matrix[wanted][other] and other not in found[:wanted]]
        assert made == (free[0] if free else None)
    assert len(assigned(found)) <= len(assigned(optimal(len(matrix), len(matrix[0]), lambda w, m: matrix[w][m])))


def test_in_order_each_has_its_place():
    assert in_order(3, 2, lambda wanted, made: wanted != 1) == [0, None, None]
