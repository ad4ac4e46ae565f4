"""The program as a process, killed by the kernel at its k-th system call of one kind (strace's injection)."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.home import Home, x_settings
from tests.standins.x import XStandIn

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]
TEXT = "Exactly one of these, whatever dies."
# Every k-th call: the first of each kind belong to start-up, the step keeps the number of cases sane.
CALLS = {"fdatasync": (1, 1), "fsync": (1, 1), "rename": (1, 1), "unlink": (1, 1), "sendto": (1, 1), "pwrite64": (1, 7)}
MOST = 200


def killed(home: Home, call: str, number: int) -> bool:
    """Run `post --now` and kill it at that call; False when there was no such call any more."""
    done = subprocess.run(
        [
            "strace",
            "-f",
            "-o",
            "/dev/null",
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:signal=SIGKILL:when={number}",
            sys.executable,
            "-m",
            "twitter_manager",
            "post",
            TEXT,
            "--now",
        ],
        env=home.environment(),
        capture_output=True,
        timeout=120,
    )
    return done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)


@pytest.mark.parametrize("call", CALLS)
def test_a_kill_at_any_system_call_leaves_exactly_one_post(tmp_path: Path, x: XStandIn, call: str) -> None:
    """SIGKILL at each such call; then runs until all is quiet: one post on X, one in the feed, a sound database."""
    first, step = CALLS[call]
    cases = 0
    for number in range(first, MOST, step):
        x.reset()
        home = Home(tmp_path / f"{call}{number}", GENERATORS="excerpt", SETTLE_MINUTES="1", **x_settings(x))
        home("pause")
        home("pause", "--off")
        if not killed(home, call, number):
            break
        cases += 1
        for _ in range(3):
            home.next_slot()
            home("run")
        stored = home.rows("SELECT count(*) FROM drafts WHERE origin = 'person'")[0][0]
        assert x.texts().count(TEXT) == stored, (call, number)
        assert home.feed().count(f">{TEXT}</content>") == stored, (call, number)
        assert home.rows("PRAGMA integrity_check") == [("ok",)]
        assert home.rows("SELECT count(*) FROM deliveries WHERE status NOT IN ('posted', 'failed')") == [(0,)]
    assert cases >= 1, f"no {call} was ever reached"
