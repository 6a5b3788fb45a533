"""FAISS finds exactly what NumPy finds, and keeps it over a save."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Vectors
from index.vectors import VectorIndex


def unit_vectors(count: int, dimension: int = 16, seed: int = 7) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def nearest(vectors: Vectors, query: Vectors, k: int) -> list[tuple[int, float]]:
    """The exact reference: every inner product in double precision, sorted."""
    scores = vectors.astype(np.float64) @ query[0].astype(np.float64)
    return [(int(n), float(scores[n])) for n in np.argsort(-scores, kind="stable")[:k]]


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_search_agrees_with_numpy_in_ids_order_and_scores(count: int, k: int, seed: int):
    vectors = unit_vectors(count, seed=seed)
    query = unit_vectors(1, seed=seed + 1)

    found = VectorIndex.build(vectors).search(query, k)

    expected = nearest(vectors, query, k)
    assert list(found) == [number for number, _ in expected]
    assert list(found.values()) == pytest.approx([score for _, score in expected], abs=1e-6)


def test_search_is_exact_over_many_vectors():
    vectors, queries = unit_vectors(5000, 64), unit_vectors(20, 64, seed=8)
    index = VectorIndex.build(vectors)

    for query in queries[:, np.newaxis]:
        expected = nearest(vectors, query, 100)
        found = index.search(query, 100)
        assert list(found) == [number for number, _ in expected]
        assert list(found.values()) == pytest.approx([score for _, score in expected], abs=1e-6)


def test_there_are_no_more_results_than_vectors():
    vectors = unit_vectors(3)

    assert sorted(VectorIndex.build(vectors).search(vectors[:1], 50)) == [0, 1, 2]


def test_where_equal_vectors_stand_at_the_cut_nothing_nearer_is_left_out():
    vectors = np.repeat(unit_vectors(2), 20, axis=0)
    index = VectorIndex.build(vectors)

    found = index.search(vectors[20:21], 30)

    assert len(found) == 30
    assert set(list(found)[:20]) == set(range(20, 40))
    assert len(set(found.values())) == 2
    assert list(index.search(vectors[20:21], 30)) == list(found)


def test_a_vector_finds_itself_first():
    vectors = unit_vectors(40)
    index = VectorIndex.build(vectors)

    for number in range(40):
        [(first, score)] = index.search(vectors[number : number + 1], 1).items()
        assert (first, score) == (number, pytest.approx(1, abs=1e-6))


def test_vectors_are_given_back_bit_for_bit_in_the_order_asked():
    vectors = unit_vectors(10)
    index = VectorIndex.build(vectors)

    assert np.array_equal(index.get([7, 0, 7, 9]), vectors[[7, 0, 7, 9]])
    assert index.get([]).shape == (0, 16)


def test_a_saved_index_is_the_same_index(tmp_path: Path):
    vectors, query = unit_vectors(30), unit_vectors(1, seed=8)
    built = VectorIndex.build(vectors)
    built.save(tmp_path / "vectors.faiss")

    loaded = VectorIndex.load(tmp_path / "vectors.faiss")

    assert (len(loaded), loaded.dimension) == (len(built), built.dimension) == (30, 16)
    assert list(loaded.search(query, 30).items()) == list(built.search(query, 30).items())
    assert np.array_equal(loaded.get(list(range(30))), vectors)


@pytest.mark.parametrize("content", [None, b"", b"not an index"])
def test_a_file_that_is_no_index_is_a_runtime_error(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "vectors.faiss").write_bytes(content)

    with pytest.raises(RuntimeError):
        VectorIndex.load(tmp_path / "vectors.faiss")
