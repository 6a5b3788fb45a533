"""Passages on a plane: components against a reference, and the same places from any order."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.atlas import Atlas, evenly
from index.generation import Generation
from index.projection import FEW, place, principal_components, project

COORDINATES = st.integers(-9, 9).map(lambda number: np.float32(number) / 9 + np.float32(0.01))
UNIT = arrays(np.float32, st.tuples(st.integers(1, 12), st.just(6)), elements=COORDINATES).map(
    lambda rows: rows / np.linalg.norm(rows, axis=1, keepdims=True)
)


def clouds(each: int, dimension: int = 32) -> np.ndarray:
    """Unit vectors around four centres, far apart, `each` a cloud."""
    random = np.random.default_rng(7)
    centres = np.repeat(np.eye(4, dimension), each, axis=0)
    rows = centres + random.normal(0, 0.05, centres.shape)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_components_are_those_of_the_singular_value_decomposition():
    rows = np.random.default_rng(1).normal(size=(40, 7)) * [9, 5, 3, 2, 1, 1, 1]
    centred = rows - rows.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    expected = centred @ axes[:3].T
    found = principal_components(rows, 3)
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found, expected * signs, atol=1e-9)


def test_an_axis_points_along_its_largest_part():
    line = np.outer([0.0, 1, 2], [0.2, -0.9])
    assert principal_components(line, 1)[:, 0] == pytest.approx([0.922, 0, -0.922], abs=1e-3)


def test_more_components_than_dimensions_are_zeros():
    assert principal_components(np.array([[1.0], [3.0]]), 2).tolist() == [[-1, 0], [1, 0]]


@given(UNIT, st.randoms(use_true_random=False))
def test_a_few_passages_stand_in_the_square_in_any_order(vectors, random):
    points = project(vectors)
    assert points.shape == (len(vectors), 2)
    assert ((points >= 0) & (points <= 1)).all()
    order = list(range(len(vectors)))
    random.shuffle(order)
    assert np.array_equal(project(vectors[order]), points[order])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_one_to_three_passages_have_places(count: int):
    points = project(np.eye(count, 5, dtype=np.float32))
    assert len({tuple(point) for point in points.round(6).tolist()}) == count
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    assert middle == pytest.approx([0.5, 0.5])


def test_equal_passages_stand_at_one_place():
    assert project(np.ones((3, 4), np.float32) / 2).tolist() == [[0.5, 0.5]] * 3


def test_many_passages_stand_by_their_like_in_any_order_and_repeats_with_them():
    vectors = clouds(60)
    assert len(vectors) > FEW
    points = project(vectors)
    groups = np.repeat(np.arange(4), 60)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :10]
    assert (groups[nearest] == groups[:, None]).mean() > 0.97
    assert ((points >= 0) & (points <= 1)).all()

    order = np.random.default_rng(3).permutation(len(vectors))
    assert np.array_equal(project(vectors[order]), points[order])
    repeated = project(np.concatenate([vectors, vectors[:9]]))
    assert np.array_equal(repeated, np.concatenate([points, points[:9]]))


def test_a_layout_tells_how_far_it_is():
    told: list[float] = []
    project(clouds(30), told.append)
    assert told == sorted(told)
    assert told[0] < 0.1
    assert told[-1] == 1


def test_what_is_placed_stands_by_what_is_most_like_it():
    vectors = np.eye(3, 4, dtype=np.float32)
    points = np.array([[0.0, 0], [1, 0], [0, 1]])
    np.testing.assert_allclose(place(vectors, vectors, points), points, atol=1e-9)
    between = np.array([[1, 1, 0, 0]], np.float32) / np.sqrt(np.float32(2))
    np.testing.assert_allclose(place(between, vectors, points), [[0.5, 0]], atol=1e-6)


@given(st.integers(1, 500), st.integers(1, 60))
def test_a_sample_is_spread_evenly(total: int, most: int):
    numbers = evenly(total, most).tolist()
    assert len(numbers) == min(total, most)
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert numbers[-1] < total
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    assert not steps or max(steps) - min(steps) <= 1


def test_a_map_knows_of_each_passage_its_document(home_of):
    home = home_of(
        {"a.txt": "Alpha speaks. " * 90, "b.txt": "Beta hears. " * 90, "c.txt": "Gamma."}
    )
    generation = Generation.serving(home)
    documents = tuple(generation.store.outlines())
    atlas = Atlas.of(generation, documents)
    passages = generation.store.passages(atlas.numbers.tolist())
    assert [documents[place].id for place in atlas.places.tolist()] == [
        passages[number].document_id for number in atlas.numbers.tolist()
    ]
    assert len(passages) == generation.manifest.passages > 3


def test_a_passage_that_is_not_on_the_map_stands_by_those_like_it(home_of):
    home = home_of(
        {
            "a.txt": "The harbour and its ships. ",
            "b.txt": "Ships in the harbour today. ",
            "c.txt": "A recipe for lentil soup. ",
        }
    )
    generation = Generation.serving(home)
    atlas = Atlas.of(generation, tuple(generation.store.outlines()), most=2)
    assert atlas.numbers.tolist() == [0, 1]
    np.testing.assert_array_equal(atlas.locate([1, 0]), atlas.points[[1, 0]])
    [third] = atlas.locate([2])
    assert (atlas.points.min(axis=0) - 1e-9 <= third).all()
    assert (third <= atlas.points.max(axis=0) + 1e-9).all()
