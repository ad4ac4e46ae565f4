"""`models`: what is kept of models in data/models, whether it is whole, and what no setting names any more."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from twitter_manager.domain import Json, Progress
from twitter_manager.errors import GeneratorError
from twitter_manager.retrieval.local import NAME as EMBEDDER
from twitter_manager.retrieval.local import PACKAGE as EMBEDDER_PACKAGE
from twitter_manager.settings import Generators, Settings
from twitter_manager.settings.records import NLI
from twitter_manager.store.database import to_text
from twitter_manager.terminal import command
from twitter_manager.writing import model_files
from twitter_manager.writing.libraries import working
from twitter_manager.writing.model_files import ABOUT, DIGESTS, FETCHED, digest, used_mark

_STEP = 5.0
"""Seconds between two lines on how far a download is."""
_HUB_SECONDS = 10.0
_CONVERSION = r"gguf-[0-9a-f]{16}|SmolLM2-135M-Instruct-[\w.]+"
"""Other folders in data/models are a person's own."""
OK, DAMAGED, UNPROVEN = "ok", "damaged", "unproven"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model that a setting names; `model` "" is the one that comes with the program."""

    setting: str
    """HF, JUDGE or EMBEDDINGS."""
    model: str
    revision: str

    @property
    def name(self) -> str:
        """As a person knows it."""
        return self.model or (EMBEDDER if self.setting == "EMBEDDINGS" else "SmolLM2-135M-Instruct")

    @property
    def is_kept(self) -> bool:
        """Whether it takes room in data/models."""
        return bool(self.model) or self.setting == "HF"

    def places(self, models: Path) -> list[Path]:
        """See `model_files.places`; none where its package is missing."""
        with suppress(GeneratorError, OSError):
            return model_files.places(self.model, self.revision, models) if self.is_kept else []
        return []


@dataclass(frozen=True, slots=True)
class Kept:
    """A model in data/models, or what is left of one."""

    name: str
    revision: str
    folder: Path
    kind: str
    """`hub`, `conversion` or `leftover`."""

    @property
    def removed_with(self) -> Path:
        """What must go so that it is fetched or made anew: of the hub the files that its snapshot points to, too."""
        return self.folder.parent.parent if self.kind == "hub" else self.folder


def wanted(settings: Settings) -> list[Wanted]:
    """The models on this machine that the bots' settings name, each once; those of bots at rest too."""
    found = [each for bot in settings.bots for each in _of(bot.generators)]
    return list(dict.fromkeys(found))


def _of(chosen: Generators) -> Iterator[Wanted]:
    if "huggingface" in chosen.usable:
        yield Wanted("HF", chosen.huggingface.model, chosen.huggingface.revision)
    if chosen.judging.model and chosen.judging.kind in ("", NLI):
        yield Wanted("JUDGE", chosen.judging.model, chosen.judging.revision)
    if chosen.embeddings.kind == "local":
        yield Wanted("EMBEDDINGS", chosen.embeddings.model, chosen.embeddings.revision)


def kept(models: Path) -> list[Kept]:
    """All that lies in data/models. What a link leads to lies elsewhere, and is not ours to remove."""
    found = []
    for folder in _inside(models, "*/"):
        name, _, version = folder.name.rpartition("-")
        if folder.name.startswith("."):
            found.append(Kept(folder.name.strip("."), "", folder, "leftover"))
        elif re.fullmatch(_CONVERSION, folder.name):
            found.append(Kept(folder.name if name == "gguf" else name, version, folder, "conversion"))
    for folder in _inside(models, "hub/models--*/snapshots/*/"):
        name = folder.parent.parent.name.removeprefix("models--").replace("--", "/", 1)
        found.append(Kept(name, folder.name, folder, "hub"))
    return found


def _inside(models: Path, pattern: str) -> list[Path]:
    """The folders that are there without a link on the way to them."""
    real = models.resolve()
    return [each for each in sorted(models.glob(pattern)) if each.resolve() == real / each.relative_to(models)]


# --- list ------------------------------------------------------------------------------------------------------------


def listing(settings: Settings) -> list[Json]:
    """What is kept, then what is named and is not there or comes with a package."""
    models, names = settings.models, wanted(settings)
    there = kept(models)
    listed = [_row(each, _settings_of(each, names, models)) for each in there]
    folders = {each.folder for each in there}
    for each in names:
        if each.is_kept and Path(each.model).is_dir() and each.model:
            listed.append(_outside(each))
        elif not each.is_kept:
            listed.append(_packaged(each))
        elif not folders & set(each.places(models)):
            listed.append(_blank(each.name, each.revision, "missing") | {"settings": [f"{each.setting}_MODEL"]})
    return listed


