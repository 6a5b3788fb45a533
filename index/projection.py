"""Passages on a plane: those that are alike stand close together.

Hundreds of dimensions of meaning do not fit into two: of the twelve nearest neighbours of each of
12,755 passages of press releases the first two principal components keep 2 %, a neighbour embedding
(`index.layout`) 41 %. With few passages there are no neighbourhoods to keep, and the components
are steadier.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from index.encoder import Vectors
from index.layout import Coordinates, layout

#: Distinct vectors up to which the plane is that of the principal components.
FEW = 100

# Passages by which something else is placed, and how much (of cosine) farther one must be to count
# for 1/e: a question stands beside what is most like it, not amid all that is a little.
_NEIGHBOURS, _SOFTNESS = 5, 0.03


def principal_components(vectors: npt.NDArray[np.floating], count: int) -> Coordinates:
    """Returns the first ``count`` principal components of vectors.

    Args:
        vectors: One a row, at least one.
        count: How many components.

    Returns:
        One row for each vector, in columns the components, the widest first, centred. The sign of
        each is such that its axis points along its largest part. What has fewer dimensions has
        zeros in the rest.
    """
    centred = np.asarray(vectors, np.float64)
    centred = centred - centred.mean(axis=0)
    found = min(count, centred.shape[1])
    # Of the covariance, as there are far fewer dimensions than passages; it sorts ascending.
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :found]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(found)])
    components = np.zeros((len(centred), count))
    components[:, :found] = centred @ axes
    return components


def project(vectors: Vectors, on_done: Callable[[float], None] = lambda _: None) -> Coordinates:
    """Returns where on a plane each vector stands.

    The same vectors in any order stand at the same places, and equal vectors at one.

    Args:
        vectors: Unit vectors, one a row, at least one.
        on_done: Told what share is done, 0 to 1.

    Returns:
        Two coordinates a row, from 0 to 1, in the vectors' own proportions.
    """
    # In an order of their own: sums of floats, and with them the layout, depend on it.
    distinct, places = np.unique(vectors, axis=0, return_inverse=True)
    plane = principal_components(distinct, 2)
    if len(distinct) > FEW:
        plane = layout(distinct, plane, on_done)
    on_done(1.0)
    fitted: Coordinates = _fitted(plane)[places.ravel()]
    return fitted


def place(query: Vectors, vectors: Vectors, coordinates: Coordinates) -> Coordinates:
    """Returns where something stands that was not projected: amid the passages most like it.

    Args:
        query: Unit vectors, one a row.
        vectors: The unit vectors that were projected.
        coordinates: Where they stand.

    Returns:
        Two coordinates for each row of ``query``.
    """
    cosines = query @ vectors.T
    count = min(_NEIGHBOURS, len(vectors))
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
    near = np.take_along_axis(cosines, nearest, axis=1).astype(np.float64)
    weights = np.exp((near - near[:, :1]) / _SOFTNESS)
    weights /= weights.sum(axis=1, keepdims=True)
    placed: Coordinates = np.einsum("qn,qnc->qc", weights, coordinates[nearest])
    return placed


def _fitted(plane: Coordinates) -> Coordinates:
    """Scales a plane into the unit square, its middle in the middle."""
    low, high = plane.min(axis=0), plane.max(axis=0)
    width = float((high - low).max())
    if width == 0:
        return np.full_like(plane, 0.5)
    # Rounding may put what lies at an edge a hair beyond it.
    fitted: Coordinates = np.clip((plane - (low + high) / 2) / width + 0.5, 0.0, 1.0)
    return fitted
