"""Which machine runs the bots of a home folder. Two that share one, or that have copies of one, would post everything
twice; and SQLite's locks don't hold on network file systems (https://www.sqlite.org/faq.html#q5)."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import socket
from contextlib import suppress
from pathlib import Path

from twitter_manager.errors import OtherMachine
from twitter_manager.files import UnfitFile, parsed, read_small, replace_file
from twitter_manager.terminal import command

log = logging.getLogger(__name__)

LOCAL = "move the home folder to a disk of this machine"
FILE = "machine.json"
"""In the data folder: whose it is."""
_ID = "etc/machine-id"
"""https://www.freedesktop.org/software/systemd/man/latest/machine-id.html: it is not to be told as it is."""
_PASSING = ("run/machine-id", "run/.containerenv")
"""Where one of these is, the machine's id lasts no longer than until it starts anew."""
_LARGEST = 4096
_NETWORK = re.compile(r"nfs\d?|cifs|smb\w*|9p|afs|ceph|glusterfs|ncpfs|lustre|davfs\d?|fuse\.(?!fuseblk|ext\w+).*")
"""File systems of which other machines may have the same files open, or that stand for such."""


def here(root: Path = Path("/")) -> str:
    """What tells this machine from others, for good (hex); "" where nothing does, as in many containers."""
    with suppress(OSError, ValueError):
        found = (root / _ID).read_text("ascii").strip()
        if re.fullmatch("[0-9a-f]{32}", found) and not any((root / name).exists() for name in _PASSING):
            return hashlib.sha256(f"twitter_manager {found}".encode()).hexdigest()[:32]
    return ""


def owner(data: Path) -> tuple[str, str]:
    """What tells the machine that runs these bots from others, and its name; "" where that is not known."""
    with suppress(FileNotFoundError, UnfitFile, ValueError, KeyError, TypeError):
        known = parsed(read_small(data / FILE, _LARGEST, own=True))
        if re.fullmatch("[0-9a-f]{32}", str(known["machine"])):
            return known["machine"], str(known["name"])
    return "", ""


def refusal(data: Path) -> str:
    """Why nothing may be written here, where that is so, and the way on; else ""."""
    try:
        refuse_other(data)
    except OtherMachine as error:
        return str(error)
    return ""


def refuse_other(data: Path) -> None:
    """Raise OtherMachine where another machine runs the bots of this folder."""
    machine, (known, name) = here(), owner(data)
    if machine and known and known != machine:
        raise OtherMachine(
            f"{data} belongs to the machine {name!a:.60}: two that run the same bots post everything twice.",
            f"If it moved here and the other one has stopped for good, say: {command('adopt')}",
        )


def require_own(data: Path) -> None:
    """Refuse another machine's bots; those of nobody are this machine's from now on. Raises OtherMachine, OSError."""
    refuse_other(data)
    if kind := network_file_system(data):
        log.warning("%s is on a network file system (%s), where databases get damaged: %s", data, kind, LOCAL)
    if here() and not owner(data)[0]:
        adopt(data)


def adopt(data: Path) -> None:
    """Let this machine run the bots of this folder. Raises OSError."""
    replace_file(data / FILE, json.dumps({"machine": here(), "name": socket.gethostname()}) + "\n")


def network_file_system(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The type of the file system that a folder is on, where it is one of a network; else ""."""
    place, best, kind = path.resolve(), -1, ""
    with suppress(OSError, ValueError, IndexError):
        for line in mounts.read_text("utf-8", "replace").splitlines():
            mounted, _, about = line.partition(" - ")  # see proc(5)
            point = Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), mounted.split()[4]))
            if place.is_relative_to(point) and len(point.parts) >= best:
                best, kind = len(point.parts), about.split()[0]
    return kind if _NETWORK.fullmatch(kind) else ""
