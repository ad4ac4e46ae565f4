"""What is remembered in `data/told.json`, however it is damaged: no run ends by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.home import Home, Json


def nested(kept: Json) -> str:
    return "[" * 30_000


def worded(kept: Json) -> str:
    return json.dumps(kept | {"troubles": [each | {"times": "often"} for each in kept["troubles"]]})


def listed(kept: Json) -> str:
    return json.dumps(kept | {"troubles": [each | {"scope": []} for each in kept["troubles"]]})


def timeless(kept: Json) -> str:
    return json.dumps(kept | {"good_at": {}, "troubles": 5})


@pytest.mark.parametrize("damaged", [nested, worded, listed, timeless])
def test_a_damaged_memory_is_none(tmp_path: Path, damaged: Callable[[Json], str]) -> None:
    """Too deep, or of other types: the trouble is told anew, in its one line."""
    home = Home(tmp_path, NO_SUCH_SETTING="1")
    (tmp_path / "data").mkdir()
    first = home("run")
    assert first.code == 78 and first.err.count("\n") == 1
    assert home("run").err == ""
    path = tmp_path / "data" / "told.json"
    path.write_text(damaged(json.loads(path.read_text())))
    again = home("run")
    assert (again.code, again.err) == (first.code, first.err)
