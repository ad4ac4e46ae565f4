"""A real browser for tests: Chromium, headless, on a file or loopback URL. Where there is none the test skips."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@dataclass(frozen=True)
class Chromium:
    """One browser binary with a profile of its own. A run takes about three seconds."""

    binary: str
    profile: Path

    def dom(self, url: str, *, dark: bool = False) -> str:
        """The page's document after its scripts have run."""
        return self._run(url, "--virtual-time-budget=5000", "--dump-dom", dark=dark)

    def screenshot(self, url: str, png: Path, width: int, height: int, *, dark: bool = False) -> None:
        self._run(url, f"--window-size={width},{height}", f"--screenshot={png}", dark=dark)
        assert png.stat().st_size > 0

    def _run(self, url: str, *flags: str, dark: bool) -> str:
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        command = [self.binary, *FLAGS, f"--user-data-dir={self.profile}", scheme, *flags, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


def chromium(profile: Path) -> Chromium:
    """The browser of this machine with a fresh profile folder, or a skip."""
    binary = "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else shutil.which("chromium")
    if binary is None:
        pytest.skip("no Chromium at /usr/bin/chromium or on PATH")
    return Chromium(binary, profile)


def first_pixel(png: Path) -> tuple[int, int, int]:
    """Red, green and blue of a screenshot's top left corner (8-bit RGB or RGBA; there no PNG filter changes it)."""
    data = png.read_bytes()[8:]
    packed = b""
    while data:
        length, kind = struct.unpack(">I4s", data[:8])
        packed += data[8 : 8 + length] if kind == b"IDAT" else b""
        data = data[12 + length :]
    row = zlib.decompress(packed)
    return row[1], row[2], row[3]
