"""What turns texts into vectors, as the rest of the program sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from twitter_manager.domain import TimeLeft

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
else:
    Vectors = Any


@dataclass(frozen=True, slots=True)
class Embedded:
    """A row of length 1 for each text, and what it took."""

    vectors: Vectors
    tokens: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0


class Embedder(Protocol):
    """Turns texts into vectors whose inner product tells how near they are in meaning."""

    @property
    def model(self) -> str:
        """Which model it is, with its version: vectors of another one are not comparable. Raises GeneratorError."""
        ...

    @property
    def free(self) -> bool:
        """True when asking costs no money."""
        ...

    def embed(self, texts: Sequence[str], time_left: TimeLeft) -> Embedded:
        """A vector for each text; of a long one the model reads the beginning. Raises GeneratorError."""
        ...

    def verify(self) -> str:
        """A look that costs nothing: gives a line for a person. Raises GeneratorError."""
        ...


def normalised(vectors: Any) -> Vectors:
    """Rows scaled to length 1, as float32; a row of zeros stays. Raises ValueError for what is no table of numbers."""
    import numpy as np

    table = np.asarray(vectors, dtype=np.float64)
    if table.ndim != 2 or not table.shape[1]:
        raise ValueError("no table of numbers")
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(table, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise ValueError("not a number, or too large")
    return np.ascontiguousarray(table / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)
