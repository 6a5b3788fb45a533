"""A neighbour embedding of vectors in the plane (t-SNE: van der Maaten and Hinton, 2008)."""

from collections.abc import Callable

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Vectors

#: Two coordinates a row.
Coordinates = npt.NDArray[np.float64]

# Neighbours that attract a point, all alike.
_NEIGHBOURS = 15

# Steps that gather and steps that spread. A little more attraction than t-SNE's own 1 parts the
# groups more clearly.
_GATHERING, _SPREADING, _ATTRACTION = 100, 200, 1.5

# Standard deviation of the start: so small that no point is yet in another's way.
_START = 1e-4

# Steps between two tellings of how far it is.
_TELL = 10


def layout(
    vectors: Vectors, start: Coordinates, on_done: Callable[[float], None] = lambda _: None
) -> Coordinates:
    """Returns points of which those with near vectors are near each other.

    Args:
        vectors: Distinct unit vectors, one a row; more than a point has neighbours.
        start: Two principal components of each, so that what is far apart tends to stay so.
        on_done: Told what share is done, 0 to 1.
    """
    from openTSNE import TSNE, affinity, nearest_neighbors  # lazy: it imports all of scikit-learn

    nearest = nearest_neighbors.PrecomputedNeighbors(*_neighbours(vectors))
    attracting = affinity.Uniform(k_neighbors=_NEIGHBOURS, knn_index=nearest, method=None)
    done = 0

    def tell(_step: int, _error: float, _points: Coordinates) -> bool:
        nonlocal done
        done += _TELL
        on_done(done / (_GATHERING + _SPREADING))
        return False  # go on

    embedding = TSNE(
        negative_gradient_method="fft",
        early_exaggeration_iter=_GATHERING,
        n_iter=_SPREADING,
        exaggeration=_ATTRACTION,
        callbacks=tell,
        callbacks_every_iters=_TELL,
        random_state=0,
    ).fit(affinities=attracting, initialization=start * (_START / max(start[:, 0].std(), _START)))
    return np.asarray(embedding, np.float64)


def _neighbours(vectors: Vectors) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Returns of each vector the rows of those nearest by cosine, and how far they are."""
    rows = np.ascontiguousarray(vectors)
    cosines, nearest = faiss.knn(rows, rows, _NEIGHBOURS + 1, metric=faiss.METRIC_INNER_PRODUCT)
    # Each is nearest to itself, but for rounding, and is left out; where it is not among them, the
    # farthest is.
    itself = nearest == np.arange(len(rows))[:, None]
    itself[~itself.any(axis=1), -1] = True
    shape = (len(rows), _NEIGHBOURS)
    return nearest[~itself].reshape(shape), 1.0 - cosines[~itself].reshape(shape).astype(np.float64)