def rows(those: Sequence[Kept]) -> list[Json]:
    """These as the list shows them; no setting names them."""
    return [_row(each, ()) for each in those]


def _settings_of(each: Kept, names: Sequence[Wanted], models: Path) -> list[str]:
    return sorted(
        f"{name.setting}_MODEL"
        for name in names
        if each.folder in name.places(models) or _lies_in(name.model, each.folder)
    )


def _lies_in(model: str, folder: Path) -> bool:
    """Whether a setting names the folder, or a place in it, by its path."""
    return bool(model) and folder in (Path(model), *Path(model).parents)


def _row(each: Kept, settings: Sequence[str]) -> Json:
    mark = used_mark(each.folder)
    used = datetime.fromtimestamp(mark.stat().st_mtime, UTC) if mark.exists() else None
    bundled = each.kind == "conversion" and not each.name.startswith("gguf-")
    return _blank(each.name, each.revision, each.kind) | {
        "path": str(each.folder),
        "bytes": _size(each.folder),
        "licence": _licence_of_package(model_files.PACKAGE) if bundled else _licence(each.folder),
        "last_used": to_text(used) if used else None,
        "settings": list(settings),
    }


def _outside(each: Wanted) -> Json:
    folder = Path(each.model)
    facts = {"path": each.model, "bytes": _size(folder), "licence": _licence(folder)}
    return _blank(each.name, "", "folder") | facts | {"settings": [f"{each.setting}_MODEL"]}


def _packaged(each: Wanted) -> Json:
    version = ""
    with suppress(importlib.metadata.PackageNotFoundError):
        version = importlib.metadata.version(EMBEDDER_PACKAGE)
    facts = {"licence": _licence_of_package(EMBEDDER_PACKAGE), "settings": [f"{each.setting}_MODEL"]}
    return _blank(each.name, version, "package") | facts


def _blank(name: str, revision: str, kind: str) -> Json:
    facts = {"path": "", "bytes": 0, "licence": "", "last_used": None, "settings": []}
    return {"name": name, "revision": revision, "kind": kind} | facts


def _size(folder: Path) -> int:
    """Bytes of its files, those of the hub where its links point."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _licence(folder: Path) -> str:
    """What the front matter of its README.md says."""
    with suppress(OSError), (folder / ABOUT).open("rb") as file:
        begin = file.read(16_384).decode("utf-8", "replace")
        matter = re.match(r"---\r?\n(.*?)\r?\n---", begin, re.DOTALL)
        named = re.search(r"^license:[ \t]*[\"']?([\w.+\- ]{1,60})", matter[1], re.MULTILINE) if matter else None
        return named[1].strip() if named else ""
    return ""


def _licence_of_package(package: str) -> str:
    with suppress(importlib.metadata.PackageNotFoundError):
        facts = importlib.metadata.metadata(package)
        return next((str(facts[field])[:60] for field in ("License-Expression", "License") if field in facts), "")
    return ""


# --- fetch -----------------------------------------------------------------------------------------------------------


def fetch(settings: Settings, progress: Progress) -> list[str]:
    """Download and convert what the settings name, where it is not there; gives a line for each. What broke off goes on
    where it stopped. Raises GeneratorError."""
    lines = []
    for each in wanted(settings):
        if each.is_kept:
            with _told_how_far(each, settings.models, progress):
                files = model_files.located(each.model, each.revision, settings.models, progress, each.setting)
            lines.append(f"{each.setting}_MODEL: {files.name} is ready, {_size(files.folder) / 1e6:,.0f} MB.")
    return lines or ["No setting names a model that is kept on this machine."]


@contextmanager
def _told_how_far(each: Wanted, models: Path, progress: Progress) -> Iterator[None]:
    """Tells how many bytes are there, for a person who waits."""
    ended = threading.Event()

    def tell() -> None:
        while not ended.wait(_STEP):
            for folder in each.places(models)[:1]:
                blobs = folder.parent.parent / "blobs"
                if blobs.is_dir():
                    progress(f"Local model: {_size(blobs) / 1e6:,.0f} MB of {each.name} are there")

    watcher = threading.Thread(target=tell, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


# --- check -----------------------------------------------------------------------------------------------------------


def check(settings: Settings, progress: Progress) -> list[Json]:
    """Whether each kept model is as it was made or fetched, and what a newer revision of the hub would change."""
    names, reports = wanted(settings), []
    for each in kept(settings.models):
        if each.kind == "leftover":
            continue
        progress(f"Local model: reading {each.name}")
        damaged, unproven = _faults(each)
        state = DAMAGED if damaged else UNPROVEN if unproven else OK
        remedy = f"Run: rm -r {each.removed_with}; then: {command('models fetch')}" if damaged else ""
        named = _settings_of(each, names, settings.models)
        newer, trouble = _newer(each) if each.kind == "hub" and named else (None, "")
        reports.append(
            {"name": each.name, "revision": each.revision, "result": state, "damaged": damaged, "remedy": remedy}
            | {"newer": newer, "not_asked": trouble}
        )
    return reports


def _faults(each: Kept) -> tuple[list[str], bool]:
    """The files that are damaged or gone, and whether some can't be proven."""
    expected = _of_hub(each.folder) if each.kind == "hub" else _of_conversion(each.folder)
    if not expected:
        return [], True
    damaged = []
    for name, known in expected.items():
        path = each.folder / name
        try:
            size = path.stat().st_size
            kinds = {64: ("sha256", b""), 40: ("sha1", f"blob {size}\0".encode())}
            if known and digest(path, *kinds[len(known)]) != known:
                damaged.append(name)
        except OSError:
            damaged.append(name)
    return damaged, not all(expected.values())


