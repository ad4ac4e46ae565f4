"""The tests' own guard against the wall clock."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TESTS = """
from datetime import timedelta
from tests import full_hour

now, played = full_hour.hour(), []

def test_crosses_the_hour(tmp_path):
    played.append(1)
    full_hour.hour = lambda: now + timedelta(hours=1)
    assert len(played) == 2

def test_fails_within_the_hour(tmp_path):
    assert False
"""


def test_only_a_test_that_fails_while_the_hour_changes_is_played_again(tmp_path: Path) -> None:
    """A failure within one hour stays a failure."""
    file = tmp_path / "test_it.py"
    file.write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.full_hour", str(file)], capture_output=True, text=True
    )
    assert re.search(r"^1 failed, 1 passed, 1 rerun\b", done.stdout, re.M), done.stdout
