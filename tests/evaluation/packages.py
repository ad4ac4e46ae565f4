"""Packages of other people, as their own clients give them: fetched by name and pinned version, unpacked into a cache.

What is cached is not fetched again. Nothing of a package is installed; only its files are read.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

SECONDS = 180
"""For one package."""


class NotFetched(Exception):
    """A package that is not there; the message says why, in one line."""


def unpacked(package: str, pin: str, cache: Path) -> Path:
    """The folder with a package's files. `package`: `pypi`, `npm` or `deb`, a colon and `NAME==VERSION`; `pin`: the
    SHA-256 of what is fetched, or "" where none is known. Raises NotFetched."""
    folder = cache / package.replace(":", "-").replace("/", "-")
    if folder.is_dir():
        return folder
    kind, _, wanted = package.partition(":")
    name, _, version = wanted.partition("==")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        archive = _fetched(kind, name, version, Path(scratch))
        if pin and (found := hashlib.sha256(archive.read_bytes()).hexdigest()) != pin:
            raise NotFetched(f"{package}: another file than the pinned one came (SHA-256 {found})")
        _unpack(archive, half := Path(scratch) / "files")
        shutil.move(half, folder)
    return folder


def every(packages: Mapping[str, str], cache: Path) -> dict[str, Path]:
    """The folders of all packages that can be had; of each other one a line tells why not."""
    found: dict[str, Path] = {}
    for package, pin in packages.items():
        try:
            found[package] = unpacked(package, pin, cache)
        except NotFetched as error:
            print(f"left out: {error}", file=sys.stderr)
    return found


def _fetched(kind: str, name: str, version: str, scratch: Path) -> Path:
    """The one file that the client downloads. Raises NotFetched."""
    command = {
        "pypi": ["pip", "download", "-q", "--no-deps", "--no-binary=:all:", f"{name}=={version}"],
        "npm": ["npm", "pack", "--silent", "--ignore-scripts", f"{name}@{version}"],
        "deb": ["apt-get", "-q", "download", f"{name}={version}"],
    }[kind]
    if kind == "pypi":
        command = [sys.executable, "-m", *command]
    try:
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotFetched(f"{name} {version}: {command[0]} gave no answer ({type(error).__name__})") from None
    found = [one for one in scratch.iterdir() if one.is_file()]
    if done.returncode or len(found) != 1:
        why = " ".join((done.stderr.strip() or "no file came").splitlines()[-1].split())
        raise NotFetched(f"{name} {version}: {kind} gives it no more ({why[:120]})")
    return found[0]


def _unpack(archive: Path, folder: Path) -> None:
    """Only plain files and folders below `folder`. Raises NotFetched."""
    try:
        if archive.suffix == ".deb":
            subprocess.run(["dpkg-deb", "-x", archive, folder], check=True, capture_output=True, timeout=SECONDS)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
    except (OSError, tarfile.TarError, subprocess.SubprocessError) as error:
        raise NotFetched(f"{archive.name} can't be unpacked ({type(error).__name__})") from None