def _of_conversion(folder: Path) -> dict[str, str]:
    """By file: the digest that was written when it was made; nothing where an earlier version made it."""
    with suppress(OSError, UnicodeDecodeError):
        lines = (folder / DIGESTS).read_text("utf-8").splitlines()
        return {name: known for known, _, name in (line.partition("  ") for line in lines) if len(known) == 64}
    return {}


def _of_hub(folder: Path) -> dict[str, str]:
    """By file: the digest by which the hub's client names what its link points to (SHA-256 of a large file, git's own
    of another); "" where it is none. https://huggingface.co/docs/huggingface_hub/guides/manage-cache"""
    expected = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            name = path.readlink().name
            sound = re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", name)
            expected[str(path.relative_to(folder))] = name if sound else ""
        elif path.is_file():
            expected[str(path.relative_to(folder))] = ""
    return expected


def _newer(each: Kept) -> tuple[Json | None, str]:
    """The newest revision, where it is another: its title, and the files that have another size; else why the hub could
    not be asked."""
    try:
        with working(f"The hub can't be asked about {each.name}", "Look again later."):
            from huggingface_hub import HfApi

            newest = HfApi().model_info(each.name, files_metadata=True, timeout=_HUB_SECONDS)
            if newest.sha is None or newest.sha == each.revision:
                return None, ""
            title = next((commit.title for commit in HfApi().list_repo_commits(each.name)), "")
            sizes = {file.rfilename: file.size or 0 for file in newest.siblings or ()}
    except GeneratorError as error:
        return None, error.message
    changes = [
        {"file": name, "bytes": before, "bytes_newer": sizes.get(name, 0)}
        for name in sorted({*_names(each.folder), *filter(_is_fetched, sizes)})
        if (before := _bytes(each.folder / name)) != sizes.get(name, 0)
    ]
    return {"revision": newest.sha, "title": " ".join(title.split())[:200], "files": changes}, ""


def _is_fetched(name: str) -> bool:
    from fnmatch import fnmatch

    return any(fnmatch(name, pattern) for pattern in FETCHED)


def _names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


# --- prune -----------------------------------------------------------------------------------------------------------


def unused(settings: Settings) -> list[Kept]:
    """What no setting names, and what killed conversions left behind."""
    names = wanted(settings)
    return [
        each
        for each in kept(settings.models)
        if not (_is_being_made(each) if each.kind == "leftover" else _settings_of(each, names, settings.models))
    ]


def _is_being_made(each: Kept) -> bool:
    """Whether the process that makes it lives still."""
    number = each.folder.name.rpartition(".")[2]
    return number.isdigit() and Path(f"/proc/{number}").exists()


def remove(those: Sequence[Kept]) -> None:
    """Take them away. A model of the hub whose other revision is named keeps what that one needs. Raises OSError."""
    for each in those:
        if each.kind == "hub":
            _remove_revision(each, alone=_is_alone(each, those))
        else:
            shutil.rmtree(each.folder)
        used_mark(each.folder).unlink(missing_ok=True)


def _is_alone(each: Kept, those: Sequence[Kept]) -> bool:
    there = {path for path in each.folder.parent.iterdir() if path.is_dir()}
    return there <= {other.folder for other in those}


def _remove_revision(each: Kept, *, alone: bool) -> None:
    if alone:
        shutil.rmtree(each.removed_with, ignore_errors=True)
        return
    blobs = (each.removed_with / "blobs").resolve()
    linked = {path.resolve() for path in each.folder.rglob("*") if path.is_symlink()}
    files = {path for path in linked if path.parent == blobs}  # a link to anything else is only a link
    shutil.rmtree(each.folder)
    for done in each.folder.parent.glob(f"{each.folder.name}.*.done"):
        done.unlink()
    left = {path.resolve() for path in each.folder.parent.rglob("*") if path.is_symlink()}
    for path in files - left:
        path.unlink(missing_ok=True)
