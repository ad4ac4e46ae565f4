"""Exact search: the inner product of a question with every vector, in one matrix product.

Memory: 4 bytes a number, so 154 MB for 100,000 vectors of 384. No approximate index: at this size an exact answer takes
some tens of milliseconds, and there is nothing to build, to tune or to get wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from twitter_manager.retrieval.embedder import Vectors


class Index:
    """Vectors of length 1 with their ids, and the id of what each is a part of (its `owner`)."""

    def __init__(self, ids: NDArray[np.int64], owners: NDArray[np.int64], vectors: Vectors) -> None:
        self._ids, self._owners, self._vectors = ids, owners, vectors

    @classmethod
    def load(cls, size: int, dimensions: int, chunks: Iterable[tuple[list[int], list[int], bytes]]) -> Index:
        """From chunks of (ids, owners, the vectors' bytes one after the other), `size` vectors in all: filled in place,
        so that loading takes hardly more memory than what is loaded."""
        import numpy as np

        ids, owners = np.empty(size, np.int64), np.empty(size, np.int64)
        vectors = np.empty((size, dimensions), np.float32)
        at = 0
        for some_ids, theirs, blob in chunks:
            end = at + len(some_ids)
            ids[at:end], owners[at:end] = some_ids, theirs
            vectors[at:end] = _sound(np.frombuffer(blob, dtype="<f4").reshape(len(some_ids), dimensions))
            at = end
        return cls(ids[:at], owners[:at], vectors[:at])

    def middle(self, owners: Collection[int]) -> Vectors | None:
        """The direction that the parts of these owners have in common; None where there are none."""
        import numpy as np

        rows = self._vectors[np.isin(self._owners, list(owners))]
        mean = rows.sum(axis=0)
        length = float((mean @ mean) ** 0.5)
        return mean / length if length > 0 else None

    def nearest(self, vector: Vectors, k: int, besides: Collection[int] = ()) -> list[tuple[float, int]]:
        """The `k` nearest, nearest first: likeness (-1 to 1) and id; of equal ones the smaller id. `besides`: owners
        whose parts are left out."""
        import numpy as np

        if self._vectors.shape[1] != len(vector):  # nothing is there yet, or nothing that it can be compared with
            return []
        scores, ids = self._vectors @ vector, self._ids
        if besides:
            others = ~np.isin(self._owners, list(besides))
            scores, ids = scores[others], ids[others]
        k = min(k, len(scores))
        if k < 1:
            return []
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        nearest = np.flatnonzero(scores >= least)  # ties included, so that the order is decided here
        nearest = nearest[np.lexsort((ids[nearest], -scores[nearest]))][:k]
        return [(float(scores[row]), int(ids[row])) for row in nearest]


def _sound(vectors: Vectors) -> Vectors:
    """The rows with those that are not of length 1 (a disk lost a bit) set to zero: like nothing, where one that is no
    number would hide all others, and a huge one be nearest to all."""
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.einsum("ij,ij->i", vectors, vectors)
        return np.where(np.abs(lengths - 1) < 0.01, vectors.T, 0).T
