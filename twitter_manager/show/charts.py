"""Small charts of characters, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BAR = 20
"""Characters of a bar."""


@dataclass(frozen=True, slots=True)
class Charts:
    """Small charts of characters, from the least to the most that one can stand for."""

    steps: str
    full: str
    rest: str

    def line(self, values: Sequence[float]) -> str:
        """A character for each value."""
        most = max(values, default=0) or 1
        return "".join(self.steps[round(value / most * (len(self.steps) - 1))] for value in values)

    def bar(self, value: float, most: float, width: int = BAR) -> str:
        """As long as the value is large, and filled up to the width; what is more than nothing shows."""
        length = min(width, max(round(width * value / most), 1 if value else 0)) if most else 0
        return self.full * length + self.rest * (width - length)


PLAIN = str.maketrans({"−": "-", "–": "-", "×": "x", "…": "...", "·": "'", "\u00a0": " "})
"""What a screen without UTF-8 shows instead."""
BLOCKS = Charts("▁▂▃▄▅▆▇█", "█", "░")
ASCII = Charts("_.-=+*#", "#", ".")


def charts(encoding: str | None) -> Charts:
    """Those that the screen can show."""
    return BLOCKS if (encoding or "").lower().replace("-", "") == "utf8" else ASCII
