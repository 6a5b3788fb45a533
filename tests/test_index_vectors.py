"""FAISS finds what NumPy finds: exactly in small indexes, nearly always in large ones."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Vectors
from index.vectors import EXACT_UP_TO, VectorIndex, cells_for, new_rows, write_index


def unit_vectors(count: int, dimension: int = 16, seed: int = 7) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def index_of(folder: Path, vectors: Vectors, cells: int = 0) -> VectorIndex:
    """The index that a build would write to ``folder``."""
    rows = new_rows(folder, *vectors.shape)
    rows.put(range(len(vectors)), vectors)
    write_index(folder, rows, cells)
    return VectorIndex(folder)


def clustered(count: int, dimension: int = 32, seed: int = 7) -> Vectors:
    """Vectors in groups, as texts come; the same groups whatever the seed."""
    centres = np.random.default_rng(0).normal(size=(40, dimension))
    rng = np.random.default_rng(seed)
    rows = centres[rng.integers(0, 40, count)] + 0.6 * rng.normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def nearest(vectors: Vectors, query: Vectors, k: int) -> list[tuple[int, float]]:
    """The exact reference: every inner product in double precision, sorted."""
    scores = vectors.astype(np.float64) @ query[0].astype(np.float64)
    return [(int(n), float(scores[n])) for n in np.argsort(-scores, kind="stable")[:k]]


@given(
    st.integers(1, 60),
    st.integers(1, 70),
    st.integers(0, 2**32 - 1),
    st.sets(st.integers(0, 59), min_size=1) | st.none(),
)
def test_search_agrees_with_numpy_in_ids_order_and_scores(
    count: int, k: int, seed: int, among: set[int] | None
):
    vectors = unit_vectors(count, seed=seed)
    query = unit_vectors(1, seed=seed + 1)
    allowed = np.array(sorted(range(count) if among is None else among & set(range(count))))
    with TemporaryDirectory() as folder:
        index = index_of(Path(folder), vectors)

        found = index.search(query, k, None if among is None else allowed.astype(np.int64))

    expected = [pair for pair in nearest(vectors, query, count) if pair[0] in allowed][:k]
    assert list(found) == [number for number, _ in expected]
    assert list(found.values()) == pytest.approx([score for _, score in expected], abs=1e-6)


def test_search_is_exact_over_many_vectors(tmp_path: Path):
    vectors, queries = unit_vectors(5000, 64), unit_vectors(20, 64, seed=8)
    index = index_of(tmp_path, vectors)

    for query in queries[:, np.newaxis]:
        expected = nearest(vectors, query, 100)
        found = index.search(query, 100)
        assert list(found) == [number for number, _ in expected]
        assert list(found.values()) == pytest.approx([score for _, score in expected], abs=1e-6)


@pytest.mark.parametrize("share", [1, 0.5, 0.05, 0.002])
def test_cells_find_nearly_all_of_the_nearest_however_narrow_the_filter(
    tmp_path: Path, share: float
):
    vectors, queries = clustered(8000), clustered(40, seed=8)
    index = index_of(tmp_path, vectors, cells=90)
    allowed = np.sort(np.random.default_rng(1).permutation(8000)[: int(8000 * share)])

    shared = 0
    for query in queries[:, np.newaxis]:
        found = index.search(query, 10, None if share == 1 else allowed)
        best = nearest(vectors[allowed], query, 10)
        expected = {int(allowed[place]): score for place, score in best}
        shared += len(found.keys() & expected.keys())
        assert found.keys() <= set(allowed.tolist())
        assert list(found.values()) == sorted(found.values(), reverse=True)
        for number, cosine in found.items():  # at full precision, however it was found
            assert cosine == pytest.approx(float(vectors[number] @ query[0]), abs=1e-6)
    assert shared >= 0.98 * 400


def test_cells_are_the_same_each_time_they_are_trained(tmp_path: Path):
    vectors, query = clustered(4000), clustered(1, seed=8)
    found = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        found.append(index_of(tmp_path / name, vectors, cells=60).search(query, 50))

    assert list(found[0].items()) == list(found[1].items())


def test_a_filter_that_lets_nothing_through_finds_nothing(tmp_path: Path):
    index = index_of(tmp_path, unit_vectors(10))

    assert index.search(unit_vectors(1), 5, np.empty(0, np.int64)) == {}


def test_small_corpora_are_searched_exactly_and_large_ones_in_cells():
    assert cells_for(1, 384) == cells_for(EXACT_UP_TO, 384) == 0
    assert cells_for(EXACT_UP_TO + 1, 384) == 223
    assert cells_for(1_000_000, 384) == 1000


def test_where_memory_is_short_no_corpus_is_held_in_it_whole(monkeypatch: pytest.MonkeyPatch):
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2**16}  # 256 MiB
    monkeypatch.setattr("index.vectors.os.sysconf", pages.__getitem__)

    assert cells_for(20_000, 384) == 0
    assert cells_for(30_000, 384) == 173


def test_there_are_no_more_results_than_vectors(tmp_path: Path):
    vectors = unit_vectors(3)

    assert sorted(index_of(tmp_path, vectors).search(vectors[:1], 50)) == [0, 1, 2]


def test_where_equal_vectors_stand_at_the_cut_nothing_nearer_is_left_out(tmp_path: Path):
    vectors = np.repeat(unit_vectors(2), 20, axis=0)
    index = index_of(tmp_path, vectors)

    found = index.search(vectors[20:21], 30)

    assert len(found) == 30
    assert set(list(found)[:20]) == set(range(20, 40))
    assert len(set(found.values())) == 2
    assert list(index.search(vectors[20:21], 30)) == list(found)


@pytest.mark.parametrize("cells", [0, 6])
def test_a_vector_finds_itself_first(tmp_path: Path, cells: int):
    vectors = unit_vectors(400)
    index = index_of(tmp_path, vectors, cells)

    for number in range(40):
        [(first, score)] = index.search(vectors[number : number + 1], 1).items()
        assert (first, score) == (number, pytest.approx(1, abs=1e-6))


@pytest.mark.parametrize("cells", [0, 6])
def test_vectors_are_given_back_bit_for_bit_in_the_order_asked(tmp_path: Path, cells: int):
    vectors = unit_vectors(400)
    index = index_of(tmp_path, vectors, cells)

    assert (len(index), index.dimension) == (400, 16)
    assert np.array_equal(index.get([7, 0, 7, 9]), vectors[[7, 0, 7, 9]])
    assert index.get([]).shape == (0, 16)


@pytest.mark.parametrize("content", [None, b"", b"not an index"])
def test_a_file_that_is_no_index_is_a_runtime_error(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "vectors.faiss").write_bytes(content)

    with pytest.raises(RuntimeError):
        VectorIndex(tmp_path)
