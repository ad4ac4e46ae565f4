"""Packages of other people, as their own clients give them: fetched by name and pinned version, unpacked into a cache.

What is cached is not fetched again. Nothing of a package is installed; only its files are read.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

SECONDS = 180
"""For one package."""
CLIENTS = {
    "pypi": f"{sys.executable} -m pip download -q --no-deps --no-binary=:all: NAME==VERSION",
    "npm": "npm pack --silent --ignore-scripts NAME@VERSION",
    "deb": "apt-get -q download NAME=VERSION",
}


def unpacked(packages: Mapping[str, str], cache: Path) -> dict[str, Path]:
    """The folders of all packages that can be had; of each other one a line tells why not. A package is `pypi`, `npm`
    or `deb`, a colon and `NAME==VERSION`; with it goes the SHA-256 of what the client gives, or ""."""
    folders = {package: cache / package.replace(":", "-").replace("/", "-") for package in packages}
    for package, folder in folders.items():
        if not folder.is_dir() and (trouble := _fetch(package, packages[package], folder)):
            print(f"left out: {package}: {trouble}", file=sys.stderr)
    return {package: folder for package, folder in folders.items() if folder.is_dir()}


def _fetch(package: str, pin: str, folder: Path) -> str:
    """Fetch and unpack; gives what went wrong, or ''."""
    kind, _, wanted = package.partition(":")
    name, _, version = wanted.partition("==")
    command = CLIENTS[kind].replace("NAME", name).replace("VERSION", version).split()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        try:
            subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=SECONDS, check=True)
            archive = next(Path(scratch).iterdir())
            if pin and (found := hashlib.sha256(archive.read_bytes()).hexdigest()) != pin:
                return f"another file than the pinned one came (SHA-256 {found})"
            (half := Path(scratch) / "files").mkdir()
            unpack = ["dpkg-deb", "-x"] if kind == "deb" else ["tar", "-xzf"]
            into = [str(archive), *(["-C"] if kind != "deb" else []), str(half)]
            subprocess.run(unpack + into, capture_output=True, text=True, timeout=SECONDS, check=True)
        except subprocess.CalledProcessError as error:
            return f"{error.cmd[0]}: {' '.join((error.stderr.strip() or 'fails').splitlines()[-1].split())[:120]}"
        except (OSError, subprocess.TimeoutExpired, StopIteration) as error:
            return f"nothing came from {command[0]} ({type(error).__name__})"
        half.rename(folder)
    return ""
